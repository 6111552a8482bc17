"""The hop between dovecot's submission service, which can only relay by SMTP, and the test mailbox: SMTP in, LMTP out.

Runs under Debian's python3 (python3-aiosmtpd), from a copy in the state directory: mail_hop.py PORT LMTP_SOCKET
"""

from __future__ import annotations

import asyncio
import smtplib
import sys
from typing import Any

MAILBOX = "deploycheck@gateway.test"


class Hop:
    """Hands each message to the one mailbox, whoever it is for: a test may write to any address and nobody else gets mail."""

    def __init__(self, lmtp_socket: str) -> None:
        self._socket = lmtp_socket

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        """Deliver before answering, so that an accepted message is a delivered one."""
        try:
            await asyncio.to_thread(self._deliver, envelope.mail_from, envelope.content)
        except (OSError, smtplib.SMTPException) as error:
            return f"451 the mailbox does not take it: {type(error).__name__}"
        return "250 delivered"

    def _deliver(self, sender: str, content: bytes) -> None:
        """Speak LMTP to dovecot."""
        with smtplib.LMTP(self._socket) as lmtp:
            lmtp.sendmail(sender, [MAILBOX], content)


def main(port: str, lmtp_socket: str) -> None:
    """Serve until ended."""
    from aiosmtpd.smtp import SMTP  # type: ignore[import-not-found, import-untyped, unused-ignore]

    loop = asyncio.new_event_loop()
    hop = Hop(lmtp_socket)
    loop.run_until_complete(loop.create_server(lambda: SMTP(hop, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", int(port)))
    loop.run_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
