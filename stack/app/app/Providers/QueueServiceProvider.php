<?php

namespace App\Providers;

use App\Support\Heartbeats;
use Illuminate\Queue\Events\JobProcessed;
use Illuminate\Queue\Events\Looping;
use Illuminate\Queue\Events\WorkerStopping;
use Illuminate\Support\Facades\Event;
use Illuminate\Support\Facades\Log;
use Illuminate\Support\Facades\Queue;
use Illuminate\Support\ServiceProvider;

final class QueueServiceProvider extends ServiceProvider
{
    public array $singletons = [Heartbeats::class => Heartbeats::class];

    public function boot(): void
    {
        // The age of a waiting job is read from its payload; this framework release does not write it.
        Queue::createPayloadUsing(fn () => ['createdAt' => time()]);

        Event::listen(Looping::class, function (Looping $event) {
            $this->app->make(Heartbeats::class)->beat($event->connectionName, $event->queue);
        });
        Event::listen(WorkerStopping::class, function () {
            $this->app->make(Heartbeats::class)->stop();
        });
        Event::listen(JobProcessed::class, function (JobProcessed $event) {
            Log::info('job done', ['job' => $event->job->resolveName(), 'queue' => $event->job->getQueue(), 'id' => $event->job->getJobId()]);
        });
    }
}
