"""The gateway was rebuilt several times: a profile can say how this one answers, and the checks then judge that."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from selftests.house import Ended, House
from selftests.stub import Answer, Asked, Stub, healthy

TOKEN = "health-token-of-staging"  # noqa: S105
MIDDLE = """
[application]
environment = "staging"
[health.overall]
path = "/api/health"
components = "services"
environment_field = "env"
timestamp_field = "timestamp"
[health.database]
path = "/api/health"
component = "services.database"
status_field = ""
[health.redis]
path = "/monitor/health"
component = "checks.redis"
[health.queue]
path = "/api/health/detailed"
component = "checks.queue"
healthy = ["healthy", "warning"]
[health.calcom]
path = "/api/health/calcom"
token_variable = "HEALTH_TOKEN"
status_field = "state.0"
healthy = ["closed"]
[health.retell]
provided = false
reason = "this gateway has no route for Retell's health"
"""


def protected(header: str, expected: str, answer: Answer) -> object:
    """Return an endpoint that refuses everybody without the token."""
    return lambda asked: answer if asked.headers.get(header) == expected else Answer(401, {"message": "Unauthenticated."})


def middle(**services: bool) -> Stub:
    """Return a gateway of the middle of 2025: components within other endpoints' answers, a token, booleans."""
    found = {"database": True, "redis": True, "queue": True, **services}
    overall = {"env": "staging", "services": {name: {"healthy": good} for name, good in found.items()}}
    return Stub(
        {
            "/api/health": lambda _: healthy(**overall),
            "/monitor/health": lambda _: healthy(checks={"redis": found["redis"], "storage": True}),
            "/api/health/detailed": lambda _: healthy(checks={"queue": {"status": "warning" if found["queue"] else "critical"}}),
            "/api/health/calcom": protected("authorization", f"Bearer {TOKEN}", Answer(200, {"state": ["closed"]})),  # type: ignore[dict-item]
        }
    )


def judged(house: House, stub: Stub, sections: str, token: str = TOKEN, top: str = "") -> Ended:
    """Return a run of the health checks against a stub."""
    house.profile(stub.url, sections, name="variant", top=top)
    return house.pytest("--env", "variant", "tests_postdeploy/test_health_checks.py", HEALTH_TOKEN=token)


def ends(ended: Ended) -> dict[str, str]:
    """Return outcome by the last word of the endpoint."""
    return {name.partition("[")[2].partition(" by ")[0].rstrip("]").rpartition("/")[2]: word for name, word in ended.outcomes().items()}


def test_components_out_of_other_endpoints_and_a_token(house: House) -> None:
    """Green where all is well; what is not provided says so, and is no pass."""
    with middle() as stub:
        ended = judged(house, stub, MIDDLE)

    assert ends(ended) == {**dict.fromkeys(("health", "database", "redis", "queue", "calcom"), "passed"), "retell": "not provided"}, (
        ended.terminal
    )
    assert "this gateway has no route for Retell's health" in ended.text("runbook.md")
    assert TOKEN not in ended.text("journal.jsonl")


@pytest.mark.parametrize(
    ("service", "red"), [("database", {"health", "database"}), ("redis", {"health", "redis"}), ("queue", {"health", "queue"})]
)
def test_a_component_that_is_down_is_seen_behind_a_200(house: House, service: str, red: set[str]) -> None:
    """The gateway says 200 and "healthy" all the while."""
    with middle(**{service: False}) as stub:
        ended = judged(house, stub, MIDDLE)

    assert {name for name, word in ends(ended).items() if word == "failed"} == red, ended.terminal


def test_a_wrong_token_is_no_pass(house: House) -> None:
    """401 is told as such."""
    with middle() as stub:
        ended = judged(house, stub, MIDDLE, token="another-token")  # noqa: S106

    assert ends(ended)["calcom"] != "passed"
    assert "answered 401" in ended.terminal


def test_another_environment_answers(house: House) -> None:
    """The right words from the wrong machine."""
    with middle() as stub:
        ended = judged(house, stub, MIDDLE.replace('environment = "staging"', 'environment = "production"'))

    assert ends(ended)["health"] == "failed"
    assert "env is 'staging'" in ended.terminal


