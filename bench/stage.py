"""`pytest -m postdeploy` over a slow link: against its slowest check, the runbook's own commands, and with twenty servers.

    apt-get install apache2-utils      # for ab, which the runbook calls
    python -m bench.stage [--round-trip-ms 50] [--runs 3]

All go, interleaved and in one run, through the same delaying proxies to the local gateway, which must be up and deployed a while ago (a
stage right after a deployment waits for the customers that it judges).

The runbook's commands are those behind the lines that the stage verifies, as far as they only look: "Monitor Progress", "Post-Deployment
Verification", its two scripts, and what the troubleshooting section looks at first. What runs for ever (`tail -f`) takes one look; what
this gateway does not have (`horizon:status`, `queue:size`) is what shows the same there.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from bench.delay import delayed
from bench.runs import ROOT, SLACK_S, Ran, run_stage, slowest_alone
from deploycheck.baseline import FILE
from deploycheck.evidence.run import REPORTS
from stack.layout import SERVERS, Layout

STAGE = "postdeploy"
TIMES = 10
# What leads from the person's desk to the gateway, its servers and its vendors.
PORTS = ("https", "http", "web1", "web2", "ssh", "vendors", "prometheus", "alertmanager", "submission", "imap")


def main() -> int:
    """Measure, and print one line per figure; the exit code is 1 when the stage takes longer than it may."""
    parser = argparse.ArgumentParser(prog="python -m bench.stage", description=__doc__)
    parser.add_argument("--round-trip-ms", type=float, default=50.0)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    layout = Layout.named()
    # Secrets, as a profile finds them that does not say `local_stack`. STACK_NAME and STACK_STATE would name another stack.
    os.environ |= {f"STACK_{name.upper()}": value for name, value in layout.facts().items() if name not in ("name", "state")}
    suite: list[Ran] = []
    twenty: list[Ran] = []
    by_hand: list[float] = []
    by_person: list[float] = []
    gateway_s: list[float] = []
    with delayed([layout.port(name) for name in PORTS], options.round_trip_ms / 1000) as ports, tempfile.TemporaryDirectory() as kept:
        folder, facts = Path(kept), _far(layout, ports, Path(kept))
        two, many = (_profile(facts, folder, times) for times in (1, TIMES))
        with _logs_of_twenty(layout):
            for _ in range(options.runs):
                suite.append(_run(two, folder, 1))
                by_hand.append(_by_hand(facts, logged_in=False))
                by_person.append(_by_hand(facts, logged_in=True))
                began_s = _gateway_s(layout)
                twenty.append(_run(many, folder, TIMES))
                gateway_s.append(_gateway_s(layout) - began_s)
        slowest_s, slowest = slowest_alone(STAGE, two, folder, str(folder / "release.toml"))
    person_s = statistics.median(by_person)
    fine = _told(options.round_trip_ms, suite, twenty, by_hand, slowest_s, slowest)
    suite_s, target_s = statistics.median(run.cpu_s for run in twenty), statistics.median(gateway_s)
    print(
        f"  of which CPU {suite_s:.1f} s here and {target_s:.1f} s in the gateway, which is all twenty, on the same {os.cpu_count()} cores"
    )
    print(f"the runbook's commands by somebody who is logged in to each server: {person_s:.2f} s")
    return 0 if fine else 1


def _told(
    round_trip_ms: float, suite: Sequence[Ran], twenty: Sequence[Ran], by_hand: Sequence[float], slowest_s: float, slowest: str
) -> bool:
    wall, many, hand = (statistics.median(times) for times in ([run.wall_s for run in suite], [run.wall_s for run in twenty], by_hand))
    cpu = statistics.median(run.cpu_s for run in suite)
    fine = (wall <= slowest_s + SLACK_S, hand >= 5 * wall, many <= 2 * wall)
    words = ["" if good else "  BEYOND ITS LIMIT" for good in fine]
    print(f"round trip {round_trip_ms:.0f} ms, medians of {len(suite)} interleaved runs")
    print(f"the stage on 2 servers      {wall:6.2f} s of {slowest_s + SLACK_S:.2f}, CPU {cpu:.2f} s{words[0]}; {_ends(suite[-1])}")
    print(f"its slowest check alone     {slowest_s:6.2f} s: {slowest}")
    print(f"the runbook's commands      {hand:6.2f} s one after another: {hand / wall:.1f} times as long{words[1]}")
    print(f"the stage on {2 * TIMES} servers     {many:6.2f} s: {many / wall:.2f} times as long as on 2{words[2]}; {_ends(twenty[-1])}")
    return all(fine)


def _ends(run: Ran) -> str:
    return ", ".join(f"{number} {outcome}" for outcome, number in Counter(run.outcomes.values()).most_common())


def _run(profile: Path, folder: Path, times: int) -> Ran:
    """Run the stage, with the baseline of the last deployment."""
    environment = Layout.named().facts()["environment"]
    baseline = json.loads((REPORTS / environment / FILE).read_text(encoding="utf-8"))
    baseline["servers"] = {name: baseline["servers"][name.partition("-")[0]] for name in _names(times)}
    path = folder / "reports" / environment / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(baseline), encoding="utf-8")
    return run_stage(STAGE, profile, folder, f"--release={folder / 'release.toml'}")


@contextlib.contextmanager
def _logs_of_twenty(layout: Layout) -> Iterator[None]:
    """Let the servers that are others' second names have logs: links to these."""
    forms = ("nginx/{}-error.log", "php-fpm-{}.log")
    links = {
        layout.path("log") / form.format(name): form.format(name[:4]) for name in _names(TIMES) for form in forms if name not in SERVERS
    }
    try:
        for link, log in links.items():
            link.unlink(missing_ok=True)  # of a run that was killed
            link.symlink_to(layout.path("log") / log)
        yield
    finally:
        for link in links:
            link.unlink(missing_ok=True)


