<?php

namespace App\Support;

use Illuminate\Redis\RedisManager;
use Throwable;

/**
 * What each queue worker says of itself: one Redis key per worker, gone 20 s after its last beat.
 *
 * Server, version and commit are those of the worker's start, so a worker that was not restarted after a deployment shows.
 */
final class Heartbeats
{
    private const TTL_S = 20;

    private readonly string $key;

    private readonly string $startedAt;

    private float $lastBeat = 0.0;

    public function __construct(private RedisManager $redis, private Release $release)
    {
        $this->key = 'worker:'.config('gateway.server').':'.getmypid();
        $this->startedAt = now()->toIso8601String();
    }

    public function beat(string $connection, string $queues): void
    {
        if (microtime(true) - $this->lastBeat < 1.0) {
            return;
        }
        $this->lastBeat = microtime(true);
        $this->quietly(fn ($redis) => $redis->setex($this->key, self::TTL_S, json_encode([
            'server' => config('gateway.server'),
            'pid' => getmypid(),
            'connection' => $connection,
            'queues' => explode(',', $queues),
            'version' => $this->release->version,
            'commit' => $this->release->commit,
            'started_at' => $this->startedAt,
            'seen_at' => now()->toIso8601String(),
        ])));
    }

    public function stop(): void
    {
        $this->quietly(fn ($redis) => $redis->del($this->key));
    }

    /**
     * The workers alive now, of all servers.
     *
     * @return list<array<string, mixed>>
     */
    public function all(): array
    {
        $redis = $this->redis->connection('brief');
        $prefix = config('database.redis.options.prefix');
        $keys = [];
        $cursor = null;
        do {
            [$cursor, $found] = $redis->scan($cursor, ['match' => $prefix.'worker:*', 'count' => 1000]) ?: [0, []];
            array_push($keys, ...$found);
        } while ($cursor);
        sort($keys);
        $beats = $keys ? $redis->mget(array_map(fn ($key) => substr($key, strlen($prefix)), $keys)) : [];

        return array_map(fn ($beat) => json_decode($beat, true), array_values(array_filter($beats)));
    }

    /** A worker works on when its beat cannot be written; its jobs tell their own story. */
    private function quietly(callable $write): void
    {
        try {
            $write($this->redis->connection('brief'));
        } catch (Throwable) {
        }
    }
}
