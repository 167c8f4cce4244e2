"""The task of a backfill: one archive → the items in it. The same on every machine and pool.

Pure but for the archive it reads and the process that reads pages for it.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.archives import Capture, Damage, Passed, read_captures
from crawler.articles import ArticleError, make_article
from crawler.pages import PageError
from crawler.pages.limited import LimitedParser, PageFaultError, PageTimeoutError
from crawler.reservations import evidence, of_headers, of_html
from crawler.types import Entry
from crawler.urls import UrlError, canonical_url, is_home
from radar.backfill_hosts import Hosts
from radar.backfill_items import ArchiveItem, pack
from radar.backfill_parts import ArchiveError, Part, opened
from radar.backfill_pieces import Piece
from radar.backfill_relevance import Relevance, glimpse
from radar.backfill_results import TROUBLES, PartResult
from store.provenance import Provenance
from store.types import Source

#: Seconds for one archive: an estimate, ample for one of Common Crawl's (1 GB, 30,000 pages).
PART_S = 7200.0
#: Seconds for one page, as in a crawl.
PAGE_S = 20.0
#: An archive's own clock may be a little ahead; a publication later than that is no date.
_AHEAD = timedelta(days=2)


class PartTimeoutError(Exception):
    """An archive that took longer than its limit."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is wanted of every archive. Can be sent to another machine."""

    hosts: Hosts
    #: None: every page of a known host is read
    relevance: Relevance | None
    #: published (or, where no date is known, captured) from this moment on
    since: datetime | None = None
    #: … and before this one
    until: datetime | None = None
    part_s: float = PART_S
    page_s: float = PAGE_S
    #: a sample: so many records of an archive, and so many bytes of one over HTTP
    records: int | None = None
    most_bytes: int | None = None


def process(piece: Piece, options: Options, shared: LimitedParser | None = None) -> PartResult:
    """Read a piece of an archive. The same result for the same piece, wherever and whenever.

    ``shared``: what reads pages; without it one is started and ended.
    Raises ``ArchiveError`` or ``OSError`` when it cannot be had, ``PartTimeoutError`` when it
    takes longer than ``options.part_s``. Whoever calls tries again, then leaves it out.
    """
    part, begun = piece.part, time.monotonic()
    own = nullcontext(shared) if shared else LimitedParser(options.page_s)
    with opened(part, options.most_bytes) as file, own as parser:
        reader = _Reader(part, options, parser)
        for found in read_captures(file, reader.wanted, *piece.span):
            reader.take(found)
            if time.monotonic() - begun > options.part_s:
                raise PartTimeoutError(
                    f"not read within {options.part_s:g} s; {reader.records} records were"
                )
            if options.records is not None and reader.records >= options.records:
                break
        position = file.tell()
    if not reader.records and reader.troubles and piece == Piece(part):
        raise ArchiveError(f"no web archive: {reader.troubles[0]}")
    return PartResult(
        key=part.key,
        location=part.location,
        counts=dict(sorted(reader.counts.items())),
        troubles=tuple(reader.troubles[:TROUBLES]),
        position=position,
        seconds=time.monotonic() - begun,
        items=pack(reader.items),
    )


class _Reader:
    """The way of the records of one archive, counted."""

    def __init__(self, part: Part, options: Options, parser: LimitedParser) -> None:
        self._part = part
        self._options = options
        self._parser = parser
        self.counts: Counter[str] = Counter()
        self.troubles: list[str] = []
        self.items: list[ArchiveItem] = []
        self.records = 0

    def wanted(self, url: str, at: datetime) -> bool:
        """Whether a record is worth unpacking: what was captured before ``since`` is older."""
        since = self._options.since
        return (since is None or at >= since) and self._options.hosts.knows(url)

    def take(self, found: Capture | Passed | Damage) -> None:
        """Count the record; if it is an item, keep that."""
        if isinstance(found, Damage):
            self._count("damaged", f"behind byte {found.offset}: {found.reason}")
            return
        self.records += 1
        if isinstance(found, Passed):
            self.counts[found.reason] += 1
            return
        try:
            self._read(found)
        except PageTimeoutError as error:
            self._count("timeout", str(error))
        except PageFaultError as error:  # one page that our own program fails on, among millions
            self._count("fault", str(error))
        except (PageError, ArticleError, UrlError) as error:
            self._count("unreadable", str(error))

    def _count(self, reason: str, line: str) -> None:
        self.counts[reason] += 1
        self.troubles.append(f"{reason}: {line}")

    def _read(self, capture: Capture) -> None:
        hosts, relevance = self._options.hosts, self._options.relevance
        url = canonical_url(capture.url)
        source = hosts.source_of(url)
        if source is None:
            self.counts["address"] += 1
            return
        if is_home(url):
            self.counts["front page"] += 1
            return
        seen = glimpse(capture.body, capture.charset)
        if hosts.is_rest(url) and not seen.is_german:
            self.counts["language"] += 1
            return
        # of a source whose news is all relevant, everything is published
        if relevance and source.relevance == "topic" and not relevance.may_have_topic(seen):
            self.counts["irrelevant"] += 1
            return
        self._keep(capture, url, source)

    def _keep(self, capture: Capture, url: str, source: Source) -> None:
        page = self._parser.parse(
            capture.body, url, now=capture.at + _AHEAD, page=source.page, charset=capture.charset
        )
        if page.kind == "listing":
            self.counts["list"] += 1
            return
        article = make_article(source, Entry(url), page, fetched_at=capture.at)
        if article.body is None:
            self.counts["no text"] += 1
            return
        day = article.published.at if article.published else capture.at
        since, until = self._options.since, self._options.until
        if (since and day < since) or (until and day >= until):
            self.counts["other time"] += 1
            return
        statements = (
            of_headers(capture.header("tdm-reservation"), capture.header("tdm-policy")),
            of_html(capture.body),
        )
        record = Provenance(self._part.location, capture.record_id, capture.offset, capture.at)
        self.items.append(
            ArchiveItem(replace(article, reservation=evidence(statements, url)), record)
        )
        self.counts["kept"] += 1
