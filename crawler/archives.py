"""WARC records → captures: the pages of a web archive, past whatever is damaged in it.

Pure: reads a seekable file that it is given. Offsets are bytes of the file as it is stored.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

#: Types of answers that are read as pages, as the crawler reads them.
PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/xml", "application/xml"})
#: The crawler's own limit for a page (``crawler.settings.PAGE_MAXSIZE``).
MAX_PAGE = 8 * 1024 * 1024
#: A record whose block is longer is passed over unread: it holds no page.
MAX_RECORD = 4 * MAX_PAGE

_BLOCK = 1 << 20
#: Where a record begins: a member of gzip (RFC 1952: magic, then deflate), or the plain version
#: line after the two line ends that close the record before it (ISO 28500).
_GZIP = b"\x1f\x8b\x08"
_PLAIN = b"\r\n\r\nWARC/1."
#: Bytes in which a record's own head ends, and what it says of its block's length there.
_HEAD = 1 << 16
_LENGTH = re.compile(rb"^content-length:\s*(\d+)", re.IGNORECASE | re.MULTILINE)
#: Records by which an archive is judged to be separable.
_JUDGED = 8


@dataclass(frozen=True, slots=True)
class Capture:
    """One page as an archive's crawler got it; the body decoded from its transfer."""

    url: str
    at: datetime
    record_id: str
    offset: int
    charset: str | None
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass(frozen=True, slots=True)
class Passed:
    """A record that is no page or not wanted: ``address``, ``status``, ``type``, ``size``."""

    reason: str


@dataclass(frozen=True, slots=True)
class Damage:
    """A place of the archive that cannot be read; reading goes on behind it where it can."""

    offset: int
    reason: str


class Cut(Exception):
    """Private to this module: the record ends before its length, or its digest is another."""


def read_captures(
    file: BinaryIO,
    wanted: Callable[[str, datetime], bool],
    begin: int = 0,
    end: int | None = None,
) -> Iterator[Capture | Passed | Damage]:
    """Every response record of the archive, in its order.

    ``wanted`` is asked with address and day of the capture before a body is looked at. A flipped
    bit costs the record it is in (gzip, as Common Crawl writes it: a member a record), and all
    behind it where the whole file is one stream. Of an archive that ``is_separable`` only those
    that begin from byte ``begin`` on and before ``end`` (None: its last): pieces that meet hold
    each record and each damage once. Raises ``OSError`` as the file does.
    """
    file.seek(0)
    gzipped = file.read(len(_GZIP)) == _GZIP
    start = _next_start(file, begin, gzipped=gzipped) if begin else 0
    while start is not None and (end is None or start < end):
        file.seek(start)
        last, fine, told = start, 0, False
        records = ArchiveIterator(
            file, record_types=WarcRecordType.response, parse_http=False, fsspec_args=False
        )
        while True:
            try:
                record = next(records, None)
            except OSError as error:
                damage = str(error)
                break
            if record is None:
                cut = None if told else _cut_off(file, last, gzipped=gzipped)
                if cut is not None and (end is None or cut < end or _is_stump(file, cut)):
                    yield Damage(cut, "what begins there has no end: the archive is cut off")
                return
            if end is not None and record.stream_pos >= end:
                return
            last, fine, told = record.stream_pos, fine + 1, False
            try:
                yield _read(record, wanted, digest=not gzipped)
            except Cut as error:
                told = True
                yield Damage(last, str(error))
            except (OSError, ValueError) as error:
                damage = str(error)
                break
        if fine or start == 0:
            yield Damage(last, damage)
        start = _next_start(file, last + 1, gzipped=gzipped)


def is_separable(file: BinaryIO) -> bool:
    """Whether each record is a member of gzip for itself, so that reading may begin at any.

    Judged by the first records, as archives are written by one program.
    """
    file.seek(0)
    records = ArchiveIterator(file, parse_http=False, fsspec_args=False)
    try:
        starts = [record.stream_pos for record in islice(records, _JUDGED)]
    except (OSError, ValueError):
        return False
    if len(starts) < 2 or sorted(set(starts)) != starts:
        return False
    for start in starts:
        file.seek(start)
        if file.read(len(_GZIP)) != _GZIP:
            return False
    return True


