<?php

return [
    'default' => env('MAIL_MAILER', 'smtp'),
    'mailers' => [
        'smtp' => [
            'transport' => 'smtp',
            'host' => env('MAIL_HOST', '127.0.0.1'),
            'port' => env('MAIL_PORT', 587),
            'encryption' => env('MAIL_ENCRYPTION', 'tls'),
            'username' => env('MAIL_USERNAME'),
            'password' => env('MAIL_PASSWORD'),
            'timeout' => 10,
            // The mail server's certificate comes from the own CA and names the public host, not the address we connect to.
            'stream' => ['ssl' => ['cafile' => env('MAIL_CA_FILE'), 'peer_name' => env('MAIL_PEER_NAME', env('MAIL_HOST'))]],
        ],
    ],
    'from' => ['address' => env('MAIL_FROM_ADDRESS', 'gateway@gateway.test'), 'name' => env('MAIL_FROM_NAME', env('APP_NAME', 'AskProAI'))],
];
