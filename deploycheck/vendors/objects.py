"""An S3-compatible object store: what it has of one object, by its own word. Reads."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Exchange, Http
from deploycheck.vendors.sigv4 import Credential, escaped, query_of, signed_headers

_MD5 = re.compile(r'"?([0-9a-f]{32})"?')


@dataclass(frozen=True)
class StoredObject:
    """One object. `sha256` and `md5` are of its whole content, in hex, as the store has computed them; None where it says neither."""

    kind: ClassVar[str] = "facts"

    bucket: str
    key: str
    size_bytes: int
    sha256: str | None
    md5: str | None
    observed_at: datetime


class Objects:
    """One bucket.

    Args:
        http: of the store, the bucket before the host unless `path_style`.
        variables: the credential's, as messages name them.
    """

    def __init__(self, http: Http, bucket: str, credential: Credential, *, region: str, path_style: bool, variables: str) -> None:
        self._http, self._bucket, self._credential, self._region = http, bucket, credential, region
        self._root = f"/{bucket}" if path_style else ""
        self._variables = variables

    def object(self, key: str) -> StoredObject | None:
        """Return what the store has under `key`; None when the bucket has no such object.

        Raises:
            ObservationError: no answer, a refused credential, no such bucket, or an answer as no object store gives it.

        Source: S3 API, HeadObject, with x-amz-checksum-mode. The ETag of an object that was put in one part and is not encrypted with a
        key of KMS is the MD5 of its content; a checksum that ends in -N is one of the checksums of N parts.
        """
        answer = self._ask("HEAD", f"{self._root}/{escaped(key)}", {"x-amz-checksum-mode": "ENABLED"})
        if answer.status in (403, 404):
            # HEAD has no body, so the store cannot say what it misses; it may be the bucket, or the right to know.
            self._explain(answer, key)
            return None
        if answer.status != 200:
            raise self._trouble(answer, "200", Blame.THIRD_PARTY)
        headers = answer.headers
        length, etag = headers.get("content-length", ""), headers.get("etag", "")
        if not length.isdecimal() or not etag or "last-modified" not in headers:
            raise self._trouble(answer, "ETag, Last-Modified and Content-Length, as an object store gives them", Blame.THIRD_PARTY)
        return StoredObject(self._bucket, key, int(length), _sha256(headers), _md5(headers), datetime.now(UTC))

    def _explain(self, answer: Exchange, key: str) -> None:
        """Ask for the object by listing the bucket, whose answer has a body; return quietly when it is simply not there."""
        listed = self._ask("GET", self._root or "/", {}, {"list-type": "2", "max-keys": "1", "prefix": key})
        code = re.search(r"<Code>([^<]+)</Code>", listed.text)
        if listed.status == 200 and "<ListBucketResult" not in listed.text:
            raise self._trouble(listed, "a list of objects", Blame.THIRD_PARTY)
        there = f"<Key>{key}</Key>" in listed.text.replace("&amp;", "&")
        if listed.status == 200 and answer.status == 404 and not there:
            return
        if listed.status == 200:
            raise self._trouble(answer, f"to be let read {key}, which the bucket has" if there else "200, or 404 for one that is not there")
        said = code[1] if code else "no code"
        ours = listed.status in (301, 307, 400, 401, 403, 404)
        raise self._trouble(listed, f"a list of objects ({said})", Blame.CONFIGURATION if ours else Blame.THIRD_PARTY)

    def _ask(self, method: str, path: str, headers: Mapping[str, str], params: Mapping[str, str] | None = None) -> Exchange:
        url = self._http.base_url + path
        signed = signed_headers(method, url, params or {}, headers, self._credential, region=self._region, now=datetime.now(UTC))
        try:
            return self._http.request(method, f"{path}?{query_of(params)}" if params else path, headers=signed)
        except ObservationError as trouble:
            raise ObservationError(f"object store ({self._variables}): {trouble}", blame=trouble.blame) from None

    def _trouble(self, answer: Exchange, expected: str, blame: Blame = Blame.CONFIGURATION) -> ObservationError:
        return ObservationError(f"object store ({self._variables}): {answer}; expected {expected} for this key", blame=blame)


def _sha256(headers: Mapping[str, str]) -> str | None:
    told = headers.get("x-amz-checksum-sha256", "")
    if headers.get("x-amz-checksum-type", "FULL_OBJECT").upper() != "FULL_OBJECT":
        return None
    try:
        digest = base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError):
        return None
    return digest.hex() if len(digest) == 32 else None


def _md5(headers: Mapping[str, str]) -> str | None:
    encrypted = headers.get("x-amz-server-side-encryption", "AES256") != "AES256" or any("customer-algorithm" in name for name in headers)
    found = _MD5.fullmatch(headers.get("etag", ""))
    return found[1] if found and not encrypted else None
