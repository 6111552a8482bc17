<?php

namespace App\Jobs;

use App\Models\Canary;

final class RunCanary extends Job
{
    public function __construct(public int $canary)
    {
    }

    public function handle(): void
    {
        Canary::findOrFail($this->canary)->update(['status' => 'done', 'finished_at' => now()]);
    }
}
