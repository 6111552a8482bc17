"""A mail server that speaks just enough IMAP4rev1 for a test: one folder, in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selftests.targets.hostile import Behaviour, Peer

USER, WORD = "mailbox@gateway.test", "open sesame"


@dataclass
class Mails:
    """The folder: the header of each message by its uid, those marked for deletion, and what was said to the server."""

    headers: dict[int, str] = field(default_factory=dict)
    marked: set[int] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    capabilities: str = "IMAP4rev1 UIDPLUS"
    keeps: bool = False

    def behaviour(self) -> Behaviour:
        """Return what a server with this folder does on a connection."""

        def behave(peer: Peer) -> None:
            peer.send(f"* OK [CAPABILITY {self.capabilities}] ready\r\n".encode())
            stream = peer.sock.makefile("rb")
            while line := stream.readline():
                tag, _, command = line.decode().strip().partition(" ")
                self.said.append(command)
                peer.send(self._answer(command) + f"{tag} {self._end(command)}\r\n".encode())

        return behave

    def _end(self, command: str) -> str:
        if command.startswith("LOGIN") and WORD not in command:
            return "NO [AUTHENTICATIONFAILED] Authentication failed."
        if command.startswith("SELECT") and '"INBOX"' not in command:
            return "NO [NONEXISTENT] no such mailbox"
        return "OK done"

    def _answer(self, command: str) -> bytes:
        match command.split()[:2]:
            case ["CAPABILITY"]:
                return f"* CAPABILITY {self.capabilities}\r\n".encode()
            case ["SELECT", _]:
                return f"* {len(self.headers)} EXISTS\r\n".encode()
            case ["UID", "SEARCH"]:
                word = command.split('"')[1]
                found = [str(uid) for uid, header in self.headers.items() if word in header]
                return f"* SEARCH {' '.join(found)}\r\n".encode()
            case ["UID", "FETCH"]:
                uid = int(command.split()[2])
                header = self.headers[uid].encode()
                dated = 'INTERNALDATE "23-Nov-2026 14:00:00 +0100"'
                return f"* 1 FETCH (UID {uid} {dated} BODY[HEADER]<0> {{{len(header)}}}\r\n".encode() + header + b")\r\n"
            case ["UID", "STORE"]:
                self.marked |= {int(uid) for uid in re.findall(r"\d+", command.split()[2])}
            case ["UID", "EXPUNGE"] | ["EXPUNGE"] if not self.keeps:
                for uid in self.marked & self.headers.keys():
                    del self.headers[uid]
        return b""
