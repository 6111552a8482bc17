<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration
{
    public function up(): void
    {
        Schema::create('appointments', function (Blueprint $table) {
            $table->id();
            $table->unsignedBigInteger('tenant_id')->index();
            $table->foreignId('customer_id')->constrained();
            $table->foreignId('service_id')->constrained();
            $table->dateTime('starts_at');
            $table->dateTime('ends_at');
            $table->string('status', 20);
            $table->string('note', 500)->nullable();
            $table->string('idempotency_key', 100)->nullable();
            $table->string('sync_status', 20)->index();
            $table->unsignedBigInteger('calcom_v2_booking_id')->nullable();
            $table->string('calcom_uid', 100)->nullable()->unique();
            $table->timestamps();
            $table->unique(['tenant_id', 'idempotency_key']);
        });
    }

    public function down(): void
    {
        Schema::drop('appointments');
    }
};
