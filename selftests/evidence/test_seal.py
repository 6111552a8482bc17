"""A sealed run: whatever is done to its folder is found, and named."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploycheck.__main__ import main
from deploycheck.errors import DeploycheckError
from deploycheck.evidence.run import JOURNAL
from deploycheck.evidence.seal import seal
from deploycheck.evidence.statement import PREDICATE_TYPE, STATEMENT_TYPE
from deploycheck.evidence.verification import verify, verify_thread
from selftests.evidence.runs import COMMIT, OTHER_FILES, add_files, write_run

OUTCOMES = {"health": "passed", "redis": "waived", "backup": "not applicable", "queue.a": "passed", "queue.b": "passed"}


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """An empty reports folder."""
    return tmp_path / "reports"


@pytest.fixture
def older(reports: Path) -> Path:
    """A sealed run of the day before."""
    folder = write_run(reports, {**OUTCOMES, "queue.b": "failed"}, verdict="no-go", minute=-1440)
    add_files(folder)
    seal(folder)
    return folder


@pytest.fixture
def sealed(reports: Path, older: Path) -> Path:
    """A sealed run with reports, linked to the older one."""
    assert older.is_dir()
    folder = write_run(reports, OUTCOMES)
    add_files(folder)
    seal(folder)
    return folder


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """An SSH key."""
    return new_key(tmp_path / "mara")


def new_key(path: Path, passphrase: str = "") -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path)], check=True)
    return path


def allowed(path: Path, key: Path, principal: str = "mara@example.test", options: str = "") -> Path:
    """Write a file of allowed signers with one key."""
    path.write_text(f"{principal} {options} {key.with_name(key.name + '.pub').read_text()}")
    return path


def statement(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "statement.json").read_text(encoding="utf-8"))
    return content


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the statement as somebody would who knows its format."""
    content = statement(folder)
    change(content)
    (folder / "statement.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def lines(folder: Path) -> list[bytes]:
    return (folder / JOURNAL).read_bytes().splitlines(keepends=True)


def write(folder: Path, journal: list[bytes]) -> None:
    (folder / JOURNAL).write_bytes(b"".join(journal))


def test_the_statement_says_what_was_tested_with_what_and_with_which_result(sealed: Path) -> None:
    """It is an in-toto statement; what nobody can rely on is not among the passed or warned tests."""
    content = statement(sealed)

    assert (content["_type"], content["predicateType"]) == (STATEMENT_TYPE, PREDICATE_TYPE)
    assert content["subject"][0]["digest"] == {"gitCommit": COMMIT}
    assert {entry["name"] for entry in content["subject"][1:]} == {*OTHER_FILES, JOURNAL, "journal.chain"}
    predicate = content["predicate"]
    assert predicate["result"] == "WARNED"
    assert predicate["passedTests"] == ["health", "queue.a", "queue.b"]
    assert (predicate["warnedTests"], predicate["failedTests"]) == (["redis"], [])
    assert [entry["name"] for entry in predicate["configuration"]] == ["environments/stub.toml", "docs/runbook.md"]
    assert predicate["deploycheck"]["outcomes"] == {"not applicable": 1, "passed": 3, "waived": 1}


@pytest.mark.parametrize("outcome", ["failed", "error", "inconclusive", "unsigned", "not configured", "not permitted", "not yet verified"])
def test_what_was_not_established_counts_as_failed_in_the_words_of_in_toto(reports: Path, outcome: str) -> None:
    """A policy that accepts warnings must not accept what nobody has looked at."""
    folder = write_run(reports, {"health": "passed", "redis": outcome}, verdict="incomplete", lost=("backup",))
    seal(folder)

    predicate = statement(folder)["predicate"]
    assert (predicate["result"], predicate["failedTests"]) == ("FAILED", ["redis", "backup"])


def test_an_untouched_folder_is_as_sealed(sealed: Path) -> None:
    """Also from a copy elsewhere, under another name."""
    assert verify(sealed).deviations == []
    copy = shutil.copytree(sealed, sealed.parents[4] / "from the ticket")
    found = list(verify_thread(Path(copy)))
    assert [one.deviations for one in found] == [[]]


@pytest.mark.parametrize("name", ["report.html", "junit.xml", "runbook.md", "journal.chain"])
def test_a_changed_byte_is_found(sealed: Path, name: str) -> None:
    """The file is named, and no other."""
    content = bytearray((sealed / name).read_bytes())
    content[len(content) // 2] ^= 1
    (sealed / name).write_bytes(content)

    assert verify(sealed).deviations == [f"{name} was changed"]


def test_no_byte_of_any_file_can_change_unseen(sealed: Path) -> None:
    """A sample of the bytes of every file, the statement among them, one at a time."""
    unseen = []
    for path in sorted(sealed.iterdir()):
        whole = path.read_bytes()
        for place in range(0, len(whole), 61):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            if not verify(sealed).deviations:
                unseen.append((path.name, place))
        path.write_bytes(whole)
    assert unseen == []
    assert verify(sealed).deviations == []


JOURNALS: dict[str, tuple[Callable[[list[bytes]], list[bytes]], list[str]]] = {
    "a changed line": (lambda all_: [*all_[:2], all_[2].replace(b"passed", b"failed"), *all_[3:]], ["line 3 was changed"]),
    "two changed lines": (
        lambda all_: [all_[0], all_[1][:-2] + b" }\n", *all_[2:5], all_[5][:-2] + b" }\n", *all_[6:]],
        ["line 2 was changed", "line 6 was changed"],
    ),
    "a removed line": (lambda all_: all_[:4] + all_[5:], ["line 5 was removed"]),
    "the first line removed": (lambda all_: all_[1:], ["line 1 was removed"]),
    "a removed and a changed line": (
        lambda all_: [*all_[:2], *all_[3:5], all_[5][:-2] + b" }\n", *all_[6:]],
        ["line 5 was changed", "line 3 was removed"],
    ),
    "neighbours swapped": (lambda all_: [*all_[:2], all_[3], all_[2], *all_[4:]], ["lines 3 and 4 were swapped"]),
    "distant lines swapped": (lambda all_: [*all_[:2], all_[5], *all_[3:5], all_[2], *all_[6:]], ["lines 3 and 6 were swapped"]),
    "neighbours swapped behind a removed line": (
        lambda all_: [all_[0], *all_[2:5], all_[6], all_[5], *all_[7:]],
        ["lines 5 and 6 were swapped", "line 2 was removed"],
    ),
    "a moved line": (lambda all_: [*all_[:2], *all_[3:6], all_[2], *all_[6:]], ["line 3 was moved to line 6"]),
    "an appended line": (lambda all_: [*all_, b'{"kind":"note"}\n'], ["line 11 was added"]),
    "an inserted line": (lambda all_: [*all_[:2], b'{"kind":"note"}\n', *all_[2:]], ["line 3 was added"]),
    "a repeated line": (lambda all_: [*all_[:4], all_[3], *all_[4:]], ["line 5 was added"]),
    "cut off by lines": (lambda all_: all_[:-3], ["it is cut off: the last 3 of 10 lines are missing"]),
    "cut off in a line": (
        lambda all_: [*all_[:6], all_[6][:20]],
        ["line 7 is cut off in its middle", "it is cut off: the last 3 of 10 lines are missing"],
    ),
    "cut off by its last line end": (lambda all_: [*all_[:-1], all_[-1][:-1]], ["line 10 is cut off in its middle"]),
    "emptied": (lambda _: [], ["it is cut off: the last 10 of 10 lines are missing"]),
}


@pytest.mark.parametrize("name", JOURNALS)
def test_what_was_done_to_the_journal_is_said_by_line(sealed: Path, name: str) -> None:
    """Which line was changed, removed, added, swapped, moved, or is missing at the end."""
    tamper, expected = JOURNALS[name]
    assert len(lines(sealed)) == 10
    write(sealed, tamper(lines(sealed)))

    assert verify(sealed).deviations == [f"{JOURNAL}: {one}" for one in expected]


def test_without_the_lines_digests_the_change_is_still_found(sealed: Path) -> None:
    """Where it is cannot be said then."""
    write(sealed, lines(sealed)[:-1])
    (sealed / "journal.chain").write_text("")

    found = verify(sealed).deviations
    assert "journal.chain was changed" in found
    assert any(one.startswith("journal.jsonl was changed; where, cannot be said") for one in found)


def test_a_file_of_an_older_run_is_recognised(sealed: Path, older: Path) -> None:
    """The run that it comes from is named."""
    shutil.copy(older / "report.html", sealed / "report.html")

    assert verify(sealed).deviations == [f"report.html was replaced by the one of run 1.2.3/{older.name}"]


def test_swapped_files_are_recognised(sealed: Path) -> None:
    """Each is named with what it holds now."""
    one, other = sealed / "report.html", sealed / "junit.xml"
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)

    told = ["junit.xml was replaced by what was sealed as report.html", "report.html was replaced by what was sealed as junit.xml"]
    assert verify(sealed).deviations == told


@pytest.mark.parametrize("name", ["note.txt", ".hidden", "plots/more.svg"])
def test_an_added_file_is_found(sealed: Path, name: str) -> None:
    """Wherever it lies in the folder."""
    (sealed / name).parent.mkdir(exist_ok=True)
    (sealed / name).write_text("x")

    assert verify(sealed).deviations == [f"{name} was added"]


def test_a_link_in_the_place_of_a_file_is_found(sealed: Path, tmp_path: Path) -> None:
    """Even when it leads to the same bytes: they lie outside of the folder, where anybody may change them later."""
    shutil.move(sealed / "report.html", tmp_path / "elsewhere.html")
    (sealed / "report.html").symlink_to(tmp_path / "elsewhere.html")

    assert verify(sealed).deviations == [f"report.html was replaced by a link to {tmp_path / 'elsewhere.html'}"]


@pytest.mark.parametrize("name", [*OTHER_FILES, JOURNAL, "journal.chain"])
def test_a_removed_file_is_found(sealed: Path, name: str) -> None:
    """It is named."""
    (sealed / name).unlink()

    assert verify(sealed).deviations == [f"{name} was removed"]


STATEMENTS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "its result": (lambda one: one["predicate"].update(result="PASSED"), "predicate.result"),
    "its verdict": (lambda one: one["predicate"]["deploycheck"].update(verdict="go"), "predicate.deploycheck.verdict"),
    "a test left out": (lambda one: one["predicate"]["warnedTests"].clear(), "predicate.warnedTests"),
    "its commit": (lambda one: one["subject"][0]["digest"].update(gitCommit="f" * 40), "subject"),
    "its profile": (lambda one: one["predicate"]["configuration"][0]["digest"].update(sha256="0" * 64), "predicate.configuration"),
    "something added": (lambda one: one["predicate"].update(reviewed="yes"), "predicate.reviewed"),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_changed_statement_is_found_without_a_signature(sealed: Path, name: str) -> None:
    """What it says must follow from the journal."""
    change, where = STATEMENTS[name]
    rewrite(sealed, change)

    assert verify(sealed).deviations == [f"statement.json was changed: {where} does not follow from the journal"]


def test_a_changed_chain_head_and_a_changed_digest_are_found(sealed: Path) -> None:
    """The digest of a file that is still itself reads as a changed file: which of the two it was, only a signature can say."""
    rewrite(sealed, lambda one: one["predicate"]["deploycheck"]["journal"].update(head="0" * 64))
    assert verify(sealed).deviations == ["statement.json was changed: its chain over the journal is not the one of the journal's 10 lines"]

    rewrite(sealed, lambda one: one["subject"][-1]["digest"].update(sha256="0" * 64))
    assert "runbook.md was changed" in verify(sealed).deviations


def test_a_changed_file_does_not_hide_a_changed_statement(sealed: Path) -> None:
    """Both are named."""
    rewrite(sealed, lambda one: one["predicate"].update(result="PASSED"))
    (sealed / "report.html").write_text("all is well")

    told = verify(sealed).deviations
    assert told == ["report.html was changed", "statement.json was changed: predicate.result does not follow from the journal"]


def test_a_whole_run_in_the_place_of_another_is_found(sealed: Path, older: Path) -> None:
    """The older, intact run under the newer one's name."""
    shutil.rmtree(sealed)
    shutil.copytree(older, sealed)

    assert verify(sealed).deviations == [f"the folder holds the run {older.name}; it was put in the place of another"]


def test_the_statement_of_an_older_run_is_found(sealed: Path, older: Path) -> None:
    """Then nothing fits."""
    shutil.copy(older / "statement.json", sealed / "statement.json")

    assert any(one.startswith("journal.jsonl") for one in verify(sealed).deviations)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"_type": "x"}', "null", "\x00"])
