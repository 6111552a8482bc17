"""A server's facts: what is counted as a worker, and what only talks of one."""

from __future__ import annotations

import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor

from deploycheck.settings import Profile
from deploycheck.targets.facts import server_facts
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
