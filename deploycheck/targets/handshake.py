"""Why a TLS handshake failed, in words that name the certificate, the names and the dates."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from deploycheck.targets.look import Look, Trouble

# X509_V_ERR_* of OpenSSL's x509_vfy.h
NOT_YET_VALID, EXPIRED, SELF_SIGNED_LEAF, SELF_SIGNED_IN_CHAIN, NO_ISSUER, NO_FIRST_ISSUER = 9, 10, 18, 19, 20, 21
HOSTNAME_MISMATCH, ADDRESS_MISMATCH = 62, 64


def explain_handshake(error: Exception, host: str, look: Look, reconnect: Callable[[], socket.socket]) -> Trouble:
    """Return what went wrong in the handshake that ended in `error`.

    A certificate that does not verify is fetched over a second connection that sends nothing, because the first is gone and keeps
    no certificate to speak about.
    """
    if isinstance(error, TimeoutError):
        return look.late()
    if not isinstance(error, ssl.SSLCertVerificationError):
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error) or type(error).__name__
        if isinstance(error, ssl.SSLEOFError | ConnectionResetError | BrokenPipeError):
            return Trouble("closed the connection in the TLS handshake")
        return Trouble(f"the TLS handshake failed: {str(reason).replace('_', ' ').lower()}")
    chain: list[x509.Certificate] = []
    with contextlib.suppress(Trouble, OSError, ValueError):
        chain = _chain_of(host, look, reconnect)
    return Trouble(_verification(error, host, chain))


def _verification(error: ssl.SSLCertVerificationError, host: str, chain: list[x509.Certificate]) -> str:
    code = error.verify_code
    if not chain:
        return f"the certificate for {host} is refused: {error.verify_message}"
    leaf, top = chain[0], chain[-1]
    named = f"the certificate of {names_of(leaf)} (asked for as {host})"
    if code in (EXPIRED, NOT_YET_VALID):
        culprit = next((certificate for certificate in chain if not _valid_now(certificate)), leaf)
        whose = "" if culprit is leaf else f" comes with that of {common_name(culprit.subject)}, which"
        dates = f"{culprit.not_valid_before_utc:%Y-%m-%d %H:%M} to {culprit.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
        return f"{named}{whose} {'expired' if code == EXPIRED else 'is not valid yet'}: it is valid from {dates}"
    if code in (HOSTNAME_MISMATCH, ADDRESS_MISMATCH):
        return f"the certificate is for {names_of(leaf)}, not for {host}"
    if code == SELF_SIGNED_LEAF:
        return f"{named} is signed by itself, not by a known authority"
    if code in (NO_ISSUER, NO_FIRST_ISSUER) and len(chain) == 1:
        issuer = common_name(leaf.issuer)
        return f"{named} came without its intermediate: the server sent no certificate of its issuer {issuer}, and the trust store has none"
    if code in (SELF_SIGNED_IN_CHAIN, NO_ISSUER, NO_FIRST_ISSUER):
        return f"{named} comes from an unknown authority: its chain ends at {common_name(top.issuer)}, which the trust store does not hold"
    return f"{named} is refused: {error.verify_message}"


def _chain_of(host: str, look: Look, reconnect: Callable[[], socket.socket]) -> list[x509.Certificate]:
    """Return the certificates that the server sends, its own first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with reconnect() as sock:
        sock.settimeout(look.patience_s())
        with context.wrap_socket(sock, server_hostname=host) as tls:
            # Public from Python 3.13 on; before, only the object underneath has it.
            chain: Any = getattr(tls, "get_unverified_chain", None) or getattr(getattr(tls, "_sslobj", None), "get_unverified_chain", None)
            sent = (
                [entry if isinstance(entry, bytes) else ssl.PEM_cert_to_DER_cert(entry.public_bytes()) for entry in chain()]
                if chain
                else []
            )
            return [x509.load_der_x509_certificate(der) for der in sent or [tls.getpeercert(binary_form=True) or b""]]


def _valid_now(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc


def names_of(certificate: x509.Certificate) -> str:
    """Return the names that a certificate is for, fit for a message."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return common_name(certificate.subject)
    names = [*extension.get_values_for_type(x509.DNSName), *map(str, extension.get_values_for_type(x509.IPAddress))]
    return _printable(", ".join(names[:5]) + (" and others" if len(names) > 5 else "")) or common_name(certificate.subject)


def common_name(name: x509.Name) -> str:
    """Return what a subject or issuer is called, fit for a message."""
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return _printable(repr(str(found[0].value))) if found else _printable(name.rfc4514_string()) or "an authority without a name"


def _printable(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "?", text)[:200]
