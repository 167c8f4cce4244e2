"""Reads letters out of mailboxes without changing them: folders, mbox files, IMAP servers."""

from __future__ import annotations

import base64
import hashlib
import imaplib
import mailbox
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from crawler.mail import MAX_BYTES
from crawler.mail_url import MailUrl
from store.errors import RadarError

#: Letters read in one run of one source, oldest first; the next run goes on after them.
BATCH = 200
#: … and bytes of them, which are held at once: a letter may have 25 MB.
BATCH_BYTES = 100 * 1024 * 1024
#: Seconds that an IMAP server may take for one answer.
TIMEOUT_S = 30.0


class MailboxError(RadarError):
    """A mailbox that cannot be read; the message names it and the mend."""


class MailboxUnreachableError(MailboxError):
    """A mail server that did not answer: its fault or our line's."""


@dataclass(frozen=True, slots=True)
class Post:
    """What a mailbox held that was not read before."""

    letters: tuple[bytes, ...]
    #: what to give the next time, so that no letter is read twice
    mark: str
    #: one line for each letter that was left out
    skipped: tuple[str, ...] = ()


def read_mailbox(
    url: MailUrl, mark: str | None, password: str | None, *, newest: bool = False
) -> Post:
    """The letters since ``mark`` (None: all), at most `BATCH` and little over `BATCH_BYTES`.

    The oldest come first, so that nothing is missed run by run; with ``newest`` the newest, for a
    look into the box, whose mark must not be kept.

    Nothing is marked as read, moved or deleted: an IMAP folder is opened by EXAMINE and read by
    BODY.PEEK (RFC 3501, 6.3.2 and 6.4.5), a file is only read. Raises MailboxError;
    MailboxUnreachableError if a server did not answer.
    """
    if url.path is not None:
        return _read_files(Path(url.path), mark, newest)
    if not password:
        raise MailboxError(f"no password for {url.user} at {url.host}")
    try:
        # verified by the system's certificates (or those of SSL_CERT_FILE)
        with imaplib.IMAP4_SSL(
            url.host, url.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT_S
        ) as server:
            return _read_imap(server, url, mark, password, newest)
    except ssl.SSLCertVerificationError as error:
        raise MailboxError(
            f"{url.host}: its certificate is not to be trusted ({error.verify_message}); "
            "no password was sent"
        ) from error
    except imaplib.IMAP4.error as error:
        raise MailboxError(
            f"{url.host}: {_said(error)}; look at user, password and folder of the source"
        ) from error
    except UnicodeEncodeError:  # imaplib sends ASCII only
        raise MailboxError(
            f"{url.host}: user and password may hold letters of ASCII only; choose another password"
        ) from None
    except OSError as error:
        raise MailboxUnreachableError(f"{url.host}: no answer ({error})") from error


def find_password(source_id: str, environ: Mapping[str, str], folder: Path | None) -> str | None:
    """The password of a mail source: ``RADAR_MAIL_PASSWORD_<ID>``, else the file of its name.

    ``folder`` is ``mail.secrets`` of the configuration; its files hold one password each. Raises
    MailboxError if such a file can be read by others.
    """
    if word := environ.get(f"RADAR_MAIL_PASSWORD_{source_id.upper()}"):
        return word
    if folder is None:
        return None
    file = folder / source_id
    try:
        if file.stat().st_mode & 0o077:
            raise MailboxError(f"{file}: others can read this password; chmod 600 it")
        return file.read_text(encoding="utf-8").strip("\r\n") or None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise MailboxError(f"{file}: cannot be read: {error.strerror}") from error


# --- files -----------------------------------------------------------------------------------


def _read_files(path: Path, mark: str | None, newest: bool) -> Post:
    """The mark holds a short hash of each letter that was read and is still there."""
    known = set((mark or "").split())
    seen: list[str] = []
    letters: list[bytes] = []
    skipped: list[str] = []
    try:
        for name, read in _folder(path, newest) if path.is_dir() else _mbox(path, newest):
            if name in known:
                seen.append(name)
            elif len(letters) + len(skipped) < BATCH and sum(map(len, letters)) < BATCH_BYTES:
                seen.append(name)
                try:
                    letters.append(read())
                except OSError as error:
                    skipped.append(f"{path}: a letter cannot be read: {error.strerror}")
    except OSError as error:
        raise MailboxError(f"{path}: cannot be read: {error.strerror}") from error
    return Post(tuple(letters), " ".join(seen), tuple(skipped))


