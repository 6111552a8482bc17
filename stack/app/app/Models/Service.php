<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

final class Service extends Model
{
    protected $guarded = [];
}
