"""Sitemaps: every kind, and lastmod never taken for a publication date."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from crawler.decoding import MAX_BYTES
from crawler.sitemaps import SitemapError, parse_sitemap
from crawler.types import Entry, EntryList

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://www.verband.example/sitemap.xml"
NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:video="http://www.google.com/schemas/sitemap-video/1.1" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)


def urlset(*urls: str) -> str:
    inside = "".join(f"<url>{url}</url>\n" for url in urls)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {NAMESPACES}>\n{inside}</urlset>'


def read(text: str | bytes) -> EntryList:
    return parse_sitemap(text if isinstance(text, bytes) else text.encode(), URL, now=NOW)


def only(text: str | bytes) -> Entry:
    (entry,) = read(text).entries
    return entry


def test_lastmod_is_no_publication_date() -> None:
    entry = only(urlset("<loc>https://www.verband.example/a</loc><lastmod>2026-11-01</lastmod>"))
    assert entry.url == "https://www.verband.example/a"
    assert entry.published is None
    assert entry.modified == "2026-11-01"


def test_a_news_sitemap() -> None:
    entry = only(
        urlset(
            "<loc>https://www.verband.example/a</loc><lastmod>2026-11-01</lastmod><news:news>"
            "<news:publication><news:name>V</news:name><news:language>de</news:language>"
            "</news:publication><news:publication_date>2026-10-30T08:00:00+01:00"
            "</news:publication_date><news:genres>UserGenerated, PressRelease</news:genres>"
            "<news:title>Größe &amp; Maß</news:title></news:news>"
            "<image:image><image:loc>https://www.verband.example/b.jpg</image:loc></image:image>"
        )
    )
    assert entry.title == "Größe & Maß"
    assert entry.published is not None
    assert entry.published.iso() == "2026-10-30T08:00:00+01:00"
    assert entry.genre == "Pressemitteilung"
    assert entry.image == "https://www.verband.example/b.jpg"


def test_a_video_sitemap() -> None:
    entry = only(
        urlset(
            "<loc>/v</loc><video:video><video:title>Film</video:title>"
            "<video:description>Worum es geht</video:description>"
            "<video:duration>600</video:duration><video:view_count>1.234</video:view_count>"
            "<video:publication_date>2026-01-05</video:publication_date>"
            "<video:thumbnail_loc>/t.jpg</video:thumbnail_loc></video:video>"
        )
    )
    assert entry.url == "https://www.verband.example/v"
    assert (entry.title, entry.teaser) == ("Film", "Worum es geht")
    assert (entry.duration_s, entry.views) == (600, 1234)
    assert entry.published is not None
    assert entry.published.iso() == "2026-01-05"
    assert entry.image == "https://www.verband.example/t.jpg"


def test_an_index_names_further_sitemaps() -> None:
    found = read(
        f"<sitemapindex {NAMESPACES}><sitemap><loc>/s1.xml.gz</loc></sitemap>"
        "<sitemap><loc>https://www.verband.example/s2.xml</loc><lastmod>2026-01-01</lastmod>"
        "</sitemap><sitemap><loc>javascript:x</loc></sitemap><sitemap/></sitemapindex>"
    )
    assert found.entries == ()
    assert found.further == (
        "https://www.verband.example/s2.xml",
        "https://www.verband.example/s1.xml.gz",
    )


@pytest.mark.parametrize(
    ("parts", "first"),
    [
        (["page-sitemap.xml", "post-sitemap.xml", "post_tag-sitemap.xml"], "post-sitemap.xml"),
        (["post-sitemap9.xml", "post-sitemap10.xml", "category-sitemap.xml"], "post-sitemap10.xml"),
        (["sitemap.xml?sitemap=pages", "sitemap.xml?sitemap=news"], "sitemap.xml?sitemap=news"),
        (["sitemap-2025-11.xml", "sitemap-2026-02.xml"], "sitemap-2026-02.xml"),
        (["newsletter.xml", "artikel.xml", "author-sitemap.xml"], "artikel.xml"),
    ],
)
def test_of_an_index_the_part_with_the_latest_news_comes_first(
    parts: list[str], first: str
) -> None:
    rows = "".join(f"<sitemap><loc>/{part}</loc></sitemap>" for part in parts)
    found = read(f"<sitemapindex {NAMESPACES}>{rows}</sitemapindex>")
    assert found.further[0] == f"https://www.verband.example/{first}"
    assert len(found.further) == len(parts)


def test_of_several_parts_with_news_the_last_changed_comes_first() -> None:
    rows = "".join(
        f"<sitemap><loc>/post-sitemap{n}.xml</loc><lastmod>2026-0{month}-01</lastmod></sitemap>"
        for n, month in ((1, 3), (2, 5), (3, 4))
    )
    found = read(f"<sitemapindex {NAMESPACES}>{rows}</sitemapindex>")
    assert [url[-5] for url in found.further] == ["2", "3", "1"]


@pytest.mark.parametrize(
    "text",
    [
        urlset("<loc>https://www.verband.example/a?x=1&amp;y=2</loc>"),
        # a bare ampersand
        urlset("<loc>https://www.verband.example/a?x=1&y=2</loc>"),
        urlset("<loc><![CDATA[https://www.verband.example/a?x=1&y=2]]></loc>"),
        urlset("<loc>\n  https://www.verband.example/a?x=1&amp;y=2\n</loc>"),
        # no namespace, a prefix of its own, Latin-1 wrongly labelled
        "<urlset><url><loc>https://www.verband.example/a?x=1&amp;y=2</loc></url></urlset>",
        '<s:urlset xmlns:s="urn:x"><s:url><s:loc>https://www.verband.example/a?x=1&amp;y=2'
        "</s:loc></s:url></s:urlset>",
        # a plain list of addresses
        "https://www.verband.example/a?x=1&y=2\n\n",
        "\ufeffhttps://www.verband.example/a?x=1&y=2\r\n",
    ],
)
def test_spellings_of_one_address(text: str) -> None:
    assert only(text).url == "https://www.verband.example/a?x=1&y=2"


def test_a_prefix_that_was_never_declared() -> None:
    entry = only(
        "<urlset><url><loc>/a</loc><news:news><news:title>T</news:title></news:news></url></urlset>"
    )
    assert entry.title == "T"


def test_gzip() -> None:
    assert only(gzip.compress(urlset("<loc>/a</loc>").encode())).url.endswith("/a")


def test_a_plain_list_holds_addresses_alone() -> None:
    found = read("https://www.verband.example/a\n<item>\nhttps://www.verband.example/b\n")
    assert [entry.url[-2:] for entry in found.entries] == ["/a", "/b"]
    assert found.skipped == ("entry 2: '<item>' is no address",)


def test_bad_entries_are_skipped_with_their_reason() -> None:
    found = read(urlset("<loc>/a</loc>", "<lastmod>2026-01-01</lastmod>", "<loc>ftp://x/</loc>"))
    assert [entry.url for entry in found.entries] == ["https://www.verband.example/a"]
    assert found.skipped[0] == "entry 2: it has no link"
    assert found.skipped[1].startswith("entry 3: 'ftp://x/' has the scheme ftp:")


def test_a_truncated_sitemap_keeps_what_is_whole() -> None:
    text = urlset("<loc>/a</loc>", "<loc>/b</loc>", "<loc>/langer-name</loc>")
    cut = read(text[: text.index("-name")])
    assert [entry.url[-2:] for entry in cut.entries] == ["/a", "/b"]
    assert cut.skipped == ("entry 3: the sitemap breaks off in the middle of it",)
    whole = read(text.replace("</urlset>", ""))
    assert len(whole.entries) == 3


def test_more_addresses_than_the_protocol_allows() -> None:
    found = read("\n".join(f"https://www.verband.example/{n}" for n in range(50_010)))
    assert len(found.entries) == 50_000


def test_an_empty_sitemap_is_no_error_here() -> None:
    assert read(urlset()).entries == ()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the body is empty"),
        (b"<html><head><title>404</title>", "an HTML page came instead of a sitemap"),
        (b"<!DOCTYPE html><html>", "an HTML page came instead of a sitemap"),
        (b"<rss><channel/></rss>", 'this is a feed, not a sitemap; set kind = "feed"'),
        (b"nichts", "'nichts' came instead of a sitemap"),
        (
            b'<!DOCTYPE x [<!ENTITY a "b">]><urlset><url><loc>&a;</loc></url></urlset>',
            "declares XML entities",
        ),
        (
            b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
            b"<urlset><url><loc>&a;</loc></url></urlset>",
            "declares XML entities",
        ),
        (gzip.compress(b"<urlset>" + b" " * (MAX_BYTES + 1), mtime=0), "larger than 15 MB"),
        (b"<urlset><url><loc>ftp://x/</loc></url></urlset>", "none of its 1 entries can be read"),
    ],
)
def test_what_is_no_sitemap_fails_in_one_clear_line(body: bytes, reason: str) -> None:
    with pytest.raises(SitemapError) as caught:
        read(body)
    message = str(caught.value)
    assert reason in message
    assert message.startswith(f"{URL}: ")
    assert "; " in message, "the mend is missing"
    assert "\n" not in message
