<?php

namespace App\Vendors;

/** JSON over HTTP with a bearer token. Debian has no Guzzle, which the framework's own client needs. */
final class Http
{
    public function __construct(private string $vendor, private string $baseUrl, private string $token)
    {
    }

    /**
     * @param  list<string>  $headers
     * @param  ?array<string, mixed>  $body
     * @return array<string, mixed>
     *
     * @throws VendorError
     */
    public function json(string $method, string $path, array $headers = [], ?array $body = null, float $timeoutS = 8.0): array
    {
        $call = curl_init($this->baseUrl.$path);
        curl_setopt_array($call, [
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_NOSIGNAL => true,
            CURLOPT_CONNECTTIMEOUT_MS => 1000,
            CURLOPT_TIMEOUT_MS => (int) ($timeoutS * 1000),
            CURLOPT_HTTPHEADER => ["Authorization: Bearer {$this->token}", 'Content-Type: application/json', ...$headers],
        ]);
        if ($body !== null) {
            curl_setopt($call, CURLOPT_POSTFIELDS, json_encode($body));
        }
        $text = curl_exec($call);
        $status = curl_getinfo($call, CURLINFO_RESPONSE_CODE);
        if ($text === false) {
            throw new VendorError("{$this->vendor}: $method $path got no answer: ".curl_error($call), 0);
        }
        if ($status < 200 || $status > 299) {
            throw new VendorError("{$this->vendor}: $method $path answered $status", $status);
        }
        $json = json_decode($text, true);
        if (! is_array($json)) {
            throw new VendorError("{$this->vendor}: $method $path answered $status without JSON", $status);
        }

        return $json;
    }
}
