<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{ config('app.name') }}</title></head>
<body><p>Application up</p></body>
</html>
