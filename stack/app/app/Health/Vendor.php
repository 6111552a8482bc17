<?php

namespace App\Health;

use App\Vendors\VendorError;
use Closure;
use Illuminate\Redis\RedisManager;
use Throwable;

/** Asks a vendor with our credential who we are; the answer is kept for 5 s, so that probes do not use our quota up. */
final class Vendor implements Probe
{
    private const KEPT_S = 5;

    /** @param  Closure(): string  $ask  returns what the vendor calls our account, or throws VendorError */
    public function __construct(private string $name, private Closure $ask, private RedisManager $redis)
    {
    }

    public function checks(): array
    {
        $key = "health:{$this->name}";
        try {
            $redis = $this->redis->connection('brief');
            if ($kept = $redis->get($key)) {
                return json_decode($kept, true);
            }
            $checks = $this->ask();
            $redis->setex($key, self::KEPT_S, json_encode($checks));
        } catch (Throwable) {
            // Without Redis the vendor is asked each time.
        }

        return $checks ?? $this->ask();
    }

    /** @return array<string, array{healthy: bool, message: string}> */
    private function ask(): array
    {
        $start = microtime(true);
        try {
            $account = ($this->ask)();
        } catch (VendorError $e) {
            return ['api' => ['healthy' => false, 'message' => $e->getMessage()]];
        }
        $latency = (int) ((microtime(true) - $start) * 1000);

        return ['api' => ['healthy' => true, 'message' => "answers as account $account", 'latency_ms' => $latency]];
    }
}
