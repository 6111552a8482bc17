"""GitHub: a repository whose commits are those of the stack's origin, and what was done around them, as the state has it.

Source: vendor-apis, section 3; GitHub REST, API version 2022-11-28.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping

from stack.vendors.github import actions, alerts, code, issues, pulls
from stack.vendors.github.answers import Asked, error
from stack.vendors.github.origin import NoSuchCommit, Origin
from stack.vendors.http import Json, Request, Response

PATH = re.compile(r"/repos/(?P<name>[^/]+/[^/]+)(?P<rest>/.*)?")
FRESH: Json = {**actions.FRESH, **alerts.FRESH, **issues.FRESH, **pulls.FRESH, **code.FRESH, "forbidden": []}
ROUTES: Mapping[str, Callable[..., Response]] = {
    **code.ROUTES, **pulls.ROUTES, **issues.ROUTES, **alerts.ROUTES, **actions.ROUTES,
}  # fmt: skip


def answer(request: Request, state: Json, token: str) -> Response:
    """Answer as https://api.github.com would. `forbidden` in the state are beginnings of paths that the token may not see."""
    origin = Origin.at(os.environ.get("GITHUB_ORIGIN", ""))
    if request.path.startswith("/artifact-store/"):
        return actions.stored(Asked(request, state, origin, ""))
    if not request.bears(token):
        return error(401, "Bad credentials")
    found = PATH.fullmatch(request.path)
    if request.method != "GET" or found is None:
        return error(404, "Not Found")
    rest = found["rest"] or ""
    if any(rest.startswith(beginning) for beginning in state["forbidden"]):
        return error(404, "Not Found")
    if not rest:
        return Response(200, repository(found["name"], state))
    asked = Asked(request, state, origin, found["name"])
    for pattern, respond in ROUTES.items():
        if match := re.fullmatch(pattern, rest):
            try:
                return respond(asked, **match.groupdict())
            except NoSuchCommit as trouble:
                return error(404, f"Not Found ({trouble})")
            except ValueError as trouble:
                return error(422, str(trouble))
    return error(404, "Not Found")


def repository(name: str, state: Json) -> Json:
    """Return the repository itself; what is switched on, GitHub tells its administrators only."""
    words = {True: "enabled", False: "disabled"}
    security = {"secret_scanning": {"status": words[state["alerts"].get("secret-scanning") is not None]}}
    shown = {"security_and_analysis": security} if state["administrator"] else {}
    return {"full_name": name, "private": True, "default_branch": "main", **shown}


def refusal() -> Response:
    """The answer for a suspended account."""
    return error(403, "Sorry. Your account was suspended.")
