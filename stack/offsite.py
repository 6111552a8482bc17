"""An object store like S3 on loopback, started when somebody needs one: moto's server, which is for development only.

No part of `up`: the local gateway is no production, so its backups have no copy elsewhere. It checks every signature.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stack import ports
from stack.errors import StackError
from stack.waiting import wait_until

REGION = "eu-central-1"
BUCKET = "gateway-backups"
START_LIMIT_S = 30.0
# How many requests are taken without a look at their signature, until the account is made.
_UNTIL_MADE = "100"
_POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'


@dataclass(frozen=True)
class ObjectStore:
    """A store with one bucket and one account that may do everything to it. `log` has a line for every request."""

    url: str
    access_key: str
    secret_key: str = field(repr=False)
    log: Path

    def client(self) -> Any:
        """Return a client of its account, of Amazon's own library."""
        return _client("s3", self.url, self.access_key, self.secret_key)

    def put(self, key: str, content: bytes, **options: Any) -> None:
        """Put an object into the bucket; options are those of PutObject."""
        self.client().put_object(Bucket=BUCKET, Key=key, Body=content, **options)

    def requests(self) -> list[tuple[str, str]]:
        """Return method and path of every request so far."""
        text = re.sub(r"\x1b\[\d*m", "", self.log.read_text(errors="replace"))
        return re.findall(r'"([A-Z]+) (\S+) HTTP/', text)


@contextmanager
def object_store(folder: Path) -> Iterator[ObjectStore]:
    """Yield a store that lives as long as the block; its log is in `folder`.

    Raises:
        StackError: moto is not installed, or its server does not come up.
    """
    port = ports.free()
    log = folder / "object-store.log"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    environment = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": _UNTIL_MADE, "MOTO_ACCOUNT_ID": "123456789012"}
    with log.open("w") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment)
        try:

            def up() -> bool:
                if process.poll() is not None:
                    said = log.read_text().strip().splitlines()
                    raise StackError(f"moto's server ended at once: {said[-1] if said else process.returncode}")
                return ports.answers(port)

            wait_until(up, START_LIMIT_S, lambda: f"moto's server does not answer on port {port}")
            yield _made(f"http://127.0.0.1:{port}", log)
        finally:
            process.terminate()
            process.wait(10)


def _made(url: str, log: Path) -> ObjectStore:
    """Make bucket and account, and from then on have every signature checked."""
    store, accounts = (_client(service, url, "maker", "maker") for service in ("s3", "iam"))
    store.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    accounts.create_user(UserName="backup")
    accounts.put_user_policy(UserName="backup", PolicyName="all", PolicyDocument=_POLICY)
    key = accounts.create_access_key(UserName="backup")["AccessKey"]
    plain = {"Content-Type": "text/plain"}
    checked = urllib.request.Request(f"{url}/moto-api/reset-auth", b"0", plain, method="POST")  # noqa: S310 - loopback
    with urllib.request.urlopen(checked, timeout=10):  # noqa: S310
        pass
    return ObjectStore(url, key["AccessKeyId"], key["SecretAccessKey"], log)


def _client(service: str, url: str, access_key: str, secret_key: str) -> Any:
    import boto3  # type: ignore[import-untyped]
    from botocore.config import Config  # type: ignore[import-untyped]

    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1})
    return boto3.client(
        service, endpoint_url=url, region_name=REGION, aws_access_key_id=access_key, aws_secret_access_key=secret_key, config=config
    )
