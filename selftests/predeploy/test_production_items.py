"""Production's offsite copy: passed, failed and error, by what a store like S3 has, which checks every signature."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from deploycheck.doctor.gate import gate
from deploycheck.gateway import Gateway
from deploycheck.observatory import Observatory
from deploycheck.outcomes import Ending
from selftests.predeploy.asking import RELEASE, asked, environment, told
from selftests.stub import Answer, Stub, Told
from stack.offsite import BUCKET, REGION, ObjectStore, object_store

VARIABLES = 'access_key_variable = "BACKUP_KEY"\nsecret_key_variable = "BACKUP_SECRET"\n'
NAME = "backup-1.sql.gz"
PART_BYTES = 5 * 1024 * 1024  # the least that S3 takes
CONTENT = gzip.compress(b"-- MariaDB dump\n-- Dump completed on 2026-11-23 14:00:00\n", mtime=0)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    with object_store(tmp_path_factory.mktemp("store")) as made:
        yield made


def offsite(
    folder: Path, url: str, keys: Mapping[str, str], *, ssh: str = "local://", bucket: str = BUCKET, content: bytes = CONTENT
) -> Ending:
    """Return how prod.backup-offsite ends: one backup lies in the folder, the store is at `url`."""
    backups = folder / "backups"
    backups.mkdir()
    (backups / NAME).write_bytes(content)
    prefix = f"{folder.name}/"
    profile = f"""production = true
timeout_s = 2.0
[servers.app]
ssh = "{ssh}"
app = "/app"
[backup]
server = "app"
folder = "{backups}"
[offsite]
base_url = "{url}"
region = "{REGION}"
bucket = "{bucket}"
prefix = "{prefix}"
{VARIABLES}"""
    return asked("prod.backup-offsite", folder, profile, keys)["copy"]


def keys(store: ObjectStore) -> dict[str, str]:
    return {"BACKUP_KEY": store.access_key, "BACKUP_SECRET": store.secret_key}


def parted(store: ObjectStore, key: str, content: bytes) -> None:
    """Put content in two parts: neither its ETag nor its checksum is then one of the whole."""
    client = store.client()
    upload = client.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
    parts = [
        {"PartNumber": number, "ETag": client.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=number, Body=part)["ETag"]}
        for number, part in enumerate((content[:PART_BYTES], content[PART_BYTES:]), start=1)
    ]
    client.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={"Parts": parts})


Put = Callable[[ObjectStore, str], object]
COPIES: list[tuple[str, Put, str, str]] = [
    ("with its sha256", lambda store, key: store.put(key, CONTENT, ChecksumAlgorithm="SHA256"), "passed", ""),
    ("with its MD5 alone", lambda store, key: store.put(key, CONTENT), "passed", ""),
    ("absent", lambda store, key: store.put(key + ".sha256", b"x"), "failed", f"{NAME} is not there"),
    ("shorter", lambda store, key: store.put(key, CONTENT[:-1]), "failed", f"{NAME} has {len(CONTENT) - 1} bytes there"),
    ("of another content", lambda store, key: store.put(key, b"x" * len(CONTENT), ChecksumAlgorithm="SHA256"), "failed", "the sha256 of"),
    ("of another content by MD5", lambda store, key: store.put(key, b"x" * len(CONTENT)), "failed", "the MD5 of"),
]


@pytest.mark.parametrize(("put", "outcome", "words"), [copy[1:] for copy in COPIES], ids=[copy[0] for copy in COPIES])
def test_the_copy(store: ObjectStore, tmp_path: Path, put: Put, outcome: str, words: str) -> None:
    """Compared with what lies here, by the store's own checksum; the store is only read."""
    put(store, f"{tmp_path.name}/{NAME}")
    before = len(store.requests())
    ended = offsite(tmp_path, store.url, keys(store))

    assert ended.outcome.value == outcome, told(ended)
    assert words in ended.seen
    assert {method for method, _ in store.requests()[before:]} <= {"HEAD", "GET"}


