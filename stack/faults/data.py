"""Data that is lost, damaged or against its own rules, jobs that are taken and never finished, and a customer who complains."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

from stack.faults.bench import Bench
from stack.faults.database import redis
from stack.faults.fault import fault
from stack.faults.services import start
from stack.faults.vendors import state_of, tell
from stack.layout import DATABASE, REDIS_PREFIX
from stack.supervisor import Supervisor

PAGE_BYTES = 16_384
STUCK = 25


@fault("table-emptied", "the table of calls is empty: a migration has deleted what was there")
def table_emptied(bench: Bench) -> None:
    """Everything answers as before."""
    columns = "id, retell_call_id, agent_id, status, started_at, ended_at, analysis, created_at, updated_at"
    bench.note("sql", statement="DROP TABLE IF EXISTS fault_calls")
    bench.note("sql", statement=f"INSERT IGNORE INTO calls ({columns}) SELECT {columns} FROM fault_calls")  # noqa: S608
    bench.sql(f"CREATE TABLE fault_calls AS SELECT {columns} FROM calls")  # noqa: S608
    bench.sql("DELETE FROM calls")


@fault("invariant-broken", "an appointment ends before it starts")
def invariant_broken(bench: Bench) -> None:
    """A release that mixed up two columns."""
    bench.note("sql", statement="DELETE FROM appointments WHERE idempotency_key = 'fault-invariant'")
    bench.sql(
        "INSERT INTO appointments (tenant_id, customer_id, service_id, starts_at, ends_at, status, idempotency_key, sync_status,"
        " created_at, updated_at) SELECT c.tenant_id, c.id, s.id, '2026-01-05 10:00:00', '2026-01-05 09:30:00', 'cancelled',"
        " 'fault-invariant', 'synced', NOW(), NOW() FROM customers c JOIN services s ON s.tenant_id = c.tenant_id LIMIT 1"
    )


@fault("table-damaged", "a page of the table of calls is damaged on disk")
def table_damaged(bench: Bench) -> None:
    """A disk that forgot; the database notices when it reads the page."""
    # Events of calls that come meanwhile end as failed jobs.
    bench.note("sql", statement="DELETE FROM failed_jobs WHERE exception LIKE '%`calls` is corrupted%'")
    bench.note("restart", program="mariadb")
    Supervisor(bench.layout).stop("mariadb")
    file = bench.path(f"mysql/{DATABASE}/calls.ibd")
    content = bytearray(file.read_bytes())
    for page in range(3, len(content) // PAGE_BYTES):
        content[page * PAGE_BYTES + 200 : page * PAGE_BYTES + 264] = b"\xa5" * 64
    bench.replace(file, bytes(content))
    start(bench.layout, "mariadb")


@fault("jobs-stuck", "workers that were killed have left jobs behind that nobody finishes")
def jobs_stuck(bench: Bench) -> None:
    """They count as taken, and come back in a day."""
    key = f"{REDIS_PREFIX}queues:webhooks:reserved"
    payloads = [json.dumps({"uuid": f"fault-{number}", "displayName": "App\\Jobs\\ProcessWebhook"}) for number in range(STUCK)]
    bench.note("redis", command=["zrem", key, *payloads])
    redis(bench.layout, "zadd", key, *(word for payload in payloads for word in (str(int(time.time()) + 86_400), payload)))


@fault("customer-complains", "a customer has complained since the deployment")
def customer_complains(bench: Bench) -> None:
    """Support has opened an issue and given it the label."""
    issues = state_of(bench.layout)["github"]["issues"]
    bench.note("vendor", vendor="github", settings={"issues": issues})
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    complaint = {
        "number": 4711, "title": "Appointments cannot be booked since this morning", "state": "open", "created_at": now, "updated_at": now,
        "labels": [{"name": "customer-complaint"}], "html_url": "https://github.com/askproai/api-gateway/issues/4711",
    }  # fmt: skip
    tell(bench.layout, "github", {"issues": [*issues, complaint]})
