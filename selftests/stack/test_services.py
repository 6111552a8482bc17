"""The services of a stack are the real ones, reached as the facts say."""

from __future__ import annotations

import email
import http.client
import imaplib
import json
import smtplib
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator

import pytest

from stack.layout import HOST
from stack.private import private_stack


@pytest.fixture(scope="module")
def facts() -> Iterator[dict[str, str]]:
    """The facts of a private stack that is up."""
    with private_stack() as stack:
        done = stack.run("up")
        assert done.returncode == 0, done.stdout + done.stderr
        yield json.loads(stack.run("facts").stdout)


class Imap(imaplib.IMAP4_SSL):
    """IMAP at an address, with the certificate checked for the public host name."""

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        context: ssl.SSLContext = self.ssl_context
        return context.wrap_socket(socket.create_connection((self.host, self.port), timeout), server_hostname=HOST)


def trust(facts: dict[str, str]) -> ssl.SSLContext:
    """Return a context that trusts the stack's root only, as strictly as Python can."""
    context = ssl.create_default_context(cafile=facts["ca_file"])
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def get(facts: dict[str, str], path: str) -> tuple[int, bytes]:
    """Return status and body of one request to the balancer."""
    connection = http.client.HTTPConnection(HOST)
    with (
        socket.create_connection(("127.0.0.1", int(facts["https_port"])), 5) as plain,
        trust(facts).wrap_socket(plain, server_hostname=HOST) as tls,
    ):
        connection.sock = tls
        connection.request("GET", path, headers={"User-Agent": "deploycheck/selftest"})
        answer = connection.getresponse()
        return answer.status, answer.read()


def ssh(facts: dict[str, str], command: str) -> subprocess.CompletedProcess[str]:
    """Run a command on the server, as the suite does: host key pinned, no question asked."""
    options = ["BatchMode=yes", "StrictHostKeyChecking=yes", f"UserKnownHostsFile={facts['ssh_known_hosts']}", "IdentitiesOnly=yes"]
    return subprocess.run(
        ["ssh", "-F", "none", *(word for option in options for word in ("-o", option)), "-i", facts["ssh_key"], facts["ssh_url"], command],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_all_facts_are_texts(facts: dict[str, str]) -> None:
    """A profile is made of them."""
    assert {key: value for key, value in facts.items() if not isinstance(value, str) or not value} == {}


@pytest.mark.parametrize("address", ["https_address", "web1_address", "web2_address"])
def test_the_certificate_chain_is_complete(facts: dict[str, str], address: str) -> None:
    """Leaf and intermediate are sent: the root alone is enough to trust them."""
    host, port = facts[address].split(":")
    with socket.create_connection((host, int(port)), 5) as plain, trust(facts).wrap_socket(plain, server_hostname=HOST) as tls:
        version = tls.version()

    assert version == "TLSv1.3"


def test_http_redirects_to_https(facts: dict[str, str]) -> None:
    """Path and query are kept."""
    connection = http.client.HTTPConnection(facts["http_address"], timeout=5)
    connection.request("GET", "/api/health?a=b", headers={"Host": HOST})
    answer = connection.getresponse()
    connection.close()

    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}:{facts['https_port']}/api/health?a=b")


def test_the_balancer_uses_both_servers(facts: dict[str, str]) -> None:
    """Round robin."""
    seen = set()
    for _ in range(8):
        seen.add(json.loads(get(facts, "/api/health")[1])["server"])

    assert seen == {"web1", "web2"}


def test_files_of_the_release_are_not_served(facts: dict[str, str]) -> None:
    """Neither what begins with a dot nor other PHP files."""
    for path in ("/.env", "/.git/config", "/../.env", "/other.php"):
        assert get(facts, path)[0] in (400, 404), path


def test_ssh_arrives_as_the_application_user(facts: dict[str, str]) -> None:
    """Whoever logs in: what the suite runs on the server may not do more than the application."""
    done = ssh(facts, "id -un; echo $$ >&2; exit 7")

    assert (done.stdout.strip(), done.returncode) == (facts["app_user"], 7)
    assert done.stderr.strip().isdigit()


