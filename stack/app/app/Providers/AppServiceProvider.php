<?php

namespace App\Providers;

use App\Models\User;
use App\Support\Release;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Auth;
use Illuminate\Support\ServiceProvider;

final class AppServiceProvider extends ServiceProvider
{
    public function register(): void
    {
        $this->app->instance(Release::class, Release::running());
    }

    public function boot(): void
    {
        Auth::viaRequest('bearer', fn (Request $request) => User::byToken($request->bearerToken()));

        if (! $this->app->runningInConsole()) {
            // A database that has stopped answering costs a web process seconds, not a day.
            ini_set('mysqlnd.net_read_timeout', '3');
        }
    }
}
