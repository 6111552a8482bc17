"""What a TLS endpoint shows: its certificates as a client verifies them, what it sends of them, and the versions it speaks."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import certifi
from cryptography import x509

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.handshake import common_name, explain_handshake, names_of
from deploycheck.targets.look import Look, Trouble
from deploycheck.targets.old_tls import VERSIONS, speaks
from deploycheck.targets.transport import bounded_context, connect

_UNSPOKEN = frozenset({"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "WRONG_VERSION_NUMBER"})
_MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Certificate:
    """One certificate of the verified chain; `own` is that of the endpoint itself, `root` one that issued itself; `sent` by the server."""

    subject: str
    issuer: str
    names: str
    not_before: datetime
    not_after: datetime
    own: bool
    root: bool
    sent: bool


@dataclass(frozen=True)
class TlsSeen:
    """One endpoint. `refused` says why no handshake came about (empty: one did); `certificates` are those of the verified chain, the
    endpoint's own first; `old_versions` the ones before 1.2 that it speaks as well."""

    kind: ClassVar[str] = "facts"

    name: str
    address: str
    refused: str
    protocol: str
    cipher: str
    certificates: tuple[Certificate, ...]
    old_versions: tuple[str, ...]
    observed_at: datetime


def tls_of(name: str, port: int, *, address: str | None = None, ca_file: str | None = None, timeout_s: float = 10.0) -> TlsSeen:
    """Return what the endpoint shows to a client that asks for `name`.

    Args:
        address: host:port to connect to instead of `name` and `port`. ca_file: PEM file of the only authorities to trust.

    Raises:
        ObservationError: nobody answers there in time, or not by TLS, or the CA file cannot be used.
    """
    try:
        context = bounded_context(ca_file or certifi.where())
    except OSError as trouble:
        told = f"the CA file {ca_file} cannot be used ({trouble.strerror or trouble}); expected a PEM file of authorities"
        raise ObservationError(told, blame=Blame.CONFIGURATION) from None
    look = _look(address, timeout_s)
    shown = f"{name}:{port}" + (f" at {address}" if address else "")
    try:
        return _seen(context, name, port, look)
    except Trouble as trouble:
        raise ObservationError(f"TLS of {shown}: {trouble}; expected a handshake") from None


def _look(address: str | None, timeout_s: float) -> Look:
    host, _, number = (address or "").rpartition(":")
    return Look(timeout_s, 2 * timeout_s, _MAX_BYTES, (host.strip("[]"), int(number)) if address else None)


def _seen(context: ssl.SSLContext, name: str, port: int, look: Look) -> TlsSeen:
    sock = connect(name, port, look)
    where, look.phase = look.address, "in the TLS handshake"
    try:
        sock.settimeout(look.patience_s())
        with context.wrap_socket(sock, server_hostname=name) as tls:
            certificates, protocol, cipher = _chain(tls), tls.version() or "", (tls.cipher() or ("",))[0]
    except (ssl.SSLError, OSError) as error:
        sock.close()
        why = explain_handshake(error, name, look, lambda: connect(name, port, look))
        unspoken = isinstance(error, ssl.SSLError) and error.reason in _UNSPOKEN
        if not isinstance(error, ssl.SSLCertVerificationError) and not (unspoken and _old(name, port, look)):
            raise why from None
        return TlsSeen(name, where, str(why), "", "", (), _old(name, port, look), datetime.now(UTC))
    return TlsSeen(name, where, "", protocol, cipher, certificates, _old(name, port, look), datetime.now(UTC))


def _old(name: str, port: int, look: Look) -> tuple[str, ...]:
    """Return which of the versions before 1.2 the endpoint speaks."""
    found = []
    for version, number in VERSIONS.items():
        with connect(name, port, look) as sock:
            if speaks(sock, number, name, look):
                found.append(version)
    return tuple(found)


def _chain(tls: ssl.SSLSocket) -> tuple[Certificate, ...]:
    """Return the certificates by which the endpoint's own was verified."""
    # Public from Python 3.13 on; before, only the object underneath has them.
    sent, verified = (
        [entry if isinstance(entry, bytes) else ssl.PEM_cert_to_DER_cert(entry.public_bytes()) for entry in getattr(source, name)() or ()]
        for name in ("get_unverified_chain", "get_verified_chain")
        for source in [tls if hasattr(tls, name) else _underneath(tls)]
    )
    found = []
    for index, der in enumerate(verified):
        certificate = x509.load_der_x509_certificate(der)
        found.append(
            Certificate(
                subject=common_name(certificate.subject),
                issuer=common_name(certificate.issuer),
                names=names_of(certificate),
                not_before=certificate.not_valid_before_utc,
                not_after=certificate.not_valid_after_utc,
                own=index == 0,
                root=certificate.subject == certificate.issuer,
                sent=der in sent,
            )
        )
    return tuple(found)


def _underneath(tls: ssl.SSLSocket) -> Any:
    return tls._sslobj  # type: ignore[attr-defined]
