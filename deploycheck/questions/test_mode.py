"""External APIs in test mode: asked of the vendor where it can tell, by the credential's beginning where it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import quote, urlsplit, urlunsplit

from deploycheck.errors import Blame, NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.applicable import staging_only
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.test_mode import fitting_prefix, mode_of, mode_shortfalls
from deploycheck.targets.http import Http
from deploycheck.targets.prefixes import Prefixes, prefixes_of
from deploycheck.vendors.api import Api
from deploycheck.vendors.modes import Mode, retell_mode, stripe_mode, twilio_mode


@staging_only
def modes(gateway: Gateway) -> list[Question]:
    """Return the questions of staging.test-mode: one per vendor that the gateway stands on, and one per server for its own credentials."""
    questions = [
        Question(vendor, partial(_asked, gateway, vendor, ask), _test, f"{vendor}, {variable}", blames=Blame.CONFIGURATION)
        for vendor, (variable, ask) in _vendors(gateway).items()
    ]
    if gateway.profile.test_mode.settings:
        questions += [
            Question(f"credentials on {name}", partial(_prefixes, gateway, name), partial(_all_test, gateway), name)
            for name in gateway.profile.servers
        ]
    return questions or [unanswerable("vendors", NotConfigured("[vendors.…]"))]


def _vendors(gateway: Gateway) -> Mapping[str, tuple[str, Callable[[], Mode]]]:
    """Return, by vendor, the variable of its credential and how its mode is found out. Whom only this suite asks is not among them."""
    vendors, sources = gateway.profile.vendors, gateway.sources
    found: dict[str, tuple[str, Callable[[], Mode]]] = {}
    if stripe := vendors.stripe:
        api = partial(sources.api, "Stripe", stripe.base_url, stripe.token_variable)
        found["Stripe"] = stripe.token_variable, lambda: stripe_mode(api())
    if (sms := vendors.sms) and sms.enabled and sms.account and sms.token_variable:
        found["Twilio"] = sms.token_variable, partial(_twilio, gateway, sms.base_url, sms.account, sms.token_variable)
    if calcom := vendors.calcom:
        found["Cal.com"] = calcom.token_variable, partial(_by_prefix, gateway, calcom.token_variable)
    if retell := vendors.retell:
        found["Retell.ai"] = retell.token_variable, partial(_retell, gateway, retell.base_url, retell.token_variable)
    return found


def _asked(gateway: Gateway, vendor: str, ask: Callable[[], Mode]) -> Mode:
    return gateway.once(("mode", vendor), ask)


def _test(seen: Mode) -> list[str]:
    return mode_shortfalls(seen.mode, seen.told_by)


def _twilio(gateway: Gateway, base_url: str, account: str, variable: str) -> Mode:
    token, profile, parts = gateway.environment.secret(variable) or "", gateway.profile, urlsplit(base_url)
    with_credentials = urlunsplit(parts._replace(netloc=f"{quote(account)}:{quote(token, safe='')}@{parts.netloc}"))
    http = Http(with_credentials, timeout_s=profile.timeout_s, deadline_s=profile.timeout_s, blame=Blame.THIRD_PARTY)
    return twilio_mode(Api("Twilio", http, variable=variable, deadline_s=profile.vendor_deadline_s), account)


def _retell(gateway: Gateway, base_url: str, variable: str) -> Mode:
    name = gateway.profile.test_mode.retell_name
    if not name:
        raise NotConfigured("[test_mode] retell_name")
    return retell_mode(gateway.sources.api("Retell.ai", base_url, variable), name)


def _by_prefix(gateway: Gateway, variable: str) -> Mode:
    settings = gateway.profile.test_mode
    prefix = fitting_prefix(gateway.environment.secret(variable) or "", (*settings.test_prefixes, *settings.live_prefixes))
    told = f"its beginning {prefix!r}" if prefix else "it begins with none of the prefixes in [test_mode]"
    return Mode(mode_of(prefix, settings.test_prefixes, settings.live_prefixes), told)


def _prefixes(gateway: Gateway, server: str) -> Prefixes:
    settings, app = gateway.profile.test_mode, gateway.profile.servers[server].app
    file = settings.file if settings.file.startswith("/") else f"{app}/{settings.file}"
    known = (*settings.test_prefixes, *settings.live_prefixes)
    client = gateway.connections.server(server)
    return gateway.once(("prefixes", server), lambda: prefixes_of(client, file, settings.settings, known))


def _all_test(gateway: Gateway, seen: Prefixes) -> list[str]:
    """Return which of the gateway's own credentials are not test ones; one of an unknown kind is not provably one."""
    settings = gateway.profile.test_mode
    found = []
    for name, prefix in seen.prefixes.items():
        mode = mode_of(prefix, settings.test_prefixes, settings.live_prefixes)
        begins = f"begins with {prefix!r}" if prefix else "begins with no known prefix"
        if mode != "test":
            found.append(f"{name} in {seen.file} {begins}; expected a test credential: {' or '.join(settings.test_prefixes)}")
    return found
