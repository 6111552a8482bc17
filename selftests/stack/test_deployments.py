"""Deploying and rolling back leave what the runbook's scripts leave, and the servers run what was asked for."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from stack import origin
from stack.layout import HOST, SERVERS
from stack.private import PrivateStack, private_stack

STEPS = ["lock", "backup", "fetch", "cache", "migrate", "switch", "reload", "workers", "verify", "prune"]


@pytest.fixture(scope="module")
def stack() -> Iterator[PrivateStack]:
    """A private stack that is up with 1.2.3; the tests walk it from release to release, each from the state it makes itself."""
    with private_stack() as private:
        done = private.run("up")
        assert done.returncode == 0, done.stdout + done.stderr
        yield private


def run(stack: PrivateStack, *words: str) -> list[str]:
    """Run a command that must succeed; return the lines that it added to deployment.log."""
    log = stack.layout.path("log/deployment.log")
    before = len(log.read_text().splitlines())
    done = stack.run(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    return log.read_text().splitlines()[before:]


def health(stack: PrivateStack, server: str, path: str = "/api/health") -> dict[str, Any]:
    """Return a health endpoint's JSON from one server."""
    context = ssl.create_default_context(cafile=stack.layout.facts()["ca_file"])
    port = stack.layout.port(server)
    connection = http.client.HTTPConnection(HOST, port)
    with socket.create_connection(("127.0.0.1", port), 5) as plain, context.wrap_socket(plain, server_hostname=HOST) as tls:
        connection.sock = tls
        connection.request("GET", path, headers={"User-Agent": "deploycheck/selftest"})
        body: dict[str, Any] = json.loads(connection.getresponse().read())
    return body


def commits(stack: PrivateStack) -> set[str]:
    """Return every commit that anything reports: directories, web processes and live workers."""
    found = {(stack.layout.root_of(server) / "current/REVISION").read_text().strip() for server in SERVERS}
    found |= {health(stack, server)["commit"] for server in SERVERS}
    alive = [worker for worker in health(stack, "web1", "/api/health/queue")["workers"] if Path(f"/proc/{worker['pid']}").exists()]
    assert len(alive) == 3
    return found | {worker["commit"] for worker in alive}


def migrations(stack: PrivateStack) -> set[str]:
    """Return the migrations that have run."""
    facts = stack.layout.facts()
    command = ["mariadb", f"--defaults-file={facts['verify_cnf']}", "-N", "-e", "SELECT migration FROM migrations", facts["database_name"]]
    return {f"{line}.php" for line in subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.split()}


def release(version: str) -> origin.Release:
    """Return the entry of releases.json."""
    return next(entry for entry in origin.releases() if entry.version == version)


def test_the_first_deployment_left_what_the_runbook_names(stack: PrivateStack) -> None:
    """Logs, backup and no marker, from the `up` that made the stack."""
    facts = stack.layout.facts()
    commit = origin.commit_of(Path(facts["origin"]), "1.2.3")
    lines = Path(facts["deployment_log"]).read_text().splitlines()

    assert re.fullmatch(rf"\[\S+\] Deployment of v1\.2\.3 \(commit {commit}\) finished: success", lines[-1])
    assert [match[1] for line in lines if (match := re.search(r"step (\S+) took \d+\.\d\d s$", line))] == STEPS
    assert all(datetime.fromisoformat(line[1:].partition("]")[0]).tzinfo for line in lines)
    assert re.fullmatch(rf"Deployment started by {facts['app_user']} at .+\n", Path(facts["deployments_log"]).read_text())
    assert not Path(facts["marker"]).exists()
    assert commits(stack) == {commit}


