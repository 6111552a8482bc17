"""Every signature is the one that Amazon's own library makes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from botocore.auth import S3SigV4Auth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]

from deploycheck.vendors.sigv4 import Credential, escaped, signed_headers

HEADERS = {"x-amz-checksum-mode": "ENABLED"}


@pytest.mark.parametrize("key", ["a.sql.gz", "pre deploy/a+b~c (1).gz", "ü/=&?#.gz", "a//b/../c"])
@pytest.mark.parametrize(
    "base", ["https://s3.eu-central-1.amazonaws.com/bucket", "http://127.0.0.1:9000/bucket", "https://bucket.store.test:443"]
)
@pytest.mark.parametrize("params", [{}, {"list-type": "2", "prefix": "a b/c+d", "max-keys": "1"}])
@pytest.mark.parametrize("token", [None, "a/session+token=="])
def test_a_signature_is_botocores(key: str, base: str, params: Mapping[str, str], token: str | None) -> None:
    """Keys that need escaping, any host, queries, temporary credentials."""
    url = f"{base}/{escaped(key)}"
    ours = signed_headers("GET", url, params, HEADERS, Credential("AKIA", "secret", token), region="eu-central-1", now=datetime.now(UTC))
    theirs = AWSRequest("GET", url.replace(":443", ""), params=dict(params), headers=dict(HEADERS))
    theirs.context["payload_signing_enabled"] = True
    signer = S3SigV4Auth(Credentials("AKIA", "secret", token), "s3", "eu-central-1")
    theirs.context["timestamp"] = ours["x-amz-date"]
    theirs.headers["X-Amz-Date"] = ours["x-amz-date"]
    theirs.headers["x-amz-content-sha256"] = ours["x-amz-content-sha256"]
    if token:
        theirs.headers["X-Amz-Security-Token"] = token
    signature = signer.signature(signer.string_to_sign(theirs, signer.canonical_request(theirs)), theirs)

    assert ours["authorization"].endswith(f"Signature={signature}")


def test_a_credential_shows_nothing() -> None:
    """Tracebacks print arguments."""
    assert repr(Credential("AKIA", "secret", "token")) == "Credential()"
