"""People of the local target: keys to sign with, and the file that says who may sign what. For demonstration only."""

from __future__ import annotations

from stack.layout import Layout
from stack.origin import AUTHOR
from stack.sshkeys import pair

# The release's author may sign nothing that asks for a second person; QA and the lead are others.
PEOPLE = {"author": "developer", "qa": "qa", "lead": "lead"}
_GRANTS = """\
# Who may sign, in the format of ssh-keygen(1), ALLOWED SIGNERS. Which role may sign which item, and waive which:
# role qa: tests.*
# role lead: *, waive:*
# role developer: code.*, hotfix.review
"""


def make(layout: Layout) -> None:
    """Write STATE/people/NAME, a key pair each, and STATE/releases/allowed_signers."""
    keys, releases = layout.path("people"), layout.path("releases")
    keys.mkdir(mode=0o700, exist_ok=True)
    releases.mkdir(mode=0o755, exist_ok=True)
    lines = [f'{address(name)} namespaces="deploycheck" {pair(keys / name)} roles={role}\n' for name, role in PEOPLE.items()]
    (releases / "allowed_signers").write_text(_GRANTS + "".join(lines))


def address(name: str) -> str:
    """Return how a person is called: the author as the origin's commits call theirs."""
    return AUTHOR.partition("<")[2].rstrip(">") if name == "author" else f"{name}@gateway.test"
