<?php

namespace App\Http\Controllers;

use App\Jobs\CancelBooking;
use App\Jobs\SyncAppointment;
use App\Models\Appointment;
use App\Models\Service;
use App\Support\Enqueue;
use Illuminate\Database\QueryException;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;
use Illuminate\Support\Carbon;
use Illuminate\Validation\Rule;

/** A tenant's own appointments; those of another tenant do not exist here. */
final class AppointmentController
{
    public function index(Request $request): JsonResponse
    {
        $newest = Appointment::where('tenant_id', $request->user()->tenant_id)->latest('id')->limit(100)->get();

        return response()->json(['data' => $newest->map->answer()]);
    }

    public function show(Request $request, int $id): JsonResponse
    {
        return response()->json(['data' => $this->own($request, $id)->answer()]);
    }

    public function store(Request $request): JsonResponse
    {
        $tenant = $request->user()->tenant_id;
        $key = $request->header('Idempotency-Key');
        $given = validator($request->all() + ['idempotency_key' => $key], [
            'customer_id' => ['required', 'integer', Rule::exists('customers', 'id')->where('tenant_id', $tenant)],
            'service_id' => ['required', 'integer', Rule::exists('services', 'id')->where('tenant_id', $tenant)],
            // An instant needs its zone: the business speaks Europe/Berlin, the database UTC.
            'starts_at' => ['required', 'date', 'regex:/T.*(Z|[+-]\d\d:?\d\d)$/'],
            'note' => 'nullable|string|max:500',
            'idempotency_key' => 'nullable|string|max:100',
        ])->validate();

        if ($key && $made = $this->madeWith($tenant, $key)) {
            return $this->answer($made, 200);
        }
        $start = Carbon::parse($given['starts_at'])->setTimezone(config('app.timezone'));
        try {
            $appointment = Appointment::create([
                'tenant_id' => $tenant,
                'status' => 'booked',
                'sync_status' => 'pending',
                'starts_at' => $start,
                'ends_at' => $start->copy()->addMinutes(Service::find($given['service_id'])->duration_minutes),
            ] + $given);
        } catch (QueryException $e) {
            // Two submits at once: the unique key lets one through, the other answers with what that one made.
            return $key && $this->madeWith($tenant, $key) ? $this->answer($this->madeWith($tenant, $key), 200) : throw $e;
        }
        Enqueue::orLeave(new SyncAppointment($appointment->id));

        return $this->answer($appointment, 201);
    }

    public function destroy(Request $request, int $id): JsonResponse
    {
        $appointment = $this->own($request, $id);
        if ($appointment->status !== 'cancelled') {
            $appointment->update(['status' => 'cancelled', 'sync_status' => 'pending']);
            Enqueue::orLeave(new CancelBooking($appointment->id));
        }

        return response()->json(['message' => 'Appointment cancelled.']);
    }

    private function own(Request $request, int $id): Appointment
    {
        return Appointment::where('tenant_id', $request->user()->tenant_id)->findOrFail($id);
    }

    private function madeWith(int $tenant, string $key): ?Appointment
    {
        return Appointment::where('tenant_id', $tenant)->firstWhere('idempotency_key', $key);
    }

    private function answer(Appointment $appointment, int $status): JsonResponse
    {
        $message = $status === 201 ? 'Appointment created.' : 'Appointment already created with this key.';

        return response()->json(['message' => $message, 'data' => $appointment->refresh()->answer()], $status);
    }
}
