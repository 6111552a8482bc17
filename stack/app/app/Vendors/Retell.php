<?php

namespace App\Vendors;

final class Retell
{
    private const SIGNATURE_AGE_MS = 300_000;

    public function account(): string
    {
        $http = new Http('Retell', (string) config('gateway.retell.base_url'), (string) config('gateway.retell.api_key'));
        $answer = $http->json('GET', '/get-api-key-info', timeoutS: 1.5);

        return (string) ($answer['org_id'] ?? throw new VendorError('Retell: GET /get-api-key-info answered without org_id', 200));
    }

    /** "v=<unix ms>,d=<hex>", d being HMAC-SHA256 of the raw body followed by v, keyed with the API key. */
    public static function signed(string $body, string $signature): bool
    {
        $key = (string) config('gateway.retell.api_key');
        if ($key === '' || ! preg_match('/^v=(\d{1,16}),d=([0-9a-f]{64})$/', $signature, $part)) {
            return false;
        }

        return abs(microtime(true) * 1000 - (int) $part[1]) <= self::SIGNATURE_AGE_MS
            && hash_equals(hash_hmac('sha256', $body.$part[1], $key), $part[2]);
    }
}
