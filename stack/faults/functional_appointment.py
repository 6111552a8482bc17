"""Appointments that are not what was asked for, although every answer is 2xx."""

from __future__ import annotations

from stack.faults.bench import Bench
from stack.faults.code import change, change_workers
from stack.faults.fault import fault
from stack.layout import SERVERS

CONTROLLER = "app/Http/Controllers/AppointmentController.php"
KEY = "$key = $request->header('Idempotency-Key');"


@fault("appointment-unsynced", "an appointment is created and never synchronised with Cal.com")
def appointment_unsynced(bench: Bench) -> None:
    """Its job ends at once, and well."""
    change_workers(bench, "app/Jobs/SyncAppointment.php", "if ($appointment->calcom_uid ||", "if (true || $appointment->calcom_uid ||")


@fault("appointment-twice", "an appointment is created twice, although both submits carry one idempotency key")
def appointment_twice(bench: Bench) -> None:
    """A proxy's or browser's second try books again."""
    change(bench, CONTROLLER, KEY, "$key = null;")


@fault("tenant-leak", "another tenant's account sees our appointments")
def tenant_leak(bench: Bench) -> None:
    """One forgotten scope."""
    change(bench, CONTROLLER, "where('tenant_id', $request->user()->tenant_id)->findOrFail($id)", "findOrFail($id)")


@fault("appointment-success-false", "creating an appointment answers 201 with success false, and makes none")
def appointment_success_false(bench: Bench) -> None:
    """Whoever looks at the status alone is content."""
    refusal = "return response()->json(['success' => false, 'error' => 'No such slot.'], 201);"
    change(bench, CONTROLLER, KEY, f"{refusal} {KEY}")


@fault("appointment-shifted", "an appointment is stored an hour or two off: the zone of its time is dropped")
def appointment_shifted(bench: Bench) -> None:
    """Berlin's ten o'clock becomes ten o'clock UTC."""
    change(bench, CONTROLLER, "->setTimezone(config('app.timezone'));", "->shiftTimezone(config('app.timezone'));")


@fault("appointment-not-cancelled", "cancelling an appointment answers 200 and changes nothing")
def appointment_not_cancelled(bench: Bench) -> None:
    """The slot stays taken."""
    change(bench, CONTROLLER, "if ($appointment->status !== 'cancelled') {", "if ($appointment->status === 'cancelled') {")


@fault("appointments-post-500", "POST /api/appointments answers 500; GET is fine")
def appointments_post_500(bench: Bench) -> None:
    """A rule of the web server that is for that method only."""
    rule = "if ($request_method = POST) { return 500; }"
    for server in SERVERS:
        bench.nginx(server, f"location = /api/appointments {{ {rule} try_files $uri /index.php$is_args$args; }}")
