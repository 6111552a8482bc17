"""The suite's own options on pytest's command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploycheck.evidence.run import REPORTS

DRY_RUN = "dry-run"
SEND = "send"


def add_options(parser: pytest.Parser) -> None:
    """Add them."""
    group = parser.getgroup("deploycheck", "deployment verification")
    group.addoption("--env", default="local", metavar="NAME", help="environments/NAME.toml, or --env=PATH of a profile (default: local)")
    group.addoption("--release", metavar="VERSION", help="releases/VERSION, or the path of a release file: what was, or is to be, deployed")
    group.addoption("--reports", type=Path, default=REPORTS, metavar="FOLDER", help="where evidence and reports are kept")
    group.addoption("--sign", type=Path, metavar="KEY", help="sign the run's statement with this SSH key, or the .pub of an agent's")
    told = "publish the run as the profile's [publish] says, or show what would be sent"
    group.addoption("--publish", nargs="?", const=SEND, choices=[SEND, DRY_RUN], metavar=DRY_RUN, help=told)
