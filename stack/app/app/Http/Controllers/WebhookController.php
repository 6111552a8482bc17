<?php

namespace App\Http\Controllers;

use App\Jobs\ProcessWebhook;
use App\Models\WebhookEvent;
use App\Support\Enqueue;
use App\Vendors\Retell;
use Illuminate\Database\QueryException;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;
use Illuminate\Http\Response;

/** Accepts signed events, each once; ProcessWebhook brings their effect about. */
final class WebhookController
{
    private const UNIQUE_VIOLATION = '23000';

    public function ping(): JsonResponse
    {
        return response()->json(['ping' => 'ok']);
    }

    public function calcom(Request $request): JsonResponse|Response
    {
        $secret = (string) config('gateway.calcom.webhook_secret');
        $expected = hash_hmac('sha256', $request->getContent(), $secret);
        if ($secret === '' || ! hash_equals($expected, (string) $request->header('X-Cal-Signature-256'))) {
            return response('Invalid Cal.com signature', 401, ['Content-Type' => 'text/plain']);
        }
        $event = validator($request->json()->all(), [
            'triggerEvent' => 'required|string|max:60',
            'createdAt' => 'required|date',
            'payload' => 'present|array',
            'payload.uid' => 'required_unless:triggerEvent,PING|string|max:100',
        ])->validate();
        $identity = [$event['triggerEvent'], $event['createdAt'], $event['payload']['uid'] ?? ''];

        return $this->accept('calcom', $event['triggerEvent'], $identity, $request);
    }

    public function retell(Request $request): JsonResponse
    {
        if ($refusal = $this->refusal($request)) {
            return $refusal;
        }
        $event = validator($request->json()->all(), [
            'event' => 'required|string|max:60',
            'call.call_id' => 'required|string|max:100',
        ])->validate();

        return $this->accept('retell', $event['event'], [$event['event'], $event['call']['call_id']], $request);
    }

    /** Why a request is not believed to come from Retell; null when it is. */
    public static function refusal(Request $request): ?JsonResponse
    {
        $signature = (string) $request->header('X-Retell-Signature');
        if ($signature === '') {
            return response()->json(['error' => 'Missing signature'], 401);
        }

        return Retell::signed($request->getContent(), $signature) ? null : response()->json(['error' => 'Invalid signature'], 401);
    }

    /** @param  list<string>  $identity  what makes two deliveries the same event */
    private function accept(string $provider, string $type, array $identity, Request $request): JsonResponse
    {
        try {
            $event = WebhookEvent::create([
                'provider' => $provider,
                'event_type' => $type,
                'idempotency_key' => hash('sha256', json_encode([$provider, ...$identity])),
                'status' => 'pending',
                'payload' => $request->json()->all(),
                'received_at' => now(),
            ]);
        } catch (QueryException $e) {
            return $e->getCode() === self::UNIQUE_VIOLATION
                ? response()->json(['success' => false, 'message' => 'This event was already received.'], 409)
                : throw $e;
        }
        Enqueue::orLeave(new ProcessWebhook($event->id));

        return response()->json(['success' => true, 'webhook_id' => $event->id], 202);
    }
}
