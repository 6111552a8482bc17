"""Makes exchanges over connections of the load and tells how each ended; a process of its own, because gevent must not get into pytest's.

Reads a JSON object from its standard input: name = {url, address, ca_file, timeout_s, requests: [[method, path, body], …]}.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import gevent
import gevent.monkey

gevent.monkey.patch_all()

from deploycheck.load.connection import Connection, Deadlines  # noqa: E402
from deploycheck.load.plan import Shot  # noqa: E402
from deploycheck.load.route import Failed, Route  # noqa: E402

MOST_BYTES = 100_000


def ended(case: dict[str, Any], deadlines: Deadlines) -> dict[str, Any]:
    """Return how the exchanges of one connection ended, and how often it was opened."""
    connection = Connection(
        Route(case["url"], case.get("address"), case.get("ca_file")), case.get("timeout_s", 5.0), MOST_BYTES, keeps_body=True
    )
    deadlines.connections.append(connection)
    told = []
    for method, path, size in case.get("requests", [["GET", "/", 0]]):
        request = Route(case["url"], case.get("address"), case.get("ca_file")).request(Shot("x", path, method=method, body="x" * size))
        try:
            connection.exchange(request, repeatable=method == "GET")
            told.append(f"{connection.status} {connection.content_type.decode()} {connection.body.decode()}".strip())
        except Failed as trouble:
            told.append(str(trouble))
        gevent.sleep(0.1)
    return {"told": told, "opened": connection.opened}


def main() -> None:
    """Make all exchanges side by side."""
    cases, deadlines = json.load(sys.stdin), Deadlines()
    begun = {name: gevent.spawn(ended, case, deadlines) for name, case in cases.items()}
    gevent.joinall(begun.values(), timeout=30)
    json.dump({name: each.value for name, each in begun.items()}, sys.stdout)


if __name__ == "__main__":
    main()
