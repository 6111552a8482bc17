"""Whether a server still speaks TLS 1.0 or 1.1, asked by the first message of a handshake, written by hand.

The OpenSSL underneath Python may itself refuse or lack the old versions, and would then say of every server that it has none.
"""

from __future__ import annotations

import secrets
import socket
import struct

from deploycheck.targets.look import Look

VERSIONS = {"TLS 1.0": 0x0301, "TLS 1.1": 0x0302}
_HANDSHAKE, _SERVER_HELLO = 0x16, 0x02
# Those with RSA and elliptic-curve keys that any server of the time has: ECDHE and plain RSA with AES-CBC, and 3DES.
_CIPHERS = (0xC009, 0xC00A, 0xC013, 0xC014, 0x002F, 0x0035, 0xC012, 0x000A, 0x0033, 0x0039)
_GROUPS = (29, 23, 24)
_HEADER = 11  # of the record, of the message, and the version that the server has chosen


def speaks(sock: socket.socket, version: int, name: str, look: Look) -> bool:
    """Return whether the server at the other end of a fresh connection begins a handshake in this version; nothing more is sent.

    A server that refuses sends an alert, or closes the connection.

    Raises:
        Trouble: it does neither in time.
    """
    sock.settimeout(look.patience_s())
    try:
        sock.sendall(_hello(version, name))
        answer = b""
        while len(answer) < _HEADER:
            sock.settimeout(look.patience_s())
            more = sock.recv(_HEADER - len(answer))
            if not more:
                return False
            answer += more
    except ConnectionError:
        return False
    except TimeoutError:
        raise look.late() from None
    chosen = struct.unpack_from("!H", answer, 9)[0]
    return answer[0] == _HANDSHAKE and answer[5] == _SERVER_HELLO and chosen == version


def _hello(version: int, name: str) -> bytes:
    """Return a ClientHello that offers `version` and nothing above it. Source: RFC 4346, section 7.4.1.2; RFC 6066; RFC 8422."""
    host = name.encode("idna")
    extensions = b"".join(
        struct.pack("!HH", kind, len(body)) + body
        for kind, body in {
            0: struct.pack("!HBH", len(host) + 3, 0, len(host)) + host,
            10: struct.pack(f"!H{len(_GROUPS)}H", 2 * len(_GROUPS), *_GROUPS),
            11: b"\x01\x00",
        }.items()
    )
    body = (
        struct.pack("!H", version) + secrets.token_bytes(32) + b"\x00"
        + struct.pack(f"!H{len(_CIPHERS)}H", 2 * len(_CIPHERS), *_CIPHERS) + b"\x01\x00"
        + struct.pack("!H", len(extensions)) + extensions
    )  # fmt: skip
    message = b"\x01" + struct.pack("!I", len(body))[1:] + body
    return struct.pack("!BHH", _HANDSHAKE, 0x0301, len(message)) + message
