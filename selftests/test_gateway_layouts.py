"""How the gateway is installed, logged into and queued differs between its states: a profile can say each of them."""

from __future__ import annotations

from pathlib import Path

from deploycheck.profile import load

EVERYTHING = """
name = "middle"
base_url = "https://api.gateway.test"
[servers.app]
ssh = "ssh://deploy@app.gateway.test:2222"
app = "/var/www/api-gateway"
programs = ["calcom-sync-queue", "laravel-worker", "scheduler"]
[application]
environment = "production"
user = "www-data"
time_zone = "Europe/Berlin"
layout = "in-place"
[workers]
manager = "horizon"
command = "php {app}/artisan"
[logs.application]
path = "storage/logs/laravel.log"
channel = "daily"
noise = ["^Slow query"]
[login]
page = "/admin/login"
path = "/api/auth/admin/login"
identity_field = "username"
password_field = "secret"
extra_fields = { device_name = "deploycheck" }
identity_variable = "LOGIN_NAME"
password_variable = "LOGIN_PASSWORD"
token_field = "data.access_token"
accepted_status = 201
refused_status = [401, 422]
protected_path = "/api/v2/me"
[queues]
names = ["default", "calcom-sync", "emails", "high:notify"]
connection = "redis"
prefix = "askproai_database_"
"""


def test_layout_workers_logs_login_and_queues_can_be_said(tmp_path: Path) -> None:
    """In place or by releases, Horizon or supervisor, daily logs, other fields and codes, queue names and prefix."""
    path = tmp_path / "middle.toml"
    path.write_text(EVERYTHING)
    settings = load(str(path), variables={"LOGIN_NAME": "ops", "LOGIN_PASSWORD": "s3cret-word"}).settings

    assert settings.application
    assert settings.workers
    assert settings.logs
    assert settings.login
    assert settings.queues
    assert (settings.application.layout, settings.workers.manager, settings.logs.application.channel) == ("in-place", "horizon", "daily")
    assert (settings.login.token_field, settings.login.accepted_status, settings.login.refused_status) == (
        "data.access_token",
        201,
        (401, 422),
    )
    assert (settings.queues.prefix, settings.queues.names[3]) == ("askproai_database_", "high:notify")
