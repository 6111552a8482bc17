<?php

namespace App\Exceptions;

use App\Support\Counters;
use Illuminate\Foundation\Exceptions\Handler as ExceptionHandler;
use Throwable;

final class Handler extends ExceptionHandler
{
    public function register(): void
    {
        $this->reportable(function (Throwable $e) {
            $this->container->make(Counters::class)->error();
        });
    }

    /** The API speaks JSON whatever the client says it accepts: no redirect to the login page, no HTML error. */
    protected function shouldReturnJson($request, Throwable $e)
    {
        return $request->is('api/*') || parent::shouldReturnJson($request, $e);
    }

    /** Without the user's id: finding it asks the very database whose failure may be what is logged. */
    protected function context()
    {
        return [];
    }
}
