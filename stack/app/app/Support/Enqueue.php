<?php

namespace App\Support;

use Illuminate\Contracts\Bus\Dispatcher;
use Throwable;

final class Enqueue
{
    /**
     * Queue a job whose row is already stored as pending. When Redis is away the request succeeds all the same: the failure is
     * logged, and calcom:sync queues again what stays pending.
     */
    public static function orLeave(object $job): void
    {
        try {
            app(Dispatcher::class)->dispatch($job);
        } catch (Throwable $e) {
            report($e);
        }
    }
}
