<?php

namespace App\Jobs;

use App\Models\Appointment;
use App\Vendors\CalCom;
use App\Vendors\VendorError;
use Throwable;

/** Cancels at Cal.com what was booked there; an appointment that never got so far needs no call. */
final class CancelBooking extends Job
{
    public function __construct(public int $appointment)
    {
    }

    public function handle(CalCom $calcom): void
    {
        $appointment = Appointment::findOrFail($this->appointment);
        try {
            $appointment->calcom_uid && $calcom->cancel($appointment->calcom_uid);
        } catch (VendorError $e) {
            // A second attempt after a first one whose answer was lost.
            $e->undone() || throw $e;
        }
        $appointment->update(['sync_status' => 'synced']);
    }

    public function failed(Throwable $e): void
    {
        Appointment::whereKey($this->appointment)->update(['sync_status' => 'failed']);
    }
}
