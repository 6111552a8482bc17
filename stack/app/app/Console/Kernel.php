<?php

namespace App\Console;

use Illuminate\Console\Scheduling\Schedule;
use Illuminate\Foundation\Console\Kernel as ConsoleKernel;

final class Kernel extends ConsoleKernel
{
    protected $commands = [
        Commands\CalcomSync::class,
        Commands\Heartbeat::class,
        Commands\Seed::class,
    ];

    protected function schedule(Schedule $schedule): void
    {
        $schedule->command('gateway:heartbeat')->everyMinute();
        $schedule->command('calcom:sync')->everyFiveMinutes()->appendOutputTo(storage_path('logs/calcom-sync.log'));
    }
}
