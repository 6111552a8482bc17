"""The vendors' clients as a profile describes them. Asked under a section that the profile has."""

from __future__ import annotations

from urllib.parse import quote, urlsplit, urlunsplit

from deploycheck.errors import Blame, NotConfigured
from deploycheck.profile import Environment
from deploycheck.settings import Vendor
from deploycheck.targets.http import Http
from deploycheck.vendors.calcom import CalCom
from deploycheck.vendors.retell import Retell
from deploycheck.vendors.sms import Sms


def calcom_client(environment: Environment) -> CalCom:
    """Return the client of [vendors.calcom].

    Raises:
        NotConfigured: the profile has no such section.
    """
    settings = environment.settings.vendors.calcom
    return CalCom(_http(environment, settings, "calcom"), settings.attendee_email if settings else None)


def retell_client(environment: Environment) -> Retell:
    """Return the client of [vendors.retell].

    Raises:
        NotConfigured: the profile has no such section.
    """
    return Retell(_http(environment, environment.settings.vendors.retell, "retell"))


def sms_client(environment: Environment) -> Sms:
    """Return the client of [vendors.sms].

    Raises:
        NotConfigured: the profile has no such section, or SMS is not enabled.
    """
    settings = environment.settings.vendors.sms
    if not settings or not settings.enabled or not settings.account:
        raise NotConfigured("[vendors.sms]")
    token = environment.secret(settings.token_variable) or ""
    parts = urlsplit(settings.base_url)
    with_credentials = parts._replace(netloc=f"{quote(settings.account)}:{quote(token, safe='')}@{parts.netloc}")
    seconds = environment.settings.timeout_s
    return Sms(Http(urlunsplit(with_credentials), timeout_s=seconds, deadline_s=seconds, blame=Blame.THIRD_PARTY), settings.account)


def _http(environment: Environment, vendor: Vendor | None, name: str) -> Http:
    if not vendor:
        raise NotConfigured(f"[vendors.{name}]")
    seconds = environment.settings.timeout_s
    token = environment.secret(vendor.token_variable)
    return Http(vendor.base_url, bearer=token, timeout_s=seconds, deadline_s=seconds, blame=Blame.THIRD_PARTY)
