<?php

namespace App\Jobs;

use App\Models\Appointment;
use App\Vendors\CalCom;
use App\Vendors\VendorError;
use Throwable;

/** Books an appointment at Cal.com and brings its sync_status to "synced" or, in the end, "failed". */
final class SyncAppointment extends Job
{
    public function __construct(public int $appointment)
    {
    }

    public function handle(CalCom $calcom): void
    {
        $appointment = Appointment::with('customer', 'service')->findOrFail($this->appointment);
        if ($appointment->calcom_uid || $appointment->status === 'cancelled') {
            return;
        }
        try {
            $booking = $calcom->book($appointment);
        } catch (VendorError $e) {
            if ($e->passes()) {
                throw $e;
            }
            report($e);
            $this->fail($e);

            return;
        }
        $appointment->update(['sync_status' => 'synced', 'calcom_v2_booking_id' => $booking['id'], 'calcom_uid' => $booking['uid']]);
    }

    public function failed(Throwable $e): void
    {
        Appointment::whereKey($this->appointment)->update(['sync_status' => 'failed']);
    }
}