def _gateway_s(layout: Layout) -> float:
    """Return the CPU time of the gateway's processes, and of those they have waited for, so far."""
    found = 0.0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if str(layout.state) in " ".join(process.cmdline()) or process.name().startswith(("nginx", "php-fpm", "sshd")):
                times = process.cpu_times()
                found += times.user + times.system + times.children_user + times.children_system
    return found


def _names(times: int) -> list[str]:
    return [server if n == 1 else f"{server}-{n}" for n in range(1, times + 1) for server in SERVERS]


def _far(layout: Layout, ports: Mapping[int, int], folder: Path) -> dict[str, str]:
    """Return the stack's facts as seen from the other end of the slow link."""
    shown = {layout.port(name): name for name in PORTS}
    facts = {name: _moved(value, shown, ports) for name, value in layout.facts().items()}
    near = layout.port("ssh")
    known = Path(facts["ssh_known_hosts"]).read_text(encoding="utf-8").replace(f":{near}", f":{ports[near]}")
    (folder / "known_hosts").write_text(known, encoding="utf-8")
    # The public URL keeps its port, as behind a balancer; only the address behind it is another.
    return facts | {"ssh_known_hosts": str(folder / "known_hosts"), "https_port": layout.facts()["https_port"]}


def _moved(value: str, shown: Mapping[int, str], ports: Mapping[int, int]) -> str:
    return re.sub(r"(?<=127\.0\.0\.1:)\d+|^\d+$", lambda port: str(ports[int(port[0])]) if int(port[0]) in shown else port[0], value)


