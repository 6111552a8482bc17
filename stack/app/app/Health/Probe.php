<?php

namespace App\Health;

/** Looks at one dependency, now, within about a second, and never throws: a dead dependency is an answer too. */
interface Probe
{
    /** @return array<string, array{healthy: bool, message: string}> the checks made, by name; some carry figures besides */
    public function checks(): array;
}
