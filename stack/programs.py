"""The programs under supervisor: what runs, as whom, and how one sees that it is ready."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from stack.layout import HOST, SERVERS, SMS_ACCOUNT, Layout
from stack.origin import releases

VENDORS = Path(__file__).parent / "vendors"


@dataclass(frozen=True)
class Program:
    """A supervisor program.

    `ports` are keys of `record.PORT_OFFSETS`: they must be free before and answer afterwards. `socket` is a path under the
    state directory that must answer too. `application` programs need the installed code, so they start last.
    """

    name: str
    command: str
    ports: tuple[str, ...] = ()
    socket: str = ""
    directory: str = "run"
    application: bool = False
    as_root: bool = False
    environment: tuple[tuple[str, str], ...] = ()
    stop_wait_s: int = 5

    def section(self, layout: Layout) -> str:
        """Return the program's section of supervisord.conf."""
        settings = {
            "command": self.command,
            "directory": layout.path(self.directory),
            "autostart": "false",
            "autorestart": "true",
            "startsecs": 0,
            "startretries": 1000,
            "stopwaitsecs": self.stop_wait_s,
            "stopasgroup": "true",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": layout.path(f"log/supervisor/{self.name}.log"),
            "stdout_logfile_maxbytes": "1MB",
            "stdout_logfile_backups": 1,
        }
        if layout.as_root and not self.as_root:
            settings["user"] = layout.app_user
        home = layout.path("run/home")
        variables = {"HOME": home, "USER": layout.app_user, "TMPDIR": layout.path("run/tmp"), **dict(self.environment)}
        settings["environment"] = ",".join(f'{key}="{value}"' for key, value in variables.items())
        return f"\n[program:{self.name}]\n" + "".join(f"{key}={value}\n" for key, value in settings.items())


def programs(layout: Layout) -> list[Program]:
    """Return all programs of a stack."""
    state = layout.state
    found = [
        Program("mariadb", f"/usr/sbin/mariadbd --defaults-file={state}/etc/my.cnf", ("database",), "run/mysqld.sock", stop_wait_s=15),
        Program("redis", f"/usr/bin/redis-server {state}/etc/redis.conf", ("redis",)),
        Program("nginx", f"/usr/sbin/nginx -e {state}/log/nginx/error.log -c {state}/etc/nginx.conf", ("http", "https", *SERVERS)),
        Program("sshd", f"/usr/sbin/sshd -D -e -f {state}/etc/sshd_config", ("ssh",), as_root=True),
        Program("prometheus", _prometheus(layout), ("prometheus",)),
        Program("alertmanager", _alertmanager(layout), ("alertmanager",)),
        Program("node-exporter", _node_exporter(layout), ("node_exporter",)),
        Program("mail", f"/usr/sbin/dovecot -F -c {state}/etc/dovecot.conf", ("imap", "submission"), "run/dovecot/lmtp"),
        Program(
            "mail-hop", f"/usr/bin/python3 {state}/lib/stack/mail_hop.py {layout.port('mail_hop')} {state}/run/dovecot/lmtp", ("mail_hop",)
        ),
    ]
    for server in SERVERS:
        command = f"/usr/sbin/php-fpm8.2 -F -c {state}/etc/php-fpm.ini -y {state}/etc/php-fpm-{server}.conf"
        found.append(Program(f"fpm-{server}", command, socket=f"run/fpm-{server}.sock"))
    if (VENDORS / "__main__.py").exists():
        found.append(_vendors(layout))
    return [*found, *_application(layout)]


