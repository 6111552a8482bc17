"""Grafana's health, which needs no account. Source: vendor-apis, section 13."""

from __future__ import annotations

from stack.vendors.http import Json, Request, Response

FRESH: Json = {"database": "ok"}


def answer(request: Request, state: Json) -> Response:
    """Answer as a Grafana server would; one whose database fails answers 503."""
    if request.method == "GET" and request.path == "/api/health":
        well = state["database"] == "ok"
        return Response(200 if well else 503, {"commit": "0000000", "database": state["database"], "version": "12.2.0"})
    return Response(404, {"message": "Not found"})
