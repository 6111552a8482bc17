"""deps.monitoring and prod.alerts: a real Prometheus and a real Alertmanager, set up well and then broken, one thing at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from selftests.predeploy.monitors import ALERTMANAGER, AMBIGUOUS, RULES, Real, configured, fetched, free_ports, until
from selftests.predeploy.others import ENDS
from selftests.stub import Answer, Stub

READY, ALERTS = "deps.monitoring", "prod.alerts"
OURS = r"failed \[target\] "
SEVERAL = RULES + AMBIGUOUS
LATER, EARLIER = ENDS + timedelta(days=1), ENDS - timedelta(minutes=30)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """Both servers, once for all tests; each test leaves them as it found them."""
    found = Real(tmp_path_factory.mktemp("monitoring"), free_ports("prometheus", "alertmanager"))
    (found.folder / "alertmanager.yml").write_text(ALERTMANAGER)
    found.configure()
    try:
        found.start("alertmanager")
        found.start("prometheus")
        yield found
    finally:
        for name in list(found.processes):
            found.stop(name)


def but(found: dict[str, str], *names: str) -> dict[str, str]:
    """Return the other questions' endings."""
    return {name: ended for name, ended in found.items() if name not in (*names, "Grafana")}


def test_all_is_well(real: Real, tmp_path: Path) -> None:
    """Also when Prometheus has only just started: it is waited for."""
    with Stub({"/api/health": Answer(200, {"database": "ok", "version": "12"})}) as grafana:
        found = replace(real, grafana=grafana.url).ask(READY, tmp_path)

    assert found == dict.fromkeys(("Prometheus", "targets", "rules", "Alertmanager", "Grafana"), "passed")
    assert real.ask(ALERTS, tmp_path) == {"GatewayDown": "passed", "QueueBacklog": "passed"}


def test_outside_of_production_alerts_are_not_asked_for(real: Real, tmp_path: Path) -> None:
    """That is the item's own condition."""
    (ended,) = replace(real, head="").ask(ALERTS, tmp_path).values()

    assert ended.startswith("not applicable")


def test_a_rule_that_cannot_be_evaluated(real: Real, tmp_path: Path) -> None:
    """It is loaded, and looks well until it is looked at."""
    with configured(real, rules=SEVERAL):
        until(lambda: b'"health":"err"' in (fetched(real.url("prometheus", "/api/v1/rules")) or b""))
        found = real.ask(READY, tmp_path)
        named = replace(real, alerts=("GatewayDown", "Ambiguous")).ask(ALERTS, tmp_path)

    assert re.match(OURS + r"the alert rule Ambiguous fails \(found duplicate series", found["rules"])
    assert set(but(found, "rules").values()) == {"passed"}
    assert named["GatewayDown"] == "passed"
    assert re.match(r"failed \[configuration\] the alert rule Ambiguous fails", named["Ambiguous"])


def test_a_rule_that_nobody_has_loaded(real: Real, tmp_path: Path) -> None:
    """Prometheus has others."""
    asked = replace(real, alerts=("GatewayDown", "DiskFull"))

    assert re.match(OURS + "Prometheus has no alert rule DiskFull", asked.ask(READY, tmp_path)["rules"])
    assert re.match(r"failed \[configuration\] Prometheus has no alert rule DiskFull", asked.ask(ALERTS, tmp_path)["DiskFull"])


def test_no_rule_at_all(real: Real, tmp_path: Path) -> None:
    """An empty list is nothing good."""
    with configured(real, rules="groups: []"):
        found = replace(real, alerts=()).ask(READY, tmp_path)

    assert re.match(OURS + "Prometheus has loaded no alert rule", found["rules"])


def test_a_configuration_that_could_not_be_loaded(real: Real, tmp_path: Path) -> None:
    """Prometheus goes on with the old one, whose rules are all well."""
    with configured(real, rules="groups: [{name"):
        found = real.ask(READY, tmp_path)

    assert re.match(OURS + "Prometheus: Prometheus could not load its configuration as it now is", found["Prometheus"])
    assert set(but(found, "Prometheus").values()) == {"passed"}


def test_alerts_go_nowhere(real: Real, tmp_path: Path) -> None:
    """Alertmanager itself is ready."""
    usual = (real.folder / "prometheus.yml").read_text()
    with configured(real, prometheus=re.sub(r"alerting: .*", "", usual)):
        until(lambda: b'"activeAlertmanagers":[]' in (fetched(real.url("prometheus", "/api/v1/alertmanagers")) or b""))
        found = replace(real, settle_s=0.0).ask(READY, tmp_path)

    assert re.match(OURS + "Prometheus: Prometheus sends alerts to no Alertmanager", found["Prometheus"])
    assert found["Alertmanager"] == "passed"


def test_targets_that_are_down_or_not_there(real: Real, tmp_path: Path) -> None:
    """Every one must be up, and there must be enough."""
    usual = (real.folder / "prometheus.yml").read_text()
    prometheus = real.ports["prometheus"]
    gateway = f"job_name: gateway, static_configs: [{{targets: ['127.0.0.1:{prometheus}'"
    assert gateway in usual
    with configured(real, prometheus=usual.replace(gateway, f"{gateway}, '127.0.0.1:9'")):
        until(lambda: b'"health":"down"' in (fetched(real.url("prometheus", "/api/v1/targets")) or b""))
        down = real.ask(READY, tmp_path)
    few = replace(real, targets="{ gateway = 2, php = 1 }").ask(READY, tmp_path)

    assert re.match(OURS + r"gateway at 127\.0\.0\.1:9 is down \(.*refused", down["targets"])
    assert set(but(down, "targets").values()) == {"passed"}
    assert few["targets"].splitlines() == [
        "failed [target] Prometheus has 1 targets of the job gateway",
        "Prometheus has 0 targets of the job php",
    ]


