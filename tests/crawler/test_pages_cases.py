"""Every page class against a page in its system's structure: one test a field.

A case is a folder under ``pages/``: ``input.html`` (words of our own) and ``expected.json`` with
the address, the class that must recognise it, the page's ``fields``, the list's ``entries``.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.pages import PAGES, page_for, parse_listing, parse_page
from store.types import Link, PublicationDate

CASES = Path(__file__).with_name("pages")
NOW = datetime(2025, 6, 18, 12, tzinfo=UTC)


def load(case: str) -> tuple[bytes, dict[str, Any]]:
    """One case's page and expectation."""
    folder = CASES / case
    return (folder / "input.html").read_bytes(), json.loads((folder / "expected.json").read_text())


NAMES = sorted(folder.name for folder in CASES.iterdir())
FIELDS = [(name, field) for name in NAMES for field in load(name)[1].get("fields", {})]
LISTS = [name for name in NAMES if "entries" in load(name)[1]]


def shown(value: object) -> object:
    """A field as the expectation writes it."""
    if isinstance(value, PublicationDate):
        return value.iso()
    if isinstance(value, tuple):
        return [shown(item) for item in value]
    if isinstance(value, Link):
        names = ("url", "kicker", "title", "date", "genre", "teaser")
        return {name: shown(getattr(value, name)) for name in names}
    return value


@pytest.mark.parametrize(("case", "field"), FIELDS)
def test_field(case: str, field: str) -> None:
    html, expected = load(case)
    data = parse_page(html, expected["url"], now=NOW)
    got = shown(getattr(data, field))
    if field == "body" and isinstance(got, str):
        got = got.split("\n")
    assert got == expected["fields"][field]


@pytest.mark.parametrize("case", NAMES)
def test_recognised(case: str) -> None:
    html, expected = load(case)
    assert page_for(None, html, expected["url"]).name == expected["page"]


@pytest.mark.parametrize("case", LISTS)
def test_list(case: str) -> None:
    html, expected = load(case)
    entries = parse_listing(html, expected["url"], now=NOW)
    got = [
        {name: shown(getattr(entry, name)) for name in wanted}
        for entry, wanted in zip(entries.entries, expected["entries"], strict=True)
    ]
    assert got == expected["entries"]
    assert list(entries.further) == expected["further"]


def test_every_page_class_has_a_case() -> None:
    tested = {load(name)[1]["page"] for name in NAMES}
    assert tested == {page.name for page in PAGES}


@pytest.mark.parametrize("case", NAMES)
def test_known_fields_say_where_they_stood(case: str) -> None:
    html, expected = load(case)
    data = parse_page(html, expected["url"], now=NOW)
    for field in ("title", "body", "published", "author", "image"):
        assert (getattr(data, field) is not None) == (field in data.found)
