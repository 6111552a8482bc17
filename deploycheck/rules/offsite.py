"""Whether a copy elsewhere is the backup that lies here."""

from __future__ import annotations

from deploycheck.errors import Inconclusive


def copy_shortfalls(
    name: str,
    *,
    size_bytes: int,
    sha256: str | None,
    md5: str | None,
    stored_bytes: int | None,
    stored_sha256: str | None,
    stored_md5: str | None,
) -> list[str]:
    """Return what keeps the stored object from being the local file.

    Args:
        stored_bytes: None when the store has no such object.

    Raises:
        Inconclusive: the sizes agree, and the store has no checksum that says more.
    """
    if stored_bytes is None:
        return [f"{name} is not there; expected a copy of the newest backup"]
    if stored_bytes != size_bytes:
        return [f"{name} has {stored_bytes:,} bytes there; expected {size_bytes:,}, as here"]
    for kind, here, there in (("sha256", sha256, stored_sha256), ("MD5", md5, stored_md5)):
        if here and there:
            return [] if here == there else [f"the {kind} of {name} is {there[:12]} there; expected {here[:12]}, as here"]
    raise Inconclusive(
        f"{name} has the right size, but the store knows no checksum of its whole content; "
        "expected it to be uploaded with `--checksum-algorithm SHA256`, or in one part"
    )
