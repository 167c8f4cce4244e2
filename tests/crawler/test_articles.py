"""Which of entry and page is believed, field by field."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.articles import ArticleError, entry_hash, make_article
from crawler.dates import parse_date
from crawler.types import Entry, PageData
from store.types import KINDS, Article, Link, PublicationDate, Source

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

SOURCE = Source(
    id="nw_koeln",
    name="Stadt Köln: Pressemitteilungen",
    publisher="Stadt Köln",
    homepage="https://www.koeln.example/",
    kind="feed",
    url="https://www.koeln.example/rss.xml",
    licence="official",
    display="full",
    relevance="topic",
    schedule="adaptive",
    reference="https://www.koeln.example/rss",
    land="DE-NW",
)
PRESS = replace(SOURCE, licence="press")
ENTRY = Entry(url="https://www.koeln.example/m/1", title="Neue App für das Bürgeramt")
PAGE = PageData(
    url="https://www.koeln.example/m/1/neue-app", kind="article", title="Neue App für das Bürgeramt"
)


def date(text: str) -> PublicationDate:
    found = parse_date(text, now=NOW)
    assert found is not None
    return found


def make(
    entry: Entry | None = ENTRY, page: PageData | None = PAGE, source: Source = SOURCE
) -> Article:
    return make_article(source, entry, page, fetched_at=NOW)


def test_either_alone_makes_an_article() -> None:
    from_list = make(page=None)
    assert (from_list.url, from_list.title) == (ENTRY.url, ENTRY.title)
    from_page = make(entry=None)
    assert (from_page.url, from_page.title) == (PAGE.url, PAGE.title)
    assert from_page.fetched_at == NOW
    assert from_page.source_id == "nw_koeln"


def test_what_only_the_page_tells() -> None:
    page = replace(PAGE, image="https://www.koeln.example/a.jpg", image_credit="Amt", place="Köln")
    article = make(page=replace(page, paywalled=True))
    assert (article.image_credit, article.paywalled, article.place) == ("Amt", True, "Köln")
    # a credit belongs to the page's own picture, not to the one of the list
    listed = replace(ENTRY, image="https://www.koeln.example/b.jpg")
    assert make(entry=listed, page=replace(page, image=None)).image_credit is None
    from_list = make(page=None)
    assert (from_list.image_credit, from_list.paywalled, from_list.place) == (None, None, None)


# --- address and identity --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page_url", "entry_url", "expected"),
    [
        # the page's canonical address on the same site
        ("https://koeln.example/neu", "https://www.koeln.example/m/1", "https://koeln.example/neu"),
        # a redirecting service leads to the source's own site
        ("https://www.koeln.example/neu", "https://t.example/x", "https://www.koeln.example/neu"),
        # a canonical link to a partner is not ours to follow
        ("https://partner.example/a", "https://www.koeln.example/m/1", None),
        # a canonical link to the front page would merge all items
        ("https://www.koeln.example/", "https://www.koeln.example/m/1", None),
        ("https://www.koeln.example", "https://www.koeln.example/m/1", None),
    ],
)
def test_the_pages_address_is_believed_on_the_same_site(
    page_url: str, entry_url: str, expected: str | None
) -> None:
    article = make(replace(ENTRY, url=entry_url), replace(PAGE, url=page_url))
    assert article.url == (expected or entry_url)


def test_the_guid_is_the_lists() -> None:
    assert make(replace(ENTRY, guid="m-1")).guid == "m-1"
    assert make(entry=None).guid is None


# --- title and kicker --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "listed", "expected"),
    [
        ("Neue App für das Bürgeramt", "Neue App für …", "Neue App für das Bürgeramt"),
        ("Neue App für das Bürgeramt | Stadt Köln", "Neue App", "Neue App für das Bürgeramt"),
        # corrected on the page
        ("App für alle Bürgerämter", "App für das Bürgeramt", "App für alle Bürgerämter"),
        # not the item's at all
        (None, "Neue App", "Neue App"),
        ("Stadt Köln", "Neue App", "Neue App"),
        ("www.koeln.example", "Neue App", "Neue App"),
        ("koeln.example", "Neue App", "Neue App"),
        ("Navigation und Service", "Neue App", "Neue App"),
        ("Pressemitteilungen", "Neue App", "Neue App"),
        ("Aktuelles aus der Stadt", "Neue App für Bürgeramt", "Neue App für Bürgeramt"),
        # furniture that is an item's title after all
        ("Kontakt", "Kontakt", "Kontakt"),
        ("Neue App", None, "Neue App"),
    ],
)  # fmt: skip
def test_titles(shown: str | None, listed: str | None, expected: str) -> None:
    assert make(replace(ENTRY, title=listed), replace(PAGE, title=shown)).title == expected


@pytest.mark.parametrize(
    ("shown", "page_kicker", "listed", "entry_kicker", "expected"),
    [
        ("Neue App", "Kalk", "Neue App", "Köln", ("Kalk", "Neue App")),
        ("Neue App", None, "Neue App", "Köln", ("Köln", "Neue App")),
        # list and page together settle what the kicker is
        ("Neue App", None, "Köln: Neue App", None, ("Köln", "Neue App")),
        ("Köln: Neue App", None, "Köln: Neue App", None, (None, "Köln: Neue App")),
        ("Köln: Neue App", "Köln", "Köln: Neue App", None, ("Köln", "Neue App")),
        ("Neue App", "Neue App!", "Neue App", None, (None, "Neue App")),
    ],
)
def test_kickers(
    shown: str,
    page_kicker: str | None,
    listed: str,
    entry_kicker: str | None,
    expected: tuple[str | None, str],
) -> None:
    article = make(
        replace(ENTRY, title=listed, kicker=entry_kicker),
        replace(PAGE, title=shown, kicker=page_kicker),
    )
    assert (article.kicker, article.title) == expected


def test_without_a_title_there_is_no_article() -> None:
    with pytest.raises(ArticleError) as caught:
        make(replace(ENTRY, title=None), replace(PAGE, title="Navigation und Service"))
    message = str(caught.value)
    assert message.startswith("nw_koeln: https://www.koeln.example/m/1/neue-app has no title")
    assert "page class" in message


def test_without_an_address_there_is_no_article() -> None:
    with pytest.raises(ArticleError, match="neither entry nor page"):
        make(None, None)
    with pytest.raises(ArticleError, match=r"nw_koeln: .*the scheme file:"):
        make(Entry(url="file:///etc/passwd", title="A"), None)


# --- text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "listed", "expected"),
    [
        ("Ganzer Vorspann.", "Ganzer Vor…", "Ganzer Vorspann."),
        (None, "Aus der Liste.", "Aus der Liste."),
        ("Abgeschnitten …", "Abgeschnitten und dann ganz.", "Abgeschnitten und dann ganz."),
        ("Neue App für das Bürgeramt", None, None),
        (None, None, None),
    ],
)
def test_teasers(shown: str | None, listed: str | None, expected: str | None) -> None:
    assert make(replace(ENTRY, teaser=listed), replace(PAGE, teaser=shown)).teaser == expected


def test_the_pages_text_is_believed_unless_it_is_an_extract() -> None:
    listed = "Wort " * 100
    nearly = "Wort " * 70
    extract = "Wort " * 40
    assert make(replace(ENTRY, body=listed), replace(PAGE, body=nearly)).body == nearly
    assert make(replace(ENTRY, body=listed), replace(PAGE, body=extract)).body == listed
    assert make(replace(ENTRY, body=listed)).body == listed
    assert make(page=replace(PAGE, body=extract)).body == extract
    assert make().body is None


# --- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "listed_from", "shown", "shown_from", "expected", "source"),
    [
        (None, "entry", None, None, None, None),
        ("10.03.2025", "entry", None, None, "2025-03-10", "entry"),
        (None, "entry", "10.03.2025", "json-ld", "2025-03-10", "json-ld"),
        (None, "entry", "10.03.2025", None, "2025-03-10", "page"),
        # one day, told twice: a time beats a bare day, and the list's time the page's
        ("10.03.2025 14:30", "entry", "10.03.2025", "json-ld", "2025-03-10T14:30", "entry"),
        ("10.03.2025", "entry", "10.03.2025 9:00", "json-ld", "2025-03-10T09:00", "json-ld"),
        ("10.03.2025 14:30", "entry", "10.03.2025 9:00", "meta", "2025-03-10T14:30", "entry"),
        # two days: metadata is stated of this item, text may be about anything
        ("12.03.2025 8:00", "entry", "10.03.2025", "json-ld", "2025-03-10", "json-ld"),
        ("12.03.2025 8:00", "entry", "10.03.2025", "page", "2025-03-12T08:00", "entry"),
        # "last changed" is no publication
        ("12.03.2025 8:00", "entry-updated", "10.03.2025", "page", "2025-03-10", "page"),
        ("12.03.2025 8:00", "entry-updated", None, None, "2025-03-12T08:00", "entry-updated"),
    ],
)  # fmt: skip
def test_dates(
    listed: str | None,
    listed_from: str,
    shown: str | None,
    shown_from: str | None,
    expected: str | None,
    source: str | None,
) -> None:
    article = make(
        replace(ENTRY, published=date(listed) if listed else None, date_source=listed_from),
        replace(
            PAGE,
            published=date(shown) if shown else None,
            found={"published": shown_from} if shown_from else {},
        ),
    )
    iso = article.published.iso().removesuffix(":00+01:00") if article.published else None
    assert iso == expected
    assert article.date_source == source


# --- kind ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page_kind", "genre", "section", "licence", "expected"),
    [
        ("article", None, None, "press", "article"),
        ("article", None, None, "official", "press_release"),
        ("listing", None, None, "official", "press_release"),
        ("article", "Interview", None, "press", "interview"),
        ("article", "interview", None, "official", "interview"),
        ("article", "Kommentar", None, "press", "report"),
        ("listing", "Bericht", None, "press", "report"),
        ("article", None, "Amtliche Bekanntmachungen", "official", "notice"),
        ("article", "Öffentliche Zustellung", None, "official", "notice"),
        ("article", None, "Im Gespräch", "press", "interview"),
        ("article", "Studie", None, "press", "study"),
        ("article", "Pressemitteilung", None, "press", "press_release"),
        ("article", "Wirtschaft", "Politik", "press", "article"),
        ("event", "Interview", None, "official", "event"),
        ("study", None, None, "official", "study"),
    ],
)
def test_kinds(
    page_kind: str, genre: str | None, section: str | None, licence: str, expected: str
) -> None:
    article = make(
        replace(ENTRY, genre=genre, section=section),
        replace(PAGE, kind=page_kind),
        replace(SOURCE, licence=licence),
    )
    assert article.kind == expected
    assert article.kind in KINDS


def test_a_video_source_gives_videos() -> None:
    assert make(source=replace(PRESS, kind="video")).kind == "video"


# --- the rest ------------------------------------------------------------------------------------


def test_the_page_wins_where_both_speak_and_the_entry_fills_in() -> None:
    entry = replace(
        ENTRY, section="Liste", author="admin-konto", image="https://a.example/klein.jpg",
        duration_s=10, views=1,
    )  # fmt: skip
    page = replace(
        PAGE, section="Seite", author="Presseamt", image="https://a.example/gross.jpg",
        duration_s=0, views=2, language="de", links=(Link("https://a.example/", "Mehr"),),
    )  # fmt: skip
    both = make(entry, page)
    assert (both.section, both.author, both.image) == ("Seite", "Presseamt", page.image)
    assert (both.duration_s, both.views, both.language) == (0, 2, "de")
    assert both.links == page.links
    filled = make(entry)
    assert (filled.section, filled.author, filled.image) == ("Liste", "admin-konto", entry.image)
    assert (filled.duration_s, filled.views) == (10, 1)


def test_the_hash_of_an_entry_follows_what_the_list_says() -> None:
    same = replace(ENTRY, views=7, image="https://a.example/neu.jpg")
    assert entry_hash(same) == entry_hash(ENTRY)
    for change in (
        replace(ENTRY, title="Anders"),
        replace(ENTRY, teaser="Anders"),
        replace(ENTRY, modified="2026-11-02"),
        replace(ENTRY, published=date("10.03.2025")),
        replace(ENTRY, body="Anders"),
    ):
        assert entry_hash(change) != entry_hash(ENTRY)
