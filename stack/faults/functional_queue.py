"""Mail and queues: accepted is not done."""

from __future__ import annotations

import time

from stack.errors import StackError
from stack.faults.bench import Bench
from stack.faults.code import WORKERS, change, change_workers
from stack.faults.database import redis
from stack.faults.fault import fault
from stack.faults.notes import undoing
from stack.faults.queue import queue_without_consumer
from stack.faults.services import restart
from stack.layout import REDIS_PREFIX, SERVERS, Layout
from stack.supervisor import Supervisor

QUEUES = ("default", "webhooks", "emails")
MAIL = "app/Jobs/SendTestMail.php"
MAILED = "            $message->to($this->to)->subject($this->subject);\n        });"
OLD_S = 3600
RELEASE_LIMIT_S = 20.0


@fault("mail-three-times", "every mail is sent three times")
def mail_three_times(bench: Bench) -> None:
    """A loop around the wrong statement."""
    change_workers(bench, MAIL, "$mailer->raw(", "foreach ([1, 2, 3] as $_) $mailer->raw(")


@fault("mail-sent-again", "a mail is sent, its job is put back, and it is sent again")
def mail_sent_again(bench: Bench) -> None:
    """As when a job dies after sending and is tried once more."""
    # Whoever puts the job on its queue writes into it how often it may be tried.
    change(bench, MAIL, "public int $tries = 1;", "public int $tries = 3;")
    change_workers(bench, MAIL, MAILED, f"{MAILED}\n        $this->attempts() > 1 || $this->release(2);")


@fault("mail-job-dies", "a mail is sent and its worker dies: the job stays taken, to be sent again after its time")
def mail_job_dies(bench: Bench) -> None:
    """As by lack of memory."""
    bench.note("sql", statement="DELETE FROM failed_jobs WHERE payload LIKE '%SendTestMail%'")
    bench.note("release-jobs")
    change_workers(bench, MAIL, MAILED, f"{MAILED}\n        posix_kill(getmypid(), SIGKILL);")


@fault("mail-never-sent", "mails are accepted and never sent: the workers run with a developer's mailer")
def mail_never_sent(bench: Bench) -> None:
    """The job ends well."""
    for server, programs in WORKERS.items():
        for program in programs:
            bench.note("restart", program=program)
        bench.configuration(server, "mail.mailers.smtp.transport", "array", reload=False)
        for program in programs:
            restart(bench.layout, program)


@fault("workers-hanging", "the workers take jobs and never finish them")
def workers_hanging(bench: Bench) -> None:
    """They run, and wait for something that has no time limit."""
    bench.note("release-jobs")
    provider = "app/Providers/QueueServiceProvider.php"
    change_workers(
        bench, provider, "Event::listen(WorkerStopping::class,", "Queue::before(fn () => sleep(3600)); Event::listen(WorkerStopping::class,"
    )


@fault("job-waiting-long", "a job on the queue emails has waited for an hour, and nobody takes it")
def job_waiting_long(bench: Bench) -> None:
    """Put there the moment after its consumer went."""
    bench.note("sql", statement="DELETE FROM canaries WHERE queue = 'emails'")
    bench.note("release-jobs")
    queue_without_consumer(bench)
    bench.tell(
        SERVERS[0],
        f'Illuminate\\Support\\Facades\\Queue::createPayloadUsing(fn () => ["createdAt" => time() - {OLD_S}]);'
        '$canary = App\\Models\\Canary::create(["queue" => "emails", "status" => "pending"]);'
        'App\\Jobs\\RunCanary::dispatch($canary->id)->onQueue("emails");',
    )


@undoing("release-jobs")
def release_jobs(layout: Layout) -> None:
    """Give back the jobs that dead workers have taken, which would come back by themselves after 90 s, and wait until all are done.

    Raises:
        StackError: they are not done in time.
    """
    if not Supervisor(layout).alive():
        return
    for queue in QUEUES:
        key = f"{REDIS_PREFIX}queues:{queue}:reserved"
        for job in [line for line in redis(layout, "--raw", "zrange", key, "0", "-1").splitlines() if line]:
            redis(layout, "zadd", key, "0", job)
    deadline = time.monotonic() + RELEASE_LIMIT_S
    while left := [queue for queue in QUEUES if _length(layout, queue)]:
        if time.monotonic() > deadline:
            raise StackError(f"the queues {', '.join(left)} still hold jobs {RELEASE_LIMIT_S:g} s after the workers were mended")
        time.sleep(0.1)


def _length(layout: Layout, queue: str) -> int:
    key = f"{REDIS_PREFIX}queues:{queue}"
    return int(redis(layout, "llen", key)) + int(redis(layout, "zcard", f"{key}:reserved"))
