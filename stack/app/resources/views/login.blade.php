<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Sign in to {{ config('app.name') }}</title>
<link rel="stylesheet" href="/assets/app.ad930226.css">
<script src="/assets/app.13eb5c8a.js" defer></script>
</head>
<body>
<h1>{{ config('app.name') }}</h1>
<form method="post" action="/api/auth/login">
<label>E-mail <input type="email" name="email" autocomplete="username" required></label>
<label>Password <input type="password" name="password" autocomplete="current-password" required></label>
<button type="submit">Sign in</button>
<output></output>
</form>
</body>
</html>
