"""Owns stored responses: what servers sent in a round, word for word, as WARC files for a while."""

from __future__ import annotations

import fcntl
import gzip
import io
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from store.disk import full_disk_told
from store.schema import StoreError

#: A file's name begins with the moment its round began, in UTC, so that names sort by age.
_STAMP = "responses-%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"(responses-\d{8}T\d{6}Z)-[0-9a-f]{8}\.warc\.gz")
_FRESH = ".new"

#: Half the time of the usual 6 for files a tenth larger.
COMPRESSION = 3

#: Of the body as it is kept: already decoded, and nobody's session is our business.
_LEFT_OUT = frozenset({"content-encoding", "content-length", "set-cookie", "transfer-encoding"})

_PHRASES = {status.value: status.phrase for status in HTTPStatus}

#: Addresses that a page or feed names; relative ones only in attributes.
_ADDRESSES = re.compile(
    rb"""(?:href|src|url|resource)\s*=\s*["']([^"']+)|(https?://[^\s"'<>\]]+)""", re.IGNORECASE
)

#: Parameters of an address that are looked at one by one; readers' counters add five.
_MOST_PARAMETERS = 20


@dataclass(frozen=True, slots=True)
class Response:
    """One stored response; the body as the server sent it, decompressed."""

    url: str
    at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class ResponseFile:
    """The file of one round, open for writing; a context manager.

    Each record is compressed by itself and written at once: a kill costs at most the last one.
    """

    def __init__(self, folder: Path, *, now: datetime) -> None:
        """Make the file. Raises ``StoreError`` when the folder cannot be written."""
        name = f"{now.astimezone(UTC).strftime(_STAMP)}-{secrets.token_hex(4)}.warc.gz"
        self.path = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.fdopen(
                _private(str(self.path), os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb", buffering=0
            )
        except OSError as error:
            raise StoreError(f"{self.path}: cannot be written: {error.strerror}.") from error
        # Whoever erases something from it waits until the round is over.
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def keep(
        self,
        url: str,
        *,
        status: int,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        at: datetime,
    ) -> None:
        """Store a response, whole or, with ``DiskFullError`` where there is no room, not at all."""
        data = gzip.compress(_record(Response(url, at, status, tuple(headers), body)), COMPRESSION)
        end = self._file.tell()
        try:
            with full_disk_told(self.path):
                # Unbuffered: what was written in part only is told by the next call.
                view = memoryview(data)
                while view:
                    view = view[self._file.write(view) :]
        except BaseException:
            self._file.truncate(end)
            self._file.seek(end)
            raise

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _private(path: str, flags: int) -> int:
    """Opens a file for its owner alone: what it holds is not for the public."""
    return os.open(path, flags, 0o600)


def _record(response: Response) -> bytes:
    """The response as a WARC 1.1 record."""
    record = WarcRecord()
    record.init_headers(record_type=WarcRecordType.response)
    record.headers["WARC-Target-URI"] = response.url
    record.headers["WARC-Date"] = response.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    record.headers["Content-Type"] = "application/http; msgtype=response"
    phrase = _PHRASES.get(response.status, "")
    lines = [f"HTTP/1.1 {response.status} {phrase}"]
    lines += [
        f"{name}: {value}" for name, value in response.headers if name.lower() not in _LEFT_OUT
    ]
    lines += [f"Content-Length: {len(response.body)}", "", ""]
    record.set_bytes_content("\r\n".join(lines).encode("utf-8", "replace") + response.body)
    written = io.BytesIO()
    record.write(written)
    return written.getvalue()


def files(folder: Path) -> list[Path]:
    """The files of stored responses in a folder, the oldest first."""
    return sorted(path for path in folder.glob("responses-*") if _NAME.fullmatch(path.name))


def read(path: Path, on_damage: Callable[[], None] = lambda: None) -> Iterator[Response]:
    """The responses of a file in the order they came; one that a kill cut off is left out.

    ``on_damage`` is called where a file ends early: a kill cut it off, or it is damaged.
    """
    for record, content in _records(path):
        if record is None:
            on_damage()
            return
        head, _, body = content.partition(b"\r\n\r\n")
        first, *lines = head.decode("utf-8", "replace").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        yield Response(
            url=record.headers["WARC-Target-URI"],
            at=record.record_date,
            status=int(first.split(" ", 2)[1]),
            headers=tuple((name, value.strip()) for name, _, value in pairs),
            body=body,
        )


def _records(path: Path) -> Iterator[tuple[WarcRecord | None, bytes]]:
    """Each record with its content; None where one is damaged, which ends the file."""
    with path.open("rb") as file:
        iterator = ArchiveIterator(
            file, record_types=WarcRecordType.response, parse_http=False, fsspec_args=False
        )
        try:
            for record in iterator:
                wanted = record.content_length
                content = record.reader.read()
                # What was cut off in its head tells no length.
                yield (record if 0 < wanted == len(content) else None), content
        except OSError:  # what fastwarc raises for data that are no WARC
            yield None, b""


def drop_old(folder: Path, *, before: datetime) -> int:
    """Delete the files of rounds that began before ``before``; how many."""
    limit = before.astimezone(UTC).strftime(_STAMP)
    old = [
        path for path in files(folder) if (found := _NAME.fullmatch(path.name)) and found[1] < limit
    ]
    for path in old:
        path.unlink()
    return len(old)


def forget(folder: Path, is_erased: Callable[[str], bool]) -> tuple[int, list[Path]]:
    """Take out every response that came from an erased address or names one.

    A list that names it may hold its teaser, a feed its whole text: such a record goes as well.
    The records that went, and the files that another process is still writing, which were left.
    """
    gone, busy = 0, []
    for leftover in folder.glob("responses-*" + _FRESH):
        leftover.unlink()
    for path in files(folder):
        with path.open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                busy.append(path)
                continue
            gone += _rewrite(path, is_erased)
    return gone, busy


def _rewrite(path: Path, is_erased: Callable[[str], bool]) -> int:
    """Make the file anew without what is erased; how many records went. A kill leaves the old.

    A damaged record goes too, with all behind it: nobody can tell what it holds.
    """
    goes = [
        record is None or any(map(is_erased, _named(record, content)))
        for record, content in _records(path)
    ]
    if not any(goes):
        return 0
    fresh = path.with_name(path.name + _FRESH)
    with full_disk_told(fresh), open(fresh, "wb", opener=_private) as file:
        for (record, content), gone in zip(_records(path), goes, strict=True):
            if record is None or gone:
                continue
            record.set_bytes_content(content)
            written = io.BytesIO()
            record.write(written)
            file.write(gzip.compress(written.getvalue(), COMPRESSION))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return sum(goes)


def _named(record: WarcRecord, content: bytes) -> Iterator[str]:
    """The record's own address and every one that its content names."""
    own = record.headers["WARC-Target-URI"]
    yield from _spellings(own)
    # WordPress writes its JSON with every slash escaped.
    for attribute, plain in _ADDRESSES.findall(content.replace(rb"\/", b"/")):
        text = unescape((attribute or plain).decode("utf-8", "replace")).strip()
        try:
            yield from _spellings(urljoin(own, text))
        except ValueError:  # no address at all, such as http://[
            continue


def _spellings(url: str) -> Iterator[str]:
    """The address, and without its last parameters: items are kept without what counts readers."""
    url = url.partition("#")[0]
    yield url
    base, _, query = url.partition("?")
    pieces = query.split("&", _MOST_PARAMETERS)[:-1] if query else []
    for number in range(len(pieces), 0, -1):
        yield f"{base}?{'&'.join(pieces[:number])}"
    if query:
        yield base
