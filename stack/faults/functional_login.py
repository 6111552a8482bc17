"""Logging in: the page, the right credential, the wrong one, the end of a session."""

from __future__ import annotations

from stack.faults.bench import Bench
from stack.faults.code import change
from stack.faults.fault import fault
from stack.layout import SERVERS

AUTH = "app/Http/Controllers/AuthController.php"
SCRIPT = "public/assets/app.13eb5c8a.js"
STYLE = "/assets/app.ad930226.css"


@fault("login-refused", "a valid login is refused: the password is hashed before it is compared")
def login_refused(bench: Bench) -> None:
    """The page answers 200, and so does every health endpoint."""
    change(bench, AUTH, "Hash::check($given['password'],", "Hash::check(md5($given['password']),")


@fault("login-any-password", "a wrong password is accepted")
def login_any_password(bench: Bench) -> None:
    """Somebody has commented the comparison out, to try something."""
    change(bench, AUTH, "! $user || ! Hash::check($given['password'], $user->password)", "! $user")


@fault("login-without-token", "a login answers 200 without a token: it wants a second factor")
def login_without_token(bench: Bench) -> None:
    """As the gateway does for users with 2FA."""
    answer = "'token' => AccessToken::issue($user, $given['device_name']), 'token_type' => 'Bearer'"
    change(bench, AUTH, answer, "'requires_2fa' => true, 'user_id' => $user->id")


@fault("logout-without-effect", "a token still works after logging out")
def logout_without_effect(bench: Bench) -> None:
    """The logout answers 200 all the same."""
    change(bench, AUTH, "AccessToken::hash($request->bearerToken()))->delete();", "AccessToken::hash($request->bearerToken()))->exists();")


@fault("login-script-missing", "the login page of web2 names a script that is 404")
def login_script_missing(bench: Bench) -> None:
    """The assets were not built there; the page itself answers 200."""
    bench.move_away(bench.path("web2/current").resolve() / SCRIPT)


@fault("login-style-html", "the login page's stylesheet is answered with 200 and an HTML page")
def login_style_html(bench: Bench) -> None:
    """As by a server that answers whatever it does not find with its start page."""
    for server in SERVERS:
        bench.nginx(server, f'location = {STYLE} {{ types {{ }} default_type text/html; return 200 "<!doctype html><p>Welcome</p>"; }}')
