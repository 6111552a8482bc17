"""What a user goes through, and what only a user sees: rows of the table. Each of these gateways answers 200 on every health endpoint."""

from __future__ import annotations

from selftests.detection.red import Red, error, failed, perhaps

DATA = "missing data"
CALCOM = ("/api/calcom/webhook", "/api/webhooks/calcom")
EVERY = (*CALCOM, "/api/retell/webhook")
LATE = "no mail was handed over within 10 s"


def no_session(says: str) -> tuple[Red, ...]:
    """Return that nobody gets in, so that nothing can be tried that needs it."""
    return (
        failed("functional.login: right login", says),
        error("functional.login: logout", "gave no token to log out with"),
        error("functional.appointment: *", says.rpartition(" was ")[2]),
        error("functional.email: exactly once", says.rpartition(" was ")[2]),
        error("functional.queue: canary on *", says.rpartition(" was ")[2]),
        error("integration.email: *", says.rpartition(" was ")[2]),
    )


def none_made(once: str) -> tuple[Red, ...]:
    """Return that no appointment was made, so that nothing more can be said of one."""
    return (
        failed("functional.appointment: created once", once),
        error("functional.appointment: in the database", "no appointment was made"),
        error("functional.appointment: synchronised", "no appointment was made"),
        error("functional.appointment: other tenant", "no appointment was made"),
        error("functional.appointment: cancelled", "no appointment was made"),
    )


def at(paths: tuple[str, ...], part: str, says: str) -> tuple[Red, ...]:
    """Return that one part of the way of a webhook fails at these paths."""
    return tuple(failed(f"functional.webhook: {path}: {part}", says) for path in paths)


def unheard(says: str, status: int) -> tuple[Red, ...]:
    """Return that no genuine event of Cal.com is accepted."""
    again = f"answered {status} to the event itself"
    return (
        *at(CALCOM, "signed", says),
        *(error(f"functional.webhook: {path}: replayed", again) for path in CALCOM),
        Red("integration.calcom: booking announced", "inconclusive", "no event of booking", DATA),
        Red("integration.calcom: booking recorded", "inconclusive", "no event of booking", DATA),
        Red("integration.calcom: booking withdrawn", "inconclusive", "was never recorded here", DATA),
    )


def idle(state: str) -> tuple[Red, ...]:
    """Return that webhooks are accepted and not worked on."""
    return (*at(EVERY, "signed", f"is {state} after"), *at(EVERY, "closed again", "still stands"), *_unrecorded(state))


def _unrecorded(state: str) -> tuple[Red, ...]:
    return (
        failed("integration.calcom: booking recorded", f"BOOKING_CREATED is {state} after"),
        Red("integration.calcom: booking withdrawn", "inconclusive", "was never recorded here", DATA),
        failed("integration.retell: call recorded", f"call_ended is {state} after"),
    )


NO_MAIL = (failed("functional.email: exactly once", LATE), failed("integration.email: arrives", "no mail arrived within 10 s"))
NO_EMAILS_QUEUE = (*NO_MAIL, failed("functional.queue: canary on emails", "the canary on queue emails is pending after"))
NO_WORKERS = (
    failed("functional.appointment: synchronised", "it was not synchronised within 10 s (pending after"),
    *idle("pending"),
    *NO_MAIL,
    failed("functional.queue: canary on *", "is pending after"),
)

LOGIN: dict[str, tuple[Red, ...]] = {
    "login-refused": no_session("the right credential was answered 422"),
    "login-without-token": no_session("the right credential was answered 200 without a token"),
    "login-any-password": (failed("functional.login: wrong login", "a wrong password was answered with a token"),),
    "logout-without-effect": (failed("functional.login: logout", "answered 200 to the token after logging out"),),
    "login-script-missing": (
        failed("functional.login: page by web2", "app.13eb5c8a.js answered 404"),
        *perhaps(failed("functional.login: page by balancer", "app.13eb5c8a.js answered 404")),
    ),
    "login-style-html": (failed("functional.login: page by *", "app.ad930226.css is text/html"),),
}

APPOINTMENT: dict[str, tuple[Red, ...]] = {
    "appointment-unsynced": (failed("functional.appointment: synchronised", "not synchronised within 10 s (pending after"),),
    "appointment-twice": (
        failed("functional.appointment: created once", "the second submit was answered 201"),
        failed("functional.appointment: in the database", "the database has 2 rows of it"),
    ),
    "tenant-leak": (failed("functional.appointment: other tenant", "another tenant's account was answered 200"),),
    "appointment-success-false": (
        failed("functional.appointment: created and read back", "answered 201 with success false (No such slot.)"),
        *none_made("the second submit was answered 201"),
    ),
    "appointment-shifted": (
        failed("functional.appointment: created and read back", "has starts_at"),
        failed("functional.appointment: in the database", "its row starts at"),
    ),
    "appointment-not-cancelled": (failed("functional.appointment: cancelled", "reads booked after it was cancelled"),),
    "appointments-post-500": (
        failed("functional.appointment: created and read back", "creating was answered 500"),
        *none_made("neither submit was answered 201, but 500 and 500"),
    ),
}

WEBHOOK: dict[str, tuple[Red, ...]] = {
    "webhooks-refused": unheard("BOOKING_CREATED was answered 401", 401),
    "webhook-names-refused": unheard("BOOKING_CREATED was answered 302 and leads to https://", 302),
    "webhooks-unchecked": (
        *at(CALCOM, "wrongly signed", "left 1 event rows and 1 effects"),
        *at(CALCOM, "unsigned", "left 1 event rows and 1 effects"),
        *at(CALCOM, "signed without a secret", "left 1 event rows and 1 effects"),
    ),
    "webhooks-unsigned": at(("/api/retell/webhook",), "unsigned", "an event that is unsigned was answered 202"),
    "webhook-replayed": at(EVERY, "replayed", "sent twice has 2 rows (completed or completed)"),
    "webhook-stuck": idle("processing"),
    "webhook-without-effect": (
        *at(CALCOM, "signed", "BOOKING_CREATED is completed with no effect"),
        failed("integration.calcom: booking recorded", "the gateway has no row for booking"),
        Red("integration.calcom: booking withdrawn", "inconclusive", "was never recorded here", DATA),
    ),
}

QUEUE: dict[str, tuple[Red, ...]] = {
    "mail-three-times": (failed("functional.email: exactly once", "3 copies came"),),
    "mail-sent-again": (failed("functional.email: exactly once", "2 copies came"),),
    "mail-job-dies": (failed("functional.email: exactly once", "1 jobs of it are still on the queue"),),
    "mail-never-sent": NO_MAIL,
    "workers-hanging": NO_WORKERS,
    "job-waiting-long": (
        *NO_EMAILS_QUEUE,
        # How many: those of this run and of the one before, which nobody takes either, lie there too.
        failed("functional.queue: waiting on emails", "jobs wait on queue emails, App\\Jobs\\RunCanary for 3,6"),
    ),
}

# Faults of other areas, as a user meets them.
ELSEWHERE: dict[str, tuple[Red, ...]] = {
    "workers-wrong-connection": NO_WORKERS,
    "queue-without-consumer": NO_EMAILS_QUEUE,
}

ROWS = LOGIN | APPOINTMENT | WEBHOOK | QUEUE | ELSEWHERE
