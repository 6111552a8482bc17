<?php

namespace App\Support;

use Illuminate\Redis\RedisManager;
use Throwable;

/** Counters for Prometheus, kept in Redis because no PHP process lives long enough. Both servers add to the same ones. */
final class Counters
{
    private const BUCKETS_S = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'];

    public function __construct(private RedisManager $redis)
    {
    }

    public function request(string $method, string $endpoint, int $status, float $seconds): void
    {
        $bucket = collect(self::BUCKETS_S)->first(fn (string $limit) => $limit === '+Inf' || $seconds <= (float) $limit);
        $this->quietly(function ($redis) use ($method, $endpoint, $status, $seconds, $bucket) {
            $redis->pipeline(function ($pipe) use ($method, $endpoint, $status, $seconds, $bucket) {
                $pipe->hIncrBy('metrics:requests', "$method $endpoint $status", 1);
                $pipe->hIncrBy('metrics:durations', "$method $endpoint $bucket", 1);
                $pipe->hIncrByFloat('metrics:durations', "$method $endpoint sum", $seconds);
            });
        });
    }

    public function error(): void
    {
        $this->quietly(fn ($redis) => $redis->incr('metrics:errors'));
    }

    /** Everything in the text format of Prometheus, version 0.0.4. Throws when Redis is away: no figures, no page. */
    public function exposition(): string
    {
        $redis = $this->redis->connection('brief');
        $lines = ['# TYPE askproai_http_requests_total counter'];
        foreach ($redis->hgetall('metrics:requests') as $field => $count) {
            [$method, $endpoint, $status] = explode(' ', $field);
            $lines[] = "askproai_http_requests_total{method=\"$method\",endpoint=\"$endpoint\",status=\"$status\"} $count";
        }
        $lines[] = '# TYPE askproai_http_request_duration_seconds histogram';
        array_push($lines, ...$this->histogram($redis->hgetall('metrics:durations')));
        $lines[] = '# TYPE askproai_errors_total counter';
        $lines[] = 'askproai_errors_total '.($redis->get('metrics:errors') ?: 0);
        $lines[] = '# TYPE askproai_queue_size gauge';
        foreach (config('queue.produced') as $queue) {
            $size = $redis->llen("queues:$queue") + $redis->zcard("queues:$queue:delayed") + $redis->zcard("queues:$queue:reserved");
            $lines[] = "askproai_queue_size{queue=\"$queue\"} $size";
        }

        return implode("\n", $lines)."\n";
    }

    /**
     * @param  array<string, string>  $fields  "METHOD endpoint bucket" => count, "METHOD endpoint sum" => seconds
     * @return list<string>
     */
    private function histogram(array $fields): array
    {
        $lines = [];
        foreach (collect($fields)->keys()->map(fn ($field) => substr($field, 0, strrpos($field, ' ')))->unique() as $series) {
            [$method, $endpoint] = explode(' ', $series);
            $labels = "method=\"$method\",endpoint=\"$endpoint\"";
            $within = 0;
            foreach (self::BUCKETS_S as $limit) {
                $within += (int) ($fields["$series $limit"] ?? 0);
                $lines[] = "askproai_http_request_duration_seconds_bucket{{$labels},le=\"$limit\"} $within";
            }
            $lines[] = "askproai_http_request_duration_seconds_sum{{$labels}} ".($fields["$series sum"] ?? 0);
            $lines[] = "askproai_http_request_duration_seconds_count{{$labels}} $within";
        }

        return $lines;
    }

    /** A figure that cannot be counted is lost; it must not cost the request that it counts. */
    private function quietly(callable $count): void
    {
        try {
            $count($this->redis->connection('brief'));
        } catch (Throwable) {
        }
    }
}