SLIM = """
[health.overall]
path = "/healthcheck.php"
token_variable = "HEALTH_TOKEN"
token_header = "X-Health-Token"
expected_status = 203
content_type = "text/json"
healthy = ["ok"]
version_field = "build.version"
timestamp_field = "at"
"""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"status": "ok", "build": {"version": "1.2.3"}}, ""),
        ({"status": "ok", "build": {"version": "1.2.2"}}, "build.version is '1.2.2'"),
        ({"status": "ok", "build": {"version": "1.2.3"}, "at": 1_600_000_000}, "s old"),
        ({"status": "healthy", "build": {"version": "1.2.3"}}, "status is 'healthy'"),
    ],
    ids=["good", "old code", "cached", "another word"],
)
def test_other_paths_words_headers_codes_and_fields(house: House, body: dict[str, object], told: str) -> None:
    """A token in a header of its own, an own status code and type, an integer timestamp."""
    answer = Answer(203, {"at": int(time.time()), **body}, {"Content-Type": "text/json; charset=utf-8"})
    with Stub({"/healthcheck.php": protected("x-health-token", TOKEN, answer)}) as stub:  # type: ignore[dict-item]
        ended = judged(house, stub, SLIM)

    assert ends(ended)["health"] == ("failed" if told else "passed"), ended.terminal
    assert told in ended.terminal


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(200, b"<html>Wartung</html>"), "it answered text/html"),
        (Answer(200, b"", {"Content-Type": "application/json"}), "it answered with an empty body"),
        (Answer(200, b'{"status": "healthy"', {"Content-Type": "application/json"}), "not JSON"),
        (Answer(302, b"", {"Location": "/login"}), "it answered 302 to "),
        (Answer(503, b"<h1>Be right back</h1>", {"Retry-After": "60"}), "it answered 503"),
        (Answer(200, {"status": "healthy", "timestamp": datetime(2026, 1, 1, tzinfo=UTC).isoformat()}), " s old"),
        (Answer(404, {"message": "Not Found"}), "it answered 404"),
    ],
    ids=["HTML", "empty", "half", "redirect", "maintenance", "old", "absent"],
)
def test_what_looks_like_an_answer_and_is_none(house: House, answer: Answer, told: str) -> None:
    """The health endpoint failed, and the message says what stood there instead."""
    with Stub({"/api/health": answer}) as stub:
        ended = judged(house, stub, '[health.overall]\npath = "/api/health"\ntimestamp_field = "timestamp"\n')

    assert ends(ended)["health"] == "failed", ended.terminal
    assert told in ended.terminal


def test_every_server_is_asked_at_its_own_address_under_the_public_name(house: House) -> None:
    """One of two behind the balancer is ill: its line is red, and says where."""

    def of(name: str, status: str) -> object:
        return lambda _: Answer(200, {"status": status, "server": name})

    with Stub() as one, Stub() as two:
        one.told["/api/health"] = of("app-1", "healthy")  # type: ignore[assignment]
        two.told["/api/health"] = of("app-2", "degraded")  # type: ignore[assignment]
        port = one.address.partition(":")[2]
        servers = "".join(
            f'[servers.{name}]\nssh = "ssh://deploy@127.0.0.1:1"\napp = "/srv"\naddress = "{stub.address}"\nlabel = "{label}"\n'
            for name, stub, label in (("web1", one, "app-1"), ("web2", two, "app-2"))
        )
        house.profile(
            f"http://api.gateway.test:{port}", '[health.overall]\npath = "/api/health"\nserver_field = "server"\n' + servers,
            name="two", top=f'address = "{one.address}"',
        )  # fmt: skip
        ended = house.pytest("--env", "two", "tests_postdeploy/test_health_checks.py")
        hosts = {asked.headers["host"] for asked in [*one.asked, *two.asked] if "control" not in asked.path}

    words = {name.partition(" by ")[2].rstrip("]"): word for name, word in ended.outcomes().items() if " by " in name}
    assert words == {"balancer": "passed", "web1": "passed", "web2": "failed"}, ended.terminal
    assert hosts == {f"api.gateway.test:{port}"}
    assert f"by web2 ({two.address})" in ended.terminal


def test_a_slow_answer_counts_only_if_it_is_slow_again(house: House) -> None:
    """The verifier asks for many things at once; the second answer decides, and the gateway is asked no third time."""
    asked: list[float] = []

    def at_first(_: Asked) -> Answer:
        asked.append(time.monotonic())
        time.sleep(0.7 if len(asked) == 1 else 0)
        return healthy()

    with Stub({"/api/health": at_first}) as stub:
        ended = judged(house, stub, '[health.overall]\npath = "/api/health"\n[thresholds]\nhealth_time_s = 0.4\n')

    assert ends(ended)["health"] == "passed", ended.terminal
    assert len(asked) == 2
