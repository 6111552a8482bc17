<?php

namespace App\Health;

use Illuminate\Redis\RedisManager;
use Throwable;

final class Redis implements Probe
{
    public function __construct(private RedisManager $redis)
    {
    }

    public function checks(): array
    {
        $key = 'health:'.config('gateway.server').':'.getmypid();
        $written = bin2hex(random_bytes(8));
        try {
            $redis = $this->redis->connection('brief');
            $redis->setex($key, 10, $written);
            $read = $redis->get($key);
            $memory = $redis->info('memory');
        } catch (Throwable $e) {
            return ['connection' => ['healthy' => false, 'message' => $e->getMessage()]];
        }

        return [
            'connection' => [
                'healthy' => $read === $written,
                'message' => $read === $written ? 'what was written was read back' : 'what was written was not read back',
            ],
            'memory' => [
                'healthy' => true,
                'message' => "{$memory['used_memory']} bytes used, limit ".($memory['maxmemory'] ?: 'none'),
                'used_bytes' => (int) $memory['used_memory'],
                'limit_bytes' => (int) $memory['maxmemory'],
                'policy' => $memory['maxmemory_policy'],
            ],
        ];
    }
}