def test_alertmanager_is_gone(real: Real, tmp_path: Path) -> None:
    """Then nobody knows what is silenced either."""
    real.stop("alertmanager")
    try:
        ready, alerts = real.ask(READY, tmp_path), real.ask(ALERTS, tmp_path)
    finally:
        real.start("alertmanager")

    assert re.match(rf"error \[target\] GET {re.escape(real.url('alertmanager'))}", ready["Alertmanager"])
    assert set(but(ready, "Alertmanager").values()) == {"passed"}
    assert all(ended.startswith("error [target]") for ended in alerts.values())


@pytest.mark.parametrize(
    ("matches", "until_then", "silenced"),
    [
        ({"alertname": "GatewayDown"}, LATER, {"GatewayDown"}),
        ({"alertname": "GatewayDown"}, EARLIER, set()),
        ({"severity": "critical"}, LATER, {"GatewayDown"}),
        ({"severity": "warning"}, LATER, set()),
        ({"alertname": "GatewayDown", "instance": "127.0.0.1:9"}, LATER, set()),
        ({"alertname": "AnotherOne"}, LATER, set()),
    ],
)
def test_silences(real: Real, tmp_path: Path, matches: dict[str, str], until_then: object, silenced: set[str]) -> None:
    """One that ends with the window is part of deploying; one of another alert, or of one series of this, is not looked for."""
    identity = real.silence(until_then, **matches)  # type: ignore[arg-type]
    try:
        found = real.ask(ALERTS, tmp_path)
    finally:
        real.unsilence(identity)

    assert {name for name, ended in found.items() if ended.startswith("failed")} == silenced
    assert all(re.match(rf"failed \[configuration\] {name} is silenced by ada until Wed 2031-11-26 11:00 CET \(noise\)", found[name])
               for name in silenced)  # fmt: skip


def test_prometheus_is_gone(real: Real, tmp_path: Path) -> None:
    """Everything that it would know is unknown; Alertmanager is not."""
    found = replace(real, ports={**real.ports, "prometheus": 9}).ask(READY, tmp_path)

    assert [name for name, ended in found.items() if ended.startswith("error [target] GET http://127.0.0.1:9/")] == [
        "Prometheus", "targets", "rules",
    ]  # fmt: skip
    assert found["Alertmanager"] == "passed"


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        (Answer(200, b"<title>Welcome</title>"), r"error \[target\]"),
        (Answer(200, {}), r"error \[target\] .*another shape"),
        (Answer(401, {"message": "no"}), r"error \[configuration\] .*expected|error \[configuration\]"),
        (Answer(404, b"not found"), r"error \[target\] .*answered 404"),
    ],
    ids=["a page", "an empty object", "refused", "absent"],
)
def test_something_else_answers(real: Real, tmp_path: Path, answer: Answer, ends: str) -> None:
    """Neither is it down, nor is it well."""
    with Stub(otherwise=answer) as stub:
        port = int(stub.url.rpartition(":")[2])
        asked = replace(real, ports=dict.fromkeys(real.ports, port), grafana=stub.url, settle_s=0.0)
        found = asked.ask(READY, tmp_path)
        alerts = asked.ask(ALERTS, tmp_path)

    assert all(re.match(ends, ended) for name, ended in found.items() if name != "Grafana"), found
    assert found["Grafana"].startswith("error")
    assert all(re.match(ends, ended) for ended in alerts.values()), alerts


@pytest.mark.parametrize(
    ("path", "answer", "part", "ends"),
    [
        ("/-/ready", Answer(503, b"Service Unavailable"), "Prometheus", OURS + "Prometheus: Prometheus is not ready"),
        ("/-/ready", Answer(503, b"Service Unavailable"), "Alertmanager", OURS + "Alertmanager is not ready"),
        ("/api/health", Answer(503, {"database": "failing"}), "Grafana", OURS + "Grafana's database is 'failing'"),
    ],
)
def test_not_ready(real: Real, tmp_path: Path, path: str, answer: Answer, part: str, ends: str) -> None:
    """As the server itself says."""
    with Stub({path: answer}) as stub:
        port = int(stub.url.rpartition(":")[2])
        found = replace(real, ports=dict.fromkeys(real.ports, port), grafana=stub.url).ask(READY, tmp_path)

    assert re.match(ends, found[part]), found


def test_a_cluster_that_has_not_settled(real: Real, tmp_path: Path) -> None:
    """Two of them could tell everybody twice, or nobody."""
    status = json.loads(fetched(real.url("alertmanager", "/api/v2/status")) or b"{}") | {"cluster": {"status": "settling", "peers": []}}
    answers = {"/-/ready": Answer(200, b"OK"), "/api/v2/status": Answer(200, status), "/api/v2/receivers": Answer(200, [{"name": "a"}])}
    with Stub(answers) as stub:
        found = replace(real, ports={**real.ports, "alertmanager": int(stub.url.rpartition(":")[2])}).ask(READY, tmp_path)

    assert re.match(OURS + "Alertmanager's cluster is settling", found["Alertmanager"])
