<?php

namespace App\Jobs;

use Illuminate\Contracts\Mail\Mailer;

final class SendTestMail extends Job
{
    /** A second attempt could send a second copy. */
    public int $tries = 1;

    public function __construct(public string $to, public string $subject)
    {
        $this->onQueue('emails');
    }

    public function handle(Mailer $mailer): void
    {
        $mailer->raw("A test mail of the gateway's server ".config('gateway.server').'.', function ($message) {
            $message->to($this->to)->subject($this->subject);
        });
    }
}
