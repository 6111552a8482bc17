<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

/** status: ongoing, ended. */
final class Call extends Model
{
    protected $guarded = [];

    protected $casts = ['analysis' => 'array'];
}
