"""report.html: one static page that an auditor, an on-call engineer and a phone can read. No script, no network."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from deploycheck.evidence.run import Run
from deploycheck.report.page import own_health, top
from deploycheck.report.page.evidence import Shelf
from deploycheck.report.page.failures import CARDS, cards, groups, windows
from deploycheck.report.page.lines import Lines
from deploycheck.report.page.records import read_records
from deploycheck.report.page.runbook import sections
from deploycheck.report.page.words import visible
from deploycheck.report.summary import headline, release_name, text_of
from deploycheck.rules.verdict import Outcome

_HERE = Path(__file__).parent
# Characters of evidence on one page, most first: as much as fits into what a ticket takes. The failures' comes first.
ROOMS = (600_000, 110_000, 95_000, 80_000, 60_000)
LIMIT_BYTES = 300_000
# A page of so many checks is larger than that without any evidence.
MANY = 400


def render(run: Run) -> str:
    """Return the run as an HTML page. It holds nothing but what the journal in the run's folder says, and no clock is read."""
    page = ""
    for room in ROOMS if len(run.planned) < MANY else ROOMS[:1]:
        page = _page(run, room)
        if len(page.encode("utf-8", "replace")) <= LIMIT_BYTES:
            break
    return page


def _page(run: Run, room: int) -> str:
    records = read_records(run)
    lines = Lines(run, records, Shelf(room))
    failures = cards(lines)  # before the runbook: what decides is shown in full, and referred to from there
    main, trace = top.facts(run, records)
    shown, picture = top.counts(run)
    told = headline(run)
    style = _style()
    page = (
        _templates()
        .get_template("page.html.j2")
        .render(
            title=f"{told.doubt.partition(':')[0] or told.word}: {release_name(run)} on {text_of(run.started, 'environment')}",
            style=style,
            policy=f"default-src 'none'; style-src '{_digest(style)}'; base-uri 'none'; form-action 'none'",
            what=f"{release_name(run)} on {text_of(run.started, 'environment')}",
            answer=top.answer(run, cards=len(failures)),
            counts=shown,
            counts_picture=picture,
            facts=main,
            trace=trace,
            unverified=top.unverified(run),
            cards=failures,
            failed=any(result.outcome is Outcome.FAILED for result in run.results.values()),
            more_cards=max(0, len(groups(run)) - CARDS),
            windows=windows(run, records),
            external=_external(run),
            sections=sections(lines),
            strays=lines.strays(),
            compared=run.changes is not None,
            baseline=own_health.baseline(run),
            changes=own_health.changes(run),
            own=own_health.own_health(run, records),
            notes=own_health.unknown(records),
        )
    )
    return re.sub(r">\n+<", "><", page)  # line ends of the templates; one between two tags is never part of a text


def _external(run: Run) -> list[tuple[str, str]]:
    contacts = run.started.get("contacts") or {}
    return [(str(name), str(entry.get("call") or "")) for name, entry in (contacts.get("external") or {}).items()]


@cache
def _templates() -> Environment:
    """Return the templates. `finalize` is the one door for every value: what it lets pass is escaped next."""
    return Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        finalize=visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> Markup:
    """Return the style sheet, which is ours and holds no data."""
    return Markup(" ".join((_HERE / "page.css").read_text(encoding="utf-8").split()))  # noqa: S704


def _digest(style: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}"
