"""A server's facts: what is counted as a worker, and what only talks of one."""

from __future__ import annotations

import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from deploycheck.errors import ObservationError
from deploycheck.settings import Profile
from deploycheck.targets.facts import server_facts, zone_of
from deploycheck.targets.server import Server

SCRIPTS = 4


def test_no_script_takes_another_for_a_worker() -> None:
    """Two servers on one machine, or xdist's workers, ask at once: each script's own command line must not look like a worker's."""
    word = f"artisan-{uuid.uuid4().hex}"
    profile = Profile.model_validate(
        {
            "name": "facts",
            "base_url": "https://gateway.test",
            "servers": {"web1": {"ssh": "local://", "app": "/nowhere"}},
            # The manager's command keeps each script there for a while.
            "workers": {"manager": "supervisor", "command": "sleep 0.4; true", "process": f"{word} queue:work"},
        }
    )
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", word, "queue:work"])
    try:
        with ThreadPoolExecutor(SCRIPTS) as pool:
            seen = [facts.processes for facts in pool.map(lambda _: server_facts(Server("web1", "local://"), profile), range(SCRIPTS))]
    finally:
        worker.kill()
        worker.wait()

    assert [[process.pid for process in processes] for processes in seen] == [[worker.pid]] * SCRIPTS


WINTER, SUMMER = "1795435200.5", "1782216000.5"


@pytest.mark.parametrize(
    ("epoch", "offset", "localtime", "timezone", "zone"),
    [
        (WINTER, "+0000", "/usr/share/zoneinfo/Etc/UTC", "Etc/UTC", "Etc/UTC"),
        (WINTER, "+0100", "/usr/share/zoneinfo/Europe/Berlin", "Etc/UTC", "Europe/Berlin"),
        (SUMMER, "+0200", "/usr/share/zoneinfo/Europe/Berlin", "Etc/UTC", "Europe/Berlin"),
        (WINTER, "+0100", "/etc/localtime", "Europe/Berlin", "Europe/Berlin"),
        (WINTER, "+0000", "/etc/localtime", "Europe/Berlin", "UTC"),
        (WINTER, "+0530", "/etc/localtime", "Asia/Kolkata", "Asia/Kolkata"),
        (WINTER, "+0200", "", "", "Etc/GMT-2"),
        (WINTER, "-0500", "/usr/share/zoneinfo/nowhere", "../etc", "Etc/GMT+5"),
    ],
    ids=["both", "an image's stale timezone", "summer", "a copied localtime", "a stale timezone alone", "half an hour", "none", "nonsense"],
)
def test_the_zone_is_the_one_its_clock_goes_by(epoch: str, offset: str, localtime: str, timezone: str, zone: str) -> None:
    """A name whose offset is not the clock's is not believed: the server's logs would be read an hour off."""
    assert zone_of({"epoch": epoch, "utc_offset": offset, "localtime": localtime, "timezone": timezone}) == zone


def test_an_offset_that_no_zone_has_is_unknown() -> None:
    """Half hours have no zone of their own, and guessing would move every instant."""
    assert zone_of({"epoch": WINTER, "utc_offset": "+0530", "localtime": "", "timezone": "Europe/Berlin"}) is None


def test_the_script_tells_all_of_this_machine() -> None:
    """Also what has several lines or none; a fact that cannot be looked at says why."""
    profile = Profile.model_validate(
        {
            "name": "facts",
            "base_url": "https://gateway.test",
            "servers": {"web1": {"ssh": "local://", "app": "/nowhere", "programs": ("a", "b")}},
            "workers": {"manager": "supervisor", "command": "printf 'a RUNNING\\nb\\tRUNNING\\n' #", "process": "nothing"},
        }
    )
    facts = server_facts(Server("web1", "local://"), profile)

    assert (facts.manager_answer, facts.manager_exit, facts.migrations) == ("a RUNNING\nb\tRUNNING", 0, ())
    assert facts.memory
    assert facts.memory.boot_id
    assert facts.unknown["code"].startswith("/nowhere/current is no symbolic link that ")
    assert facts.unknown["commit"] == "git: fatal: cannot change to '/nowhere/current': No such file or directory"
    with pytest.raises(ObservationError, match=r"web1: /nowhere/current is no symbolic link"):
        facts.known("code", facts.code)
