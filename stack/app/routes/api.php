<?php

use App\Http\Controllers\AppointmentController;
use App\Http\Controllers\AuthController;
use App\Http\Controllers\FunctionCallController;
use App\Http\Controllers\HealthController;
use App\Http\Controllers\ProofController;
use App\Http\Controllers\WebhookController;
use Illuminate\Support\Facades\Route;

Route::get('health', [HealthController::class, 'overall']);
foreach (['database', 'redis', 'queue', 'calcom', 'retell'] as $component) {
    Route::get("health/$component", [HealthController::class, $component]);
}

Route::post('auth/login', [AuthController::class, 'login']);

foreach (['calcom/webhook', 'webhooks/calcom'] as $path) {
    Route::get($path, [WebhookController::class, 'ping']);
    Route::post($path, [WebhookController::class, 'calcom']);
}
Route::post('retell/webhook', [WebhookController::class, 'retell']);
Route::post('retell/function-call', FunctionCallController::class);

Route::middleware('auth:api')->group(function () {
    Route::get('auth/user', [AuthController::class, 'user']);
    Route::post('auth/logout', [AuthController::class, 'logout']);

    Route::get('appointments', [AppointmentController::class, 'index']);
    Route::post('appointments', [AppointmentController::class, 'store']);
    Route::get('appointments/{id}', [AppointmentController::class, 'show'])->whereNumber('id');
    Route::delete('appointments/{id}', [AppointmentController::class, 'destroy'])->whereNumber('id');

    Route::post('test-mail', [ProofController::class, 'mail']);
    Route::post('canary', [ProofController::class, 'release']);
    Route::get('canary/{id}', [ProofController::class, 'canary'])->whereNumber('id');
    Route::delete('canary/{id}', [ProofController::class, 'forget'])->whereNumber('id');
});
