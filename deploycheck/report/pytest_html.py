"""pytest-html's sortable view of a run, with the run's own words: for whoever works on a failure.

pytest-html 4.2 puts test ids, metadata and cells into the page as they are, runs what HTML they hold, and leaves out a check
whose worker died. So everything passes through here: cells are made anew, and rows are completed from the journal at the end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

from deploycheck.evidence.redact import Redactor
from deploycheck.evidence.run import Planned, Result, Run
from deploycheck.report.evidence_text import evidence_text
from deploycheck.report.summary import (
    NO_RESULT,
    REASONS,
    WORST_FIRST,
    headline,
    not_verified,
    one_line,
    pairs,
    release_name,
    started_at,
    text_of,
)
from deploycheck.rules.verdict import Outcome, Verdict

_COLUMNS = ("outcome", "item", "check", "seen", "expected", "blame", "duration", "test")
_FILTERS: Mapping[str, tuple[str, tuple[str, ...]]] = {  # pytest-html knows these seven words; the labels say what they stand for here
    "failed": ("failed", (Outcome.FAILED,)),
    "error": ("error or no result", (Outcome.ERROR, NO_RESULT)),
    "xfailed": ("inconclusive or unsigned", (Outcome.INCONCLUSIVE, Outcome.UNSIGNED)),
    "skipped": ("not verified", (Outcome.NOT_PERMITTED, Outcome.NOT_CONFIGURED, Outcome.NOT_VERIFIED, "skipped")),
    "xpassed": ("not applicable or not provided", (Outcome.NOT_PROVIDED, Outcome.NOT_APPLICABLE)),
    "passed": ("passed", (Outcome.PASSED,)),
    "rerun": ("waived", (Outcome.WAIVED,)),
}
_WORDS = {word: name for name, (_, words) in _FILTERS.items() for word in words}
_RANK = {word: rank for rank, word in enumerate([Outcome.FAILED, Outcome.ERROR, NO_RESULT, *WORST_FIRST[2:]])}
_EMPTY_LOG = "No log output captured."
_SCRIPT = """document.documentElement.lang = 'en';
document.addEventListener('keydown', function (pressed) {
  if (pressed.key === 'Enter' && pressed.target.matches('td[tabindex]')) pressed.target.click();
});"""


class HtmlView:
    """The hooks of pytest-html. Registered in the controlling process, before the session starts.

    Args:
        run: gives the run as its journal has it; asked once, when the session ends and the verdict is in the journal.
        evidence: gives the evidence records of a test.
        redact: takes secrets out of what pytest-html has by itself: captured output, tracebacks, metadata.
    """

    def __init__(
        self,
        run: Callable[[], Run],
        evidence: Callable[[str], Sequence[Mapping[str, Any]]],
        redact: Callable[[str], str] | None = None,
    ) -> None:
        self._run = run
        self._evidence = evidence
        self._redact = redact or Redactor(()).text
        self._page: Any = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_report_title(self, report: Any) -> None:
        """Keep the page's data, which no other hook gives, to complete them at the end."""
        self._page = report
        report.title = "Deployment verification"

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        """Name the columns; the first sorts by severity."""
        keys = {"outcome": "rank", "test": "testId"}
        cells[:] = [
            f'<th class="sortable of-{name}" data-column-type="{keys.get(name, name)}">{name.capitalize()}</th>' for name in _COLUMNS
        ]

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: Any, cells: list[str]) -> None:
        """Write the row anew: pytest-html's own cells hold the test's id as it is."""
        told = _told(report)
        cells[:] = _cells(told, report.nodeid, duration=cells[2])

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        """Put the verdict on top, and complete the table from the journal: lost checks, evidence, the run's words."""
        run = self._run()
        rows = self._rows(run)
        prefix[:] = [_top(run)]
        page = self._page
        page.title = f"{headline(run).word}: {release_name(run)} on {text_of(run.started, 'environment')}"
        page.set_data("environment", self._environment(run, page.data["environment"]))
        page.set_data("tests", {test: [row] for test, row in rows.items()})
        page.set_data("initialSort", "original")
        page.set_data("renderCollapsed", ["all"])
        found = [row["result"].lower() for row in rows.values()]
        page.outcomes.clear()
        page.outcomes.update({name: {"label": label, "value": found.count(name)} for name, (label, _) in _FILTERS.items()})

    def _rows(self, run: Run) -> Mapping[str, dict[str, Any]]:
        """Return one row per check, the worst first; of a check whose teardown undid a pass, the worse one."""
        rows: dict[str, dict[str, Any]] = {}
        for test, entries in self._page.data["tests"].items():
            if not entries:  # set up, and never called
                continue
            row = min(entries, key=lambda entry: _RANK.get(unescape(entry["result"]), 0))
            rows[test] = {**row, "log": "\n".join(entry["log"] for entry in entries), "extras": []}
        known: dict[str, Result | Planned] = {**{entry.test: entry for entry in run.planned}, **run.results}
        for test, entry in known.items():
            if test not in rows:
                rows[test] = _row(entry)
        order = {entry.test: number for number, entry in enumerate(run.planned)}
        for test, row in rows.items():
            word = unescape(row["result"])
            row["rank"] = _RANK.get(word, 0) * 100_000 + order.get(test, 99_999)
            row["result"] = _WORDS.get(word, "error").capitalize()
            row["log"] = self._log(run.results.get(test), test, row["log"])
        return dict(sorted(rows.items(), key=lambda entry: entry[1]["rank"]))

    def _log(self, result: Result | None, test: str, log: str) -> str:
        """Return what unfolds beneath a row: the whole message, the evidence, and what pytest captured."""
        blocks = []
        if result and result.outcome is not Outcome.PASSED:
            lines = [f"seen:     {seen}\nexpected: {expected}" if expected else f"seen:     {seen}" for seen, expected in pairs(result)]
            blocks.append(("message", "\n".join([*lines, f"blame:    {result.blame}", f"remedy:   {result.remedy}"])))
        blocks += [(f"{record['kind']}: {title}", text) for record in self._evidence(test) for title, text in [evidence_text(record)]]
        captured = self._redact(unescape(log)).replace(_EMPTY_LOG, "").strip()
        blocks += [("captured by pytest", captured)] if captured else []
        return "\n".join(_block(title, text) for title, text in blocks) or " no evidence was kept"

    def _environment(self, run: Run, metadata: Mapping[str, Any]) -> Mapping[str, str]:
        """Return the run's facts and pytest's metadata, which CI fills with addresses that can hold passwords."""
        release = run.started.get("release") or {}
        facts = {
            "Environment": f"{text_of(run.started, 'environment')}, {text_of(run.started, 'base_url')}",
            "Servers": text_of(run.started, "servers"),
            "Release": f"{release.get('version')}, commit {release.get('commit')}",
            "When": started_at(run),
            "By": f"{text_of(run.started, 'started_by')} from {text_of(run.started, 'started_from')}",
            "Command": text_of(run.started, "command_line"),
            "Suite": text_of(run.started, "suite_version"),
            "Profile": f"{text_of(run.started, 'profile')}, sha256 {text_of(run.started, 'profile_sha256')}",
            "Runbook": f"sha256 {text_of(run.started, 'runbook_sha256')}",
        }
        others = {str(key): value if isinstance(value, str) else json.dumps(value, default=str) for key, value in metadata.items()}
        return {one_line(self._redact(key)): escape(one_line(self._redact(value))) for key, value in {**facts, **others}.items()}


