"""A vendor that cannot be asked: its items are errors that name it and our credential's variable; no other item is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from deploycheck.doctor.gate import gate
from deploycheck.errors import Blame
from deploycheck.gateway import Gateway
from deploycheck.observatory import Observatory
from deploycheck.outcomes import Ending
from selftests.predeploy.others import KEY, Others, others

# vendor -> what is asked of it, and the variable of our credential there
ASKED: Mapping[str, tuple[tuple[tuple[str, str], ...], str]] = {
    "calcom": ((("deps.calcom", "API"),), "CALCOM_API_KEY"),
    "retell": ((("deps.retell", "API"), ("deps.retell", "agent")), "RETELL_API_KEY"),
    "slack": ((("comms.team-notified", "message"),), "SLACK_TOKEN"),
    "pagerduty": ((("infra.incidents", "PagerDuty"), ("comms.on-call", "PPOL001"), ("prod.on-call", "PPOL001")), "PAGERDUTY_KEY"),
    "stripe": ((("deps.payment", "API"), ("deps.payment", "charges")), "STRIPE_KEY"),
    "statuspage": (
        (
            ("infra.incidents", "status page"), ("comms.customers", "maintenance"), ("prod.customers", "notice"),
            ("deps.calcom", "status page"), ("deps.retell", "status page"),
        ), "status page",
    ),
}  # fmt: skip
ITEMS = sorted({item for parts, _ in ASKED.values() for item, _ in parts})
PARTS = [part for parts, _ in ASKED.values() for part in parts]
# In production mode, so that everything is asked.
HEAD = "production = true\ntimeout_s = {timeout_s}\nvendor_deadline_s = 4.0"
MODES = {
    "refused": (Blame.CONFIGURATION, ""),
    "suspended": (Blame.CONFIGURATION, ""),
    "down": (Blame.THIRD_PARTY, "answered 503"),
    "html": (Blame.THIRD_PARTY, "not JSON"),
    "cut": (Blame.THIRD_PARTY, "cut the body off"),
    "rate-limited": (Blame.THIRD_PARTY, "answered 429, to be asked again in 30 s; expected an answer within the deadline of 4 s"),
    "slow": (Blame.THIRD_PARTY, "still waiting for the first byte of the answer when the deadline of 0.4 s passed"),
}


@pytest.fixture(scope="module")
def them(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Others]:
    """The stand-ins, once for all cases."""
    with pytest.MonkeyPatch.context() as monkeypatch, others(tmp_path_factory.mktemp("others"), monkeypatch) as found:
        yield found


@pytest.fixture
def asked(them: Others) -> Others:
    """The stand-ins as they were at first, of a production's profile."""
    them.github.reset()
    fresh = Others(them.folder, them.github, them.release, HEAD.format(timeout_s=3.0))
    fresh.set("stripe", livemode=True)
    return fresh


def endings(them: Others) -> dict[tuple[str, str], Ending]:
    """Ask every item, side by side."""
    with ThreadPoolExecutor(len(ITEMS)) as pool:
        found = pool.map(them.ask, ITEMS)
        return {(item, part): ended for item, parts in zip(ITEMS, found, strict=True) for part, ended in parts.items()}


def said(ended: Ending) -> str:
    return f"{ended.seen}; expected {ended.expected}"


@pytest.mark.parametrize("mode", MODES)
def test_nobody_can_be_asked(asked: Others, mode: str) -> None:
    """Each item says so, of its own vendor."""
    blame, words = MODES[mode]
    vendors = [vendor for vendor in ASKED if vendor != "statuspage" or mode not in ("refused", "suspended")]
    for vendor in vendors:
        asked.set(vendor, mode=mode, slow_s=2.0)
    if mode == "slow":
        asked.head = HEAD.format(timeout_s=0.4)

    found = endings(asked)

    for vendor in vendors:
        parts, named = ASKED[vendor]
        for part in parts:
            ended = found[part]
            assert (part, ended.outcome.value, ended.blame) == (part, "error", blame.value)
            assert named in said(ended)
            assert words.partition("; expected ")[0] in ended.seen or vendor == "slack", said(ended)
    assert [part for part in PARTS if found[part].outcome.value == "error"] == [part for vendor in vendors for part in ASKED[vendor][0]]


def test_nobody_is_there(asked: Others) -> None:
    """The message names host and port."""
    for name, body in asked.sections.items():
        asked.sections[name] = body.replace(asked.github.url.removesuffix("/github"), "http://127.0.0.1:9")

    found = endings(asked)

    assert [(part, found[part].outcome.value) for part in PARTS] == [(part, "error") for part in PARTS]
    assert all("127.0.0.1:9" in found[part].seen for part in PARTS)
    variables = {name for _, name in ASKED.values()} | {"GITHUB_TOKEN"}
    assert all(any(name in said(found[part]) for name in variables) for part in PARTS)


@pytest.mark.parametrize("mode", ["rate-limited", "down", "cut"])
def test_who_fails_for_a_moment_is_asked_again(asked: Others, mode: str) -> None:
    """429 twice, or trouble once, and then the answer."""
    for vendor in ASKED:
        asked.set(vendor, mode=mode, times=2 if mode == "rate-limited" else 1, retry_after_s=0.2)

    found = endings(asked)

    assert {part: found[part].outcome.value for part in PARTS} == dict.fromkeys(PARTS, "passed")


def test_one_that_hangs_costs_no_other(asked: Others) -> None:
    """Each vendor is asked by itself."""
    asked.head = HEAD.format(timeout_s=0.5)
    asked.set("pagerduty", mode="slow", slow_s=2.0)

    found = endings(asked)

    assert [part for part in PARTS if found[part].outcome.value != "passed"] == list(ASKED["pagerduty"][0])


@pytest.mark.parametrize("mode", ["ok", "refused"])
def test_the_doctor_says_so_before(asked: Others, mode: str) -> None:
    """Nobody has to wait for the gate to learn that a token has been revoked."""
    for vendor in ASKED:
        asked.set(vendor, mode=mode)

    found = list(gate(Gateway(asked.environment("doctor"), asked.release, Observatory(), asked.folder)))

    refused = {finding.about for finding in found if finding.wrong}
    assert refused == ({"PagerDuty", "PagerDuty PPOL001", "Stripe", "Slack"} if mode == "refused" else set())
    assert all(KEY not in f"{finding}" for finding in found)
