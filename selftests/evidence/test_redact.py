"""Nothing secret leaves through the journal, and nothing that an operator needs is taken away."""

from __future__ import annotations

import base64
import json
import random
import re
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest

from deploycheck.evidence.plain import Json
from deploycheck.evidence.redact import Redactor

CONFIGURED = 'p"a/ss+wörd&<7>'
SECRETS = [CONFIGURED, "correct horse battery", "s3cr3tvalue", "271828182845"]
DICED = {  # shapes that need no configuration
    "bearer": "Bearer zYx9-8.w_v~u+t/s==",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "stripe": "sk_live_51HxYzAbCdEf",
    "stripe test": "sk_test_51HxYzAbCdEf",
    "stripe restricted": "rk_live_51HxYzAbCdEf",
    "slack": "xoxb-1234567890-abcdef",
    "github": "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "github fine-grained": "github_pat_11ABCDEFG0abcdefghij_KLMNOP",
    "retell": "key_0a1b2c3d4e5f60718293",
    "cal.com": "cal_live_0a1b2c3d4e5f",
    "cal.com test": "cal_0a1b2c3d4e5f6071",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "laravel": "base64:" + base64.b64encode(bytes(range(32))).decode(),
    "mail": "erika.mustermann+test@praxis-muster.de",
    "mobile": "0171 1234567",
    "e.164": "+4915112345678",
    "landline": "(030) 1234-5678",
    "landline slash": "030/12345678",
    "international": "+49 (0) 30 1234567",
    "zeros": "0049 171 1234567",
    "basic": "Basic " + base64.b64encode(b"verify:geheim").decode(),
}
WAYS: dict[str, Callable[[str], str]] = {
    "plain": lambda secret: f"seen {secret} there",
    "alone": lambda secret: secret,
    "url": lambda secret: f"https://api.example.test/x?a=1&q={quote(secret, safe='')}&b=2",
    "lower url": lambda secret: "/x?q=" + re.sub("%..", lambda code: code.group().lower(), quote(secret, safe="")),
    "form": lambda secret: urlencode({"a": "b", "field": secret}),
    "plus": lambda secret: quote_plus(secret),
    "json": lambda secret: json.dumps({"a": [{"b": secret}]}),
    "half json": lambda secret: json.dumps({"a": [{"b": secret}], "rest": 1})[:-2],
    "json ascii": lambda secret: f"body={json.dumps(secret)}",
    "json in json": lambda secret: f"log: {json.dumps(json.dumps({'a': secret}))}",
    "php json": lambda secret: "log: " + json.dumps(secret).replace("/", "\\/"),
    "escaped line break": lambda secret: json.dumps(f"x\n{secret}\ty")[:-1],
    "repr": lambda secret: repr({"a": secret}),
}


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    """A redactor that knows the secrets of this module."""
    return Redactor([*SECRETS, "kurz"])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("secret", SECRETS, ids=["odd", "spaces", "plain", "digits"])
def test_configured_secret_survives_in_no_form(redactor: Redactor, secret: str, way: str) -> None:
    """A configured value is hidden however a protocol wrote it down."""
    written = WAYS[way](secret)
    shown = redactor.text(written)
    assert secret not in shown
    assert WAYS["alone"](json.dumps(secret)[1:-1]) not in shown
    assert quote(secret, safe="") not in shown
    assert "[redacted: " in shown


