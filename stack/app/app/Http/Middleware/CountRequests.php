<?php

namespace App\Http\Middleware;

use App\Support\Counters;
use Closure;
use Illuminate\Http\Request;
use Symfony\Component\HttpFoundation\Response;

/** Counts what the gateway's users ask for: neither the scrapes of Prometheus nor the verifier's own requests. */
final class CountRequests
{
    public function __construct(private Counters $counters)
    {
    }

    public function handle(Request $request, Closure $next): Response
    {
        return $next($request);
    }

    public function terminate(Request $request, Response $response): void
    {
        if ($request->is('metrics') || str_starts_with((string) $request->userAgent(), 'deploycheck/')) {
            return;
        }
        $endpoint = '/'.ltrim($request->route()?->uri() ?? '*', '/');
        $this->counters->request($request->method(), $endpoint, $response->getStatusCode(), microtime(true) - LARAVEL_START);
    }
}
