"""Stripe: the balance, which says the key's mode, and the account, which says whether it can charge. Source: vendor-apis, section 9."""

from __future__ import annotations

from stack.vendors.http import Json, Request, Response

# `restricted` names the resources that a restricted key may not read.
FRESH: Json = {"livemode": False, "charges_enabled": True, "currently_due": [], "restricted": []}
REQUEST_ID = {"request-id": "req_standin"}


def answer(request: Request, state: Json, key: str) -> Response:
    """Answer as https://api.stripe.com/v1 would; the key is a bearer token or the user of basic authentication."""
    if not key or not (request.bears(key) or request.basic()[0] == key):
        return error(401, "invalid_request_error", "Invalid API Key provided")
    resource = request.path.lstrip("/")
    if resource in state["restricted"]:
        return error(403, "invalid_request_error", f"The provided key does not have the required permissions for GET /v1/{resource}.")
    if request.method != "GET" or resource not in ("balance", "account"):
        return error(404, "invalid_request_error", f"Unrecognized request URL ({request.method}: /v1{request.path}).")
    if resource == "balance":
        funds = [{"amount": 4200, "currency": "eur", "source_types": {"card": 4200}}]
        return Response(200, {"object": "balance", "available": funds, "pending": [], "livemode": state["livemode"]}, headers=REQUEST_ID)
    account = {
        "id": "acct_gateway", "object": "account", "charges_enabled": state["charges_enabled"], "payouts_enabled": True,
        "details_submitted": True, "requirements": {"currently_due": state["currently_due"]},
    }  # fmt: skip
    return Response(200, account, headers=REQUEST_ID)


def refusal() -> Response:
    """The answer for a suspended account."""
    return error(403, "invalid_request_error", "This account has been rejected.")


def error(status: int, kind: str, message: str) -> Response:
    """Return an error as Stripe words it."""
    return Response(status, {"error": {"type": kind, "message": message}}, headers=REQUEST_ID)
