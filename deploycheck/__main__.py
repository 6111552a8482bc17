"""`python -m deploycheck`: what is done beside a run of checks."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from deploycheck.commands.baseline import take_baseline
from deploycheck.commands.doctor import doctor
from deploycheck.commands.owed import owed
from deploycheck.commands.publishing import publish
from deploycheck.commands.release import Wanted, new_release
from deploycheck.commands.replay import replay
from deploycheck.commands.runs import history, make_reports, show
from deploycheck.commands.signing import Signing, make_statement
from deploycheck.commands.verification import verify
from deploycheck.errors import DeploycheckError
from deploycheck.evidence.figures import pin
from deploycheck.evidence.run import REPORTS
from deploycheck.profile import ENVIRONMENTS, SCHEMA, schema
from deploycheck.rules.statements import Kind

_RUN = "reports/ENVIRONMENT/VERSION/TIME-STAGE"


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 where the command finds something amiss, 2 when it could not be done."""
    options = _parser().parse_args(arguments)
    try:
        told = options.command(options)
    except DeploycheckError as trouble:
        print(trouble, file=sys.stderr)
        return 2
    text, code = told if isinstance(told, tuple) else (told, 0)
    print(text)
    return int(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploycheck", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    baseline = commands.add_parser("baseline", help="note what the environment is like before a deployment")
    baseline.add_argument("--env", default="local", metavar="NAME", help="environments/NAME.toml (default: local)")
    baseline.add_argument("--reports", type=Path, default=REPORTS, metavar="FOLDER")
    baseline.add_argument("--load", action="store_true", help="make the runbook's load too: the one after is compared with it")
    baseline.set_defaults(command=lambda options: take_baseline(options.env, options.reports.absolute(), with_load=options.load))

    pinned = commands.add_parser("pin", help="hold later runs of the environment to the figures of this one, which was kept")
    pinned.add_argument("folder", type=Path, metavar="FOLDER", help=_RUN)
    pinned.set_defaults(command=lambda options: pin(options.folder))

    examined = commands.add_parser("doctor", help="say before a deployment whether everything can be looked at; writes nothing")
    examined.add_argument("--env", default="local", metavar="NAME", help="environments/NAME.toml (default: local)")
    examined.add_argument("--release", metavar="VERSION", help="releases/VERSION: what is to be deployed")
    examined.add_argument("--reports", type=Path, default=REPORTS, metavar="FOLDER")
    examined.set_defaults(command=lambda options: doctor(options.env, options.release, options.reports.absolute()))

    replayed = commands.add_parser("replay", help="run the rollback triggers over recorded samples, and say when they would have tripped")
    replayed.add_argument("file", type=Path, metavar="FILE", help=f"{_RUN}, its journal, or a CSV with time, and ok or status")
    replayed.add_argument("--env", metavar="NAME", help="whose limits (default: those in the journal, else the runbook's)")
    replayed.set_defaults(command=lambda options: replay(options.file, options.env))

    report = commands.add_parser("report", help="make a run's reports again from its journal, also those of a run that was killed")
    report.add_argument("folder", type=Path, metavar="FOLDER", help=_RUN)
    report.add_argument("--to", type=Path, metavar="FOLDER", help="put them there: a sealed run's own are evidence")
    report.set_defaults(command=lambda options: make_reports(options.folder, options.to))

    shown = commands.add_parser("show", help="tell the story of an old run")
    shown.add_argument("folder", type=Path, nargs="?", default=REPORTS, metavar="FOLDER", help=f"{_RUN}; of several runs the newest")
    shown.set_defaults(command=lambda options: show(options.folder))

    past = commands.add_parser("history", help="list runs with their verdicts, the newest first")
    past.add_argument("--env", metavar="NAME", help="only runs of this environment")
    past.add_argument("--limit", type=int, default=20, metavar="N", help="how many (default: 20)")
    past.add_argument("--reports", type=Path, default=REPORTS, metavar="FOLDER")
    past.set_defaults(command=lambda options: history(options.reports, options.env, options.limit))

    verified = commands.add_parser("verify", help="say whether a run's folder is as it was sealed, and which file or line is not")
    verified.add_argument("folder", type=Path, metavar="FOLDER", help=_RUN)
    verified.add_argument("--allowed-signers", type=Path, metavar="FILE", help="who may sign: ssh-keygen(1), ALLOWED SIGNERS")
    verified.set_defaults(command=lambda options: verify(options.folder, options.allowed_signers))

    published = commands.add_parser("publish", help="publish a run as its profile's [publish] says")
    published.add_argument("folder", type=Path, metavar="FOLDER", help=_RUN)
    published.add_argument("--env", default="local", metavar="NAME", help="environments/NAME.toml (default: local)")
    published.add_argument("--dry-run", action="store_true", help="show what would be sent, and send nothing")
    published.set_defaults(command=lambda options: publish(options.folder, options.env, dry_run=options.dry_run))

    _people(commands)
    described = commands.add_parser("schema", help=f"write the JSON schema of profiles to {SCHEMA.relative_to(ENVIRONMENTS.parent)}")
    described.set_defaults(command=lambda _: write_schema())
    return parser


def _people(commands: Any) -> None:
    """Add what people do about a release: sign off, waive, see what is owed, write its file."""
    for kind, help_text in ((Kind.SIGN_OFF, "sign off an item of the runbook for one commit"), (Kind.WAIVER, "give an item leave to fail")):
        words = commands.add_parser("waive" if kind is Kind.WAIVER else str(kind), help=help_text)
        words.add_argument("item", metavar="ITEM", help="such as tests.qa")
        _of_a_release(words)
        told = "why it may fail" if kind is Kind.WAIVER else "what was looked at"
        words.add_argument("--reason" if kind is Kind.WAIVER else "--note", dest="note", required=True, metavar="TEXT", help=told)
        until = "the day, or the day and time by the team's clocks, after which it does not count any more"
        words.add_argument("--until", required=kind is Kind.WAIVER, metavar="TIME", help=until)
        words.add_argument("--link", default="", metavar="URL", help="where more is written")
        words.add_argument("--key", type=Path, metavar="KEY", help="an SSH key, or the .pub of an agent's; else git's user.signingkey")
        words.set_defaults(command=lambda options, kind=kind: make_statement(_signing(options, kind)))

    owing = commands.add_parser("owed", help="say who still owes what for a release; exit code 1 when something is owed")
    _of_a_release(owing)
    owing.add_argument("--stage", default="predeploy", metavar="STAGE", help="as pytest's -m has it (default: predeploy)")
    owing.set_defaults(command=lambda options: owed(options.env, options.release, options.stage, REPORTS))

    new = commands.add_parser("release", help="`release new VERSION` writes a release file, filled in from git")
    new.add_argument("new", choices=["new"])
    new.add_argument("version", metavar="VERSION")
    new.add_argument("--env", default="local", metavar="NAME", help="environments/NAME.toml: whose folder of releases (default: local)")
    new.add_argument("--ref", default="main", metavar="REF", help="branch, tag or commit that is to be released (default: main)")
    new.add_argument("--window", metavar="TIME", help='deployment window: "2026-11-24 09:00 Europe/Berlin"')
    new.add_argument("--minutes", type=int, default=60, metavar="N", help="how long it is (default: 60)")
    new.add_argument("--kind", default="standard", choices=["standard", "hotfix"])
    new.add_argument("--downtime", action=argparse.BooleanOptionalAction, help="whether customers will notice")
    new.add_argument("--issue", metavar="ISSUE", help="what a hotfix mends: a number, KEY-1 or an address")
    new.add_argument("--author", metavar="NAME", help="as allowed_signers calls the author (default: git's)")
    new.add_argument("--repository", type=Path, metavar="FOLDER", help="a clone of the application (default: the profile's)")
    new.set_defaults(command=lambda options: new_release(options.env, _wanted(options)))


def _of_a_release(words: argparse.ArgumentParser) -> None:
    words.add_argument("--env", default="local", metavar="NAME", help="environments/NAME.toml (default: local)")
    words.add_argument("--release", metavar="VERSION", help="releases/VERSION")


def _signing(options: argparse.Namespace, kind: Kind) -> Signing:
    return Signing(kind, options.item, options.env, options.release, options.note, options.link, options.key, options.until)


def _wanted(options: argparse.Namespace) -> Wanted:
    return Wanted(
        options.version, options.ref, options.window, options.minutes, options.kind, options.downtime, options.issue, options.author,
        options.repository,
    )  # fmt: skip


def write_schema() -> str:
    """Write the JSON schema of profiles and return the sentence that says so."""
    SCHEMA.write_text(schema(), encoding="utf-8")
    return f"{SCHEMA} written"


if __name__ == "__main__":
    sys.exit(main())
