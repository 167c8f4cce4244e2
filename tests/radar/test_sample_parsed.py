"""What the sample press renders, the crawler's parsers read back exactly."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from urllib.parse import urlsplit

import pytest

from crawler.articles import make_article
from crawler.lists import list_url, parse_list
from crawler.pages import PageError, parse_listing, parse_page
from crawler.types import Entry, PageData
from radar.sample.press import SamplePress
from radar.sample.story import Story
from store.types import BERLIN, Article, PublicationDate, Source

NOW = datetime(2026, 3, 9, 14, 5, tzinfo=BERLIN)
PRESS = SamplePress(NOW)
SOURCES = [s for s in PRESS.catalogue() if s.id != "stadt_stuttgart_beispiel"]
IDS = [source.id for source in SOURCES]
EACH = pytest.mark.parametrize("source", SOURCES, ids=IDS)

# What a source does not say, on purpose: what is absent must come back as None, not be made up.
#: only the news sitemap dates the association's texts
PAGE_WITHOUT_DATE = {"gemeindeverband"}
WITHOUT_SECTION = {"bund_digital_beispiel", "gemeindeverband", "kreis_uckermark_beispiel"}
#: no list and no page tells the time of day
DAY_ONLY = {"kaemmerei_aktuell", "kreis_uckermark_beispiel", "stadt_halle_beispiel"}
#: the kicker stands over the headline of each teaser
LIST_WITH_KICKERS = {"kaemmerei_aktuell"}
#: addresses alone
BARE_LIST = {"kreis_uckermark_beispiel"}


def fetch(url: str, stage: int = 1) -> tuple[bytes, str]:
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    answer = PRESS.respond(parts.netloc, path, {}, stage)
    assert answer.status == 200, url
    return answer.body, answer.headers["Content-Type"]


@cache
def entries(source: Source) -> tuple[Entry, ...]:
    """All entries of the list and of those it goes on to."""
    found: list[Entry] = []
    urls = [list_url(source)]
    for url in urls:
        body, content_type = fetch(url)
        part = parse_list(source, body, url, now=NOW, content_type=content_type)
        assert not part.skipped
        found += part.entries
        urls += [further for further in part.further if further not in urls]
    return tuple(found)


def stories(source: Source, stage: int = 1) -> tuple[Story, ...]:
    return PRESS.site(source.id).stories(stage)


def page_of(source: Source, story: Story, stage: int = 1) -> PageData:
    return parse_page(fetch(story.url, stage)[0], story.url, now=NOW, page=source.page)


def article_of(source: Source, story: Story) -> Article:
    entry = next(e for e in entries(source) if e.url.partition("?utm")[0] == story.url)
    return make_article(source, entry, page_of(source, story), fetched_at=NOW)


def day(date: PublicationDate | None) -> str | None:
    return date.at.astimezone(BERLIN).date().isoformat() if date else None


def day_of(story: Story) -> str:
    return story.at.astimezone(BERLIN).date().isoformat()


def text_of(source: Source, story: Story) -> str:
    # A video page has its description in one piece.
    return (" " if source.kind == "video" else "\n").join(story.text)


@EACH
def test_lists(source: Source) -> None:
    found = entries(source)
    assert [e.url.partition("?utm")[0] for e in found] == [story.url for story in stories(source)]
    if source.id in BARE_LIST:
        assert all(e.title is None and e.published is None for e in found)
        return
    for entry, story in zip(found, stories(source), strict=True):
        assert entry.title == story.title
        if source.id in LIST_WITH_KICKERS:
            assert story.kicker in (entry.kicker, entry.genre)
        assert day(entry.published) == day_of(story)
        if entry.published and not entry.published.day_only:
            assert entry.published.at == story.at
        if source.kind not in ("sitemap", "video"):
            assert entry.teaser == story.teaser
        assert entry.duration_s == story.duration_s
        assert entry.views == story.views


@EACH
def test_pages(source: Source) -> None:
    for story in stories(source):
        page = page_of(source, story)
        assert (page.url, page.title, page.kicker) == (story.url, story.title, story.kicker)
        expected = None if source.id in PAGE_WITHOUT_DATE else day_of(story)
        assert day(page.published) == expected, story.url


@EACH
@pytest.mark.parametrize("stage", [1, 2])
def test_page_bodies(source: Source, stage: int) -> None:
    """In both stages: other teasers below a text are no new version of it."""
    for story in stories(source, stage):
        assert page_of(source, story, stage).body == text_of(source, story), story.url


@EACH
def test_articles(source: Source) -> None:
    for story in stories(source):
        article = article_of(source, story)
        assert (article.url, article.title, article.kicker) == (
            story.url, story.title, story.kicker,
        )  # fmt: skip
        assert article.published is not None
        assert day(article.published) == day_of(story)
        assert article.published.day_only is (source.id in DAY_ONLY)
        if not article.published.day_only:
            assert article.published.at == story.at
        if source.kind == "video":
            assert article.teaser
            assert text_of(source, story).startswith(article.teaser[:60])
        else:
            assert article.teaser == story.teaser
        assert article.section == (None if source.id in WITHOUT_SECTION else story.section)
        assert (article.duration_s, article.views) == (story.duration_s, story.views)
        if source.licence == "official":
            assert article.kind in ("press_release", story.item.kind), story.url
        elif source.kind == "video" or story.genre:
            assert article.kind == story.item.kind, story.url


def test_the_broken_layout_is_noticed() -> None:
    site = PRESS.site("stadt_halle_beispiel")
    answer = PRESS.respond(site.host, urlsplit(site.list_url).path, {}, 2)
    with pytest.raises(PageError, match="no repeated teasers"):
        parse_listing(answer.body, site.list_url, now=NOW)


def test_a_correction_reaches_the_article() -> None:
    for source in SOURCES:
        for story in PRESS.site(source.id).stories(2):
            if story.revised is None:
                continue
            body = PRESS.respond(urlsplit(story.url).netloc, story.path, {}, 2).body
            page = parse_page(body, story.url, now=NOW, page=source.page)
            assert page.title == story.title
            assert day(page.published) == day_of(story), "the day of the correction is no date"


def test_moved_times_stay_on_their_day() -> None:
    """Round midnight: no page may show tomorrow, and parsers must not shift a day."""
    at = datetime(2026, 3, 29, 0, 20, tzinfo=BERLIN)
    press = SamplePress(at)
    for source in SOURCES:
        for story in press.site(source.id).stories(2)[:3]:
            body = press.respond(urlsplit(story.url).netloc, story.path, {}, 2).body
            page = parse_page(body, story.url, now=at, page=source.page)
            if source.id not in PAGE_WITHOUT_DATE:
                assert day(page.published) == day_of(story), story.url
            assert story.at <= at
