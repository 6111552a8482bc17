"""The gateway's API as a person with an account uses it: log in, work, log out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from deploycheck.errors import Blame, DeploycheckError, NotConfigured, ObservationError
from deploycheck.profile import Environment
from deploycheck.rules.health import dotted
from deploycheck.settings import Login
from deploycheck.targets.exchange import Exchange
from deploycheck.targets.http import Http

_CREDENTIAL = (400, 401, 403, 422)


class Api:
    """One account. All journeys of a run share its login: logging in is slow on purpose, and rate-limited.

    `witness` is another account, asked when this one is refused: is it the credential, or the login?
    """

    def __init__(self, http: Http, login: Login, identity: str, password: str, witness: Callable[[], Api] | None = None) -> None:
        self.http = http
        self.login = login
        self._identity = identity
        self._password = password
        self._witness = witness
        self._lock = threading.Lock()
        self._leases = 0
        self._session: Http | None = None
        self._refused: ObservationError | None = None

    def log_in(self, password: str | None = None) -> Exchange:
        """Return the answer to a login, with the account's own password unless another is given.

        Raises:
            ObservationError: no answer. NotPermitted: the running check may not write.
        """
        login = self.login
        body = {login.identity_field: self._identity, login.password_field: password or self._password, **login.extra_fields}
        return self.http.post(login.path, json=body)

    def signed_in(self, answer: Exchange) -> Http:
        """Return the client with the token that a login's answer holds.

        Raises:
            ObservationError: it is a refusal, or holds none. NotConfigured: the profile does not say where.
        """
        if not self.login.token_field:
            raise NotConfigured("[login] token_field")
        expected = f"expected {self.login.accepted_status} with a token for our own account"
        if answer.status != self.login.accepted_status:
            blame, told = self.refusal(answer)
            raise ObservationError(f"{answer}{told}; {expected}", blame=blame)
        token = dotted(answer.json(), self.login.token_field)
        if not isinstance(token, str) or not token:
            raise ObservationError(f"{answer} without a token at {self.login.token_field!r}; {expected}")
        return self.http.with_bearer(token)

    def refusal(self, answer: Exchange) -> tuple[Blame, str]:
        """Return whom a refused login calls, and why: our credential is wrong if another account's is accepted at the same time."""
        if answer.status not in _CREDENTIAL or self._witness is None:
            return Blame.TARGET, ""
        try:
            with self._witness().session():
                return Blame.CONFIGURATION, ", and accepts another tenant's account"
        except DeploycheckError:
            return Blame.TARGET, ""

    @contextmanager
    def session(self) -> Iterator[Http]:
        """Lend a client that is logged in; the last borrower's return logs out.

        Raises:
            ObservationError: the login was refused; it is not tried again in this run, because an account can be locked.
        """
        client = self._borrow()
        try:
            yield client
        finally:
            self._give_back()

    def _borrow(self) -> Http:
        with self._lock:
            if self._refused:
                raise self._refused
            if self._session is None:
                try:
                    self._session = self.signed_in(self.log_in())
                except ObservationError as trouble:
                    self._refused = trouble
                    raise
            self._leases += 1
            return self._session

    def _give_back(self) -> None:
        with self._lock:
            self._leases -= 1
            if self._leases == 0 and self._session is not None:
                session, self._session = self._session, None
                session.post(self.login.logout_path)


def account(http: Http, environment: Environment, witness: Callable[[], Api] | None = None) -> Api:
    """Return the account that the profile's [login] names.

    Raises:
        NotConfigured: it names none.
    """
    login = environment.settings.login
    if not login:
        raise NotConfigured("[login]")
    return Api(http, login, environment.secrets[login.identity_variable], environment.secrets[login.password_variable], witness)


def other_account(http: Http, environment: Environment) -> Api:
    """Return the account of another tenant.

    Raises:
        NotConfigured: the profile names none.
    """
    appointments, login = environment.settings.appointments, environment.settings.login
    if not login or not appointments or not appointments.other_tenant:
        raise NotConfigured("[appointments.other_tenant]" if login else "[login]")
    other = appointments.other_tenant
    return Api(http, login, environment.secrets[other.identity_variable], environment.secrets[other.password_variable])


def good(answer: Exchange, expected: tuple[int, ...]) -> Exchange:
    """Return an answer whose status is one of `expected`.

    Raises:
        ObservationError: it is another.
    """
    if answer.status not in expected:
        said = " ".join(answer.text[:200].split())
        raise ObservationError(f"{answer} ({said}); expected {' or '.join(map(str, expected))}")
    return answer
