"""The certificate that nginx serves: expired, of another host, without its intermediate."""

from __future__ import annotations

import datetime as dt

from stack.faults.bench import Bench
from stack.faults.fault import fault
from stack.faults.services import reload_nginx

OTHER_HOST = "www.gateway.test"
FILES = ("pki/server.pem", "pki/server.key")
END = "-----END CERTIFICATE-----\n"


@fault("certificate-expired", "the SSL certificate expired yesterday")
def certificate_expired(bench: Bench) -> None:
    """Signed by the right authority, for the right host."""
    from stack import pki  # cryptography takes a tenth of a second to import: only who needs it pays

    now = dt.datetime.now(dt.UTC)
    _keep(bench)
    pki.issue_leaf(bench.layout, not_before=now - dt.timedelta(days=91), not_after=now - dt.timedelta(days=1))
    reload_nginx(bench.layout)


@fault("certificate-other-host", f"the SSL certificate is for another host, {OTHER_HOST}")
def certificate_other_host(bench: Bench) -> None:
    """The leaf as it is, of the right authority and for the same key, with another name in it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    from stack import pki

    now = dt.datetime.now(dt.UTC)
    _keep(bench)
    issuer = pki.Authority.read(bench.path("pki/intermediate.pem"), bench.path("pki/intermediate.key"))
    leaf, rest = _split(bench.path("pki/server.pem").read_text())
    old = x509.load_pem_x509_certificate(leaf.encode())
    builder = x509.CertificateBuilder(
        issuer_name=old.issuer,
        subject_name=x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, OTHER_HOST)]),
        public_key=old.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - dt.timedelta(hours=1),
        not_valid_after=now + dt.timedelta(days=pki.LEAF_DAYS),
    )
    for extension in old.extensions:
        names = x509.SubjectAlternativeName([x509.DNSName(OTHER_HOST)])
        value = names if isinstance(extension.value, x509.SubjectAlternativeName) else extension.value
        builder = builder.add_extension(value, critical=extension.critical)
    signed = builder.sign(issuer.key, hashes.SHA256())
    bench.path("pki/server.pem").write_text(signed.public_bytes(serialization.Encoding.PEM).decode() + rest)
    reload_nginx(bench.layout)


@fault("certificate-incomplete", "nginx does not send the intermediate certificate")
def certificate_incomplete(bench: Bench) -> None:
    """Browsers that have met it elsewhere do not notice."""
    _keep(bench)
    bench.path("pki/server.pem").write_text(_split(bench.path("pki/server.pem").read_text())[0])
    reload_nginx(bench.layout)


def _keep(bench: Bench) -> None:
    bench.note("reload-nginx")
    for file in FILES:
        bench.keep(bench.path(file))


def _split(chain: str) -> tuple[str, str]:
    """Return the leaf's PEM, and that of the certificates behind it."""
    end = chain.index(END) + len(END)
    return chain[:end], chain[end:]
