"""Every kind of feed and sitemap in its system's own structure: one test a field.

A case is a folder under ``feeds/``: ``input.xml`` or ``input.json`` (words of our own) and
``expected.json`` with the address, the ``list``'s own fields and its ``entries``. A field that is
not named there must be unknown.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crawler.feeds import parse_feed, parse_posts
from crawler.sitemaps import parse_sitemap
from crawler.types import Entry, EntryList
from store.types import PublicationDate

CASES = Path(__file__).with_name("feeds")
NOW = datetime(2025, 6, 18, 12, tzinfo=UTC)
NAMES = sorted(folder.name for folder in CASES.iterdir())
FIELDS = [field.name for field in fields(Entry) if field.name not in ("date_source", "fingerprint")]


def body_of(case: str) -> bytes:
    (path,) = (CASES / case).glob("input.*")
    return path.read_bytes()


@cache
def expected(case: str) -> dict[str, Any]:
    text = (CASES / case / "expected.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def parse(case: str, body: bytes, known: dict[str, str] | None = None) -> EntryList:
    url = expected(case)["url"]
    if case.startswith("sitemap"):
        return parse_sitemap(body, url, now=NOW, known=known)
    reader = parse_posts if case.startswith("wordpress") else parse_feed
    return reader(body, url, now=NOW, known=known)


@cache
def found(case: str) -> EntryList:
    return parse(case, body_of(case))


def shown(value: object) -> object:
    """A field as the expectation writes it."""
    return value.iso() if isinstance(value, PublicationDate) else value


ENTRIES = [(case, number) for case in NAMES for number in range(len(expected(case)["entries"]))]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(("case", "number"), ENTRIES)
def test_field(case: str, number: int, field: str) -> None:
    got = shown(getattr(found(case).entries[number], field))
    assert got == expected(case)["entries"][number].get(field)


@pytest.mark.parametrize(("case", "number"), ENTRIES)
def test_where_a_date_stood(case: str, number: int) -> None:
    entry = found(case).entries[number]
    if entry.published:
        assert entry.date_source == expected(case)["entries"][number]["date_source"]


@pytest.mark.parametrize("field", ["title", "teaser", "further", "skipped", "notes"])
@pytest.mark.parametrize("case", NAMES)
def test_the_list_itself(case: str, field: str) -> None:
    got = getattr(found(case), field)
    wanted = expected(case)["list"].get(field)
    assert (list(got) or None if isinstance(got, tuple) else got) == wanted
    assert len(found(case).entries) == len(expected(case)["entries"])


@pytest.mark.parametrize("case", NAMES)
def test_compressed_and_with_a_byte_order_mark_it_is_the_same(case: str) -> None:
    assert parse(case, gzip.compress(body_of(case))).entries == found(case).entries
    if b"ISO-8859-1" not in body_of(case):
        assert parse(case, b"\xef\xbb\xbf" + body_of(case)).entries == found(case).entries


@pytest.mark.parametrize("case", NAMES)
def test_nothing_is_new_the_second_time(case: str) -> None:
    again = parse(case, body_of(case), found(case).fingerprints)
    assert again.entries == ()
    assert list(again.unchanged) == [entry.url for entry in found(case).entries]
    assert again.skipped == found(case).skipped
