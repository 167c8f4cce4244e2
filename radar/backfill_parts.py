"""What a backfill reads: archives on disk or over HTTP, named one by one, by pattern or by list."""

from __future__ import annotations

import glob
import gzip
import hashlib
import http.client
import shutil
import socket
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast
from urllib.parse import urljoin, urlsplit

from store.disk import is_full
from store.errors import RadarError

#: Where the paths of Common Crawl's lists lie (commoncrawl.org, "Get started": paths lists).
COMMON_CRAWL = "https://data.commoncrawl.org/"
_COMMON_PATH = "crawl-data/"
_ENDINGS = (".warc", ".warc.gz", ".warc.zst")
_WEB = ("http://", "https://")
#: Seconds without an answer after which a server counts as silent.
_SILENT_S = 60.0
#: Times that a download goes on where it broke off.
_DOWNLOADS = 5


class ArchiveError(RadarError):
    """An archive or a list of archives that cannot be had; the message names it and the mend."""


@dataclass(frozen=True, slots=True)
class Part:
    """One archive, the unit of work."""

    #: absolute path, or address
    location: str
    #: bytes as stored; None where only its server knows
    size: int | None

    @property
    def key(self) -> str:
        """Its name in the manifest; a file that has changed its size is another part."""
        return hashlib.sha256(f"{self.location} {self.size}".encode()).hexdigest()[:20]

    @property
    def name(self) -> str:
        """The last part of its location, for people."""
        return self.location.rpartition("/")[2]


def parts_of(arguments: Iterable[str]) -> list[Part]:
    """The archives that files, patterns, addresses and lists name, each once, in their order.

    What does not end as archives do (.warc, .warc.gz, .warc.zst) is a list: a line a location,
    perhaps gzipped, relative ones beside the list or, as in Common Crawl's paths lists, at
    Common Crawl. Raises ``ArchiveError``.
    """
    found: dict[str, Part] = {}
    for argument in arguments:
        for location in _locations(argument):
            part = _part(location)
            found.setdefault(part.location, part)
    if not found:
        raise ArchiveError("nothing to read: no archive is named")
    return list(found.values())


def _locations(argument: str) -> Iterator[str]:
    if argument.startswith(_WEB):
        if argument.partition("?")[0].endswith(_ENDINGS):
            yield argument
        else:
            with opened(_part(argument)) as file:
                yield from _listed(argument, file.read())
        return
    path = Path(argument)
    if path.is_file():
        if argument.endswith(_ENDINGS):
            yield argument
        else:
            yield from _listed(argument, path.read_bytes())
    elif path.is_dir():
        raise ArchiveError(
            f"{argument}: a folder; name its archives, such as '{argument.rstrip('/')}/*.warc.gz'"
        )
    elif matches := sorted(glob.glob(argument, recursive=True)):
        yield from (match for match in matches if match.endswith(_ENDINGS))
    else:
        raise ArchiveError(f"{argument}: no such file, and no file fits it as a pattern")


def _listed(where: str, content: bytes) -> Iterator[str]:
    try:
        text = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ArchiveError(
            f"{where}: neither an archive ({', '.join(_ENDINGS)}) nor a list of them: {error}"
        ) from error
    for line in text.splitlines():
        location = line.strip()
        if not location or location.startswith("#"):
            continue
        if not location.partition("?")[0].endswith(_ENDINGS):
            raise ArchiveError(
                f"{where}: {location[:100]!r} is no archive; mend or remove the line"
            )
        if location.startswith(_WEB):
            yield location
        elif where.startswith(_WEB):
            yield urljoin(COMMON_CRAWL if location.startswith(_COMMON_PATH) else where, location)
        elif (beside := Path(where).parent / location).is_file():
            yield str(beside)
        elif location.startswith(_COMMON_PATH):
            yield COMMON_CRAWL + location
        else:
            raise ArchiveError(f"{where}: {location}: no such file beside the list")


def _part(location: str) -> Part:
    if location.startswith(_WEB):
        try:
            host = urlsplit(location).hostname
        except ValueError:
            host = None
        if not host:
            raise ArchiveError(f"{location}: no address that could be asked; check its host")
        return Part(location, None)
    path = Path(location).resolve()
    return Part(str(path), path.stat().st_size)


@contextmanager
def opened(part: Part, most: int | None = None) -> Iterator[BinaryIO]:
    """The archive as a file that can be read from any place.

    One over HTTP is loaded first, at most its first ``most`` bytes: reading pages takes longer
    than servers hold a connection, and what is damaged can be looked at again only in a file.
    Raises ``ArchiveError`` when it cannot be had.
    """
    if not part.location.startswith(_WEB):
        try:
            file = Path(part.location).open("rb")  # noqa: SIM115 - what the body raises is not ours
        except OSError as error:
            raise ArchiveError(f"{part.location}: cannot be read: {error.strerror}") from error
        with file:
            yield file
        return
    with tempfile.TemporaryFile(prefix="backfill-") as copy:
        _load(part.location, copy, most)
        copy.seek(0)
        yield cast(BinaryIO, copy)


def size_of(part: Part) -> int | None:
    """Bytes of the archive as stored; None where its server does not say."""
    if part.size is not None:
        return part.size
    request = urllib.request.Request(part.location, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=_SILENT_S) as answer:
            length = answer.headers.get("Content-Length")
    except urllib.error.HTTPError:  # it may be had all the same
        return None
    except (OSError, http.client.HTTPException) as error:
        raise ArchiveError(f"{part.location}: {error}; check the address") from error
    return int(length) if length else None


def _load(url: str, copy: IO[bytes], most: int | None) -> None:
    """Load it into the file, going on where a connection broke off."""
    reason, mend = "", "run the command again later"
    for _ in range(_DOWNLOADS):
        begin = copy.tell()
        end = "" if most is None else str(most - 1)
        headers = {"Range": f"bytes={begin}-{end}"} if begin or end else {}
        try:
            with urllib.request.urlopen(
                urllib.request.Request(url, headers=headers), timeout=_SILENT_S
            ) as answer:
                if answer.status != 206 and begin:  # it sends the whole file again
                    copy.seek(0)
                    copy.truncate()
                    begin = 0
                length = answer.headers.get("Content-Length")
                shutil.copyfileobj(answer, copy, 1 << 20)
            if length is None or copy.tell() - begin == int(length):
                return
            reason = f"the connection ended after {copy.tell()} bytes"
        except urllib.error.HTTPError as error:
            reason = f"HTTP {error.code}"
            if error.code < 500 and error.code != 429:
                mend = "check the address"
                break
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError) as error:
            reason = str(error)
        except ConnectionError as error:
            reason = str(error)
        except OSError as error:
            if not is_full(error):
                raise
            raise ArchiveError(
                f"{url}: not loaded: {tempfile.gettempdir()} on {socket.gethostname()} is full; "
                "make room there, or name another folder as TMPDIR"
            ) from error
    raise ArchiveError(f"{url}: not loaded: {reason}; {mend}")
