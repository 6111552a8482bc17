"""Webhooks: refused though genuine, accepted though forged, accepted and left lying."""

from __future__ import annotations

from stack.faults.bench import Bench
from stack.faults.code import change, change_workers
from stack.faults.fault import fault
from stack.layout import SERVERS

CONTROLLER = "app/Http/Controllers/WebhookController.php"
JOB = "app/Jobs/ProcessWebhook.php"
UNDER_WAY = "$event->update(['status' => 'processing']);"


@fault("webhooks-refused", "every genuine webhook of Cal.com is refused: the secret differs from Cal.com's")
def webhooks_refused(bench: Bench) -> None:
    """Rotated on one side only."""
    for server in SERVERS:
        bench.configuration(server, "gateway.calcom.webhook_secret", "rotated-on-one-side")


@fault("webhooks-unchecked", "every webhook of Cal.com is accepted, whatever its signature")
def webhooks_unchecked(bench: Bench) -> None:
    """Anybody can book and cancel."""
    compared = "! hash_equals($expected, (string) $request->header('X-Cal-Signature-256'))"
    change(bench, CONTROLLER, f"$secret === '' || {compared}", "$secret === ''")


@fault("webhooks-unsigned", "a webhook of Retell.ai without any signature is accepted")
def webhooks_unsigned(bench: Bench) -> None:
    """Only a wrong one is refused."""
    change(bench, CONTROLLER, "if ($signature === '') {\n            return response()->json(['error' => 'Missing signature'], 401);",
           "if ($signature === '') {\n            return null;")  # fmt: skip


@fault("webhook-replayed", "a webhook that is sent again is taken for a new one")
def webhook_replayed(bench: Bench) -> None:
    """The key that should tell is another one every time."""
    change(bench, CONTROLLER, "hash('sha256', json_encode([$provider, ...$identity]))", "bin2hex(random_bytes(32))")


@fault("webhook-stuck", "webhooks are accepted and stay in processing for ever")
def webhook_stuck(bench: Bench) -> None:
    """The worker takes the job, which ends before its work is done."""
    bench.note("sql", statement="UPDATE webhook_events SET status = 'failed' WHERE status = 'processing'")
    change_workers(bench, JOB, UNDER_WAY, f"{UNDER_WAY} return;")


@fault("webhook-without-effect", "webhooks are accepted and completed, and nothing comes of them")
def webhook_without_effect(bench: Bench) -> None:
    """The events' names are spelt in another way."""
    change_workers(bench, JOB, "'calcom BOOKING_CREATED' =>", "'calcom BOOKING.CREATED' =>")


@fault("webhook-names-refused", "the gateway wants Cal.com's event names dotted and answers its own with a redirect")
def webhook_names_refused(bench: Bench) -> None:
    """A client that follows it sees 200."""
    checked = "'triggerEvent' => 'required|string|max:60',"
    refusal = "if (! str_contains((string) $request->json('triggerEvent'), '.')) { return response('', 302, ['Location' => '/login']); }"
    change(bench, CONTROLLER, "$event = validator($request->json()->all(), [\n            " + checked,
           f"{refusal}\n        $event = validator($request->json()->all(), [\n            {checked}")  # fmt: skip
