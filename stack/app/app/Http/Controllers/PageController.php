<?php

namespace App\Http\Controllers;

use App\Support\Counters;
use Illuminate\Http\RedirectResponse;
use Illuminate\Http\Request;
use Illuminate\Http\Response;
use Illuminate\View\View;
use Throwable;

final class PageController
{
    public function home(): RedirectResponse
    {
        return redirect('/login');
    }

    public function login(): View
    {
        return view('login');
    }

    /** Says only that PHP and the framework answer; also during maintenance. */
    public function up(): View
    {
        return view('up');
    }

    public function metrics(Request $request, Counters $counters): Response
    {
        $token = (string) config('gateway.metrics_token');
        if ($token === '' || ! hash_equals($token, (string) $request->bearerToken())) {
            return $this->text('Unauthorized', 401);
        }
        try {
            return $this->text($counters->exposition(), 200);
        } catch (Throwable) {
            return $this->text('Redis, which keeps the counters, does not answer', 503);
        }
    }

    private function text(string $text, int $status): Response
    {
        return response($text, $status, ['Content-Type' => 'text/plain; version=0.0.4; charset=utf-8']);
    }
}
