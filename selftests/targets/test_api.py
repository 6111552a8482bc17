"""One login for all, its end, and whom a refusal calls."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from deploycheck.effects import Effect, permit
from deploycheck.errors import Blame, NotPermitted, ObservationError
from deploycheck.settings import Login
from deploycheck.targets.api import Api
from deploycheck.targets.http import Http
from selftests.stub import Answer, Asked, Stub

LOGIN = Login.model_validate({"identity_variable": "A", "password_variable": "B", "extra_fields": {"device_name": "x"}})
WRITE = frozenset({Effect.WRITE})


def gateway(*known: str) -> Stub:
    """Return a gateway that lets these identities in."""

    def login(asked: Asked) -> Answer:
        name = next((name for name in known if f'"email": "{name}"'.encode() in asked.body), None)
        return Answer(200, {"token": f"token-of-{name}"}) if name else Answer(422, {"message": "no"})

    return Stub({"/api/auth/login": login, "/api/auth/logout": Answer(200, {})})


def api(stub: Stub, identity: str = "me", witness: Api | None = None) -> Api:
    """Return an account."""
    return Api(Http(stub.url, timeout_s=5), LOGIN, identity, "secret", (lambda: witness) if witness else None)


def test_journeys_side_by_side_share_one_login_and_the_last_logs_out() -> None:
    """Each login costs the gateway time, and it counts them."""
    with gateway("me") as stub, permit(WRITE):
        account = api(stub)
        with account.session() as first:
            assert first is not account.http

            def borrowed() -> bool:
                with account.session() as client:
                    return client is first

            with ThreadPoolExecutor(4) as pool:
                assert all(future.result() for future in [pool.submit(copy_context().run, borrowed) for _ in range(8)])
            assert stub.paths() == ["/api/auth/login"]
        assert stub.paths() == ["/api/auth/login", "/api/auth/logout"]
        assert stub.asked[-1].headers["authorization"] == "Bearer token-of-me"
        with account.session():
            pass
        assert stub.paths().count("/api/auth/login") == 2


def test_a_journey_that_breaks_logs_out_too() -> None:
    """Its own trouble is what is raised."""
    with gateway("me") as stub, permit(WRITE), pytest.raises(ZeroDivisionError), api(stub).session():
        raise ZeroDivisionError
    assert stub.paths()[-1] == "/api/auth/logout"


def test_a_refused_login_is_not_tried_again() -> None:
    """Some gateways lock an account after five."""
    with gateway() as stub, permit(WRITE):
        account = api(stub)
        for _ in range(3):
            with pytest.raises(ObservationError, match="answered 422; expected 200 with a token"), account.session():
                pass
        assert stub.paths() == ["/api/auth/login"]


@pytest.mark.parametrize(("known", "blame"), [(("other",), Blame.CONFIGURATION), ((), Blame.TARGET)])
def test_another_account_tells_a_wrong_credential_from_a_broken_login(known: tuple[str, ...], blame: Blame) -> None:
    """Both refused: it is not the credential."""
    with gateway(*known) as stub, permit(WRITE):
        account = api(stub, witness=api(stub, "other"))
        with pytest.raises(ObservationError) as raised, account.session():
            pass
        assert raised.value.blame is blame


@pytest.mark.parametrize("body", [b"<p>Welcome</p>", {"requires_2fa": True}, {"token": None}, {"token": ""}, {"token": 5}, []])
def test_an_answer_without_a_token_is_no_login(body: object) -> None:
    """Whatever its status."""
    with Stub({"/api/auth/login": Answer(200, body)}) as stub, permit(WRITE), pytest.raises(ObservationError), api(stub).session():
        pass


def test_a_check_that_may_not_write_does_not_log_in() -> None:
    """A token is something that is made."""
    with gateway("me") as stub:
        with pytest.raises(NotPermitted), api(stub).session():
            pass
        assert stub.paths() == []