def test_the_ssh_user_sees_programs_and_data(facts: dict[str, str]) -> None:
    """supervisorctl and the read-only account work there, and the account may not write."""
    programs = ssh(facts, f"supervisorctl -c {facts['supervisor_conf']} status")
    mariadb = f"mariadb --defaults-file={facts['verify_cnf']} {facts['database_name']} -N -e"
    count, write = (ssh(facts, f"{mariadb} '{statement}'") for statement in ("SELECT COUNT(*) FROM migrations", "DELETE FROM migrations"))

    assert (programs.returncode, programs.stdout.count("RUNNING")) == (0, len(programs.stdout.splitlines()))
    assert int(count.stdout) > 0
    assert "denied" in write.stderr


def test_redis_wants_its_password_and_has_a_limit(facts: dict[str, str]) -> None:
    """Nobody else on this machine gets in, and memory is bounded."""
    command = ["redis-cli", "-p", facts["redis_port"]]
    stranger = subprocess.run([*command, "ping"], capture_output=True, text=True, check=False, timeout=10, env={"PATH": "/usr/bin"})
    environment = {"PATH": "/usr/bin", "REDISCLI_AUTH": facts["redis_password"]}
    limit = subprocess.run(
        [*command, "config", "get", "maxmemory"], capture_output=True, text=True, check=True, timeout=10, env=environment
    )

    assert "NOAUTH" in stranger.stdout
    assert int(limit.stdout.split()[-1]) > 0


def test_a_mail_goes_from_submission_to_the_mailbox_once(facts: dict[str, str]) -> None:
    """STARTTLS and AUTH in, one copy out by IMAP, whoever it was for."""
    subject = f"selftest {time.monotonic_ns()}"
    with smtplib.SMTP("127.0.0.1", int(facts["submission_port"]), timeout=10) as smtp:
        # starttls() checks the certificate for the name that the object thinks it is connected to.
        smtp._host = HOST  # type: ignore[attr-defined]
        smtp.starttls(context=trust(facts))
        smtp.login(facts["mailbox_user"], facts["mailbox_password"])
        smtp.sendmail("a@gateway.test", ["b@example.test"], f"Subject: {subject}\r\n\r\nhello\r\n")
    with Imap("127.0.0.1", int(facts["imap_port"]), ssl_context=trust(facts), timeout=10) as imap:
        imap.login(facts["mailbox_user"], facts["mailbox_password"])
        imap.select("INBOX")
        (found,) = imap.search(None, "SUBJECT", f'"{subject}"')[1]
        (part, *_) = imap.fetch(found.decode(), "(BODY[])")[1]

    assert len(found.split()) == 1
    assert isinstance(part, tuple)
    assert email.message_from_bytes(part[1])["Subject"] == subject


@pytest.mark.parametrize("offer", ["plain", "wrong password"])
def test_submission_refuses_strangers(facts: dict[str, str], offer: str) -> None:
    """No login without TLS, none with a wrong password, no mail without login."""
    with smtplib.SMTP("127.0.0.1", int(facts["submission_port"]), timeout=10) as smtp:
        smtp._host = HOST  # type: ignore[attr-defined]
        if offer == "wrong password":
            smtp.starttls(context=trust(facts))
            with pytest.raises(smtplib.SMTPAuthenticationError):
                smtp.login(facts["mailbox_user"], "wrong")
        with pytest.raises(smtplib.SMTPException):
            smtp.sendmail("a@gateway.test", ["b@example.test"], "Subject: no\r\n\r\n")


def test_prometheus_scrapes_gateway_and_machine(facts: dict[str, str]) -> None:
    """All targets come up, the application's metrics by token over verified TLS among them."""
    deadline = time.monotonic() + 30
    health: dict[str, str] = {}
    while set(health.values()) != {"up"} and time.monotonic() < deadline:
        connection = http.client.HTTPConnection(facts["prometheus_url"].removeprefix("http://"), timeout=5)
        connection.request("GET", "/api/v1/targets")
        health = {
            target["labels"]["job"]: target["health"] for target in json.loads(connection.getresponse().read())["data"]["activeTargets"]
        }
        connection.close()
        time.sleep(0.1)

    assert health == {"gateway": "up", "node": "up", "prometheus": "up"}
