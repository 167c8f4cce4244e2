"""Items known without parsing: only what is new is read, and nothing else changes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.feeds import parse_feed, parse_posts
from crawler.items import fingerprint, split_items, without
from crawler.types import EntryList

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://www.stadt.example/presse/rss.xml"


def item(number: int, title: str = "Meldung", more: str = "") -> str:
    return (
        f"<item><title>{title} {number}</title><link>/m/{number}</link>"
        f"<guid isPermaLink='false'>g{number}</guid>{more}</item>"
    )


def rss(*items: str) -> str:
    return f'<rss version="2.0"><channel><title>Stadt</title>{"".join(items)}</channel></rss>'


def read(text: str, known: dict[str, str] | None = None) -> EntryList:
    return parse_feed(text.encode(), URL, now=NOW, known=known)


def test_only_new_items_are_read_and_the_others_named() -> None:
    first = read(rss(item(1), item(2)))
    assert sorted(first.fingerprints.values()) == [entry.url for entry in first.entries]
    second = read(rss(item(3), item(1), item(2, "Geändert")), first.fingerprints)
    assert [entry.title for entry in second.entries] == ["Meldung 3", "Geändert 2"]
    assert list(second.unchanged) == ["https://www.stadt.example/m/1"]
    assert second.title == "Stadt"
    assert len(second.fingerprints) == 3
    third = read(rss(item(3), item(1), item(2, "Geändert")), second.fingerprints)
    assert third.entries == ()
    assert len(third.unchanged) == 3
    assert third.fingerprints == second.fingerprints


def test_what_was_bad_is_named_each_time_with_its_place() -> None:
    feed = rss(item(1), "<item><title>Ohne Link</title></item>", item(2))
    first = read(feed)
    second = read(feed, first.fingerprints)
    assert first.skipped == second.skipped == ("entry 2: it has no link",)


def test_a_guid_that_a_known_item_has_too_identifies_nothing() -> None:
    shared = "<item><title>A</title><link>/a</link><guid isPermaLink='false'>x&amp;y</guid></item>"
    first = read(rss(shared))
    assert first.entries[0].guid == "x&y"
    second = read(rss(shared.replace("/a<", "/b<"), shared), first.fingerprints)
    assert [entry.guid for entry in second.entries] == [None]


def test_an_address_is_read_once_whether_known_or_new() -> None:
    first = read(rss(item(1)))
    second = read(rss(item(1), item(1, "Andere")), first.fingerprints)
    assert second.entries == ()
    assert second.skipped[0].endswith("/m/1 was already named by an entry above")
    third = read(rss(item(1, "Andere"), item(1)), first.fingerprints)
    assert [entry.title for entry in third.entries] == ["Andere 1"]
    assert third.unchanged == {}


def test_the_last_item_of_a_feed_that_breaks_off_is_never_known() -> None:
    text = rss(item(1), item(2, more="<description>halb"))
    cut = text[: text.index("halb")]
    first = read(cut)
    second = read(cut, first.fingerprints)
    assert list(second.unchanged) == ["https://www.stadt.example/m/1"]
    assert second.skipped == first.skipped
    assert "breaks off" in second.skipped[0]


@pytest.mark.parametrize(
    "counter",
    [
        "<slash:comments xmlns:slash='http://purl.org/rss/1.0/modules/slash/'>%d</slash:comments>",
        "<media:statistics xmlns:media='http://search.yahoo.com/mrss/' views='%d'/>",
        "<media:community xmlns:media='http://search.yahoo.com/mrss/'>"
        "<media:starRating count='%d'/></media:community>",
    ],
)
def test_counters_of_readers_are_no_change(counter: str) -> None:
    first = read(rss(item(1, more=counter % 5)))
    assert read(rss(item(1, more=counter % 6)), first.fingerprints).entries == ()


def test_quoted_items_are_none() -> None:
    quoted = item(1, more="<description><![CDATA[So: </item><item>]]></description><!-- <item> -->")
    text = rss(quoted, "<items/>", item(2))
    assert [text[i.start : i.end] for i in split_items(text)] == [quoted, item(2)]
    assert without(text, split_items(text)) == rss("<items/>")


def test_items_that_hide_their_borders_are_read_whole() -> None:
    # an element of the same name within an item
    inner = "<x:item xmlns:x='urn:x'>inside</x:item>"
    feed = rss(item(1, more=inner), item(2))
    first = read(feed)
    assert [entry.title for entry in first.entries] == ["Meldung 1", "Meldung 2"]
    again = read(feed, first.fingerprints)
    assert len(again.entries) + len(again.unchanged) == 2


def test_json_entries_and_posts_are_known_too() -> None:
    items = [{"id": str(n), "url": f"/{n}", "title": f"T{n}"} for n in range(3)]
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": items[1:]}
    first = read(json.dumps(feed))
    second = read(json.dumps({**feed, "items": items}), first.fingerprints)
    assert [entry.title for entry in second.entries] == ["T0"]
    assert len(second.unchanged) == 2
    posts = json.dumps([{"link": "https://a.example/1", "title": {"rendered": "A"}}]).encode()
    known = parse_posts(posts, URL, now=NOW).fingerprints
    assert list(parse_posts(posts, URL, now=NOW, known=known).unchanged) == ["https://a.example/1"]


def test_a_fingerprint_is_of_what_was_said() -> None:
    assert fingerprint("a") == fingerprint("a") != fingerprint("b")


@given(
    st.lists(st.sampled_from(["<item>", "</item>", "<entry/>", "<![CDATA[", "]]>", "x", "<!--"]))
)
def test_any_text_is_split_into_pieces_in_order(pieces: list[str]) -> None:
    text = "".join(pieces)
    place = 0
    for found in split_items(text):
        assert place <= found.start < found.end <= len(text)
        place = found.end
    assert "<item>" not in without(text, split_items(text)) or "<!" in text


def test_counters_that_never_end_are_left_out_without_looking_for_an_end() -> None:
    # 15 MB of them took 22 CPU-s while each looked for its end, and take 0.3 now
    assert fingerprint("<media:community>" * 1000 + "x") == fingerprint("x")
