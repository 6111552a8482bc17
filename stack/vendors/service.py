"""The HTTP service: finds the vendor by the path's first part, plays its mode, and answers."""

from __future__ import annotations

import json
import os
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from stack.vendors import calcom, github, grafana, jira, pagerduty, retell, slack, sms, statuspage, stripe
from stack.vendors.delivery import Courier
from stack.vendors.http import Json, Request, Response
from stack.vendors.state import RETRY_AFTER_S, State, mode_of

# GitHub's paths are unmistakable: they work with and without a prefix.
PATH = re.compile(
    r"/(?P<vendor>calcom/v2|retell|sms|github|slack/api|pagerduty|statuspage|stripe/v1|grafana|jira)(?P<rest>/.*)"
    r"|(?P<bare>/(?:repos|artifact-store)/.*)"
)
NO_CONTENT = 204
MAX_BODY_BYTES = 1_000_000
REQUESTS_KEPT = 100_000
Answer = Callable[[Request, Json], Response]


class Vendors:
    """All stand-ins over one state; credentials come from the environment, and an unset one accepts nobody."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.requests: deque[Json] = deque(maxlen=REQUESTS_KEPT)
        env = os.environ.get
        calcom_key, retell_key, github_token = env("CALCOM_API_KEY", ""), env("RETELL_API_KEY", ""), env("GITHUB_TOKEN", "")
        sms_sid, sms_token = env("SMS_SID", ""), env("SMS_TOKEN", "")
        slack_token, pagerduty_key, stripe_key = env("SLACK_TOKEN", ""), env("PAGERDUTY_KEY", ""), env("STRIPE_KEY", "")
        send = Courier(env("GATEWAY_HOST", ""), env("GATEWAY_CA", "")).send
        self._vendors: dict[str, tuple[Answer, Callable[[], Response] | None]] = {
            "calcom": (lambda request, state: calcom.answer(request, state, calcom_key, send), calcom.refusal),
            "retell": (lambda request, state: retell.answer(request, state, retell_key, send), retell.refusal),
            # Twilio goes on describing a suspended account, and refuses the rest: it does so itself.
            "sms": (lambda request, state: sms.answer(request, state, sms_sid, sms_token), None),
            "github": (lambda request, state: github.answer(request, state, github_token), github.refusal),
            "slack": (lambda request, state: slack.answer(request, state, slack_token), slack.refusal),
            "pagerduty": (lambda request, state: pagerduty.answer(request, state, pagerduty_key), pagerduty.refusal),
            "stripe": (lambda request, state: stripe.answer(request, state, stripe_key), stripe.refusal),
            "statuspage": (statuspage.answer, None),
            "grafana": (grafana.answer, None),
            "jira": (lambda request, state: jira.answer(request, state, env("JIRA_USER", ""), env("JIRA_TOKEN", "")), jira.refusal),
        }

    def answer(self, request: Request) -> Response:
        """Return what the vendor that the path names answers in its present mode."""
        if request.path == "/__state":
            return self._settings(request)
        if request.path == "/__requests":
            return self._recorded(request)
        self.requests.append({"method": request.method, "path": request.path, "agent": request.headers.get("user-agent", "")})
        found = PATH.fullmatch(request.path)
        if found is None:
            return Response(404, {"message": f"no vendor answers {request.path}"})
        name = (found["vendor"] or "github").partition("/")[0]
        respond, refuse = self._vendors[name]
        with self.state.open() as state:
            mode, slow_s = mode_of(state[name]), float(state[name]["slow_s"])
            after_s = state[name].get("retry_after_s", RETRY_AFTER_S)
        if mode == "slow":
            time.sleep(slow_s)
        if mode == "suspended" and refuse is not None:
            return refuse()
        if mode == "rate-limited":
            return Response(429, {"message": "Too Many Requests"}, headers={"Retry-After": str(after_s)})
        if mode in BROKEN:
            return BROKEN[mode]
        headers = {name: value for name, value in request.headers.items() if mode != "refused" or name != "authorization"}
        inner = replace(request, path=found["rest"] or found["bare"], headers=headers)
        with self.state.open() as state:
            answer = respond(inner, state[name])
            # Copied while nobody else can change it.
            return replace(answer, data=json.loads(json.dumps(answer.data)))

    def _settings(self, request: Request) -> Response:
        if request.method == "PUT":
            changes = request.json()
            wrong = self.state.update(changes) if changes else "the body must be a JSON object that names a vendor"
            if wrong:
                return Response(422, {"message": wrong})
        elif request.method == "DELETE":
            self.state.reset()
        with self.state.open() as state:
            return Response(200, json.loads(json.dumps(state)))

    def _recorded(self, request: Request) -> Response:
        """Return every request since the start or the last DELETE: method, path and who asked."""
        if request.method == "DELETE":
            self.requests.clear()
        return Response(200, list(self.requests))


BROKEN = {
    "down": Response(503, {"message": "Service Unavailable"}),
    "html": Response(200, text="<!doctype html><title>Welcome</title><p>This is not the API.</p>"),
    "cut": Response(200, text='{"an answer that begins', cut=True),
}


def server(port: int, vendors: Vendors) -> ThreadingHTTPServer:
    """Return a server of the stand-ins on a loopback port; it logs nothing."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def _respond(self) -> None:
            address = urlsplit(self.path)
            length = min(int(self.headers.get("Content-Length") or 0), MAX_BODY_BYTES)
            headers = {name.lower(): value for name, value in self.headers.items()}
            pairs = tuple(parse_qsl(address.query))
            request = Request(self.command, address.path, dict(pairs), headers, self.rfile.read(length), pairs)
            response = vendors.answer(request)
            text = json.dumps(response.data) if response.text is None else response.text
            body = b"" if response.status == NO_CONTENT else text.encode() if response.raw is None else response.raw
            self.send_response(response.status)
            kind = "application/json" if response.text is None else "text/html; charset=utf-8"
            self.send_header("Content-Type", kind if response.raw is None else "application/zip")
            self.send_header("Content-Length", str(len(body) * (2 if response.cut else 1)))
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)
            self.close_connection = self.close_connection or response.cut

        do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_PATCH = do_DELETE = _respond  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: the suite asks often, and errors are in the answers."""

    return _Service(("127.0.0.1", port), Handler)


class _Service(ThreadingHTTPServer):
    daemon_threads = True
    # Vendors take as many connections as come. Of five that wait, the default, the sixth is dropped, and comes again a second later.
    request_queue_size = 128
