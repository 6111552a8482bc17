<?php

return [
    'default' => env('QUEUE_CONNECTION', 'redis'),

    // Every queue that some code of this application puts jobs on; each one needs a live worker.
    'produced' => ['default', 'webhooks', 'emails'],

    'connections' => [
        'redis' => ['driver' => 'redis', 'connection' => 'default', 'queue' => 'default', 'retry_after' => 90, 'block_for' => null],
        // Imports that run for many minutes would be taken for dead after 90 s; they live in a Redis database of their own.
        'redis-long' => ['driver' => 'redis', 'connection' => 'long', 'queue' => 'default', 'retry_after' => 3600, 'block_for' => null],
    ],

    'failed' => ['driver' => 'database-uuids', 'database' => 'mysql', 'table' => 'failed_jobs'],
];
