<?php

namespace App\Vendors;

use RuntimeException;

/** The vendor did not give what was asked for; $status is 0 when it gave no HTTP answer at all. */
final class VendorError extends RuntimeException
{
    public function __construct(string $message, public readonly int $status)
    {
        parent::__construct($message);
    }

    /** Whether what was to be undone is not there (404), or undone already (Cal.com says 400). */
    public function undone(): bool
    {
        return $this->status === 400 || $this->status === 404;
    }

    /** Whether the same request may succeed later: no answer, too many requests, or an error on the vendor's side. */
    public function passes(): bool
    {
        return $this->status === 0 || $this->status === 429 || $this->status >= 500;
    }
}
