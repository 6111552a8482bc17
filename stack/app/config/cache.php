<?php

return [
    'default' => env('CACHE_DRIVER', 'redis'),
    'prefix' => '',
    'stores' => [
        'redis' => ['driver' => 'redis', 'connection' => 'cache'],
        'file' => ['driver' => 'file', 'path' => storage_path('framework/cache')],
    ],
];