def _application(layout: Layout) -> list[Program]:
    """Return the programs that run the application's code."""
    worker = "/usr/bin/php8.2 {}/current/artisan queue:work redis --queue={} --sleep=0.3 --tries=3 --timeout=60 --max-time=3600"
    workers = {
        "worker-web1-a": ("web1", "default,webhooks,emails"),
        "worker-web1-b": ("web1", "webhooks,emails"),
        "worker-web2-a": ("web2", "emails,default,webhooks"),
    }
    found = [
        Program(name, worker.format(layout.root_of(server), queues), directory=f"{server}/current", application=True)
        for name, (server, queues) in workers.items()
    ]
    traffic = f"/usr/bin/python3 {layout.state}/lib/stack/traffic.py --state {layout.state} --host {HOST} --port {layout.port('https')}"
    # Fewer customers, for tests that judge no error rate.
    requests = f" --requests {int(told)}" if (told := os.environ.get("STACK_REQUESTS")) else ""
    found.append(Program("traffic", traffic + requests, application=True))
    return [*found, Program("scheduler", f"/bin/bash {layout.state}/bin/scheduler", application=True)]


def _prometheus(layout: Layout) -> str:
    """Return the command. The history reaches back to the deployment, within 64 MB; the admin API lets a healed fault be forgotten."""
    return (
        f"/usr/bin/prometheus --config.file={layout.state}/etc/prometheus.yml --storage.tsdb.path={layout.state}/prometheus"
        f" --storage.tsdb.retention.time=15d --storage.tsdb.retention.size=64MB --storage.tsdb.wal-segment-size=10MB"
        f" --web.listen-address=127.0.0.1:{layout.port('prometheus')} --log.level=warn"
        f" --web.console.templates={layout.state}/etc/consoles --web.enable-admin-api"
    )


def _alertmanager(layout: Layout) -> str:
    """Return the command: alone, without the cluster's port."""
    return (
        f"/usr/bin/prometheus-alertmanager --config.file={layout.state}/etc/alertmanager.yml --storage.path={layout.state}/alertmanager"
        f" --web.listen-address=127.0.0.1:{layout.port('alertmanager')} --cluster.listen-address= --log.level=warn"
    )


def _node_exporter(layout: Layout) -> str:
    """Return the command with the collectors that a machine's figures need."""
    collectors = " ".join(
        f"--collector.{name}" for name in ("cpu", "diskstats", "filesystem", "loadavg", "meminfo", "stat", "uname", "vmstat")
    )
    listen = f"--web.listen-address=127.0.0.1:{layout.port('node_exporter')}"
    return f"/usr/bin/prometheus-node-exporter --collector.disable-defaults {collectors} --log.level=warn {listen}"


def _vendors(layout: Layout) -> Program:
    """Return the stand-ins' service: a copy of the package, because the application's user may not read this checkout."""
    secret = layout.record.secrets
    environment = (
        ("PYTHONPATH", str(layout.path("lib"))),
        ("CALCOM_API_KEY", secret["calcom_api_key"]),
        ("CALCOM_WEBHOOK_SECRET", secret["calcom_webhook_secret"]),
        ("RETELL_API_KEY", secret["retell_api_key"]),
        ("SMS_SID", SMS_ACCOUNT),
        ("SMS_TOKEN", secret["sms_api_key"]),
        ("GITHUB_TOKEN", layout.github_token),
        ("SLACK_TOKEN", layout.token_of("slack")),
        ("PAGERDUTY_KEY", layout.token_of("pagerduty")),
        ("STRIPE_KEY", layout.stripe_key),
        ("RELEASES", ",".join(release.version for release in releases())),
        ("GITHUB_ORIGIN", str(layout.path("origin.git"))),
        ("GITHUB_ARTIFACTS", str(layout.path("artifacts"))),
        ("GATEWAY_HOST", HOST),
        ("GATEWAY_URL", f"https://{HOST}:{layout.port('https')}"),
        ("GATEWAY_CA", str(layout.path("pki/ca.pem"))),
    )
    command = f"/usr/bin/python3 -m stack.vendors --port {layout.port('vendors')} --state {layout.path('run/vendors.json')}"
    return Program("vendors", command, ("vendors",), environment=environment)
