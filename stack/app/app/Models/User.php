<?php

namespace App\Models;

use Illuminate\Foundation\Auth\User as Authenticatable;

final class User extends Authenticatable
{
    protected $fillable = ['tenant_id', 'name', 'email', 'password'];

    protected $hidden = ['password'];

    public static function byToken(?string $token): ?self
    {
        return $token ? AccessToken::with('user')->firstWhere('token_hash', AccessToken::hash($token))?->user : null;
    }
}
