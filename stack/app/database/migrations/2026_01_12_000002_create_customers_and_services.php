<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration
{
    public function up(): void
    {
        Schema::create('customers', function (Blueprint $table) {
            $table->id();
            $table->unsignedBigInteger('tenant_id');
            $table->string('name');
            $table->string('email');
            $table->string('phone')->nullable()->index();
            $table->timestamps();
            $table->unique(['tenant_id', 'email']);
        });
        Schema::create('services', function (Blueprint $table) {
            $table->id();
            $table->unsignedBigInteger('tenant_id')->index();
            $table->string('name');
            $table->unsignedInteger('duration_minutes');
            $table->unsignedBigInteger('calcom_event_type_id')->unique();
            $table->timestamps();
        });
    }

    public function down(): void
    {
        Schema::drop('services');
        Schema::drop('customers');
    }
};
