"""How long `pytest -m postdeploy` takes over a slow link, against the runbook's own commands, and with twenty servers.

    python -m bench.stage [--round-trip-ms 50] [--runs 3]

Both go, interleaved and in one run, through the same delaying proxies to the local gateway, which must be up.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.delay import delayed
from stack.layout import Layout

ROOT = Path(__file__).parent.parent
PORTS = ("https", "web1", "web2", "ssh")


def main() -> int:
    """Measure, and print one line per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--round-trip-ms", type=float, default=50.0)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    layout = Layout.named()
    with delayed([layout.port(name) for name in PORTS], options.round_trip_ms / 1000) as ports, tempfile.TemporaryDirectory() as folder:
        facts = _far(layout, ports, Path(folder))
        suite, runbook, twenty = [], [], []
        for _ in range(options.runs):
            suite.append(_verify(_profile(facts, Path(folder), 1), Path(folder)))
            runbook.append(_by_hand(facts))
            twenty.append(_verify(_profile(facts, Path(folder), 10), Path(folder)))
    wall = statistics.median(run["wall_s"] for run in suite)
    by_hand = statistics.median(runbook)
    many = statistics.median(run["wall_s"] for run in twenty)
    print(f"round trip {options.round_trip_ms:.0f} ms, medians of {options.runs} interleaved runs")
    print(f"the stage on 2 servers      {wall:6.2f} s, CPU {statistics.median(run['cpu_s'] for run in suite):.2f} s")
    print(f"its slowest check           {statistics.median(run['slowest_s'] for run in suite):6.2f} s")
    print(f"the runbook's commands      {by_hand:6.2f} s one after another: {by_hand / wall:.1f} times as long")
    print(f"the stage on 20 servers     {many:6.2f} s: {many / wall:.2f} times as long as on 2")
    return 0


def _far(layout: Layout, ports: Mapping[int, int], folder: Path) -> dict[str, str]:
    """Return the stack's facts as seen from the other end of the slow link."""
    facts = dict(layout.facts())
    for name in ("https_address", "web1_address", "web2_address", "ssh_url"):
        facts[name] = re.sub(r"\d+$", lambda port: str(ports[int(port[0])]), facts[name])
    near, far = facts["ssh_port"], str(ports[int(facts["ssh_port"])])
    known = Path(facts["ssh_known_hosts"]).read_text(encoding="utf-8").replace(f":{near}", f":{far}")
    (folder / "known_hosts").write_text(known, encoding="utf-8")
    return facts | {"ssh_known_hosts": str(folder / "known_hosts"), "ssh_port": far}


def _profile(facts: Mapping[str, str], folder: Path, times: int) -> Path:
    """Write the local profile with `facts`, its two servers entered `times` times, and its release; return the profile's path."""
    text = (ROOT / "environments" / "local.toml").read_text(encoding="utf-8").replace("local_stack = true\n", "")
    servers = re.findall(r"^\[servers\.(web\d)\]\n((?:.+\n)+)", text, re.MULTILINE)
    further = "".join(f'[servers.{name}-{n}]\nlabel = "{name}"\n{body}\n' for n in range(2, times + 1) for name, body in servers)
    text = text.replace("[ssh]\n", further + "[ssh]\n", 1)
    text = re.sub(r"\$\{stack\.(\w+)\}", lambda name: facts[name[1]], text)
    path = folder / f"servers-{2 * times}.toml"
    path.write_text(text, encoding="utf-8")
    asked = json.loads(Path(facts["intended"]).read_text(encoding="utf-8"))
    tables = json.loads((ROOT / "stack" / "app" / "releases.json").read_text(encoding="utf-8"))[asked["version"]]["tables"]
    lines = [f'version = "{asked["version"]}"', f'commit = "{asked["commit"]}"', "[tables]"]
    lines += [f"{table} = {json.dumps(columns)}" for table, columns in tables.items()]
    (folder / "release.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _verify(profile: Path, folder: Path) -> dict[str, float]:
    """Run the stage; return its wall and CPU time, and the time of its slowest check, look and judgement together."""
    facts = Layout.named().facts()
    secrets = {f"STACK_{name.upper()}": value for name, value in facts.items()}
    # With "=": pytest takes a file that stands by itself for a test and looks for its settings there.
    command = [sys.executable, "-m", "pytest", "-m", "postdeploy", f"--env={profile}", f"--release={folder / 'release.toml'}"]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    ended = subprocess.run(
        [*command, f"--reports={folder}/reports"], cwd=ROOT, env={**os.environ, **secrets}, capture_output=True, text=True, check=False
    )
    wall_s = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode not in (0, 10):
        sys.exit(f"the stage is not green over the slow link:\n{ended.stdout}{ended.stderr}")
    newest = max((folder / "reports").glob("*/*/*/journal.jsonl"), key=lambda path: path.stat().st_mtime)
    records = [json.loads(line) for line in newest.read_text(encoding="utf-8").splitlines()]
    slowest = max(record["data"]["duration_s"] for record in records if record["kind"] == "result")
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": wall_s, "cpu_s": cpu_s, "slowest_s": slowest}


def _by_hand(facts: Mapping[str, str]) -> float:
    """Run what the runbook tells a person to type, one command after another, each by ssh or curl; return the seconds."""
    port = facts["https_address"].rpartition(":")[2]
    host = f"https://{facts['host']}:{facts['https_port']}"
    curl = ["curl", "-s", "-o", "/dev/null", "--cacert", facts["ca_file"], "--connect-to", f"::127.0.0.1:{port}"]
    ssh = [
        "ssh", "-p", facts["ssh_port"], "-i", facts["ssh_key"], "-o", f"UserKnownHostsFile={facts['ssh_known_hosts']}",
        "-o", "BatchMode=yes", facts["ssh_url"].removeprefix("ssh://").rpartition(":")[0],
    ]  # fmt: skip
    sql = f"mariadb --defaults-extra-file={facts['verify_cnf']} {facts['database_name']} -e"
    redis = f"redis-cli -p {facts['redis_port']} -a {facts['redis_password']} --no-auth-warning"
    health = ["", "/database", "/redis", "/queue", "/calcom", "/retell"]
    commands: list[Sequence[str]] = [[*curl, f"{host}/api/health{path}"] for path in health]
    # ab -n 100 -c 10, without ab: ten curls of ten requests each, one connection after another as ab does without -k.
    commands.append([*curl, "--parallel", "--parallel-max", "10", *[f"{host}/api/health"] * 100])
    for server in (facts["web1_root"], facts["web2_root"]):
        log = f"{server}/shared/storage/logs/laravel.log"
        remote = (
            f"tail -n 5 {facts['deployments_log']}; ls {facts['marker']}",
            f"ls -la {facts['backups']}",
            f"tail -n 50 {facts['deployment_log']}",
            f"tail -n 50 {log}",
            f"supervisorctl -c {facts['supervisor_conf']} status",
            f"{sql} 'SHOW PROCESSLIST'",
            f"{redis} --latency -i 1",
            "free -h",
            f"grep ERROR {log} | tail -20",
            f"{sql} 'SELECT * FROM failed_jobs'",  # noqa: S608 - typed by a person
            f"readlink {server}/current; cat {server}/current/REVISION",
        )
        commands += [[*ssh, command] for command in remote]
    began = time.monotonic()
    for command in commands:
        subprocess.run(command, check=False, capture_output=True, timeout=120)
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
