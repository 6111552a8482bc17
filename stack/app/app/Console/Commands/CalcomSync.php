<?php

namespace App\Console\Commands;

use App\Jobs\CancelBooking;
use App\Jobs\ProcessWebhook;
use App\Jobs\SyncAppointment;
use App\Models\Appointment;
use App\Models\WebhookEvent;
use Illuminate\Console\Command;

final class CalcomSync extends Command
{
    protected $signature = 'calcom:sync {--lost-after=2 : minutes}';

    protected $description = 'Queue again what has waited so long that its job must have been lost';

    public function handle(): void
    {
        $since = now()->subMinutes((int) $this->option('lost-after'));
        $unsynced = Appointment::where('sync_status', 'pending')->where('updated_at', '<', $since)->get();
        $unsynced->each(function (Appointment $appointment) {
            $appointment->status === 'cancelled' ? CancelBooking::dispatch($appointment->id) : SyncAppointment::dispatch($appointment->id);
        });
        $events = WebhookEvent::where('status', 'pending')->where('received_at', '<', $since)->get();
        $events->each(fn (WebhookEvent $event) => ProcessWebhook::dispatch($event->id));

        $this->line(sprintf('%s queued again: %d appointments, %d webhook events',
            now()->toIso8601String(), $unsynced->count(), $events->count()));
    }
}
