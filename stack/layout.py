"""Where everything of one stack lies: state directory, users, facts. Standard library only; reads, never starts anything."""

from __future__ import annotations

import grp
import hmac
import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from stack.errors import StackError
from stack.record import Record

DEFAULT_NAME = "default"
HOST = "api.gateway.test"
SERVERS = ("web1", "web2")
DATABASE = "askproai"
REDIS_PREFIX = "askproai_database_"
LOGIN_EMAIL = "owner@salon-one.test"
TENANT2_LOGIN_EMAIL = "owner@salon-two.test"
MAILBOX_USER = "deploycheck@gateway.test"
SMS_ACCOUNT = "AC" + "0" * 31 + "1"


def parent(environment: Mapping[str, str], root: bool) -> Path:
    """Return the directory that holds all stacks: STACK_STATE, or the place for root's or the user's own state."""
    if override := environment.get("STACK_STATE"):
        return Path(override).absolute()
    if root:
        return Path("/var/lib/deploycheck-stack")
    base = environment.get("XDG_STATE_HOME") or str(Path(environment.get("HOME") or Path.home()) / ".local/state")
    return Path(base) / "deploycheck-stack"


@dataclass(frozen=True)
class Layout:
    """One stack's places. Paths are known from its name alone; ports and secrets come from its stack.json."""

    name: str
    state: Path

    @classmethod
    def named(cls, name: str | None = None, environment: Mapping[str, str] = os.environ) -> Layout:
        """Return the layout of the stack `name`, by default STACK_NAME or "default".

        Raises:
            StackError: the name would not do as a directory and a word in file names.
        """
        chosen = name or environment.get("STACK_NAME") or DEFAULT_NAME
        if not (chosen.isascii() and chosen.replace("-", "").isalnum() and len(chosen) <= 32):
            raise StackError(f"the stack name {chosen!r} must be 1 to 32 letters, digits and hyphens (--name, STACK_NAME)")
        return cls(chosen, parent(environment, os.geteuid() == 0) / chosen)

    @property
    def as_root(self) -> bool:
        """True when this process may change users; then the stack drops to www-data whatever can be dropped."""
        return os.geteuid() == 0

    @cached_property
    def user(self) -> pwd.struct_passwd:
        """The account of the application and of every service that needs no more.

        Raises:
            StackError: run as root on a machine without www-data.
        """
        if not self.as_root:
            return pwd.getpwuid(os.geteuid())
        try:
            return pwd.getpwnam("www-data")
        except KeyError:
            raise StackError("run as root, the stack needs the account www-data (package base-passwd), which this machine lacks") from None

    @property
    def app_user(self) -> str:
        """Name of the application's account."""
        return self.user.pw_name

    @property
    def app_group(self) -> str:
        """Name of the application's primary group."""
        return grp.getgrgid(self.user.pw_gid).gr_name

    @property
    def ssh_user(self) -> str:
        """Who logs in: www-data has no login shell, so root logs in and is dropped to it before the command runs."""
        return "root" if self.as_root else self.app_user

    @property
    def record_file(self) -> Path:
        """STATE/stack.json."""
        return self.state / "stack.json"

    @property
    def exists(self) -> bool:
        """True once `up` has begun this stack."""
        return self.record_file.exists()

    @cached_property
    def record(self) -> Record:
        """Ports, secrets and what else was decided once for this stack.

        Raises:
            StackError: there is no stack of this name, or its stack.json cannot be used.
        """
        if not self.exists:
            raise StackError(f"there is no stack {self.name!r} at {self.state}; `python -m stack --name {self.name} up` makes it")
        return Record.read(self.record_file)

    @property
    def github_token(self) -> str:
        """The token that GitHub's stand-in accepts."""
        return self._derived("github")

    @property
    def stripe_key(self) -> str:
        """The key that Stripe's stand-in accepts: one for test mode, as its prefix says."""
        return f"sk_test_{self._derived('stripe')}"

    def token_of(self, vendor: str) -> str:
        """Return the token that the stand-in of Slack or PagerDuty accepts."""
        return {"slack": "xoxb-", "pagerduty": ""}[vendor] + self._derived(vendor)

    def _derived(self, vendor: str) -> str:
        """Return a credential that needs no place in stack.json, so that stacks that were made without it have it too."""
        return hmac.new(self.record.secrets["app_key"].encode(), vendor.encode(), "sha256").hexdigest()[:40]

    def port(self, service: str) -> int:
        """Return the TCP port of a service (a key of `record.PORT_OFFSETS`)."""
        return self.record.port(service)

    def root_of(self, server: str) -> Path:
        """Return the directory of an application server ("web1", "web2")."""
        return self.state / server

    def path(self, relative: str) -> Path:
        """Return a path under the state directory."""
        return self.state / relative

    def facts(self) -> dict[str, str]:
        """Return what a profile needs to reach this stack; all values are strings; known also while the stack is down.

        Raises:
            StackError: as `record`.
        """
        return self._endpoints() | self._places() | self._credentials()

    def _endpoints(self) -> dict[str, str]:
        """Addresses, as "host:port" or URL, and bare ports."""
        port = self.port
        return {
            "name": self.name,
            # What the suite calls this environment: two stacks keep their evidence apart.
            "environment": "local" if self.name == DEFAULT_NAME else f"local-{self.name}",
            "host": HOST,
            "https_address": f"127.0.0.1:{port('https')}",
            "https_port": str(port("https")),
            "http_address": f"127.0.0.1:{port('http')}",
            "http_port": str(port("http")),
            "web1_address": f"127.0.0.1:{port('web1')}",
            "web2_address": f"127.0.0.1:{port('web2')}",
            "ssh_url": f"ssh://{self.ssh_user}@127.0.0.1:{port('ssh')}",
            "ssh_port": str(port("ssh")),
            "database_host": "127.0.0.1",
            "database_port": str(port("database")),
            "redis_host": "127.0.0.1",
            "redis_port": str(port("redis")),
            "prometheus_url": f"http://127.0.0.1:{port('prometheus')}",
            "alertmanager_url": f"http://127.0.0.1:{port('alertmanager')}",
            "node_exporter_url": f"http://127.0.0.1:{port('node_exporter')}",
            "mail_host": "127.0.0.1",
            "submission_port": str(port("submission")),
            "imap_port": str(port("imap")),
            "imap_tls": "implicit",
            "vendors_url": f"http://127.0.0.1:{port('vendors')}",
        }

    def _places(self) -> dict[str, str]:
        """Files and directories, all under the state directory."""
        places = {
            "state": "",
            "ca_file": "pki/ca.pem",
            "ssh_key": "ssh/id_ed25519",
            "ssh_known_hosts": "ssh/known_hosts",
            "database_socket": "run/mysqld.sock",
            "verify_cnf": "etc/verify.cnf",
            "redis_auth_file": "etc/redis.auth",
            "web1_root": "web1",
            "web2_root": "web2",
            "origin": "origin.git",
            "supervisor_conf": "etc/supervisord.conf",
            "supervisor_socket": "run/supervisor.sock",
            "backups": "backups/pre-deploy",
            "deployments_log": "log/deployments.log",
            "deployment_log": "log/deployment.log",
            "marker": "run/deployment_in_progress",
            "intended": "intended.json",
            "releases": "releases",
            "people": "people",
            "nginx_error_log": "log/nginx/error.log",
            "nginx_access_log": "log/nginx/access.log",
            "web1_nginx_error_log": "log/nginx/web1-error.log",
            "web2_nginx_error_log": "log/nginx/web2-error.log",
            "web1_fpm_log": "log/php-fpm-web1.log",
            "web2_fpm_log": "log/php-fpm-web2.log",
        }
        return {key: str(self.state / relative) for key, relative in places.items()}

    def _credentials(self) -> dict[str, str]:
        """Accounts, names and secrets."""
        secret = self.record.secrets
        return {
            "app_user": self.app_user,
            "database_name": DATABASE,
            "redis_password": secret["redis_password"],
            "redis_prefix": REDIS_PREFIX,
            "mailbox_user": MAILBOX_USER,
            "mailbox_password": secret["mailbox_password"],
            "login_email": LOGIN_EMAIL,
            "login_password": secret["login_password"],
            "tenant2_login_email": TENANT2_LOGIN_EMAIL,
            "tenant2_login_password": secret["tenant2_login_password"],
            "calcom_api_key": secret["calcom_api_key"],
            "calcom_webhook_secret": secret["calcom_webhook_secret"],
            "retell_api_key": secret["retell_api_key"],
            "sms_api_key": secret["sms_api_key"],
            "sms_account": SMS_ACCOUNT,
            "github_token": self.github_token,
            "slack_token": self.token_of("slack"),
            "pagerduty_key": self.token_of("pagerduty"),
            "stripe_key": self.stripe_key,
            "metrics_token": secret["metrics_token"],
        }
