<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Relations\BelongsTo;
use Illuminate\Support\Str;

/** A bearer token; only its hash is stored. */
final class AccessToken extends Model
{
    protected $table = 'personal_access_tokens';

    protected $guarded = [];

    public static function issue(User $user, string $device): string
    {
        $token = Str::random(48);
        self::create(['user_id' => $user->id, 'name' => $device, 'token_hash' => self::hash($token)]);

        return $token;
    }

    public static function hash(string $token): string
    {
        return hash('sha256', $token);
    }

    public function user(): BelongsTo
    {
        return $this->belongsTo(User::class);
    }
}