REFUSED = [
    ({"BACKUP_SECRET": "another"}, BUCKET, "SignatureDoesNotMatch"),
    ({"BACKUP_KEY": "AKIANOBODY"}, BUCKET, "InvalidAccessKeyId"),
    ({}, "another-bucket", "NoSuchBucket"),
]


@pytest.mark.parametrize(("changed", "bucket", "code"), REFUSED)
def test_a_store_that_refuses_us_is_no_missing_copy(
    store: ObjectStore, tmp_path: Path, changed: dict[str, str], bucket: str, code: str
) -> None:
    """The profile's fault, named with the variables."""
    store.put(f"{tmp_path.name}/{NAME}", CONTENT)
    ended = offsite(tmp_path, store.url, {**keys(store), **changed}, bucket=bucket)

    assert told(ended).startswith("error [configuration] object store (BACKUP_KEY and BACKUP_SECRET): GET ")
    assert f"({code}) for this key" in ended.expected


GARBAGE: list[tuple[Told, str]] = [
    (Answer(200, b"<html>Welcome"), "answered 200"),
    (Answer(404, b"<html>Not here"), "answered 404"),
    (Answer(503, b""), "answered 503"),
    (lambda asked: Answer(404 if asked.method == "HEAD" else 200, b"<html>Welcome"), "answered 200"),
]


@pytest.mark.parametrize(("answer", "words"), GARBAGE, ids=range(len(GARBAGE)))
def test_what_is_no_object_store(tmp_path: Path, answer: Told, words: str) -> None:
    """Garbage with any status is neither a copy nor a missing one."""
    with Stub(otherwise=answer) as stub:
        ended = offsite(tmp_path, stub.url, {"BACKUP_KEY": "a", "BACKUP_SECRET": "b"})
        assert ended.outcome.value == "error", told(ended)
        assert words in ended.seen
        assert stub.url in ended.seen


def test_nobody_there_here_or_offsite(store: ObjectStore, tmp_path: Path) -> None:
    """No store, and no backup to compare with."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    offline = offsite(tmp_path / "one", "http://127.0.0.1:1", keys(store))
    no_server = offsite(tmp_path / "two", store.url, keys(store), ssh="ssh://127.0.0.1:1")

    assert told(offline).startswith("error [third party] object store (BACKUP_KEY and BACKUP_SECRET): HEAD http://127.0.0.1:1/")
    assert told(no_server).startswith("error [target] server app: ")


def test_a_copy_in_parts_proves_nothing(store: ObjectStore, tmp_path: Path) -> None:
    """The size is right, and the store knows no checksum of the whole."""
    content = bytes(PART_BYTES + 10)
    parted(store, f"{tmp_path.name}/{NAME}", content)
    ended = offsite(tmp_path, store.url, keys(store), content=content)

    assert ended.outcome.value == "inconclusive", told(ended)
    assert "the store knows no checksum of its whole content" in ended.seen


def test_the_doctor_tries_the_key_beforehand(store: ObjectStore, tmp_path: Path) -> None:
    """Which is good, whatever the bucket has."""
    for secrets, fine in ((keys(store), True), ({**keys(store), "BACKUP_SECRET": "another"}, False)):
        profile = f'[offsite]\nbase_url = "{store.url}"\nregion = "{REGION}"\nbucket = "{BUCKET}"\n{VARIABLES}'
        gateway = Gateway(environment(tmp_path, profile, secrets), RELEASE, Observatory(), tmp_path)
        found = [finding for finding in gate(gateway) if "object store" in finding.about]
        assert [finding.wrong is None for finding in found] == [fine]


@pytest.mark.parametrize("item", ["prod.backup-offsite", "prod.rollback-tested"])
def test_elsewhere_they_are_not_applicable(tmp_path: Path, item: str) -> None:
    """And in production without a source, they are not configured."""
    assert [ended.outcome.value for ended in asked(item, tmp_path, "").values()] == ["not applicable"]
    assert [ended.outcome.value for ended in asked(item, tmp_path, "production = true").values()] == ["not configured"]
