"""runbook.md: no line of the runbook is lost, and no box is ticked that was not earned."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from deploycheck.checklist import RUNBOOK, items
from deploycheck.evidence.run import Result, Run
from deploycheck.report.runbook_markdown import LIMIT_BYTES, code, escaped, render
from deploycheck.rules.verdict import Outcome

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]


def boxes(text: str) -> list[str]:
    """Return the lines that have a box."""
    return [line for line in text.splitlines() if line.startswith(("- [ ]", "- [x]"))]


def line_of(text: str, words: str) -> str:
    """Return the box of some words."""
    return next(line for line in boxes(text) if words in line)


def test_every_line_of_the_runbook_is_kept_in_order(make_run: MakeRun, bad_night: Sequence[Result]) -> None:
    """Box or not, each line's words appear, one after the other; code stays as it is."""
    text = render(make_run(bad_night, verdict="no-go")).partition("\n---\n")[2].replace("&#8203;", "")
    at = 0
    for line in RUNBOOK.read_text(encoding="utf-8").splitlines():
        words = re.sub(r"^- (\[ \] )?", "", line)
        found = text.find(words, at)
        assert found != -1, line
        at = found + len(words)


def test_every_item_has_a_box(make_run: MakeRun) -> None:
    """An empty run ticks nothing and says of each item that it was not verified or not selected."""
    found = boxes(render(make_run(verdict="incomplete")))
    assert len(found) == sum(len(item.lines) for item in items().values())
    assert all(re.match(r"- \[ \] .* — not (yet verified by this suite|selected in this run)$", line) for line in found)


def test_boxes_say_how_items_ended(make_run: MakeRun, bad_night: Sequence[Result]) -> None:
    """Ticked only when all of an item's checks passed; the worst outcome speaks for the item, each failure beneath it."""
    text = render(make_run(bad_night, verdict="no-go"))
    assert line_of(text, "Start Deployment") == "- [x] Start Deployment — passed (deploy.logged, 1 of 1)"
    health = line_of(text, "Run all health checks")
    assert health.startswith("- [ ] Run all health checks — FAILED: GET https://api.gateway.test:18440/api/health/redis answered 503")
    assert health.endswith("expected 200 (health.endpoint, 2 of 8)")
    assert text.count("  - FAILED Run all health checks \\[") == 6
    assert "— not configured: \\[backups\\] folder (deploy.backup, 0 of 1)" in line_of(text, "Pre-Deployment Backup")
    assert "— ERROR: ssh deploy@web1 did not answer" in line_of(text, "Check failed jobs")


def test_boxes_of_code_stand_before_the_code(make_run: MakeRun, make_result: MakeResult) -> None:
    """A fence stays one block; the boxes of its comments stand before it, in their order."""
    text = render(make_run([make_result("errors.log"), make_result("errors.failed-jobs")]))
    section = text.partition("## 4. Error Monitoring\n")[2]
    before, _, fence = section.partition("```bash\n")
    assert [line[:22] for line in boxes(before)] == ["- [x] Check for errors", "- [x] Check failed job", "- [ ] Review error rat"]
    assert fence.startswith('# Check for errors\ngrep "ERROR" storage/logs/laravel.log | tail -20\n')


@pytest.mark.parametrize("outcome", [Outcome.WAIVED, Outcome.NOT_APPLICABLE, Outcome.NOT_PROVIDED, Outcome.NOT_VERIFIED, Outcome.UNSIGNED])
def test_only_a_pass_ticks_a_box(make_run: MakeRun, make_result: MakeResult, outcome: Outcome) -> None:
    """What was not looked at, for whatever reason, stays open."""
    assert line_of(render(make_run([make_result("errors.log", outcome)])), "Check for errors").startswith("- [ ]")


def test_lost_check_opens_the_box(make_run: MakeRun, make_result: MakeResult) -> None:
    """One check without a result outweighs those that passed."""
    run = make_run([make_result("errors.log", test="a")], lost=[make_result("errors.log", test="b", title="web2")], verdict="incomplete")
    text = render(run)
    assert "— NO RESULT: 1 check planned and not made (errors.log, 1 of 2)" in line_of(text, "Check for errors")
    assert "  - NO RESULT web2" in text


