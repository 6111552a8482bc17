<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration
{
    public function up(): void
    {
        Schema::create('webhook_events', function (Blueprint $table) {
            $table->id();
            $table->string('provider', 20);
            $table->string('event_type', 60);
            $table->char('idempotency_key', 64)->unique();
            $table->string('status', 20)->index();
            $table->text('error_message')->nullable();
            $table->json('payload');
            $table->dateTime('received_at');
            $table->dateTime('processed_at')->nullable();
        });
    }

    public function down(): void
    {
        Schema::drop('webhook_events');
    }
};
