"""What a release stands on: copies of the backup elsewhere, certificates, test data, the profiler, the rollback drill."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from deploycheck.settings.base import Addressed, HttpUrl, Names, Path, Section, Variable
from deploycheck.settings.journeys import Sql


class Offsite(Section):
    """The S3-compatible store that backups are copied to. An object's key is `prefix` and the backup's file name.

    `path_style` puts the bucket into the path, as most stores other than Amazon's want it; else it stands before the host.
    """

    base_url: HttpUrl = "https://s3.eu-central-1.amazonaws.com"
    region: str = "eu-central-1"
    bucket: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$")]
    prefix: Annotated[str, Field(pattern=r"^([^/].*/)?$", description='such as "pre-deploy/": ends in a slash')] = ""
    path_style: bool = True
    ca_file: str | None = None
    access_key_variable: Variable
    secret_key_variable: Variable
    session_token_variable: Variable | None = None


class TlsEndpoint(Addressed):
    """A place that speaks TLS from the first byte: its address, and the name that its certificate is for if that is another."""

    name: str | None = None
    ca_file: str | None = None


class Tls(Section):
    """Endpoints whose certificates are looked at besides base_url's, which is asked at the balancer and at every server's own address."""

    endpoints: tuple[TlsEndpoint, ...] = ()


class TestData(Section):
    """How one sees when the test data was last refreshed: by a row of the database, or by a file on a server.

    `query` returns one instant; one without a zone is in the application's. `file` counts by the time of its last change.
    """

    __test__ = False  # pytest would take the name for a test's

    query: Sql | None = None
    file: Path | None = None
    server: Annotated[str | None, Field(description="where the file is")] = None

    @model_validator(mode="after")
    def _whole(self) -> TestData:
        if (self.query is None) == (self.file is None):
            raise ValueError("needs either query or file")
        if self.file and not self.server:
            raise ValueError("lacks server, which `file` needs")
        return self


class Profiling(Section):
    """How one sees that performance profiling is on: a header or JSON field of an answer, or a setting in a file on a server.

    `value` is a regular expression for the whole of what is found there.
    """

    value: Annotated[str, Field(min_length=1)]
    path: Path | None = None
    header: str | None = None
    field: Annotated[str | None, Field(description="dotted")] = None
    file: Path | None = None
    setting: Annotated[str | None, Field(pattern=r"^[\w.]+$", description="NAME of a line NAME=value")] = None
    server: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Profiling:
        asked = bool(self.path and (bool(self.header) != bool(self.field)))
        read = bool(self.file and self.setting and self.server)
        if asked == read:
            raise ValueError("needs either path with header or field, or file with setting and server")
        return self


class RollbackDrill(Section):
    """Where the drill of a rollback was made, and whose signature under it counts."""

    environment: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="as reports and folders carry it")] = "staging"
    reports: Annotated[str | None, Field(description="the folder of reports that has the drill, if not this run's")] = None
    allowed_signers: Annotated[str | None, Field(description="given, the drill must be signed by one of these")] = None


class TestMode(Section):
    """How one sees that the gateway uses its vendors in test mode, besides asking them.

    `settings` are NAMEs of lines NAME=value in the application's environment file, whose values begin as the prefixes say; the longest
    prefix that fits decides. `retell_name` is for Retell.ai, whose keys have no mode: what it calls the key, or else its organisation.
    """

    __test__ = False

    settings: Annotated[Names, Field(description="the gateway's own credentials, by their names in its environment file")] = ()
    file: Annotated[str, Field(description="the environment file, absolute or below the application")] = "shared/.env"
    test_prefixes: Names = ("cal_", "sk_test_", "rk_test_", "pk_test_", "POSTMARK_API_TEST")
    live_prefixes: Names = ("cal_live_", "sk_live_", "rk_live_", "pk_live_")
    retell_name: Annotated[str | None, Field(description="regular expression for the whole name of a test key or organisation")] = None