@pytest.mark.parametrize("before", ["", "u", "us", "use", "verify:", "Ä:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode], ids=["standard", "urlsafe"])
def test_configured_secret_survives_in_no_base64(redactor: Redactor, before: str, encode: Callable[[bytes], bytes]) -> None:
    """Wherever the secret's bytes fall in the three-byte groups, the run of base64 is hidden."""
    for after in ("", "x", "xy"):
        encoded = encode(f"{before}{CONFIGURED}{after}".encode()).decode()
        assert redactor.text(f"<{encoded}>") == "<[redacted: secret]>"


@pytest.mark.parametrize("way", [way for way in WAYS if "url" not in way and way not in {"form", "plus"}])
@pytest.mark.parametrize("shape", DICED)
def test_known_shape_survives_nowhere(redactor: Redactor, shape: str, way: str) -> None:
    """A secret that nobody configured is known by its form."""
    secret = DICED[shape]
    core = secret.split(" ", 1)[1] if secret.startswith(("Bearer", "Basic")) else secret
    assert core not in redactor.text(WAYS[way](secret))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /x?key=abc&page=2", "GET /x?key=[redacted: key]&page=2"),
        ("GET /x?page=2&access_token=abc", "GET /x?page=2&access_token=[redacted: token]"),
        ("/x?Signature=a%2Bb&Expires=1", "/x?Signature=[redacted: signature]&Expires=1"),
        ("grant=x&password=a+b%26c&user=1", "grant=x&password=[redacted: password]&user=1"),
        ("user%5Bpassword%5D=abc&a=1", "user%5Bpassword%5D=[redacted: password]&a=1"),
        ("redis://:secret9@cache.test:6379/0", "redis://:[redacted: password]@cache.test:6379/0"),
        ("mysql://app:p@ss@db.test/x", "mysql://app:[redacted: password]@db.test/x"),
        ("Authorization: Bearer abc123def\r\nHost: x", "Authorization: Bearer [redacted: token]\r\nHost: x"),
        ("Authorization: Digest username=a, response=b", "Authorization: Digest [redacted: token]"),
        ("< set-cookie: a=b; path=/; httponly\n< x: y", "< set-cookie: [redacted: cookie]\n< x: y"),
        ("curl -H 'X-Api-Key: abc' https://x.test", "curl -H 'X-Api-Key: [redacted: key]' https://x.test"),
        ("X-Metrics-Token: abc", "X-Metrics-Token: [redacted: token]"),
        ('{"a": {"db_password": "x y", "n": 1}', '{"a": {"db_password": "[redacted: password]", "n": 1}'),
        (r'say "{\"apiKey\":\"abc\",\"n\":1}"', r'say "{\"apiKey\":\"[redacted: key]\",\"n\":1}"'),
        ("{'token': 'abc', 'n': 1}", "{'token': '[redacted: token]', 'n': 1}"),
        ("DB_PASSWORD=x\nAPP_KEY=y", "DB_PASSWORD=[redacted: password]\nAPP_KEY=[redacted: key]"),
        ("mysqldump --password hunter askproai", "mysqldump --password [redacted: password] askproai"),
        ("[password] => hunter", "[password] => [redacted: password]"),
        ("before -----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY----- after", "before [redacted: private key] after"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz", "[redacted: private key]"),
        ("Call 0171/1234567, mail a@b.de", "Call [redacted: phone], mail [redacted: e-mail]"),
    ],
)
def test_replacement_names_the_kind(redactor: Redactor, text: str, shown: str) -> None:
    """Only the value goes, what stood around it stays, and a second pass changes nothing."""
    assert redactor.text(text) == shown
    assert redactor.text(shown) == shown


INNOCENTS = [
    "2025-11-23T14:38:11.250+01:00", "2025-11-23 14:38:11 +0100", "[2025-11-23T14:38:11+01:00] local.INFO: job done",
    "23/Nov/2025:14:38:11 +0000", "v1.2.3", "1.2.3+20251123.1", "php8.2-fpm", "OpenSSH_9.2p1 Debian-2+deb12u7", "nginx/1.22.1",
    "MariaDB 10.11.14", "20251123_143811-0a1b2c3d", "commit 0123456789abcdef0123456789abcdef01234567", "a" * 64,
    "550e8400-e29b-41d4-a716-446655440000", "sha256:9f86d081884c7d659a2feaa0c55ad015", "127.0.0.1:18443", "10.0.0.17:3306", "[::1]:8080",
    "https://127.0.0.1:18443/api/health?page=2&per_page=50", "ssh://deploy@cache.staging.example.test", "deploy@production",
    "git@github.com:askproai/api-gateway.git", "user@1000.service", "logo@2x.png", "@techlead",
    "redis uses 83% of 67,108,864 bytes; the threshold is 80%", "used 1048576 of 16777216",
    "-rw-r--r-- 1 root root 1048576 Nov 23 14:38 backup.sql.gz", "0644 1048576 backup-20251123_143811.sql.gz", "0755 20480001",
    "total 100 0171", "exit code 0", "pid 1234567", "order 4711000815", "1763908691", "0.0171234567", "1763908691.250",
    "load 0.17 0.25 0.30", "p95 124.6 ms, p99 1259 ms", "GET /api/health answered 503 in 12.5 ms; expected 200",
    "Basic authentication required", "Bearer authentication", 'WWW-Authenticate: Basic realm="staging"', "the bearer token is missing",
    "token: expired", "token_type", "environments/staging.toml: [vendors.calcom] lacks token_variable",
    "token_variable = 'CALCOM_TOKEN'", "max_tokens=4096", "key: users.id", "SETEX worker:web1:4711", "queues:default:reserved",
    "askproai_database_queues:default", "foreign_key_constraints", "PRIMARY KEY (`id`)", "monkey=banana",
    "tests_postdeploy/test_health_checks.py::test_health[web1-/api/health/redis]",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "-- Dump completed on 2025-11-23 14:38:11",
    "X-RateLimit-Remaining: 59", "author=a, passed=3, compass=north", "",
    '{"status":"healthy","checks":{"database":{"healthy":true,"latency_ms":1.5,"migrations":42}},"timestamp":"2025-11-23T14:38:11+01:00"}',
    '{"pid": 1234567, "size_bytes": 16777216, "ratio": 0.0171, "port": 18443, "version": "1.2.3", "a":1e5}', "{ not json", "[web1] ok",
]  # fmt: skip


@pytest.mark.parametrize("text", INNOCENTS, ids=[f"{number}" for number in range(len(INNOCENTS))])
def test_innocent_text_is_unchanged(redactor: Redactor, text: str) -> None:
    """Timestamps, versions, digests, ids, sizes, addresses of machines and prose are evidence, not secrets."""
    assert redactor.text(text) == text
    assert redactor({"seen": [text]}) == {"seen": [text]}


def test_innocent_records_are_unchanged(redactor: Redactor) -> None:
    """Names that merely resemble a secret's keep their values, and so do absent ones."""
    record: Json = {
        "time": "2025-11-23T13:38:11.250+00:00", "monotonic_s": 12345.678901, "token": None, "password": "", "token_type": "Bearer",
        "max_tokens": 12, "profile_sha256": "0" * 64, "held": True, "has_password": False, "idempotency_key": "a-1",
        "key": "users.id", "name": "web1", "value": "42",
    }  # fmt: skip
    assert redactor(record) == record


def test_telling_keys_hide_whatever_they_hold(redactor: Redactor) -> None:
    """The name of a header or field is enough, at any depth, in pairs, and for numbers and lists."""
    shown = redactor(
        {
            "headers": {"Authorization": "Bearer q", "Proxy-Authorization": "z", "COOKIE": "a", "Set-Cookie": ["c", "e"], "X-A-Token": "g"},
            "pairs": [["Cookie", "h=i"], {"name": "X-Api-Key", "value": "jj"}],
            "apiKey": 4711,
            "credentials": {"user": "kk", "pin": 12},
            "phone_number": "12345",
            "deep": '{"inner": "{\\"secret\\": \\"ll\\"}"}',
        }
    )
    assert shown == {
        "headers": {
            "Authorization": "Bearer [redacted: token]",
            "Proxy-Authorization": "[redacted: token]",
            "COOKIE": "[redacted: cookie]",
            "Set-Cookie": ["[redacted: cookie]", "[redacted: cookie]"],
            "X-A-Token": "[redacted: token]",
        },
        "pairs": [["Cookie", "[redacted: cookie]"], {"name": "X-Api-Key", "value": "[redacted: key]"}],
        "apiKey": "[redacted: key]",
        "credentials": {"user": "[redacted: secret]", "pin": "[redacted: secret]"},
        "phone_number": "[redacted: phone]",
        "deep": '{"inner": "{\\"secret\\": \\"[redacted: secret]\\"}"}',
    }
    assert redactor(shown) == shown


def test_secrets_planted_at_random_survive_nowhere(redactor: Redactor) -> None:
    """In keys, values, lists and texts of random trees no secret is left, nothing is lost, and twice is once."""
    dice = random.Random(20251123)  # noqa: S311
    secrets = [*SECRETS, *DICED.values()]

    def grow(depth: int) -> Json:
        choice = dice.randrange(5) if depth else dice.randrange(2)
        if choice == 0:
            return WAYS[dice.choice(["plain", "json", "half json", "alone"])](dice.choice(secrets))
        if choice == 1:
            return dice.choice([dice.choice(INNOCENTS), dice.randrange(100), None, True, 271828182845])
        if choice == 2:
            return [grow(depth - 1) for _ in range(dice.randrange(4))]
        return {f"{dice.choice(['a', *SECRETS])}{number}": grow(depth - 1) for number in range(dice.randrange(4))}

    for _ in range(400):
        shown = redactor(grow(4))
        text = json.dumps(shown, ensure_ascii=False)
        left = [secret for secret in secrets if secret in text or json.dumps(secret, ensure_ascii=False)[1:-1] in text]
        assert left == []
        assert redactor(shown) == shown


def test_allowed_addresses_are_shown() -> None:
    """The suite's own mailbox and a whole domain of ours may be shown; others may not."""
    redactor = Redactor((), allowed_addresses=["Probe@mail.test", "@gateway.test"])
    assert redactor.text("probe@mail.test x@gateway.test y@other.test") == "probe@mail.test x@gateway.test [redacted: e-mail]"


def test_a_secret_that_is_a_word_of_the_marker_leaves_markers_alone() -> None:
    """Replacing inside a marker would grow it with each pass."""
    redactor = Redactor(["redacted", "password"])
    once = redactor.text("password: abc, redacted")
    assert once == redactor.text(once) == "[redacted: secret]: [redacted: secret], [redacted: secret]"


@pytest.mark.parametrize(
    "unit",
    ["a", "a.a@", "eyJ-", '\\"', "-----BEGIN PRIVATE KEY-----", "0171 ", "+1 ", "http://a:", 'token="', "token=[", "%aa", "--a "],
)
def test_two_megabytes_take_linear_time(redactor: Redactor, unit: str) -> None:
    """No text makes a pattern go over it again and again: a body of 2 MB is done in seconds, whatever it holds."""
    text = unit * (2_000_000 // len(unit))
    begin = time.process_time()
    redactor.text(text)
    assert time.process_time() - begin < 8