def is_cut_off(file: BinaryIO) -> bool:
    """Whether the file ends before its last record does."""
    file.seek(0)
    gzipped = file.read(len(_GZIP)) == _GZIP
    return _cut_off(file, 0, gzipped=gzipped) is not None


def _read(
    record: WarcRecord, wanted: Callable[[str, datetime], bool], *, digest: bool
) -> Capture | Passed:
    url, at = record.headers.get("WARC-Target-URI") or "", record.record_date
    if at is None or not wanted(url.strip("<>"), at):
        return Passed("address")
    if record.content_length > MAX_RECORD:
        return Passed("size")
    announced = record.content_length
    record.freeze()
    if record.content_length != announced:
        raise Cut(f"a record of {announced} bytes ends after {record.content_length}")
    # gzip carries a checksum of its own
    if digest and "WARC-Block-Digest" in record.headers and not record.verify_block_digest():
        raise Cut("a record is not what its digest says")
    record.parse_http(auto_decode="all")
    if record.http_headers is None:
        return Passed("type")
    if record.http_headers.status_code != 200:
        return Passed("status")
    if (record.http_content_type or "text/html").lower() not in PAGE_TYPES:
        return Passed("type")
    body = record.reader.read(MAX_PAGE + 1)
    if len(body) > MAX_PAGE:
        return Passed("size")
    return Capture(
        url=url.strip("<>"),
        at=at,
        record_id=record.record_id or "",
        offset=record.stream_pos,
        charset=record.http_charset,
        headers=tuple(record.http_headers.astuples()),
        body=body,
    )


def _cut_off(file: BinaryIO, last: int, *, gzipped: bool) -> int | None:
    """Where the member or record begins that the end of the file cuts off; None: it is whole.

    ``last`` is where the last record begins. What nobody wants is passed over without being read,
    so that its missing end shows only here.
    """
    if not gzipped:
        return _cut_record(file, last)
    file.seek(last)
    if file.read(len(_GZIP)) != _GZIP:  # the whole file is one stream
        last = 0
    return _cut_member(file, last)


def _is_stump(file: BinaryIO, begin: int) -> bool:
    """Whether too little is left for the piece in which it lies to find where it begins."""
    return file.seek(0, io.SEEK_END) - begin < len(_GZIP)


def _cut_member(file: BinaryIO, begin: int) -> int | None:
    file.seek(begin)
    rest = b""
    while rest or (rest := file.read(_BLOCK)):
        begin = file.tell() - len(rest)
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            while not member.eof:
                if not rest and not (rest := file.read(_BLOCK)):
                    return begin
                member.decompress(rest)
                rest = b""
        except zlib.error:  # told where it was to be read
            return None
        rest = member.unused_data
    return None


def _cut_record(file: BinaryIO, begin: int) -> int | None:
    size = file.seek(0, io.SEEK_END)
    while begin < size:
        file.seek(begin)
        head, found, _ = file.read(_HEAD).partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if found and not length:
            return None
        end = begin + len(head) + len(found) + int(length[1] if length else 0)
        if not found or end > size:
            return begin
        file.seek(end)
        blank = file.read(_HEAD)
        begin = end + len(blank) - len(blank.lstrip(b"\r\n"))
    return None


def _next_start(file: BinaryIO, after: int, *, gzipped: bool) -> int | None:
    """Where the next record may begin; None where there is none."""
    mark, skip = (_GZIP, 0) if gzipped else (_PLAIN, 4)
    file.seek(after)
    tail = b""
    while block := file.read(_BLOCK):
        found = (tail + block).find(mark)
        if found >= 0:
            return file.tell() - len(block) - len(tail) + found + skip
        tail = block[-(len(mark) - 1) :]
    return None