def test_a_statement_that_is_none_is_said_so(sealed: Path, text: str) -> None:
    """In one sentence."""
    (sealed / "statement.json").write_text(text)

    assert verify(sealed).deviations[0].startswith("statement.json cannot be read as a statement")


def test_a_killed_run_and_a_removed_statement_are_told_apart(reports: Path, sealed: Path) -> None:
    """A killed run has no verdict in its journal."""
    killed = write_run(reports, {"health": "passed"}, verdict=None, minute=5, lost=("redis",))
    assert verify(killed).deviations == [
        "there is no statement.json: the run was killed before it could be sealed, 1 of its checks have no result"
    ]
    (sealed / "statement.json").unlink()
    assert verify(sealed).deviations[0].startswith("there is no statement.json: it was removed, or")


def test_a_good_signature_says_whose_it_is(sealed: Path, key: Path, tmp_path: Path) -> None:
    """By the allowed signers; without them, which key it is."""
    seal(sealed, key)
    alone, known = verify(sealed).signature, verify(sealed, allowed(tmp_path / "allowed", key)).signature

    assert alone
    assert alone.key.startswith("ED25519 key SHA256:")
    assert alone.principal is None
    assert known
    assert known.principal == "mara@example.test"
    assert verify(sealed, tmp_path / "allowed").deviations == []