def _profile(facts: Mapping[str, str], folder: Path, times: int) -> Path:
    """Write the local profile with `facts`, its two servers entered `times` times, and its release; return the profile's path."""
    text = (ROOT / "environments" / "local.toml").read_text(encoding="utf-8").replace("local_stack = true\n", "")
    servers = dict(re.findall(r"^\[servers\.(web\d)\]\n((?:.+\n)+)", text, re.MULTILINE))
    further = [f'[servers.{name}]\nlabel = "{name[:4]}"\n{servers[name[:4]]}\n' for name in _names(times) if name not in servers]
    text = text.replace("[ssh]\n", "".join(further) + "[ssh]\n", 1)
    text = re.sub(r"\$\{stack\.(\w+)\}", lambda name: facts[name[1]], text)
    path = folder / f"servers-{times * len(SERVERS)}.toml"
    path.write_text(text, encoding="utf-8")
    asked = json.loads(Path(facts["intended"]).read_text(encoding="utf-8"))
    tables = json.loads((ROOT / "stack" / "app" / "releases.json").read_text(encoding="utf-8"))[asked["version"]]["tables"]
    lines = [f'version = "{asked["version"]}"', f'commit = "{asked["commit"]}"', "[tables]"]
    lines += [f"{table} = {json.dumps(columns)}" for table, columns in tables.items()]
    (folder / "release.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _by_hand(facts: Mapping[str, str], *, logged_in: bool) -> float:
    """Run what the runbook tells a person to type, one after another, on this side and on each of the two servers; return the seconds.

    Args:
        logged_in: with one login per server, as a person has; else with one per command, as a script has.
    """
    ssh, began = _ssh(facts), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for command in _typed_here(facts):
            _typed(command)
        for server in (facts["web1_root"], facts["web2_root"]):
            shared = [f"-oControlPath={folder}/{Path(server).name}"] if logged_in else []
            if logged_in:
                _typed([*ssh[:1], *shared, "-fNM", "-oControlPersist=60", *ssh[1:]])
            for command in _typed_there(facts, server):
                _typed([*ssh[:1], *shared, *ssh[1:], command])
            if logged_in:
                _typed([*ssh[:1], *shared, "-O", "exit", *ssh[1:]])
    return time.monotonic() - began


def _typed(command: Sequence[str]) -> None:
    """Run a command however it ends, if only it reaches whom it is for."""
    ended = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
    if ended.returncode == 255 or (ended.returncode and command[0] != "ssh"):
        sys.exit(f"{' '.join(command)} ended with {ended.returncode}; expected it to reach its end")


def _typed_here(facts: Mapping[str, str]) -> list[Sequence[str]]:
    """Return post-deploy-health.sh, the manual checks, the response time check and check-performance.sh."""
    address, host = facts["https_address"], f"https://{facts['host']}:{facts['https_port']}"
    curl = ["curl", "-s", "-o", "/dev/null", "--cacert", facts["ca_file"], "--connect-to", f"::127.0.0.1:{address.rpartition(':')[2]}"]
    health = ["", "/database", "/redis", "/queue", "/calcom", "/retell"]
    load = ["ab", "-q", "-n", "100", "-c", "10", "-H", f"Host: {facts['host']}", f"https://{address}/api/health"]
    return [*([*curl, f"{host}/api/health{path}"] for path in [*health, *health[:4]]), load, [*curl, f"{host}/api/health"]]


def _typed_there(facts: Mapping[str, str], server: str) -> list[str]:
    sql = f"mariadb --defaults-extra-file={facts['verify_cnf']} {facts['database_name']} -e"
    redis = f"redis-cli -p {facts['redis_port']} -a {facts['redis_password']} --no-auth-warning"
    artisan, log = f"php {server}/current/artisan", f"{server}/shared/storage/logs/laravel.log"
    monitor = [f"tail -n 50 {facts['deployment_log']}", f"tail -n 50 {log}", f"supervisorctl -c {facts['supervisor_conf']} status"]
    performance = [f"{sql} 'SHOW PROCESSLIST'", f"{redis} --latency -i 1", "free -h"]
    errors = [f"grep ERROR {log} | tail -20", f"{artisan} queue:failed"]
    slow = "SELECT COUNT(*) FROM mysql.slow_log WHERE start_time > NOW() - INTERVAL 10 MINUTE"
    script = [f"{sql} '{slow}'", f"{redis} llen queues:default"]
    troubles = [
        f"{sql} 'SHOW PROCESSLIST' | grep migration",
        "journalctl -u php8.2-fpm -n 50", f"tail -100 {facts['nginx_error_log']}", f"ls -la {server}/current/storage/",
        "nginx -t", "php-fpm8.2 -t",
        f"tail -n 50 {log} | grep ERROR", f"git -C {server}/current log --oneline -10",
    ]  # fmt: skip
    return [*monitor, *performance, *errors, *script, *troubles]


def _ssh(facts: Mapping[str, str]) -> list[str]:
    return [
        "ssh", "-p", facts["ssh_port"], "-i", facts["ssh_key"], "-o", f"UserKnownHostsFile={facts['ssh_known_hosts']}",
        # The profile's key exchange, so that both sides pay the same for a login.
        "-o", "BatchMode=yes", "-o", "KexAlgorithms=curve25519-sha256", facts["ssh_url"].removeprefix("ssh://").rpartition(":")[0],
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
