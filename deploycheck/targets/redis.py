"""Redis, asked on a server by its own client: the password stays in a file there. Reads."""

from __future__ import annotations

from collections.abc import Sequence

from deploycheck.errors import Blame, ObservationError
from deploycheck.settings import Redis as Settings
from deploycheck.targets.server import Server

# The words of a command are arguments of the script, so no quoting can spoil them; redis-cli reads the password from its
# environment, which unlike its arguments nobody else on the server can see.
_SCRIPT = r"""
client=$1 auth=$2; shift 2
if [ -n "$auth" ]; then
    [ -r "$auth" ] || { echo "the file $auth cannot be read by $(id -un)" >&2; exit 77; }
    REDISCLI_AUTH=$(cat "$auth"); export REDISCLI_AUTH
fi
command -v "$client" >/dev/null 2>&1 || { echo "$client is not there" >&2; exit 127; }
commands=$1; shift
printf '%s\n' "$commands" | "$client" --no-auth-warning "$@"
"""
_MARK = "deploycheck-part"
_PROFILE = ("NOAUTH", "WRONGPASS", "NOPERM", "AUTH failed", "ERR invalid password", "ERR AUTH", "SELECT ")
_TROUBLE = ("NOAUTH", "WRONGPASS", "NOPERM", "ERR ", "LOADING", "MASTERDOWN", "BUSY", "(error)", "Could not connect", "Error:", "SELECT ")
# Everything that this client may say to Redis: nothing that changes it.
READS = frozenset(
    ("LLEN", "LINDEX", "LRANGE", "ZCARD", "ZCOUNT", "ZRANGE", "SCAN", "DBSIZE", "INFO", "PING", "CONFIG GET", "TIME", "EXISTS", "TYPE")
)


class Redis:
    """One database of the application's Redis."""

    def __init__(self, server: Server, settings: Settings) -> None:
        self._server = server
        self._settings = settings

    @property
    def address(self) -> str:
        """Where it is, and on which server it is asked."""
        return f"{self._settings.address} on {self._server.name}"

    def ask(self, commands: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return the lines of each command's answer; an empty list or string is one empty line or none.

        Args:
            commands: each by its words; only reading ones.

        Raises:
            ObservationError: Redis is down, its client missing, the password refused, or a command failed.
            ValueError: a command is not among those that only read.
        """
        settings = self._settings
        for words in commands:
            if words[0] not in READS and " ".join(words[:2]) not in READS:
                raise ValueError(f"{words[0]} is not among the commands that only read")
        text = "".join(f"{' '.join(_quoted(word) for word in words)}\nECHO {_MARK}\n" for words in commands)
        options = ["-h", settings.host, "-p", str(settings.port), "-n", str(settings.database)]
        options += ["--user", settings.user] if settings.user else []
        answer = self._server.script(
            _SCRIPT, settings.client, settings.auth_file or "", text.rstrip("\n"), *options, timeout_s=settings.timeout_s
        )
        where = f"redis at {self.address}"
        said = [line for line in [*answer.stderr.splitlines(), answer.stdout.strip().partition("\n")[0]] if _refused(line)]
        if answer.exit_code != 0 or said:
            trouble = (said or answer.stderr.strip().splitlines() or ["it said nothing"])[0][:200]
            mine = answer.exit_code in (77, 127) or any(word in trouble for word in _PROFILE)
            told = f"{where} gave no answer ({trouble}); expected one"
            raise ObservationError(told, blame=Blame.CONFIGURATION if mine else Blame.TARGET)
        *parts, rest = answer.stdout.split(f"{_MARK}\n")
        if len(parts) != len(commands) or rest.strip():
            raise ObservationError(f"{where} answered {len(parts)} of {len(commands)} commands; expected all")
        return [part.splitlines() for part in parts]


def _refused(line: str) -> bool:
    """Return whether a line is trouble, and no answer: redis-cli goes on after either, and ends with 0."""
    return line.startswith(_TROUBLE) or "AUTH failed" in line


def _quoted(word: str) -> str:
    """Return a word as redis-cli's own line reader takes it.

    Raises:
        ValueError: it has a character that no key of ours has, such as the end of a line.
    """
    if not word.isprintable():
        raise ValueError(f"{word!r} cannot be a word of a command")
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
