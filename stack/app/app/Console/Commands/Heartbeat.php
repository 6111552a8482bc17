<?php

namespace App\Console\Commands;

use Illuminate\Console\Command;
use Illuminate\Redis\RedisManager;
use Illuminate\Support\Facades\Log;

final class Heartbeat extends Command
{
    protected $signature = 'gateway:heartbeat';

    protected $description = 'Leave a trace that the scheduler lives: a line in the log and a Redis key';

    public function handle(RedisManager $redis): void
    {
        Log::info('scheduler heartbeat', ['server' => config('gateway.server')]);
        $redis->connection('brief')->setex('scheduler:heartbeat', 300, now()->toIso8601String());
    }
}
