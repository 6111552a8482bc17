"""A mail that came once, in time, as genuine."""

from __future__ import annotations

import pytest

from deploycheck.rules.mail import Copy, arrival_shortfalls, authentication, once_shortfalls


def copy(**results: str) -> Copy:
    """Return a mail whose mailbox says this of its authentication."""
    return Copy("1", "<1@g>", "Deployment check x", "gateway@gateway.test", results, None)


@pytest.mark.parametrize(
    ("header", "results"),
    [
        ("", {}),
        ("mx.test; none", {}),
        (
            "mx.google.com; dkim=pass header.i=@g.test header.s=s1; spf=pass (google.com: domain of a@g.test designates 1.2.3.4)"
            " smtp.mailfrom=a@g.test; dmarc=pass (p=REJECT) header.from=g.test",
            {"spf": "pass", "dkim": "pass", "dmarc": "pass"},
        ),
        ("mx.test;\r\n\tSPF=SoftFail smtp.mailfrom=x;\r\n dmarc=fail", {"spf": "softfail", "dmarc": "fail"}),
        ("mx.test; dkim=pass header.d=a; dkim=fail header.d=b", {"dkim": "pass"}),
        ("mx.test; spf=pass (sender said dmarc=pass; dkim=pass)", {"spf": "pass"}),
    ],
)
def test_what_the_mailbox_says(header: str, results: dict[str, str]) -> None:
    """Words in brackets are comments, and a comment can be anybody's."""
    assert authentication(header) == results


@pytest.mark.parametrize(
    ("status", "copies", "told"),
    [
        (202, 1, []),
        (500, 0, ["asking for a mail was answered 500; expected 200 or 202"]),
        (202, 0, ["the request was answered 202, and no mail was handed over within 60 s; expected one"]),
        (202, 3, ["3 copies came; expected exactly one"]),
    ],
)
def test_exactly_once(status: int, copies: int, told: list[str]) -> None:
    """Neither none nor two."""
    assert once_shortfalls(status, (200, 202), copies, 60) == told


def test_a_mail_whose_job_is_not_done_is_not_sent_once() -> None:
    """It comes again when its time is up: after 90 s, as a rule."""
    assert once_shortfalls(202, (202,), 1, 60, queued=0) == []
    assert once_shortfalls(202, (202,), 1, 60, queued=1) == [
        "the mail came, and 1 jobs of it are still on the queue 60 s later; expected none, for it comes again"
    ]


def test_in_time_and_as_genuine() -> None:
    """What the mailbox does not state cannot be judged; what it states and is no forgery, passes."""
    assert arrival_shortfalls([copy()], 60.0, 60) == []
    assert arrival_shortfalls([copy(spf="none", dkim="neutral", dmarc="pass")], 1.0, 60) == []
    assert arrival_shortfalls([copy()], 60.1, 60) == ["the mail arrived after 60.1 s; expected at most 60 s"]
    assert arrival_shortfalls([copy(spf="softfail", dmarc="fail")], 1.0, 60) == [
        "the mailbox says spf=softfail; expected it to take the mail for genuine",
        "the mailbox says dmarc=fail; expected it to take the mail for genuine",
    ]
    assert arrival_shortfalls([], None, 60) == ["no mail arrived within 60 s; expected one"]
