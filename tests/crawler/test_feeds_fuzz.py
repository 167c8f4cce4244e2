"""Whatever comes instead of a list: it is read, or refused with one clear line, in bounded time."""

from __future__ import annotations

import gzip
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.decoding import MAX_BYTES
from crawler.feeds import FeedError, parse_feed, parse_posts
from crawler.sitemaps import SitemapError, parse_sitemap
from crawler.types import EntryList
from crawler.urls import canonical_url

NOW = datetime(2025, 6, 18, 12, tzinfo=UTC)
URL = "https://www.stadt.example/rss.xml"
SAMPLES = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("feeds/*/input.*"))]
READERS: list[Callable[..., EntryList]] = [parse_feed, parse_sitemap, parse_posts]

#: What breaks lists in the wild, to be put anywhere.
SHRAPNEL = [
    b"&", b"&nbsp;", b"&#0;", b"&#x110000;", b"&#xD800;", b"<", b">", b"<![CDATA[", b"]]>", b"<!--",
    b"-->", b"\x00", b"\xff\xfe", b"\xfc", b"\xc3", b"\xef\xbf\xbd", b"<item>", b"</item>",
    b"<entry/>", b"<link/>", b"<link href='http://[x/'/>", b"<guid>http://a:b/</guid>", b"</rss>",
    b"<feed xmlns='http://www.w3.org/2005/Atom'>", b"<html>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"<title>", b"xml:base='http://[/'", b" xmlns:a=''", b"<?php ?>", b"\\u0000", b"null", b"{}",
    b"[[", b'"', b"1e999", b"<georss:point>x</georss:point>", b"<pubDate>99.99.9999</pubDate>",
    b"<media:content url='javascript:x' duration='-1'/>", b"<image><url>::</url></image>",
    b"<content type='application/octet-stream'>!!!</content>", b"<author>@ ()</author>",
]  # fmt: skip


@st.composite
def damaged_lists(draw: st.DrawFn) -> bytes:
    """A real list's structure, cut, doubled and shot through."""
    body = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(body)))
        length = draw(st.integers(0, 200))
        piece = draw(st.one_of(st.sampled_from(SHRAPNEL), st.binary(max_size=8)))
        match draw(st.sampled_from(["insert", "replace", "delete", "double", "cut"])):
            case "insert":
                body = body[:start] + piece + body[start:]
            case "replace":
                body = body[:start] + piece + body[start + length :]
            case "delete":
                body = body[:start] + body[start + length :]
            case "double":
                body = body[: start + length] + body[start:]
            case "cut":
                body = body[: max(start, 20)]
    return gzip.compress(body, mtime=0) if draw(st.integers(0, 20)) == 0 else body


def check(reader: Callable[..., EntryList], body: bytes, known: dict[str, str] | None) -> EntryList:
    try:
        found = reader(body, URL, now=NOW, known=known)
    except (FeedError, SitemapError) as error:
        message = str(error)
        assert message.startswith(f"{URL}: ")
        assert "\n" not in message
        assert len(message) < 500
        return EntryList(None, None, ())
    urls = [*(entry.url for entry in found.entries), *found.unchanged]
    assert len(set(urls)) == len(urls)
    for entry in found.entries:
        assert canonical_url(entry.url) == entry.url
        for text in (entry.title, entry.teaser, entry.author, entry.section, entry.kicker):
            assert text is None or (text == " ".join(text.split()) and text)
        for image in filter(None, [entry.image]):
            assert image.startswith(("http://", "https://"))
        if entry.published:
            assert entry.published.at <= NOW + timedelta(days=1)
    assert all("\n" not in line for line in (*found.skipped, *found.notes))
    return found


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=damaged_lists())
def test_a_damaged_list_is_read_or_refused(reader: Callable[..., EntryList], body: bytes) -> None:
    first = check(reader, body, None)
    again = check(reader, body, first.fingerprints)
    # an entry that spoilt the next one may be cut out now, so there can be more, never less
    assert {entry.url for entry in first.entries} <= {
        *again.unchanged,
        *(entry.url for entry in again.entries),
    }


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=60, deadline=None)
@given(body=st.one_of(st.binary(max_size=300), st.lists(st.sampled_from(SHRAPNEL)).map(b"".join)))
def test_noise_is_read_or_refused(reader: Callable[..., EntryList], body: bytes) -> None:
    check(reader, body, None)


