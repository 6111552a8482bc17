<?php

namespace App\Http\Controllers;

use App\Jobs\RunCanary;
use App\Jobs\SendTestMail;
use App\Models\Canary;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;
use Illuminate\Validation\Rule;

/** Ways for an operator to prove that queues and mail really work. */
final class ProofController
{
    public function mail(Request $request): JsonResponse
    {
        $given = validator($request->all(), ['to' => 'required|email', 'subject' => 'required|string|max:200'])->validate();
        SendTestMail::dispatch($given['to'], $given['subject']);

        return response()->json(['message' => 'Mail queued.'], 202);
    }

    public function release(Request $request): JsonResponse
    {
        $given = validator($request->all(), ['queue' => ['required', Rule::in(config('queue.produced'))]])->validate();
        $canary = Canary::create($given + ['status' => 'pending']);
        RunCanary::dispatch($canary->id)->onQueue($canary->queue);

        return response()->json(['id' => $canary->id], 202);
    }

    /** A canary that has not flown yet stays: its job would fail. */
    public function forget(int $id): JsonResponse
    {
        $canary = Canary::findOrFail($id);
        abort_if($canary->status !== 'done', 409, 'This canary has not been finished yet.');
        $canary->delete();

        return response()->json(['message' => 'Canary removed.']);
    }

    public function canary(int $id): JsonResponse
    {
        $canary = Canary::findOrFail($id);

        return response()->json([
            'id' => $canary->id,
            'queue' => $canary->queue,
            'status' => $canary->status,
            'finished_at' => $canary->finished_at?->toIso8601String(),
        ]);
    }
}
