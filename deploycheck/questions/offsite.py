"""The newest backup's copy in the offsite store."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar
from urllib.parse import urlsplit, urlunsplit

from deploycheck.errors import Blame, NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.questions.applicable import production_only
from deploycheck.questions.backups import newest_backup, read_file, readable
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.offsite import copy_shortfalls
from deploycheck.settings import Backup, Offsite
from deploycheck.targets.backup import BackupFile, md5_of
from deploycheck.targets.http import Http
from deploycheck.vendors.objects import Objects, StoredObject
from deploycheck.vendors.sigv4 import Credential


@dataclass(frozen=True)
class Copies:
    """The newest backup here, with its checksums in hex, and what the store has of it (None: nothing)."""

    kind: ClassVar[str] = "facts"

    here: BackupFile
    sha256: str | None
    md5: str | None
    there: StoredObject | None


@production_only
def backup(gateway: Gateway) -> list[Question]:
    """Return the question of prod.backup-offsite."""
    local, store = gateway.profile.daily_backup or gateway.profile.backup, gateway.profile.offsite
    if not local or not store:
        return [unanswerable("copy", NotConfigured("[offsite]" if local else "[backup]"))]

    def shortfalls(seen: Copies) -> list[str]:
        there = seen.there
        return copy_shortfalls(
            seen.here.name,
            size_bytes=seen.here.size_bytes,
            sha256=seen.sha256,
            md5=seen.md5,
            stored_bytes=there.size_bytes if there else None,
            stored_sha256=there.sha256 if there else None,
            stored_md5=there.md5 if there else None,
        )

    where = f"bucket {store.bucket} at {urlsplit(store.base_url).netloc}"
    return [Question("copy", partial(_copies, gateway, local, store), shortfalls, where)]


def _copies(gateway: Gateway, local: Backup, store: Offsite) -> Copies:
    def look() -> Copies:
        seen = newest_backup(gateway, local)
        if not readable(seen, local):
            raise ObservationError(f"{seen.server}: there is no {local.pattern} in {local.folder}; expected one to compare the copy with")
        here = read_file(seen)
        there = objects(gateway, store).object(store.prefix + here.name)
        # Only where the store knows nothing better is the backup read once more.
        lacks = there is not None and there.sha256 is None and there.md5 is not None
        md5 = md5_of(gateway.connections.server(local.server), here.path, local.timeout_s) if lacks else None
        return Copies(here, seen.sha256, md5, there)

    return gateway.once("offsite copy", look)


def objects(gateway: Gateway, store: Offsite) -> Objects:
    """Return the client of the offsite store."""
    secret, seconds = gateway.environment.secret, gateway.profile.timeout_s
    parts = urlsplit(store.base_url)
    host = parts.netloc if store.path_style else f"{store.bucket}.{parts.netloc}"
    http = Http(
        urlunsplit(parts._replace(netloc=host)),
        ca_file=store.ca_file,
        timeout_s=seconds,
        deadline_s=seconds,
        # The length that counts is that of what is stored.
        headers={"Accept-Encoding": "identity"},
        blame=Blame.THIRD_PARTY,
    )
    credential = Credential(
        secret(store.access_key_variable) or "", secret(store.secret_key_variable) or "", secret(store.session_token_variable)
    )
    variables = f"{store.access_key_variable} and {store.secret_key_variable}"
    return Objects(http, store.bucket, credential, region=store.region, path_style=store.path_style, variables=variables)