def _folder(path: Path, newest: bool) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The ``.eml`` files of a folder, or the letters of a Maildir, oldest or newest first."""
    files = [file for part in ("cur", "new") for file in (path / part).glob("*") if file.is_file()]
    files += [file for file in path.iterdir() if file.suffix.lower() == ".eml"]
    files.sort(key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=newest)
    for file in files:
        state = file.stat()
        # a Maildir's mail programs note in the name, after the colon, that a letter was read
        name = f"{file.name.partition(':')[0]} {state.st_size} {state.st_mtime_ns}"
        yield _short_hash(name.encode()), partial(_read_head, file)


def _mbox(path: Path, newest: bool) -> Iterator[tuple[str, Callable[[], bytes]]]:
    if not path.is_file():
        raise MailboxError(f"{path}: no such file or folder")
    with path.open("rb") as file:
        if file.read(5) not in (b"From ", b""):
            raise MailboxError(f"{path}: no mbox file: it does not begin with a From line")
    with closing(mailbox.mbox(path, create=False)) as box:
        keys = sorted(box.iterkeys(), reverse=newest)
        for key in keys:
            data = box.get_bytes(key)
            yield _short_hash(data), partial(bytes, data)


def _read_head(file: Path) -> bytes:
    """One byte more than may be read: whoever parses it sees that it is too large."""
    with file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def _short_hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


# --- IMAP ------------------------------------------------------------------------------------


def _read_imap(
    server: imaplib.IMAP4, url: MailUrl, mark: str | None, password: str, newest: bool
) -> Post:
    """The mark is ``UIDVALIDITY:UID`` of the last letter (RFC 3501, 2.3.1.1)."""
    server.login(url.user, password)
    answer, data = server.select(_quoted(url.folder), readonly=True)
    if answer != "OK":
        raise MailboxError(f"{url.host}: no folder {url.folder!r}: {_said(data)}")
    validity = _number(server.response("UIDVALIDITY")[1])
    old_validity, _, last = (mark or "0:0").partition(":")
    # other numbering: the server has made the folder anew, and all its letters are new to us
    after = int(last) if old_validity == str(validity) else 0
    sizes = _sizes(server.uid("FETCH", f"{after + 1}:*", "(RFC822.SIZE)")[1])
    # "*" is the last letter even if it is not after ours
    fresh = sorted((one for one in sizes if one > after), reverse=newest)[:BATCH]
    letters: list[bytes] = []
    skipped: list[str] = []
    for place, number in enumerate(fresh):
        if sum(map(len, letters)) >= BATCH_BYTES:
            fresh = fresh[:place]
            break
        if sizes[number] > MAX_BYTES:
            megabytes = f"{sizes[number] / 1024**2:.0f} MB"
            skipped.append(f"{url.host}: letter {number} has {megabytes}; left out")
            continue
        _, parts = server.uid("FETCH", str(number), "(BODY.PEEK[])")
        letter = next((part[1] for part in parts if isinstance(part, tuple)), None)
        if isinstance(letter, bytes):
            letters.append(letter)
        else:
            skipped.append(f"{url.host}: letter {number} was deleted meanwhile")
    return Post(tuple(letters), f"{validity}:{max(fresh, default=after)}", tuple(skipped))


def _quoted(folder: str) -> str:
    """A folder's name as IMAP wants it: modified UTF-7 in quotes (RFC 3501, 5.1.3)."""

    def encoded(match: re.Match[str]) -> str:
        if match[0] == "&":
            return "&-"
        packed = base64.b64encode(match[0].encode("utf-16-be")).decode("ascii")
        return f"&{packed.rstrip('=').replace('/', ',')}-"

    name = re.sub(r"&|[^\x20-\x7e]+", encoded, folder)
    return '"' + name.replace("\\", r"\\").replace('"', r"\"") + '"'


def _number(data: list[bytes | None] | list[Any]) -> int:
    return int(data[0]) if data and data[0] else 0


def _sizes(data: list[Any]) -> dict[int, int]:
    """Bytes of each letter by its UID; the two may stand in either order."""
    sizes = {}
    for line in data:
        text = line[0] if isinstance(line, tuple) else line or b""
        uid, size = re.search(rb"UID (\d+)", text), re.search(rb"RFC822\.SIZE (\d+)", text)
        if uid and size:
            sizes[int(uid[1])] = int(size[1])
    return sizes


def _said(answer: object) -> str:
    """What a server said, in one line."""
    text = str(answer[0] if isinstance(answer, list) and answer else answer)
    return re.sub(r"^b'|'$|\s+", " ", text).strip()