def test_doubt_is_said_first_and_largest(make_run: MakeRun, bad_night: Sequence[Result]) -> None:
    """The first heading of a run that did not finish is that it did not."""
    dead = render(make_run(bad_night[-2:], lost=bad_night[:1], verdict=None))
    assert dead.startswith("# INCOMPLETE: the run's process died before it could judge; 1 of 3 planned checks have no result\n")
    stopped = render(make_run(bad_night[-2:], lost=bad_night[:1], verdict="interrupted", interrupted=True, reason="SIGTERM"))
    assert stopped.startswith("# INTERRUPTED: the run was stopped (SIGTERM); 1 of 3")


def test_top_says_who_what_where_and_when(make_run: MakeRun, bad_night: Sequence[Result]) -> None:
    """What an auditor asks first."""
    run = replace(make_run(bad_night, verdict="no-go"), started_at=datetime(2025, 11, 23, 13, 38, 11, tzinfo=UTC))
    top = render(run).partition("\n---\n")[0]
    when = "2025-11-23 13:38:11 UTC = 2025-11-23 14:38:11 Europe/Berlin"
    for fact in ("01234567" * 5, "web1, web2", "mara from ops-1", when, "`aaaaaaaaaaaa`", "another edition"):
        assert fact in top
    assert "- not configured (1): `deploy.backup`" in top


@pytest.mark.parametrize(("number", "length"), [(2, 5_000), (24, 600)])
def test_report_stays_below_its_limit_and_says_what_it_cut(make_run: MakeRun, make_result: MakeResult, number: int, length: int) -> None:
    """However much fails, a ticket takes the text; what is left out is counted."""
    loud = {"seen": "ä" * length, "expected": "e" * length, "remedy": "r" * length, "blame": "target"}
    named = [*[item for item, known in items().items() if not known.pending], "stray"]
    failed = [make_result(item, Outcome.FAILED, test=f"{item}{n}", title="t" * 300, **loud) for item in named for n in range(number)]
    text = render(make_run(failed, verdict="no-go"))
    assert len(text.encode()) <= LIMIT_BYTES
    assert "more, in pytest.html" in text
    assert "ä…" in text


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("ask @team and @Org/ops", "ask @&#8203;team and @&#8203;Org/ops"),
        ("deploy@web1", "deploy@web1"),
        ("a `b` *c* _d_ e_f", r"a \`b\` \*c\* \_d\_ e_f"),
        ("[x](javascript:y) ![i](z)", r"\[x\](javascript:y) !\[i\](z)"),
        ("line\n# heading\r\n- [x] ticked", r"line # heading - \[x\] ticked"),
        ("closes #12 &amp;", "closes #&#8203;12 &amp;amp;"),
        ("\x1b[31m\u202egnp", r"\[31m gnp"),
    ],
)
def test_escaped_text_shows_as_it_is(hostile: str, shown: str) -> None:
    """No markup, no HTML, no line of its own, no notification."""
    assert escaped(hostile) == shown


def test_hostile_words_reach_the_report_as_words(make_run: MakeRun, make_result: MakeResult) -> None:
    """Titles, messages, ids and names of the run are all escaped; the runbook's own @ notifies nobody."""
    hostile = "<img src=x onerror=y> @team `x`"
    failed = make_result(hostile, Outcome.FAILED, title=hostile, seen=hostile, expected=hostile, remedy=hostile)
    text = render(make_run([failed], verdict="no-go", environment=hostile, started_by=hostile))
    prose = re.sub(r"(`+).*?\1", "", re.sub(r"```.*?```", "", text, flags=re.S))
    assert "<img" not in prose
    assert not re.search(r"(?<![\w`])@\w", prose)


def test_code_span_outlasts_its_backticks() -> None:
    """A span is fenced by more backticks than it holds."""
    assert code("a``b`") == "``` a``b` ```"
