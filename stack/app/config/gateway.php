<?php

$line = fn (string $file) => is_file(base_path($file)) ? trim(file_get_contents(base_path($file))) : '';

return [
    // Written by the release and by its deployment; see App\Support\Release for why they pass through the configuration.
    'version' => $line('VERSION'),
    'commit' => $line('REVISION'),

    'server' => env('SERVER_NAME_LABEL', 'web1'),
    'metrics_token' => env('METRICS_TOKEN'),

    'calcom' => [
        'base_url' => env('CALCOM_BASE_URL', 'https://api.cal.com/v2'),
        'api_key' => env('CALCOM_API_KEY'),
        'webhook_secret' => env('CALCOM_WEBHOOK_SECRET'),
    ],
    'retell' => [
        'base_url' => env('RETELL_BASE_URL', 'https://api.retellai.com'),
        'api_key' => env('RETELL_API_KEY'),
    ],

    // Two tenants, so that "invisible to another tenant" can be tried.
    'seeds' => [
        1 => ['email' => env('LOGIN_EMAIL'), 'password' => env('LOGIN_PASSWORD')],
        2 => ['email' => env('OTHER_LOGIN_EMAIL'), 'password' => env('OTHER_LOGIN_PASSWORD')],
    ],
];