def test_a_foreign_signature_does_not_count(sealed: Path, key: Path, tmp_path: Path) -> None:
    """Good in itself, of somebody who may not sign."""
    seal(sealed, new_key(tmp_path / "mallory"))

    assert verify(sealed).deviations == []
    (told,) = verify(sealed, allowed(tmp_path / "allowed", key)).deviations
    assert "does not allow" in told


def test_a_signature_for_another_purpose_does_not_count(sealed: Path, key: Path) -> None:
    """As of a git commit by the same key."""
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", str(key), str(sealed / "statement.json")], check=True)

    (told,) = verify(sealed).deviations
    assert "another purpose than 'deploycheck'" in told


def test_a_signer_allowed_for_another_purpose_or_time_does_not_count(sealed: Path, key: Path, tmp_path: Path) -> None:
    """The file of signers may name a purpose and an end; judged by when the run was made, which may be a year ago."""
    seal(sealed, key)

    assert verify(sealed, allowed(tmp_path / "a", key, options='namespaces="git"')).deviations != []
    assert verify(sealed, allowed(tmp_path / "b", key, options='valid-before="20251101"')).deviations != []
    assert verify(sealed, allowed(tmp_path / "c", key, options='valid-after="20251101",valid-before="20251201"')).deviations == []


def test_a_statement_changed_with_its_files_breaks_the_signature(sealed: Path, key: Path) -> None:
    """Sealing again makes a folder whole in itself; only whoever has the key can sign it."""
    seal(sealed, key)
    signature = (sealed / "statement.json.sig").read_bytes()
    (sealed / "report.html").write_text("all is well")
    seal(sealed)
    (sealed / "statement.json.sig").write_bytes(signature)

    assert any("does not fit the statement" in one for one in verify(sealed).deviations)


