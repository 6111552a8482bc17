<?php

namespace App\Vendors;

use App\Models\Appointment;

/** Cal.com API v2. Each group of calls wants its own cal-api-version; without it an old shape comes back. */
final class CalCom
{
    private Http $http;

    public function __construct()
    {
        $this->http = new Http('Cal.com', (string) config('gateway.calcom.base_url'), (string) config('gateway.calcom.api_key'));
    }

    public function account(): string
    {
        $answer = $this->http->json('GET', '/me', timeoutS: 1.5);

        return (string) ($answer['data']['id'] ?? throw new VendorError('Cal.com: GET /me answered without data.id', 200));
    }

    /** @return array{id: int, uid: string} */
    public function book(Appointment $appointment): array
    {
        $answer = $this->http->json('POST', '/bookings', ['cal-api-version: 2024-08-13'], [
            'eventTypeId' => $appointment->service->calcom_event_type_id,
            'start' => $appointment->starts_at->utc()->format('Y-m-d\TH:i:s\Z'),
            'attendee' => [
                'name' => $appointment->customer->name,
                'email' => $appointment->customer->email,
                'timeZone' => 'Europe/Berlin',
            ],
            'metadata' => ['appointment_id' => (string) $appointment->id],
        ]);
        if (! isset($answer['data']['id'], $answer['data']['uid'])) {
            throw new VendorError('Cal.com: POST /bookings answered without data.id and data.uid', 200);
        }

        return ['id' => $answer['data']['id'], 'uid' => $answer['data']['uid']];
    }

    public function cancel(string $uid): void
    {
        $this->http->json('POST', "/bookings/$uid/cancel", ['cal-api-version: 2024-08-13'], ['cancellationReason' => 'cancelled by the customer']);
    }

    /** @return array<string, list<array{start: string}>> free slots by day */
    public function slots(int $eventType, string $day): array
    {
        $query = http_build_query(['eventTypeId' => $eventType, 'start' => $day, 'end' => $day, 'timeZone' => 'Europe/Berlin']);

        return $this->http->json('GET', "/slots?$query", ['cal-api-version: 2024-09-04'], timeoutS: 5.0)['data'] ?? [];
    }
}
