"""Decides, field by field, whether the list's entry or the item's page is believed."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from crawler.text import MAX_KICKER, clean, fold, split_kicker, without_site_name
from crawler.types import Entry, PageData
from crawler.urls import UrlError, canonical_url, is_home, same_site
from store.errors import RadarError
from store.types import BERLIN, KINDS, Article, PublicationDate, Source

#: Below this share of the entry's text a page shows an extract (registration, broken layout).
#: Trimmed share bars and contact blocks cost a page far less than two fifths of its text.
SHORT_PAGE = 0.6

#: Where on a page a date is the publisher's own statement about this very item.
_STATED_DATES = ("json-ld", "microdata", "meta", "opengraph", "dublin-core", "time")

#: Headings of the page's furniture, which some systems put into the first h1.
_FURNITURE = {
    "navigation und service", "navigation", "hauptnavigation", "hauptmenü", "menü", "suche",
    "servicenavigation", "startseite", "home", "inhalt", "inhaltsbereich", "sie sind hier",
    "aktuelles", "aktuelle meldungen", "aktuelle pressemitteilungen", "news", "nachrichten",
    "neuigkeiten", "meldungen", "meldung", "presse", "pressemitteilungen", "pressemitteilung",
    "pressemeldungen", "pressemeldung", "presseinformation", "presseinformationen", "pressestelle",
    "presseportal", "medieninformation", "medieninformationen", "themen", "artikel", "detail",
    "detailansicht", "newsdetail", "news detail", "einzelansicht", "cookie einstellungen",
    "datenschutzeinstellungen", "anmelden", "login", "anmeldung", "kontakt", "rss", "untitled",
    "ohne titel", "willkommen", "herzlich willkommen",
}  # fmt: skip

#: Words by which sources sort their items, and what the codebook calls them.
_KIND_OF_WORD = {
    word: kind
    for kind, words in {
        "interview": "interview interviews gespräch im-gespräch nachgefragt",
        "report": "bericht berichte report reportage hintergrund kommentar kolumne meinung essay "
        "gastbeitrag gastkommentar analyse editorial leitartikel glosse standpunkt "
        "praxisbericht fachbeitrag",
        "study": "studie studien whitepaper gutachten",
        "video": "video videos film mediathek webtalk",
        "event": "veranstaltung veranstaltungen termin termine event events kongress messe "
        "webinar seminar tagung",
        "notice": "bekanntmachung bekanntmachungen amtliche-bekanntmachung ausschreibung "
        "amtliche-bekanntmachungen ausschreibungen stellenausschreibung öffentliche-zustellung",
        "press_release": "pressemitteilung pressemitteilungen pressemeldung pressemeldungen "
        "presseinformation presseinformationen medieninformation medieninformationen pressrelease",
    }.items()
    for word in words.split()
} | {kind.replace("_", "-"): kind for kind in KINDS}


class ArticleError(RadarError):
    """Entry and page together make no item; the message names source, address and mend."""


def make_article(
    source: Source, entry: Entry | None, page: PageData | None, *, fetched_at: datetime
) -> Article:
    """Combine what a list and a page said of one item.

    Either may be None: a source may be kept from its list alone (``follow = false``), and a page
    may be visited again after its list dropped it. Raises ``ArticleError`` if no title or no
    fetchable address is left.
    """
    url = _url(source, entry, page)
    kicker, title = _headline(source, entry, page, url)
    body = _body(entry, page)
    published, date_source = _date(entry, page)
    section = (page.section if page else None) or (entry.section if entry else None)
    return Article(
        source_id=source.id,
        url=url,
        kind=_kind(source, entry, page, section),
        title=title,
        fetched_at=fetched_at,
        # only a list gives an item an identity apart from its address
        guid=entry.guid if entry else None,
        kicker=kicker,
        teaser=_teaser(entry, page, title),
        # the page knows its own place; a feed's first category is often a mere keyword
        section=section,
        body=body,
        # a page names the writer, a feed often just the account that pressed the button
        author=(page.author if page else None) or (entry.author if entry else None),
        published=published,
        date_source=date_source,
        # a page's image is the large one
        image=(page.image if page else None) or (entry.image if entry else None),
        image_credit=page.image_credit if page and page.image else None,
        paywalled=page.paywalled if page else None,
        place=page.place if page else None,
        duration_s=_first(page.duration_s if page else None, entry.duration_s if entry else None),
        # counted at the moment of the visit, so the page's is the newer
        views=_first(page.views if page else None, entry.views if entry else None),
        language=page.language if page else None,
        links=page.links if page else (),
    )


def entry_of(article: Article, url: str) -> Entry:
    """What the list would say today of an item it no longer names: what was stored of it."""
    return Entry(
        url=url,
        title=article.title,
        guid=article.guid,
        kicker=article.kicker,
        teaser=article.teaser,
        body=article.body,
        section=article.section,
        author=article.author,
        published=article.published,
        genre=article.kind,
        image=article.image,
        duration_s=article.duration_s,
        views=article.views,
    )


def entry_hash(entry: Entry) -> str:
    """Return the SHA-256 of what a list says of an item: if it changes, the page is worth a visit.

    Views and images are left out: they change without the item changing.
    """
    if entry.fingerprint:
        return entry.fingerprint
    said = [
        entry.url, entry.title, entry.kicker, entry.teaser, entry.body, entry.section,
        entry.author, entry.published.iso() if entry.published else None, entry.genre,
        entry.duration_s, entry.modified,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _url(source: Source, entry: Entry | None, page: PageData | None) -> str:
    named = [item.url for item in (page, entry) if item is not None]
    if not named:
        raise ArticleError(f"{source.id}: neither entry nor page was given, so there is no item")
    chosen = named[-1]
    # The page's address (canonical, after redirects) is the stable one. It is believed on the
    # entry's site or the source's own; elsewhere it is a syndication partner's or a portal's.
    # A canonical link to the front page is a known misconfiguration and would merge all items.
    if page and entry and not is_home(page.url):
        with_entry = same_site(page.url, entry.url)
        if with_entry or same_site(page.url, source.homepage):
            chosen = page.url
    try:
        return canonical_url(chosen)
    except UrlError as error:
        raise ArticleError(f"{source.id}: {error}; the item is left out") from error


def _headline(
    source: Source, entry: Entry | None, page: PageData | None, url: str
) -> tuple[str | None, str]:
    listed = clean(entry.title) if entry else None
    shown = clean(page.title) if page else None
    if shown:
        shown = without_site_name(shown, source.publisher, source.name)
    # The page's title is whole, a list's is often shortened; unless it is not the item's at all.
    title = listed if shown is None or _suspicious(shown, listed, source) else shown
    if not title:
        raise ArticleError(
            f"{source.id}: {url} has no title on its page nor in the list: "
            "it is probably no item, or its page class needs mending"
        )
    kicker = clean(page.kicker if page else None) or clean(entry.kicker if entry else None)
    if kicker is None and listed:
        before, after = split_kicker(listed)
        # "Köln: Neue App" in the list and "Neue App" on the page: the two settle what is kicker
        if before and fold(after) == fold(title):
            kicker = before
    if kicker and title.startswith(f"{kicker}: ") and len(kicker) <= MAX_KICKER:
        title = title[len(kicker) + 2 :].strip() or title
    if kicker and fold(kicker) == fold(title):
        kicker = None
    return kicker, title


def _suspicious(shown: str, listed: str | None, source: Source) -> bool:
    """Return whether a page's title is the site's or its furniture's rather than the item's."""
    folded = fold(shown)
    if not folded:
        return True
    if listed and fold(listed) == folded:
        return False
    host = source.homepage.partition("://")[2].partition("/")[0]
    names = (source.publisher, source.name, host, host.removeprefix("www."))
    if folded in _FURNITURE or folded in map(fold, names):
        return True
    if not listed:
        return False
    # A headline and its shortened form share words; a section's heading shares none.
    words, listed_words = set(folded.split()), set(fold(listed).split())
    return len(listed_words) > 2 and words.isdisjoint(listed_words)


def _teaser(entry: Entry | None, page: PageData | None, title: str) -> str | None:
    shown = clean(page.teaser) if page else None
    listed = clean(entry.teaser) if entry else None
    # The page's lead is whole where the list's was cut; a page may lack one.
    teaser = shown or listed
    if shown and listed and shown.endswith(("…", "...")) and len(listed) > len(shown):
        teaser = listed
    return teaser if teaser and fold(teaser) != fold(title) else None


def _body(entry: Entry | None, page: PageData | None) -> str | None:
    shown = page.body if page else None
    listed = entry.body if entry else None
    # The page is what readers get; but behind a registration box, or after its layout broke, it
    # shows an extract of what the feed gives in full.
    if shown and listed and len(shown) < SHORT_PAGE * len(listed):
        return listed
    return shown or listed


def _date(entry: Entry | None, page: PageData | None) -> tuple[PublicationDate | None, str | None]:
    shown = page.published if page else None
    listed = entry.published if entry else None
    where = (page.found.get("published") or "page") if page else "page"
    if listed is None or entry is None:
        return (shown, where) if shown else (None, None)
    if shown is None:
        return listed, entry.date_source
    if _day(shown) == _day(listed):
        # one day, told twice: the one with a time says more, and the list's time is the moment
        # of release where a page's may be that of an edit
        return (shown, where) if listed.day_only else (listed, entry.date_source)
    # Two days: "last changed" is no publication, so any date of the page beats it. A date in the
    # page's metadata is stated of this item and survives later edits, which in many systems move
    # the feed's date. A date found in the page's text may be anything; then the list is believed.
    if where.startswith(_STATED_DATES):
        return shown, where
    if entry.date_source == "entry-updated" and where != "changed":
        return shown, where
    return listed, entry.date_source


def _kind(source: Source, entry: Entry | None, page: PageData | None, section: str | None) -> str:
    if source.kind == "video":
        return "video"
    # "listing" is what a page looks like to its class; this one was named as an item
    kind = page.kind if page and page.kind != "listing" else "article"
    if kind == "article":
        for word in (entry.genre if entry else None, section):
            kind = _KIND_OF_WORD.get(fold(word or "").replace(" ", "-"), "article")
            if kind != "article":
                return kind
    # what an office issues about itself is its release, whatever its system calls it
    return "press_release" if kind == "article" and source.licence == "official" else kind


def _day(date: PublicationDate) -> str:
    return date.at.astimezone(BERLIN).date().isoformat()


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