def test_the_backup_is_whole(stack: PrivateStack) -> None:
    """It ends as a dump ends, holds the tables, and matches its checksum."""
    (backup,) = Path(stack.layout.facts()["backups"]).glob("backup-*.sql.gz")
    dump = gzip.decompress(backup.read_bytes()).decode()
    digest, name = Path(f"{backup}.sha256").read_text().split()

    assert re.fullmatch(r"backup-\d{8}_\d{6}\.sql\.gz", backup.name)
    assert dump.rstrip().splitlines()[-1].startswith("-- Dump completed on ")
    assert "CREATE TABLE `appointments`" in dump
    assert (digest, name) == (hashlib.sha256(backup.read_bytes()).hexdigest(), backup.name)


def test_the_servers_have_the_layout_of_the_real_ones(stack: PrivateStack) -> None:
    """Two releases, a relative `current`, shared .env and storage; everything owned by the application's user."""
    for server in SERVERS:
        root = stack.layout.root_of(server)
        names = sorted(path.name for path in (root / "releases").iterdir())

        assert len(names) == 2
        assert all(re.fullmatch(r"\d{8}_\d{6}-[0-9a-f]{8}", name) for name in names)
        assert (root / "current").readlink() == Path("releases") / names[-1]
        assert (root / "previous").readlink() == Path("releases") / names[0]
        assert (root / "current/storage").resolve() == (root / "shared/storage").resolve()
        assert (root / "current/.env").resolve() == (root / "shared/.env").resolve()
        strangers = [path for path in (root / "releases").rglob("*") if path.lstat().st_uid != stack.layout.user.pw_uid]
        assert strangers == []


def test_rollback_puts_code_and_workers_back(stack: PrivateStack) -> None:
    """Both servers and all workers run the previous release again; the schema stays."""
    run(stack, "deploy", "1.2.2")
    run(stack, "deploy", "1.3.0")
    lines = run(stack, "rollback")
    commit = origin.commit_of(stack.layout.path("origin.git"), "1.2.2")

    assert lines[-1].endswith(f"] Rollback to v1.2.2 (commit {commit}) finished: success")
    assert commits(stack) == {commit}
    assert migrations(stack) == set(release("1.3.0").migrations)


def test_rollback_with_the_database(stack: PrivateStack) -> None:
    """The migrations of the abandoned release are undone, those of the previous one stay."""
    run(stack, "deploy", "1.2.2")
    for surplus in ("1.3.0", "1.2.2"):
        lines = run(stack, *(("deploy", surplus) if surplus == "1.3.0" else ("rollback", "--database")))

    assert any("step migrate-rollback took" in line for line in lines)
    assert commits(stack) == {origin.commit_of(stack.layout.path("origin.git"), "1.2.2")}
    assert migrations(stack) <= set(release("1.2.3").migrations)
    assert set(release("1.2.2").migrations) <= migrations(stack)


def test_what_was_asked_for_is_remembered(stack: PrivateStack) -> None:
    """intended.json names the release, its commit and the one before."""
    run(stack, "deploy", "1.2.2")
    run(stack, "deploy", "1.2.3")
    facts = stack.layout.facts()
    intended = json.loads(Path(facts["intended"]).read_text())
    commit = {version: origin.commit_of(Path(facts["origin"]), version) for version in ("1.2.2", "1.2.3")}

    assert (intended["version"], intended["commit"]) == ("1.2.3", commit["1.2.3"])
    assert intended["previous"] == {"version": "1.2.2", "commit": commit["1.2.2"]}
    assert intended["deployed_by"] == facts["app_user"]
    assert datetime.fromisoformat(intended["at"]).tzinfo


def test_a_second_rollback_is_refused(stack: PrivateStack) -> None:
    """After a rollback nothing is known to go back to."""
    run(stack, "deploy", "1.2.2")
    run(stack, "deploy", "1.2.3")
    run(stack, "rollback")
    done = stack.run("rollback")

    assert done.returncode == 2
    assert "points at no release" in done.stderr
    run(stack, "deploy", "1.2.3")