def big_rss(item: str, count: int) -> bytes:
    items = "".join(item.format(n=n) for n in range(count))
    return f"<rss version='2.0'><channel><title>S</title>{items}</channel></rss>".encode()


ITEM = "<item><title>Meldung {n}</title><link>/m/{n}</link><description>{text}</description></item>"
TEXT = "&lt;p&gt;Der Rat hat beschlossen, das Netz auszubauen.&lt;/p&gt; " * 2


@pytest.mark.parametrize(
    "body",
    [
        big_rss(ITEM.replace("{text}", TEXT), 10_000),
        # all that makes the strict parser give up
        big_rss(ITEM.replace("{text}", "A & B &uuml; " * 5), 10_000),
    ],
    ids=["rss", "rss-loose"],
)
def test_ten_thousand_entries_in_bounded_time_and_memory(body: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF)
    found = parse_feed(body, URL, now=NOW)
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert len(found.entries) == 10_000
    assert after.ru_utime - before.ru_utime < 30
    # the whole result and all that was needed for it, in kilobytes on Linux
    assert after.ru_maxrss - before.ru_maxrss < 600_000


@pytest.mark.parametrize(
    "body",
    [
        b"<rss><channel>" + b"<item>" * 50_000,
        b"<rss><channel>" + b"<item><![CDATA[" * 25_000,
        b"<rss><channel>" + b"<item " * 25_000,
        b"<rss><channel><item>" + b"<media:statistics " * 12_500,
        b"<rss><channel><item>" + b"<guid " * 25_000,
        b"<rss><channel><item><link>/a</link><title>" + b"&lt;!-- " * 12_500
        + b"</title></item></channel></rss>",
        b"<urlset><url><loc>https://a.example/1</loc></url></urlset>" + b"<!---->" * 200 + b"x",
        b"<rss><channel><item><!--" + b"<!--" * 25_000,
        b"<rss><channel><item>" + b"<media:community>" * 12_500,
        b"<rss><channel><item><title>" + b"&lt;b" * 50_000,
        b"<rss><channel><item><title>" + b"[" * 50_000,
        b"<rss " + b"a='' " * 25_000 + b">",
        b"<rss" + b" " * 250_000,
        b"<!DOCTYPE " + b"<!ENTITY " * 25_000,
        b"<?xml " + b"encoding='" * 25_000,
        b"<rss><channel><item><link>/a</link><description>" + b"Der Beitrag " * 10_000
        + b"</description></item></channel></rss>",
        b"<rss><channel><item><link>/a</link><title>" + b"a?" * 400 + b"</title></item></channel>"
        b"</rss>",
        b"<rss><channel><item><link>/a</link><pubDate>" + b"1 " * 50_000 + b"</pubDate></item>"
        b"</channel></rss>",
        b"<urlset>" + b"<url><loc>" * 25_000,
        b"<urlset>" + b"&" * 250_000,
        b"{" * 50_000,
        b'{"version": "https://jsonfeed.org/version/1", "items": [' + b"[" * 500,
        b"<html>" + b"<link " * 50_000,
        b"<div>" * 50_000,
    ],
)  # fmt: skip
def test_what_is_made_to_be_slow_is_not(body: bytes) -> None:
    assert len(body) < MAX_BYTES
    for reader in READERS:
        start = time.process_time()
        check(reader, body, None)
        # a hundred times what a list of that size takes when it is whole
        assert time.process_time() - start < 20
