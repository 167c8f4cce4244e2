"""The address of a mail source: a mailbox file, a folder of letters or an IMAP folder. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from store.errors import RadarError

#: IMAP over TLS (RFC 8314, section 3.2).
IMAPS_PORT = 993
_SENDER = re.compile(r"(?:[^\s@<>]+@)?[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_EXAMPLES = '"file:///var/mail/presse" or "imaps://user@mail.example.org/INBOX"'


class MailUrlError(RadarError):
    """An address that names no mailbox; the message says how one looks."""


@dataclass(frozen=True, slots=True)
class MailUrl:
    """Where letters lie, and whose are read."""

    #: a file or folder of this machine; None: an IMAP server
    path: str | None
    host: str = ""
    port: int = IMAPS_PORT
    user: str = ""
    folder: str = "INBOX"
    #: addresses or domains; letters from others are left alone. Empty: all are read
    senders: tuple[str, ...] = ()

    def is_from(self, sender: str) -> bool:
        """Whether a letter of this sender is to be read."""
        address = sender.lower()
        domain = address.rpartition("@")[2]
        return not self.senders or any(
            wanted in (address, domain) or domain.endswith(f".{wanted}") for wanted in self.senders
        )


def parse_mail_url(url: str) -> MailUrl:
    """Read ``file:///folder-or-mbox`` or ``imaps://user@host[:port]/Folder``.

    ``?from=presse@stadt.de&from=land.de`` names the senders that are read, by address or domain; a
    mailbox that anybody can write to should have it. Raises MailUrlError, for a password, too: a
    source file is no place for one.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise MailUrlError(f"no address: {error}; write {_EXAMPLES}") from None
    if parts.password is not None:  # first, so that no message quotes it
        raise MailUrlError(
            "an address with a password; take the password out of the file and put it into the "
            "environment or into a file in the folder that mail.secrets names"
        )
    try:
        port = parts.port or IMAPS_PORT
    except ValueError as error:
        raise MailUrlError(f"{url!r} is no address: {error}; write {_EXAMPLES}") from None
    senders = _senders(parts.query, url)
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
            raise MailUrlError(f"{url!r}: write the whole path, such as file:///var/mail/presse")
        return MailUrl(unquote(parts.path), senders=senders)
    if parts.scheme != "imaps":
        raise MailUrlError(f"{url!r} names no mailbox; write {_EXAMPLES}")
    if not parts.hostname or not parts.username:
        raise MailUrlError(f"{url!r} lacks a user or a host; write {_EXAMPLES}")
    return MailUrl(
        None,
        host=parts.hostname,
        port=port,
        user=unquote(parts.username),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        senders=senders,
    )


def _senders(query: str, url: str) -> tuple[str, ...]:
    senders = []
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key != "from":
            raise MailUrlError(f"{url!r}: unknown option {key!r}; the one there is, is 'from'")
        if not _SENDER.fullmatch(value):
            raise MailUrlError(f"{url!r}: {value!r} is no mail address and no domain")
        senders.append(value.lower())
    return tuple(senders)
