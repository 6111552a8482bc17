"""The stack's own certificate authority: root, intermediate, and one leaf for the public host name."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from stack.layout import HOST, Layout

LEAF_DAYS = 90
CA_DAYS = 3650


@dataclass(frozen=True)
class Authority:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def read(cls, certificate: Path, key: Path) -> Authority:
        """Read both from PEM files."""
        loaded = serialization.load_pem_private_key(key.read_bytes(), None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{key} holds no elliptic-curve key")
        return cls(x509.load_pem_x509_certificate(certificate.read_bytes()), loaded)


def make(layout: Layout) -> None:
    """Write STATE/pki: ca.pem, ca.key, intermediate.pem, intermediate.key, server.pem (leaf and intermediate), server.key."""
    directory = layout.path("pki")
    root = _authority("deploycheck stack root", None, 1)
    intermediate = _authority("deploycheck stack intermediate", root, 0)
    _write(directory / "ca.pem", _pem(root.certificate))
    _write(directory / "ca.key", _key_pem(root.key), secret=True)
    _write(directory / "intermediate.pem", _pem(intermediate.certificate))
    _write(directory / "intermediate.key", _key_pem(intermediate.key), secret=True)
    issue_leaf(layout)


def issue_leaf(layout: Layout, *, not_before: dt.datetime | None = None, not_after: dt.datetime | None = None) -> None:
    """Write a new server.pem and server.key, signed by the intermediate; valid from an hour ago for 90 days unless told otherwise."""
    directory = layout.path("pki")
    issuer = Authority.read(directory / "intermediate.pem", directory / "intermediate.key")
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName(HOST), x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))])
    leaf = (
        _builder(HOST, issuer, key, LEAF_DAYS, not_before, not_after)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .sign(issuer.key, hashes.SHA256())
    )
    _write(directory / "server.key", _key_pem(key), secret=True)
    _write(directory / "server.pem", _pem(leaf) + _pem(issuer.certificate))
    os.chown(directory / "server.key", layout.user.pw_uid, layout.user.pw_gid)


def _authority(name: str, issuer: Authority | None, path_length: int) -> Authority:
    """Return a new authority, signed by `issuer` or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(name, issuer, key, CA_DAYS, None, None)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    return Authority(certificate, key)


def _builder(
    name: str,
    issuer: Authority | None,
    key: ec.EllipticCurvePrivateKey,
    days: int,
    not_before: dt.datetime | None,
    not_after: dt.datetime | None,
) -> x509.CertificateBuilder:
    """Return what root, intermediate and leaf have in common. Python's ssl in strict mode wants both key identifiers."""
    now = dt.datetime.now(dt.UTC)
    start = not_before or now - dt.timedelta(hours=1)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    authority_key = issuer.key.public_key() if issuer else key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(not_after or now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """Return the usage of an authority's key, or of a server's."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    """Return the certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the key as unencrypted PEM: nothing but the stack's own loopback services ever trusts it."""
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _write(path: Path, content: bytes, *, secret: bool = False) -> None:
    """Write a file in one step, readable by its owner only when it is secret."""
    half = path.with_name(path.name + ".new")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if secret else 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    half.replace(path)
