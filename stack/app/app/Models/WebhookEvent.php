<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

/** status: pending, processing, completed, failed. */
final class WebhookEvent extends Model
{
    public $timestamps = false;

    protected $guarded = [];

    protected $casts = ['payload' => 'array'];
}