def _told(report: Any) -> Mapping[str, str]:
    """Return what the suite put on the report; of a report that is not its own, pytest's words."""
    for name, value in getattr(report, "user_properties", ()):
        if name == "deploycheck":
            told: Mapping[str, str] = json.loads(value)
            return told
    broken = report.failed and report.when != "call"
    seen = str(getattr(report, "longreprtext", "")).strip().splitlines()[-1:] if not report.passed else []
    return {"outcome": Outcome.ERROR if broken else report.outcome, "item": "", "title": report.nodeid, "seen": "".join(seen)}


def _row(entry: Result | Planned) -> dict[str, Any]:
    """Return a row of a check that pytest-html knows nothing of."""
    if isinstance(entry, Result):
        told = {name: getattr(entry, name) for name in ("outcome", "item", "title", "seen", "expected", "blame", "remedy")}
    else:
        told = {"outcome": NO_RESULT, "item": entry.item, "title": entry.title, "seen": "planned, but the run ended without its result"}
    cells = _cells(told, entry.test, duration='<td class="col-duration">0 ms</td>')
    words = {"result": escape(told["outcome"]), "item": escape(entry.item), "check": escape(entry.title), "duration": "0 ms"}
    rest = {name: escape(told.get(name, "")) for name in ("seen", "expected", "blame")}
    return {**words, **rest, "testId": escape(entry.test), "extras": [], "resultsTableRow": cells, "log": ""}


def _cells(told: Mapping[str, str], test: str, *, duration: str) -> list[str]:
    def cell(name: str, inner: str, more: str = "") -> str:
        label = f' data-label="{name}"' if name in {"seen", "expected", "blame"} else ""
        return f'<td class="col-{name}"{label if inner else ""}{more}>{inner}</td>'

    def text(name: str) -> str:
        lines = [escape(one_line(line, 600)) for line in str(told.get(name) or "").splitlines() if line.strip()]
        return "<br>".join([*lines[:5], *([f"… {len(lines) - 5} more"] if len(lines) > 5 else [])])

    advice = f"<small>{text('remedy')}</small>" if told.get("remedy") else ""
    return [
        cell("result", escape(str(told["outcome"])), ' tabindex="0"'),
        cell("item", text("item")),
        cell("check", text("title")),
        cell("seen", text("seen")),
        cell("expected", text("expected")),
        cell("blame", f"{text('blame')}{advice}"),
        duration,
        cell("testId", escape(one_line(test))),
    ]


def _block(title: str, text: str) -> str:
    """Return an escaped block; its lines are indented because pytest-html reddens each that begins with an E."""
    lines = "\n".join(f" {escape(line)}" for line in text.splitlines())
    return f" <b>{escape(one_line(title))}</b><pre>{lines}</pre>"


def _top(run: Run) -> str:
    told = headline(run)
    colour = {Verdict.GO: "good", Verdict.KEEP: "good", Verdict.INCOMPLETE: "", Verdict.INTERRUPTED: ""}.get(told.verdict, "bad")
    named = ", ".join(f"<code>{escape(one_line(entry.test, 200))}</code>" for entry in run.not_reached[:50])
    more = f" and {len(run.not_reached) - 50} more" if len(run.not_reached) > 50 else ""
    lost = f": {named}{more}" if named else ""
    parts = [f'<p class="doubt">! {escape(told.doubt)}{lost}</p>'] if told.doubt else []
    parts.append(f'<p class="word">{told.sign} {escape(told.word)}</p><p>{escape(told.why)}.</p>')
    reasons = [
        f"<li>{escape(REASONS[reason])} ({len(ids)}): {', '.join(f'<code>{escape(one_line(entry, 200))}</code>' for entry in ids)}</li>"
        for reason, ids in not_verified(run).items()
    ]
    parts += ["<p><b>What was not verified</b></p><ul>", *reasons, "</ul>"] if reasons else []
    style = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    head = f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style><script>{_SCRIPT}</script>'
    return f'{head}<div class="verdict {colour}">{"".join(parts)}</div>'
