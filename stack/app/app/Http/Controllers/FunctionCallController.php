<?php

namespace App\Http\Controllers;

use App\Models\Customer;
use App\Models\Service;
use App\Vendors\CalCom;
use App\Vendors\VendorError;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;

/** What Retell's agent asks in the middle of a call: always 200, since the agent must say something whatever happened. */
final class FunctionCallController
{
    public function __invoke(Request $request, CalCom $calcom): JsonResponse
    {
        if ($refusal = WebhookController::refusal($request)) {
            return $refusal;
        }
        $args = (array) $request->json('args');
        try {
            $data = match ($request->json('name')) {
                'current_time_berlin' => ['time' => now('Europe/Berlin')->toIso8601String()],
                'check_customer' => ['customer_exists' => Customer::where('phone', (string) ($args['phone'] ?? ''))->exists()],
                'check_availability' => $this->slots($calcom, (int) ($args['service_id'] ?? 0), (string) ($args['date'] ?? '')),
                default => null,
            };
        } catch (VendorError $e) {
            return $this->failure($e->getMessage());
        }

        return $data === null ? $this->failure('unknown function, or an argument is missing') : response()->json(['success' => true, 'data' => $data]);
    }

    /** @return ?array{slots: array<string, mixed>} */
    private function slots(CalCom $calcom, int $service, string $day): ?array
    {
        $eventType = Service::find($service)?->calcom_event_type_id;

        return $eventType && $day !== '' ? ['slots' => $calcom->slots($eventType, $day)] : null;
    }

    private function failure(string $error): JsonResponse
    {
        return response()->json(['success' => false, 'error' => $error]);
    }
}
