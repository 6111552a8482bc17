<?php

namespace App\Support;

/**
 * The release that this process runs: taken over at boot and then kept.
 *
 * The facts come through the cached configuration (config/gateway.php), which is PHP code. So a web process whose OPcache or
 * configuration cache is stale, and a worker that was not restarted, go on naming the release that they really run.
 */
final class Release
{
    private function __construct(public readonly string $version, public readonly string $commit)
    {
    }

    public static function running(): self
    {
        return new self(config('gateway.version'), config('gateway.commit'));
    }
}
