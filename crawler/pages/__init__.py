"""HTML pages of articles, videos and lists, read by the page class of their site system."""

from __future__ import annotations

from datetime import datetime

from crawler.pages.base import Page
from crawler.pages.derneuekaemmerer import DerNeueKaemmererPage
from crawler.pages.document import Document, PageError, read_document
from crawler.pages.dstgb import DstgbPage
from crawler.pages.generic import GenericPage
from crawler.pages.government_site_builder import GovernmentSiteBuilderPage
from crawler.pages.ikiss import IkissPage
from crawler.pages.kommune21 import Kommune21Page
from crawler.pages.presseportal import PresseportalPage
from crawler.pages.ratsinfo import RatsinfoPage
from crawler.pages.sitepark import SiteparkPage
from crawler.pages.structured import Structured, read_structured
from crawler.pages.typo3 import Typo3Page
from crawler.pages.video import VideoPage
from crawler.pages.wordpress import WordPressPage
from crawler.types import EntryList, PageData

__all__ = [
    "PAGES",
    "Page",
    "PageError",
    "page_for",
    "parse_listing",
    "parse_metadata",
    "parse_page",
]

#: All page classes, asked in this order: outlets before systems, the generic one last.
PAGES: tuple[Page, ...] = (
    VideoPage(),
    Kommune21Page(),
    DerNeueKaemmererPage(),
    DstgbPage(),
    PresseportalPage(),
    RatsinfoPage(),
    GovernmentSiteBuilderPage(),
    SiteparkPage(),
    Typo3Page(),
    WordPressPage(),
    IkissPage(),
    GenericPage(),
)
#: The head and headline stand in the first so many bytes of a page.
_HEAD_BYTES = 500_000
_BY_NAME = {page.name: page for page in PAGES}


def page_for(source_page: str | None, html: bytes | str, url: str) -> Page:
    """The page class that a source names, else the first that recognises the page.

    Raises PageError for a name that is none, or if the page is no readable HTML.
    """
    # detection reads no dates, so any clock will do
    document = read_document(html, url, now=datetime.min)
    return _choose(source_page, document)[0]


def parse_page(
    html: bytes | str,
    url: str,
    *,
    now: datetime,
    page: str | None = None,
    charset: str | None = None,
    dated: bool = False,
) -> PageData:
    """What the page at ``url`` says; an unknown field is None.

    ``now`` is the time of the fetch (aware), ``page`` the class a source names, ``charset`` what
    the HTTP header says. ``dated``: the list already told the day of publication, so the page's is
    taken from its metadata or beside its headline, but not searched for at length.
    Raises PageError if it is no readable HTML.
    """
    document = read_document(html, url, now=now, charset=charset, dated=dated)
    chosen, facts = _choose(page, document)
    return chosen.read(document, facts)


def parse_metadata(
    html: bytes | str, url: str, *, now: datetime, charset: str | None = None
) -> PageData:
    """What the page's head and headline say, without its text: for a page that takes too long.

    ``found["body"]`` is ``timeout``. Raises PageError if it is no readable HTML.
    """
    document = read_document(html[:_HEAD_BYTES], url, now=now, charset=charset)
    return GenericPage().metadata_page(document)


def parse_listing(
    html: bytes | str,
    url: str,
    *,
    now: datetime,
    page: str | None = None,
    charset: str | None = None,
) -> EntryList:
    """What the list page at ``url`` lists, and in ``further`` its next page.

    Raises PageError if it is no readable HTML or lists nothing.
    """
    document = read_document(html, url, now=now, charset=charset)
    chosen, facts = _choose(page, document)
    return chosen.read_list(document, facts)


def _choose(name: str | None, document: Document) -> tuple[Page, Structured]:
    facts = read_structured(document)
    if name is None:
        return next(page for page in PAGES if page.detects(document, facts)), facts
    if name not in _BY_NAME:
        raise PageError(
            f"{document.url}: no page class {name!r}; known: {', '.join(sorted(_BY_NAME))}"
        )
    return _BY_NAME[name], facts
