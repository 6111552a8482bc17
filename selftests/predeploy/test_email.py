"""deps.email: a mail server, well or badly behaved, is greeted, trusted or not, logged in to, and sent nothing."""

from __future__ import annotations

import re
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from deploycheck.errors import ProfileError
from selftests.predeploy.asking import asked, told
from selftests.predeploy.mail_server import PASSWORD, USER, MailServer
from selftests.targets.authority import Holder, issue, server_context

ITEM = "deps.email"
VARIABLES = {"SMTP_USER": USER, "SMTP_PASSWORD": PASSWORD}
WELL = MailServer()


@pytest.fixture(scope="module")
def authority() -> Holder:
    """An authority of our own."""
    return issue("Own authority", None, authority=True)


@pytest.fixture
def trusted(tmp_path: Path, authority: Holder) -> Path:
    """The file of the authority."""
    file = tmp_path / "ca.pem"
    file.write_bytes(authority.pem())
    return file


def certified(folder: Path, authority: Holder, name: str = "mail.test", days: tuple[int, int] = (-1, 30)) -> ssl.SSLContext:
    return server_context(folder, issue(name, authority, names=(name,), days=days))


def ends(server: MailServer, folder: Path, ca: Path, *, tls: str = "starttls", password: str = PASSWORD, login: bool = True) -> str:
    """Return how the item ends with this server."""
    account = 'user_variable = "SMTP_USER"\npassword_variable = "SMTP_PASSWORD"\n' if login else ""
    section = f'[smtp]\naddress = "{server.address}"\ncertificate_name = "mail.test"\nca_file = "{ca}"\ntls = "{tls}"\n{account}'
    variables = VARIABLES | {"SMTP_PASSWORD": password}
    (ended,) = asked(ITEM, folder, f"timeout_s = 1.0\nvendor_deadline_s = 2.0\n{section}", variables).values()
    assert password not in f"{ended.seen}{ended.expected}"
    return told(ended)


def test_a_good_server_is_logged_in_to_and_left(tmp_path: Path, authority: Holder, trusted: Path) -> None:
    """And no mail begins."""
    with replace(WELL, context=certified(tmp_path, authority), commands=[]) as server:
        assert ends(server, tmp_path, trusted) == "passed"
        assert server.commands == ["EHLO", "STARTTLS", "EHLO", "AUTH", "QUIT"]


def test_tls_from_the_first_byte(tmp_path: Path, authority: Holder, trusted: Path) -> None:
    """Port 465."""
    with replace(WELL, context=certified(tmp_path, authority), implicit=True, commands=[]) as server:
        assert ends(server, tmp_path, trusted, tls="implicit") == "passed"
        assert server.commands == ["EHLO", "AUTH", "QUIT"]


def test_a_server_without_logins(tmp_path: Path, authority: Holder, trusted: Path) -> None:
    """Where the profile names no account, none is tried."""
    with replace(WELL, context=certified(tmp_path, authority), offers_auth=False, commands=[]) as server:
        assert ends(server, tmp_path, trusted, login=False) == "passed"
        assert "AUTH" not in server.commands
        assert re.match(r"failed \[third party\] .*no way to log in", ends(server, tmp_path, trusted))


def test_it_does_not_offer_starttls(tmp_path: Path, trusted: Path) -> None:
    """The password stays here."""
    with replace(WELL, starttls=False, commands=[]) as server:
        assert re.match(r"failed \[third party\] SMTP .*does not offer STARTTLS", ends(server, tmp_path, trusted))
        assert "AUTH" not in server.commands


@pytest.mark.parametrize(
    ("name", "days", "words"),
    [("other.test", (-1, 30), "mail.test"), ("mail.test", (-9, -1), "expired"), ("mail.test", (3, 9), "not yet valid")],
)
def test_its_certificate_is_no_good(tmp_path: Path, authority: Holder, trusted: Path, name: str, days: tuple[int, int], words: str) -> None:
    """Neither for another name nor out of date; whether TLS is begun or there from the start."""
    context = certified(tmp_path, authority, name, days)
    for tls in ("starttls", "implicit"):
        with replace(WELL, context=context, implicit=tls == "implicit", commands=[]) as server:
            assert re.match(
                rf"failed \[third party\] .*its certificate is not trusted: .*{words}", ends(server, tmp_path, trusted, tls=tls)
            )
            assert "AUTH" not in server.commands


def test_its_authority_is_unknown(tmp_path: Path, trusted: Path) -> None:
    """Another one of the same name."""
    with replace(WELL, context=certified(tmp_path, issue("Own authority", None, authority=True)), commands=[]) as server:
        assert re.match(r"failed .*its certificate is not trusted", ends(server, tmp_path, trusted))


def test_it_turns_everybody_away(tmp_path: Path, trusted: Path) -> None:
    """In its greeting."""
    with replace(WELL, greeting=b"554 no service here", commands=[]) as server:
        assert re.match(r"failed \[third party\] .*greets with 554", ends(server, tmp_path, trusted))


def test_it_refuses_our_password(tmp_path: Path, authority: Holder, trusted: Path) -> None:
    """An error that names the variables: nobody can say whether mail would be taken."""
    with replace(WELL, context=certified(tmp_path, authority), commands=[]) as server:
        said = ends(server, tmp_path, trusted, password="x" * 9)
    assert re.match(r"error \[configuration\] SMTP 127\.0\.0\.1:\d+ refuses the login with 535", said)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"greeting": b"HTTP/1.1 400 Bad Request"}, "does not greet as SMTP does"),
        ({"silent": True}, "timed out|not done within"),
        ({"drip_s": 0.2}, "not done within 2 s"),
        ({"tls_answer": b"454 TLS not available"}, "454"),
        ({"auth": b"454 4.7.0 Temporary authentication failure"}, "454"),
    ],
    ids=["garbage", "silent", "byte by byte", "TLS refused", "login put off"],
)
def test_it_cannot_be_asked(tmp_path: Path, authority: Holder, trusted: Path, change: dict[str, object], words: str) -> None:
    """An error of the mail server's, within the deadline."""
    with replace(WELL, context=certified(tmp_path, authority), commands=[], **change) as server:  # type: ignore[arg-type]
        said = ends(server, tmp_path, trusted)
    assert said.startswith("error [third party] SMTP 127.0.0.1:")
    assert re.search(words, said), said


def test_nobody_listens(tmp_path: Path, trusted: Path) -> None:
    """The message names host and port."""
    with replace(WELL, commands=[]) as server:
        pass
    assert re.match(r"error \[third party\] SMTP 127\.0\.0\.1:\d+ failed \(ConnectionRefusedError", ends(server, tmp_path, trusted))


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_its_authorities_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    """Ours to mend."""
    ca = tmp_path / "none.pem"
    if content:
        ca.write_bytes(content)
    with replace(WELL, commands=[]) as server:
        assert re.match(rf"error \[configuration\] the CA file {re.escape(str(ca))} cannot be used", ends(server, tmp_path, ca))


def test_half_a_login_is_refused(tmp_path: Path) -> None:
    """Before the first check."""
    half = '[smtp]\naddress = "mail.test:25"\nuser_variable = "SMTP_USER"'
    with pytest.raises(ProfileError, match=r"\[smtp\] has one of user_variable and password_variable; expected both or neither"):
        asked(ITEM, tmp_path, half, VARIABLES)


def test_without_a_section_it_is_not_configured(tmp_path: Path) -> None:
    """Nothing is guessed."""
    assert told(asked(ITEM, tmp_path, "")["SMTP"]) == "not configured [configuration] [smtp]"
