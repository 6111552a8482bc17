"""The end of a run on a screen: the verdict first, forty lines, and nothing of the target's that moves the cursor."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import threading
import time
from collections.abc import Callable, Sequence

import pytest

from deploycheck.checklist import items
from deploycheck.evidence.run import Result, Run
from deploycheck.report.terminal import LINES, Progress, story
from deploycheck.rules.verdict import Outcome

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]


def shown(run: Run, width: int = 100) -> list[str]:
    """Return the story's lines without colour."""
    return story(run, width=width, color=False).splitlines()


def test_story_begins_with_the_verdict_and_why(make_run: MakeRun, bad_night: Sequence[Result]) -> None:
    """A reader who reads two lines knows what to do and where."""
    lines = shown(make_run(bad_night, verdict="roll back"))
    assert lines[0] == "✗ ROLL BACK: 1.2.3 (012345670123) on local"
    assert lines[1].strip().startswith("7 checks failed, in health.endpoint, errors.log; a failure there after a release")


def test_story_folds_what_is_alike_and_tells_each_failure(make_run: MakeRun, bad_night: Sequence[Result]) -> None:
    """Six checks that fail alike are one block; every line of a message stands with what it expects; failures precede errors."""
    text = "\n".join(shown(make_run(bad_night, verdict="no-go"), 160))
    assert text.count("FAILED health.endpoint") == 1
    assert "… and 5 more of health.endpoint like it: overall on web2, redis on web1" in text
    assert re.search(r"seen +php-fpm: 1 fatal error\n +expected +no fatal error\n +blame +target\n +remedy +Read the entries", text)
    assert text.index("FAILED errors.log") < text.index("ERROR errors.failed-jobs") < text.index("NOT VERIFIED")
    assert "not configured (1): deploy.backup ([backups] folder)" in text
    assert "14 planned: 7 failed, 1 error, 1 not configured, 5 passed" in text


def test_story_names_the_lines_that_the_suite_has_no_check_for(make_run: MakeRun, make_result: MakeResult) -> None:
    """A green run still says what nobody has looked at."""
    lines = shown(make_run([make_result("health.endpoint")], stage="rollback"))
    pending = [item for item in items().values() if item.pending and "rollback" in item.markers]
    assert lines[0].startswith("✓ KEEP")
    assert any(f"not yet verified by this suite ({len(pending)}):" in line for line in lines)


def test_story_of_a_dead_run_begins_with_that(make_run: MakeRun, bad_night: Sequence[Result]) -> None:
    """A run without an end is never read as a good one."""
    lines = shown(make_run(bad_night[-3:], lost=bad_night[:2], verdict=None))
    assert lines[0] == "! INCOMPLETE: the run's process died before it could judge; 2 of 5 planned checks have no result"
    assert lines[1].startswith("? INCOMPLETE")


def test_story_of_an_invalid_run_names_the_control(make_run: MakeRun) -> None:
    """A verifier that cannot be trusted says by what it was found out."""
    control = {"name": "an empty backup is no backup", "held": False, "message": "judged whole"}
    lines = shown(make_run(verdict="invalid", controls=[control]))
    assert "control an empty backup is no backup: judged whole" in lines[1]


@pytest.mark.parametrize("width", [1, 60, 100, 250])
@pytest.mark.parametrize("number", [0, 1, 7, 190])
def test_story_keeps_to_forty_lines_and_the_width(make_run: MakeRun, make_result: MakeResult, number: int, width: int) -> None:
    """Whatever a target answers, the story is one screen; the rest is counted, and only a path may be wider."""
    long = {"seen": "\x1b[31mGET /x " + "s" * 3_000, "expected": "e " * 900, "blame": "target", "remedy": "r " * 900}
    failed = [make_result(f"health.x{name}", Outcome.FAILED, title="A title " * 20, **long) for name in range(number)]
    lines = shown(make_run(failed, verdict="no-go" if failed else "incomplete"), width)
    assert len(lines) <= LINES
    assert max(len(line) for line in lines if not line.startswith("reports in")) <= max(60, width)
    assert "\x1b" not in "".join(lines)
    told = sum(line.startswith("FAILED") for line in lines) + sum(int(n) for n in re.findall(r"^… (\d+) more, in", "\n".join(lines), re.M))
    assert told == number


def test_colour_is_the_callers_choice(make_run: MakeRun, bad_night: Sequence[Result]) -> None:
    """Colour adds nothing that the words do not say."""
    run = make_run(bad_night, verdict="no-go")
    assert re.sub("\x1b\\[[0-9;]*m", "", story(run, width=80, color=True)) == story(run, width=80, color=False)


def test_progress_in_a_log_is_a_line_now_and_then(make_result: MakeResult) -> None:
    """A CI log gets no carriage returns and no line per check, but does hear what a hanging run hangs in."""
    stream = io.StringIO()
    progress = Progress(stream, 3, logged_s=0.1)
    progress.started("health.endpoint", "Run all health checks")
    progress.finished(make_result("health.endpoint", Outcome.FAILED, test="health.endpoint"))
    progress.started("errors.log", "Check for errors")
    time.sleep(0.35)
    progress.close()
    lines = stream.getvalue().splitlines()
    assert lines
    assert set(lines) == {"1 of 3 checks, 1 red, 0 s | 0 s: Check for errors"}


def test_progress_on_a_terminal_is_one_live_line(make_result: MakeResult) -> None:
    """It says what is waited for and for how long, from whichever threads report, and leaves no trace."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream:
        progress = Progress(stream, 9)
        threads = [threading.Thread(target=progress.started, args=(f"t{n}", f"Redis\x1b[2J latency {n}")) for n in range(9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        progress.finished(make_result("perf.redis", Outcome.FAILED, test="t0"))
        time.sleep(1.2)
        progress.close()
        text = ""
        while select.select([ours], [], [], 0.2)[0]:  # a terminal hands over what was written in pieces
            text += os.read(ours, 65_536).decode()
    os.close(ours)
    assert "\n" not in text
    assert "\x1b[2J" not in text
    assert re.search(r"1 of 9 checks, 1 red, \d s \| 1 s: Redis \[2J latency \d \(\+7\)", text)
    assert text.endswith("\r\x1b[K")


def test_progress_survives_a_reader_that_left(make_result: MakeResult) -> None:
    """`| head` must not end a verification."""
    stream = io.StringIO()
    progress = Progress(stream)
    stream.close()
    progress.finished(make_result("errors.log"))
    progress.close()


def test_what_a_watch_has_warned_of_is_told(make_run: MakeRun, make_result: Callable[..., Result]) -> None:
    """It changes no verdict, and nobody would look for it in a report that says keep."""
    signs = [("note", {"title": f"watch: endpoint {number}", "seen": "3 of the last 10 looks failed"}) for number in range(5)]
    told = story(make_run([make_result("health.endpoint")], evidence={"": signs}), width=100, color=False)

    assert "WARNED OF, BY THE WATCH\n  endpoint 0: 3 of the last 10 looks failed\n" in told
    assert "… 2 more, in report.html" in told
