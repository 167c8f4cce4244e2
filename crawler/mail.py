"""Newsletters and press releases that come by mail: bytes of one letter to `Letter`. Pure."""

from __future__ import annotations

import email
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr

from crawler.dates import parse_date
from crawler.mail_teasers import Content, Teaser, read_html, read_plain
from crawler.text import clean
from crawler.types import Entry, EntryList
from store.errors import RadarError
from store.types import PublicationDate

#: Bytes of the largest letter that is read; attachments make most of it, and they are not.
MAX_BYTES = 25 * 1024 * 1024
#: Parts of a letter; a newsletter has three, a mail bomb nests thousands.
_MAX_PARTS = 200

#: A letter is a digest if this many of its teasers have links of their own …
_FEWEST_TEASERS = 2
#: … and they make up this share of its words; a press release with two links at its end is none.
_TEASER_SHARE = 0.4


class LetterError(RadarError):
    """A letter that cannot be read; the message is one line saying why."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: a digest of teasers that lead to pages, or one item by itself."""

    #: of its Message-ID, or of its bytes where that is missing: the same letter, the same id
    id: str
    subject: str | None
    #: the address it came from, and the name beside it
    sender: str
    sender_name: str | None
    sent: PublicationDate | None
    #: ``entries`` of a digest, each with a page of its own; one entry of a letter that is the item,
    #: with `LETTER_URL` and its id for an address
    entries: EntryList
    is_digest: bool
    #: one line saying why it was read as what it is
    reason: str


#: Not an address: stands for that of a letter, which has none.
LETTER_URL = "mid:"


def parse_message(data: bytes, *, now: datetime) -> Letter:
    """Read one letter; what its HTML part says counts, else its plain text.

    Structure decides whether it is a digest: at least two headlines that lead to pages of their own
    and make up at least two fifths of its words. Links are freed from tracking; those to
    unsubscribe, to forward or to social networks are no teasers, and nothing ever asks for them.
    Raises LetterError for bytes that are no letter, too large, or without a text.
    """
    if len(data) > MAX_BYTES:
        raise LetterError(f"the letter has {len(data) / 1024**2:.0f} MB; left out")
    if data.count(b"boundary=") > _MAX_PARTS:
        raise LetterError("the letter nests too many parts; left out")
    message = _message(data)
    subject = clean(_header(message, "Subject"))
    sender_name, sender = parseaddr(_header(message, "From"))
    if not subject and not sender:
        raise LetterError("no letter: neither subject nor sender")
    sent = _sent(message, now)
    message_id = clean(_header(message, "Message-ID")) or ""
    identity = message_id.encode() or data
    letter_id = hashlib.sha256(identity).hexdigest()[:24]
    content, form = _content(message)
    teasers = content.teasers
    share = sum(teaser.letters for teaser in teasers) / max(1, content.letters)
    is_digest = len(teasers) >= _FEWEST_TEASERS and share >= _TEASER_SHARE
    if is_digest:
        entries = [_entry(teaser, now) for teaser in teasers]
        reason = (
            f"digest: {len(teasers)} teasers with links of their own make up "
            f"{min(share, 1):.0%} of its {form}"
        )
    else:
        if not content.text or not subject:
            raise LetterError("a letter without a text or a subject")
        entries = [
            Entry(
                url=f"{LETTER_URL}{letter_id}",
                title=subject,
                guid=message_id or None,
                body=content.text,
                author=clean(sender_name),
                published=sent,
                date_source="mail",
            )
        ]
        reason = (
            f"one item: {len(teasers)} teasers with links of their own make up {share:.0%} "
            f"of its {form}"
        )
    return Letter(
        letter_id,
        subject,
        sender.lower(),
        clean(sender_name),
        sent,
        EntryList(title=subject, teaser=None, entries=tuple(entries), skipped=content.skipped),
        is_digest,
        reason,
    )


def _message(data: bytes) -> EmailMessage:
    try:
        message = email.message_from_bytes(data, policy=default)
    except (MessageError, RecursionError) as error:
        raise LetterError(f"no letter: {type(error).__name__}") from error
    assert isinstance(message, EmailMessage)
    return message


def _header(message: EmailMessage, name: str) -> str:
    # The parser of structured headers raises whatever it stumbles over in a damaged one.
    try:
        return str(message.get(name) or "")
    except (MessageError, ValueError, IndexError, TypeError, AttributeError):
        raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
        return str(raw)


def _sent(message: EmailMessage, now: datetime) -> PublicationDate | None:
    raw = clean(_header(message, "Date"))
    if not raw:
        return None
    said = parse_date(raw, now=now)
    # a clock that runs ahead: the letter is here, so it was sent before now
    return said if said and said.at <= now.astimezone(UTC) else None


def _content(message: EmailMessage) -> tuple[Content, str]:
    """The teasers and the text, and the name of the part that they were read from."""
    unsubscribe = tuple(re.findall(r"<([^<>]+)>", _header(message, "List-Unsubscribe")))
    texts = {kind: _texts(message, kind) for kind in ("text/html", "text/plain")}
    if html := "\n".join(texts["text/html"]).strip():
        content = read_html(html, unsubscribe)
        if content.text or content.teasers:
            return content, "HTML"
    return read_plain("\n".join(texts["text/plain"]), unsubscribe), "plain text"


def _texts(message: EmailMessage, kind: str) -> list[str]:
    found = []
    for number, part in enumerate(message.walk()):
        if number > _MAX_PARTS:
            break
        if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                found.append(_decoded(payload, part.get_content_charset()))
    return found


def _decoded(payload: bytes, charset: str | None) -> str:
    """The text; a wrong or missing charset is UTF-8 if it can be, else what Windows writes."""
    names = [charset, "utf-8"] if charset not in (None, "us-ascii", "iso-8859-1") else ["utf-8"]
    for name in names:
        try:
            return payload.decode(name or "utf-8")
        except (LookupError, ValueError):
            continue
    return payload.decode("cp1252", "replace")


def _entry(teaser: Teaser, now: datetime) -> Entry:
    return Entry(
        url=teaser.url,
        title=teaser.title,
        kicker=teaser.kicker,
        teaser=teaser.text,
        published=parse_date(teaser.date, now=now) if teaser.date else None,
    )
