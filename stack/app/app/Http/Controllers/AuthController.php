<?php

namespace App\Http\Controllers;

use App\Models\AccessToken;
use App\Models\User;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Hash;
use Illuminate\Validation\ValidationException;

final class AuthController
{
    public function login(Request $request): JsonResponse
    {
        $given = validator($request->all(), [
            'email' => 'required|email',
            'password' => 'required|string',
            'device_name' => 'required|string|max:100',
        ])->validate();
        $user = User::firstWhere('email', $given['email']);
        if (! $user || ! Hash::check($given['password'], $user->password)) {
            throw ValidationException::withMessages(['email' => ['These credentials do not match our records.']]);
        }

        return response()->json(['user' => $user, 'token' => AccessToken::issue($user, $given['device_name']), 'token_type' => 'Bearer']);
    }

    public function user(Request $request): JsonResponse
    {
        return response()->json($request->user());
    }

    public function logout(Request $request): JsonResponse
    {
        AccessToken::where('token_hash', AccessToken::hash($request->bearerToken()))->delete();

        return response()->json(['message' => 'Logged out.']);
    }
}
