<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration
{
    public function up(): void
    {
        Schema::create('canaries', function (Blueprint $table) {
            $table->id();
            $table->string('queue', 60);
            $table->string('status', 20);
            $table->dateTime('created_at');
            $table->dateTime('finished_at')->nullable();
        });
    }

    public function down(): void
    {
        Schema::drop('canaries');
    }
};
