"""A small IMAP4 server over TLS: one user ``presse`` with password ``geheim``, one folder.

Run by `tests.crawler.letters.imap_server`: says its port, ends when its input does, and then
writes what it saw into ``after.json``.
"""

from __future__ import annotations

import email
import json
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import Portal
from twisted.internet import protocol, reactor, ssl, stdio
from twisted.mail import imap4
from zope.interface import implementer

FOLDER = "Pressemitteilungen & Übriges"
changes: list[str] = []
opened: list[str] = []


@implementer(imap4.IMessage)
class Message:
    def __init__(self, uid: int, data: bytes) -> None:
        self.uid, self.data, self.flags = uid, data, ["\\Recent"]

    def getUID(self) -> int:
        return self.uid

    def getFlags(self) -> list[str]:
        return self.flags

    def getInternalDate(self) -> str:
        return "10-Mar-2025 09:00:00 +0100"

    def getHeaders(self, negate: bool, *names: str) -> dict[str, str]:
        return {
            key.lower(): str(value) for key, value in email.message_from_bytes(self.data).items()
        }

    def getBodyFile(self) -> BytesIO:
        return BytesIO(self.data.partition(b"\n\n")[2])

    def getSize(self) -> int:
        return len(self.data)

    def isMultipart(self) -> bool:
        return False


@implementer(imap4.IMailbox, imap4.IMessageFile)
class Mailbox:
    def __init__(self, folder: Path, validity: int) -> None:
        files = sorted(folder.glob("*.msg"))
        self.messages = [Message(int(file.stem) * 10, file.read_bytes()) for file in files]
        self.validity = validity

    def getFlags(self) -> list[str]:
        return ["\\Seen", "\\Deleted"]

    def getHierarchicalDelimiter(self) -> str:
        return "/"

    def getUIDValidity(self) -> int:
        return self.validity

    def getUIDNext(self) -> int:
        return 10_000

    def getUID(self, number: int) -> int:
        return self.messages[number - 1].uid

    def getMessageCount(self) -> int:
        return len(self.messages)

    def getRecentCount(self) -> int:
        return 0

    def getUnseenCount(self) -> int:
        return len(self.messages)

    def isWriteable(self) -> bool:
        return True

    def destroy(self) -> None:
        changes.append("destroy")

    def expunge(self) -> list[int]:
        changes.append("expunge")
        return []

    def close(self) -> None:
        changes.append("close")

    def requestStatus(self, names: Any) -> Any:
        return imap4.statusRequestHelper(self, names)

    def addListener(self, listener: Any) -> None:
        pass

    def removeListener(self, listener: Any) -> None:
        pass

    def addMessage(self, *args: Any, **kwargs: Any) -> None:
        changes.append("append")

    def fetch(self, messages: Any, uid: int) -> Any:
        last = self.messages[-1].uid if uid else len(self.messages)
        messages.last = last
        return [
            (number, message)
            for number, message in enumerate(self.messages, start=1)
            if (message.uid if uid else number) in messages
        ]

    def store(self, messages: Any, flags: Any, mode: int, uid: int) -> dict[int, Any]:
        changes.append(f"store {flags}")
        for _, message in self.fetch(messages, uid):
            message.flags = list(flags)
        return {}


class Account(imap4.MemoryAccount):
    def select(self, name: str, rw: bool = True) -> Any:
        opened.append(f"{'SELECT' if rw else 'EXAMINE'} {name}")
        return super().select(name, rw)


class Realm:
    def __init__(self, account: Account) -> None:
        self.account = account

    def requestAvatar(self, user: bytes, mind: Any, *interfaces: Any) -> Any:
        return imap4.IAccount, self.account, lambda: None


def main() -> None:
    folder, pem, validity = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    box = Mailbox(folder, validity)
    account = Account("presse")
    account.addMailbox(FOLDER, box)
    portal = Portal(Realm(account))
    portal.registerChecker(InMemoryUsernamePasswordDatabaseDontUse(presse=b"geheim"))

    class Factory(protocol.ServerFactory):
        def buildProtocol(self, addr: Any) -> Any:
            server = imap4.IMAP4Server()
            server.portal = portal
            return server

    class Parent(protocol.Protocol):
        def connectionLost(self, reason: Any = None) -> None:
            flags = [flag for message in box.messages for flag in message.flags]
            seen = {"flags": flags, "changes": changes, "opened": opened}
            (folder / "after.json").write_text(json.dumps(seen))
            reactor.stop()

    certificate = ssl.PrivateCertificate.loadPEM(pem.read_bytes())
    port = reactor.listenSSL(0, Factory(), certificate.options(), interface="127.0.0.1")
    sys.stdout.write(f"{port.getHost().port}\n")
    sys.stdout.flush()
    stdio.StandardIO(Parent())
    reactor.run()


if __name__ == "__main__":
    main()
