<?php

use App\Http\Controllers\PageController;
use Illuminate\Support\Facades\Route;

Route::get('/', [PageController::class, 'home']);
Route::get('up', [PageController::class, 'up']);
Route::get('login', [PageController::class, 'login'])->name('login');
Route::get('metrics', [PageController::class, 'metrics']);
