"""What only time tells: a gateway that fails, flaps or is slow for minutes, workers that leak, jobs that fail one after the other."""

from __future__ import annotations

from stack.faults.background import begin
from stack.faults.bench import BOOT, PHP, Bench
from stack.faults.code import change, change_workers
from stack.faults.fault import fault
from stack.faults.services import LIMIT_S
from stack.layout import SERVERS
from stack.waiting import wait_until

FAILS = "http_response_code(500); header('Content-Type: text/plain'); exit('failing');"
SLOW_US = 2_400_000
LEAK = "static $held = []; $held[] = random_bytes(1572864); "
EVERY_US = 400_000


@fault("gateway-failing", "every request to either server fails with 500")
def gateway_failing(bench: Bench) -> None:
    """Before the first line of the application: nothing is logged."""
    _first(bench, FAILS)


@fault("gateway-flapping", "in every third second all requests fail with 500; in the two between them all is well")
def gateway_flapping(bench: Bench) -> None:
    """Never three looks in a row, unless they come by the second."""
    _first(bench, f"if (time() % 3 === 0) {{ {FAILS} }}")


@fault("page-very-slow", "the gateway's front page takes 2.4 s; it answers well")
def page_very_slow(bench: Bench) -> None:
    """Nothing fails."""
    change(bench, "app/Http/Controllers/PageController.php", "return view('up');", f"usleep({SLOW_US}); return view('up');")


@fault("worker-leaking", "the queue workers hold more memory every second")
def worker_leaking(bench: Bench) -> None:
    """One and a half MiB each; at 128 MiB they end themselves and are started again, as in production."""
    beat = "$this->lastBeat = microtime(true);"
    change_workers(bench, "app/Support/Heartbeats.php", beat, beat + LEAK)


@fault("jobs-failing", "every half second another job fails for good")
def jobs_failing(bench: Bench) -> None:
    """Really queued, taken by a worker and thrown out of; `heal` forgets them."""
    job = "$job = (new App\\Jobs\\RunCanary(0))->onQueue('webhooks'); $job->tries = 1; "
    code = f"{BOOT}while (true) {{ {job}app(Illuminate\\Contracts\\Bus\\Dispatcher::class)->dispatch($job); usleep({EVERY_US}); }}"
    release = bench.path("web1/current").resolve()
    before = bench.sql("SELECT COUNT(*) FROM failed_jobs")
    begin(bench, "dispatcher", "/bin/sh", "-c", 'cd "$1" && exec "$2" -r "$3"', "sh", str(release), PHP, code)
    wait_until(lambda: int(bench.sql("SELECT COUNT(*) FROM failed_jobs")) > int(before), LIMIT_S, lambda: "no worker has taken a job")


def _first(bench: Bench, php: str) -> None:
    """Have every request to both servers begin with this."""
    file = bench.folder / "first.php"
    file.write_text(f"<?php {php}\n")
    file.chmod(0o644)
    for server in SERVERS:
        bench.fpm(server, f"php_admin_value[auto_prepend_file] = {file}")
