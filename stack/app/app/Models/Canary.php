<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

/** status: pending, done. */
final class Canary extends Model
{
    public const UPDATED_AT = null;

    protected $guarded = [];

    protected $casts = ['finished_at' => 'datetime'];
}
