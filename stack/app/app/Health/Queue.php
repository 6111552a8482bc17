<?php

namespace App\Health;

use App\Support\Heartbeats;
use Illuminate\Redis\RedisManager;
use Throwable;

final class Queue implements Probe
{
    /** @var list<array<string, mixed>> the workers that checks() found */
    public array $workers = [];

    public function __construct(private RedisManager $redis, private Heartbeats $heartbeats)
    {
    }

    public function checks(): array
    {
        try {
            $this->workers = $this->heartbeats->all();
            $checks = [];
            foreach (config('queue.produced') as $queue) {
                $checks[$queue] = $this->look($queue);
            }

            return $checks;
        } catch (Throwable $e) {
            return ['connection' => ['healthy' => false, 'message' => $e->getMessage()]];
        }
    }

    /** @return array{healthy: bool, message: string, waiting: int, delayed: int, reserved: int, oldest_waiting_s: ?int, consumers: int} */
    private function look(string $queue): array
    {
        $redis = $this->redis->connection('brief');
        $consumers = count(array_filter($this->workers, fn (array $worker) => $worker['connection'] === config('queue.default')
            && in_array($queue, $worker['queues'], true)));
        $oldest = json_decode((string) $redis->lindex("queues:$queue", 0), true);

        return [
            'healthy' => $consumers > 0,
            'message' => $consumers > 0 ? "live workers: $consumers" : 'no live worker',
            'waiting' => $redis->llen("queues:$queue"),
            'delayed' => $redis->zcard("queues:$queue:delayed"),
            'reserved' => $redis->zcard("queues:$queue:reserved"),
            'oldest_waiting_s' => isset($oldest['createdAt']) ? max(0, time() - $oldest['createdAt']) : null,
            'consumers' => $consumers,
        ];
    }
}
