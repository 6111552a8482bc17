<?php

$redis = [
    'host' => env('REDIS_HOST', '127.0.0.1'),
    'port' => env('REDIS_PORT', '6379'),
    'password' => env('REDIS_PASSWORD'),
    'timeout' => 1.0,
    'read_timeout' => 2.0,
];

return [
    'default' => 'mysql',
    'migrations' => 'migrations',

    'connections' => [
        'mysql' => [
            'driver' => 'mysql',
            'host' => env('DB_HOST', '127.0.0.1'),
            'port' => env('DB_PORT', '3306'),
            'database' => env('DB_DATABASE', 'askproai'),
            'username' => env('DB_USERNAME', 'askproai'),
            'password' => env('DB_PASSWORD', ''),
            'charset' => 'utf8mb4',
            'collation' => 'utf8mb4_unicode_ci',
            'strict' => true,
            'options' => [PDO::ATTR_TIMEOUT => 2],
        ],
    ],

    'redis' => [
        'client' => 'phpredis',
        'options' => ['prefix' => env('REDIS_PREFIX', 'askproai_database_')],
        'default' => $redis + ['database' => env('REDIS_DB', '0')],
        'cache' => $redis + ['database' => env('REDIS_CACHE_DB', '1')],
        // For what must never hold a request up: health checks, counters, heartbeats.
        'brief' => ['timeout' => 0.6, 'read_timeout' => 0.6] + $redis + ['database' => env('REDIS_DB', '0')],
        'long' => $redis + ['database' => env('REDIS_LONG_DB', '2')],
    ],
];
