<?php

return [
    'defaults' => ['guard' => 'api'],

    // "bearer" is defined in AppServiceProvider: it looks the token's hash up in personal_access_tokens.
    'guards' => [
        'api' => ['driver' => 'bearer'],
    ],
];