@pytest.mark.parametrize("content", ["", "no signature", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"])
def test_a_broken_signature_does_not_count(sealed: Path, content: str) -> None:
    """Whatever lies in its place."""
    (sealed / "statement.json.sig").write_text(content)

    assert any(one.startswith("the signature does not count") for one in verify(sealed).deviations)


def test_where_signers_are_named_a_signature_is_owed(sealed: Path, key: Path, tmp_path: Path) -> None:
    """Taking it away must not be the way round it."""
    (told,) = verify(sealed, allowed(tmp_path / "allowed", key)).deviations
    assert told.startswith("there is no signature")


def test_a_key_with_a_passphrase_does_not_hang_without_a_terminal(sealed: Path, tmp_path: Path) -> None:
    """It says so at once, and the statement stands unsigned."""
    begun = time.monotonic()
    with pytest.raises(DeploycheckError, match=r"statement.json is not signed: .*; a key with a passphrase needs ssh-agent"):
        seal(sealed, new_key(tmp_path / "guarded", "a long passphrase"))
    assert time.monotonic() - begun < 5
    assert verify(sealed).deviations == []


def test_a_key_that_an_agent_holds_signs(sealed: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its public half is enough; so hardware keys work."""
    socket = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 5
        while not socket.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
        subprocess.run(["ssh-add", "-q", str(key)], check=True, env={**os.environ, "SSH_AUTH_SOCK": str(socket)})
        key.unlink()
        seal(sealed, key.with_name("mara.pub"))
    finally:
        agent.terminate()
        agent.wait(5)
    found = verify(sealed).signature
    assert found
    assert not found.trouble


def test_a_later_window_links_to_the_earlier_runs(reports: Path, sealed: Path, older: Path) -> None:
    """The newest of every stage, which link to those before; a run that was killed is named too."""
    killed = write_run(reports, {"health": "passed"}, verdict=None, minute=10)
    window = write_run(reports, {"errors": "passed"}, minute=30, stage="immediate")
    seal(window)

    thread = statement(window)["predicate"]["deploycheck"]["thread"]
    assert [link["run"] for link in thread] == [f"1.2.3/{sealed.name}", f"1.2.3/{killed.name}"]
    assert thread[1]["statement"] is None
    found = list(verify_thread(window))
    assert [one.folder.name for one in found] == [window.name, sealed.name, older.name]
    assert not any(one.deviations for one in found)


def test_an_earlier_run_that_was_changed_and_sealed_again_is_found(reports: Path, sealed: Path, older: Path) -> None:
    """Without any signature: the later run holds its statement's digest."""
    window = write_run(reports, {"errors": "passed"}, minute=30, stage="immediate")
    seal(window)
    (older / "report.html").write_text("all is well")
    seal(older)
    (sealed / "junit.xml").write_text("x")

    told = {one.folder.name: list(one.deviations) for one in verify_thread(window)}
    assert told[window.name] == []
    assert told[sealed.name] == ["junit.xml was changed"]
    assert told[older.name] == ["statement.json is not the one that a later run of the thread has linked to"]


def test_the_command_says_it_and_exits_accordingly(sealed: Path, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 as sealed, 1 not, 2 when it cannot be told."""
    seal(sealed, key)
    signers = str(allowed(tmp_path / "allowed", key))
    assert main(["verify", str(sealed), "--allowed-signers", signers]) == 0
    told = capsys.readouterr().out
    assert told.startswith("AS SEALED: ")
    assert "; by mara@example.test" in told
    assert "earlier runs of the thread: 1 of 1 here as sealed" in told

    write(sealed, lines(sealed)[:-1])
    assert main(["verify", str(sealed), "--allowed-signers", signers]) == 1
    assert "  journal.jsonl: it is cut off: the last of 10 lines is missing" in capsys.readouterr().out.splitlines()
    assert main(["verify", str(tmp_path / "nothing")]) == 2
    assert main(["verify", str(sealed), "--allowed-signers", str(tmp_path / "nobody")]) == 2


def test_an_earlier_run_that_was_changed_makes_the_command_fail(sealed: Path, older: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The run itself is as sealed; what it rests on is not."""
    (older / "report.html").unlink()

    assert main(["verify", str(sealed)]) == 1
    assert f"  1.2.3/{older.name}: report.html was removed" in capsys.readouterr().out


def test_reports_made_again_that_are_not_the_sealed_ones_are_said_so(sealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`report` is for runs that were killed; on a sealed one it may break the seal."""
    assert main(["report", str(sealed)]) == 0
    assert "not as they were sealed: " in capsys.readouterr().out


def test_a_link_cannot_lead_out_of_the_reports(sealed: Path) -> None:
    """A statement is a stranger's text until it has been verified."""
    rewrite(sealed, lambda one: one["predicate"]["deploycheck"]["thread"].append({"run": "../../..", "statement": "0" * 64}))

    assert len(list(verify_thread(sealed))) == 2
