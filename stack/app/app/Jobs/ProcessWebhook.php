<?php

namespace App\Jobs;

use App\Models\Appointment;
use App\Models\Call;
use App\Models\Customer;
use App\Models\Service;
use App\Models\WebhookEvent;
use Illuminate\Support\Carbon;
use Throwable;

/** Brings about what an accepted event says, and its webhook_events row to "completed" or, in the end, "failed". */
final class ProcessWebhook extends Job
{
    public function __construct(public int $event)
    {
        $this->onQueue('webhooks');
    }

    public function handle(): void
    {
        $event = WebhookEvent::findOrFail($this->event);
        $event->update(['status' => 'processing']);
        match ($event->provider.' '.$event->event_type) {
            'calcom BOOKING_CREATED' => $this->booked($event->payload['payload']),
            'calcom BOOKING_RESCHEDULED' => $this->rescheduled($event->payload['payload']),
            'calcom BOOKING_CANCELLED' => $this->booking($event->payload['payload'])->update(['status' => 'cancelled']),
            'retell call_started', 'retell call_ended', 'retell call_analyzed' => $this->called($event->event_type, $event->payload['call']),
            // Other events are recorded, and have no effect here.
            default => null,
        };
        $event->update(['status' => 'completed', 'processed_at' => now(), 'error_message' => null]);
    }

    public function failed(Throwable $e): void
    {
        WebhookEvent::whereKey($this->event)->update(['status' => 'failed', 'processed_at' => now(), 'error_message' => $e->getMessage()]);
    }

    /** @param  array<string, mixed>  $payload */
    private function booked(array $payload): void
    {
        $service = Service::where('calcom_event_type_id', $payload['eventTypeId'])->firstOrFail();
        $booking = [
            'calcom_uid' => $payload['uid'],
            'calcom_v2_booking_id' => $payload['bookingId'] ?? null,
            'sync_status' => 'synced',
        ];
        // Cal.com also tells of what we booked there ourselves, perhaps before our own job has stored the answer.
        $own = Appointment::where('tenant_id', $service->tenant_id)->find($payload['metadata']['appointment_id'] ?? 0);
        if ($own) {
            $own->update($booking);

            return;
        }
        $attendee = $payload['attendees'][0];
        $customer = Customer::firstOrCreate(
            ['tenant_id' => $service->tenant_id, 'email' => $attendee['email']],
            ['name' => $attendee['name'] ?? $attendee['email']],
        );
        Appointment::updateOrCreate(['calcom_uid' => $payload['uid']], $booking + $this->times($payload) + [
            'tenant_id' => $service->tenant_id,
            'customer_id' => $customer->id,
            'service_id' => $service->id,
            'status' => 'booked',
        ]);
    }

    /** @param  array<string, mixed>  $payload */
    private function rescheduled(array $payload): void
    {
        $this->booking(['uid' => $payload['rescheduleUid'] ?? $payload['uid']] + $payload)
            ->update($this->times($payload) + ['calcom_uid' => $payload['uid']]);
    }

    /** @param  array<string, mixed>  $payload */
    private function booking(array $payload): Appointment
    {
        return Appointment::where('calcom_uid', $payload['uid'])->firstOrFail();
    }

    /**
     * @param  array<string, mixed>  $payload
     * @return array{starts_at: Carbon, ends_at: Carbon}
     */
    private function times(array $payload): array
    {
        $zone = config('app.timezone');

        return [
            'starts_at' => Carbon::parse($payload['startTime'])->setTimezone($zone),
            'ends_at' => Carbon::parse($payload['endTime'])->setTimezone($zone),
        ];
    }

    /**
     * Retell does not promise an order: a call whose end came before its start stays ended.
     *
     * @param  array<string, mixed>  $given
     */
    private function called(string $event, array $given): void
    {
        $call = Call::firstOrNew(['retell_call_id' => $given['call_id']], ['status' => 'ongoing']);
        $call->fill(array_filter([
            'agent_id' => $given['agent_id'] ?? null,
            'started_at' => isset($given['start_timestamp']) ? Carbon::createFromTimestampMs($given['start_timestamp']) : null,
            'ended_at' => isset($given['end_timestamp']) ? Carbon::createFromTimestampMs($given['end_timestamp']) : null,
            'analysis' => $given['call_analysis'] ?? null,
            'status' => $event === 'call_started' ? null : 'ended',
        ]))->save();
    }
}