def test_only_five_releases_are_kept(stack: PrivateStack) -> None:
    """And the two that are linked are among them."""
    for version in ("1.2.1", "1.2.2", "1.2.3") * 2:
        run(stack, "deploy", version)
    for server in SERVERS:
        root = stack.layout.root_of(server)

        assert len(list((root / "releases").iterdir())) == 5
        assert (root / "current/REVISION").is_file()
        assert (root / "previous/REVISION").is_file()


def test_an_unknown_release_changes_nothing(stack: PrivateStack) -> None:
    """Refused before the first log line."""
    before = stack.layout.path("log/deployment.log").read_text()
    done = stack.run("deploy", "9.9.9")

    assert done.returncode == 2
    assert "has no release '9.9.9'" in done.stderr
    assert stack.layout.path("log/deployment.log").read_text() == before


def test_a_failed_deployment_says_so_and_leaves_its_marker(stack: PrivateStack) -> None:
    """An ERROR line, `finished: failure`, exit code 1, the old release still runs; the next deployment takes the marker away."""
    run(stack, "deploy", "1.2.3")
    before = commits(stack)
    access = stack.layout.path("etc/database.cnf")
    content = access.read_text()
    access.write_text(content.replace("password=", "password=wrong"))
    done = stack.run("deploy", "1.3.0")
    lines = stack.layout.path("log/deployment.log").read_text().splitlines()
    access.write_text(content)

    assert done.returncode == 1
    assert re.search(r"\] ERROR: step backup failed with exit code \d+: .*Access denied", lines[-2])
    assert lines[-1].endswith("] Deployment of v1.3.0 finished: failure")
    assert stack.layout.path("run/deployment_in_progress").exists()
    assert commits(stack) == before
    assert not list(Path(stack.layout.facts()["backups"]).glob("*.part"))

    run(stack, "deploy", "1.3.0")
    assert not stack.layout.path("run/deployment_in_progress").exists()


def test_two_deployments_at_once_are_refused(stack: PrivateStack) -> None:
    """The script holds a lock, for those who run it on the server instead of through `python -m stack`."""
    facts = stack.layout.facts()
    started = Path(facts["deployments_log"]).read_text()
    lock = subprocess.Popen(
        ["flock", stack.layout.path("run/deploy.lock"), "sh", "-c", "echo held; read line"], stdin=-1, stdout=-1, text=True
    )
    assert lock.stdout is not None
    assert lock.stdout.readline() == "held\n"
    done = stack.run("deploy", "1.2.3")
    lock.communicate("\n")

    assert done.returncode == 1
    assert "another deployment or rollback holds" in done.stderr
    assert Path(facts["deployments_log"]).read_text() == started


def test_the_deployment_leaves_no_error_in_the_logs(stack: PrivateStack) -> None:
    """What the suite reads afterwards must not be the stack's own noise."""
    noise = []
    for log in (*stack.layout.path("log/nginx").glob("*error.log"), *stack.layout.path("log").glob("php-fpm-*.log")):
        noise += [line for line in log.read_text().splitlines() if re.search(r"\[(error|crit|alert|emerg)\]|WARNING|ERROR", line)]
    for server in SERVERS:
        for log in stack.layout.root_of(server).glob("shared/storage/logs/*.log"):
            noise += [line for line in log.read_text().splitlines() if re.search(r"\.(ERROR|CRITICAL|ALERT|EMERGENCY):", line)]

    assert noise == []


def test_deploying_what_runs_already_restarts_the_workers_too(stack: PrivateStack) -> None:
    """The old workers name the same commit; the deployment is not over before they have gone."""
    run(stack, "deploy", "1.2.3")
    before = {worker["pid"] for worker in health(stack, "web1", "/api/health/queue")["workers"]}
    run(stack, "deploy", "1.2.3")

    assert not [pid for pid in before if Path(f"/proc/{pid}").exists()]
    assert commits(stack) == {origin.commit_of(stack.layout.path("origin.git"), "1.2.3")}
