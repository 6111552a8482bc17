<?php

namespace App\Http\Controllers;

use App\Health\Database;
use App\Health\Probe;
use App\Health\Queue;
use App\Health\Redis;
use App\Health\Storage;
use App\Health\Vendor;
use App\Support\Release;
use App\Vendors\CalCom;
use App\Vendors\Retell;
use Illuminate\Http\JsonResponse;
use Illuminate\Redis\RedisManager;

final class HealthController
{
    public function __construct(private Release $release)
    {
    }

    /** One dead dependency makes the gateway "degraded", which load balancers keep (200); without both stores it is of no use (503). */
    public function overall(Database $database, Redis $redis, Queue $queue, Storage $storage): JsonResponse
    {
        $services = ['database' => $this->summary($database), 'redis' => $this->summary($redis)];
        // The queue lives in Redis; asking a dead one again would only add a second timeout.
        $services['queue'] = $services['redis']['healthy'] ? $this->summary($queue) : $services['redis'];
        $services['storage'] = $this->summary($storage);

        $healthy = array_column($services, 'healthy');
        $status = match (true) {
            ! in_array(false, $healthy, true) => 'healthy',
            $services['database']['healthy'] || $services['redis']['healthy'] => 'degraded',
            default => 'unhealthy',
        };

        return $this->answer($status, ['services' => $services]);
    }

    public function database(Database $probe): JsonResponse
    {
        return $this->component($probe->checks());
    }

    public function redis(Redis $probe): JsonResponse
    {
        return $this->component($probe->checks());
    }

    public function queue(Queue $probe): JsonResponse
    {
        $checks = $probe->checks();

        return $this->component($checks, ['workers' => $probe->workers]);
    }

    public function calcom(CalCom $calcom, RedisManager $redis): JsonResponse
    {
        return $this->component((new Vendor('calcom', $calcom->account(...), $redis))->checks());
    }

    public function retell(Retell $retell, RedisManager $redis): JsonResponse
    {
        return $this->component((new Vendor('retell', $retell->account(...), $redis))->checks());
    }

    /**
     * @param  array<string, array{healthy: bool, message: string}>  $checks
     * @param  array<string, mixed>  $more
     */
    private function component(array $checks, array $more = []): JsonResponse
    {
        $healthy = ! in_array(false, array_column($checks, 'healthy'), true);

        return $this->answer($healthy ? 'healthy' : 'unhealthy', ['checks' => $checks] + $more);
    }

    /** @return array{healthy: bool, message: string} the first check that fails speaks for the service, else the first of all */
    private function summary(Probe $probe): array
    {
        $checks = $probe->checks();
        $telling = collect($checks)->firstWhere('healthy', false) ?? reset($checks);
        $name = array_search($telling, $checks, true);

        return ['healthy' => $telling['healthy'], 'message' => "$name: {$telling['message']}"];
    }

    /** @param  array<string, mixed>  $findings */
    private function answer(string $status, array $findings): JsonResponse
    {
        return response()->json([
            'status' => $status,
            'timestamp' => now()->toIso8601String(),
            'environment' => app()->environment(),
            'version' => $this->release->version,
            'commit' => $this->release->commit,
            'server' => config('gateway.server'),
        ] + $findings, $status === 'unhealthy' ? 503 : 200, ['Cache-Control' => 'no-store']);
    }
}
