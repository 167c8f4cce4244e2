"""The five seeds through the page classes, as given and with every class name gone.

The seeds' markup is a reconstruction whose class names are guesses, so each page is also read
stripped, renamed and rebuilt: what comes out must not change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from crawler.pages import parse_listing, parse_page
from store.types import Link

SEEDS = Path(__file__).resolve().parents[2].parent / "shared" / "seeds"
NOW = datetime(2025, 6, 28, 10, tzinfo=UTC)
EXPECTED: dict[str, dict[str, Any]] = (
    json.loads((SEEDS / "expected.json").read_text(encoding="utf-8"))
    if (SEEDS / "expected.json").exists()
    else {}
)
pytestmark = pytest.mark.skipif(not EXPECTED, reason="../shared/seeds is not on this machine")

SEMANTIC = ("article", "section", "aside", "main", "header", "nav", "footer", "figure")


def as_given(tree: HtmlElement) -> None:
    """The reconstruction itself."""


def without_names(tree: HtmlElement) -> None:
    """No class, no id."""
    for element in tree.iter("*"):
        element.attrib.pop("class", None)
        element.attrib.pop("id", None)


def renamed(tree: HtmlElement) -> None:
    """Every class and id is another word, the same one for the same."""
    for element in tree.iter("*"):
        for name in ("class", "id"):
            value = element.get(name)
            if value is not None:
                element.set(name, " ".join(f"q{len(word)}{word[-1:]}" for word in value.split()))


def without_articles(tree: HtmlElement) -> None:
    """No names, and article and section are div."""
    without_names(tree)
    for element in tree.iter("article", "section"):
        element.tag = "div"


def divs_only(tree: HtmlElement) -> None:
    """No names, no roles, no element that says what it is for."""
    without_names(tree)
    for element in tree.iter("*"):
        element.attrib.pop("role", None)
        if element.tag in SEMANTIC:
            element.tag = "div"


def one_line_headings(tree: HtmlElement) -> None:
    """No names, and the h1 is one text: kicker and headline are glued."""
    without_names(tree)
    for heading in tree.iter("h1"):
        for child in list(heading):
            child.drop_tag()


def without_spans(tree: HtmlElement) -> None:
    """No names, no spans: dates, genres and kickers are plain text."""
    without_names(tree)
    for element in list(tree.iter("span")):
        if element.get("itemprop") is None:
            element.drop_tag()


def kicker_above(tree: HtmlElement) -> None:
    """No names, and the kicker is a paragraph over the h1."""
    without_names(tree)
    for heading in tree.iter("h1"):
        first = heading.find("span")
        if first is not None:
            above = heading.makeelement("p")
            above.text = first.text
            heading.text, first.tail = first.tail, None
            heading.remove(first)
            heading.addprevious(above)


def date_in_main(tree: HtmlElement) -> None:
    """No names, and the header's date of today stands in the main part, over the headline."""
    without_names(tree)
    for heading in tree.iter("h1"):
        today = heading.makeelement("div")
        today.text = "Samstag, 28. Juni 2025"
        heading.addprevious(today)
        if heading.getparent().find("p") is not None and today.getprevious() is not None:
            today.getparent().insert(0, today)  # before a kicker, where a page's head is


VARIANTS: tuple[Callable[[HtmlElement], None], ...] = (
    as_given, without_names, renamed, without_articles, divs_only, one_line_headings,
    without_spans, kicker_above, date_in_main,
)  # fmt: skip


def page(seed: str, variant: Callable[[HtmlElement], None]) -> bytes:
    """A seed's page, changed."""
    raw = (SEEDS / EXPECTED[seed]["html"]).read_text(encoding="utf-8")
    tree = document_fromstring(raw)
    variant(tree)
    return bytes(etree.tostring(tree, method="html", encoding="utf-8", doctype="<!DOCTYPE html>"))


def shown(link: Link) -> dict[str, str | None]:
    """A link as the expectation writes it."""
    return {
        "kicker": link.kicker,
        "title": link.title,
        "date": link.date.iso() if link.date else None,
        "teaser": link.teaser,
        "genre": link.genre,
    }


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.__name__)
@pytest.mark.parametrize("seed", sorted(EXPECTED))
def test_seed(seed: str, variant: Callable[[HtmlElement], None]) -> None:
    expected = EXPECTED[seed]
    data = parse_page(page(seed, variant), expected["url"], now=NOW)
    for field in ("kind", "kicker", "title", "section", "teaser", "duration_s", "views", "author"):
        if field in expected:
            assert getattr(data, field) == expected[field], field
    if "published" in expected:
        assert (data.published.iso() if data.published else None) == expected["published"]
    body = data.body or ""
    assert body.startswith(expected.get("body_starts") or expected.get("description_starts") or "")
    assert body.endswith(expected.get("body_ends") or expected.get("description_ends") or "")
    for text in expected.get("body_excludes", ()):
        assert text not in body
    if "links" in expected:
        assert [shown(link) for link in data.links] == expected["links"]


def words(text: str) -> list[str]:
    """The words of a text."""
    return re.findall(r"\w+", text)


@pytest.mark.parametrize("seed", sorted(set(EXPECTED) - {"000"}))
def test_body_is_the_source_text_without_a_gap(seed: str) -> None:
    """Every word from first to last, in the order of the text given with the seed."""
    expected = EXPECTED[seed]
    data = parse_page(page(seed, as_given), expected["url"], now=NOW)
    source = " ".join(words((SEEDS / expected["source_text"]).read_text(encoding="utf-8")))
    assert " ".join(words(data.body or "")) in source


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.__name__)
def test_topic_page_as_a_list(variant: Callable[[HtmlElement], None]) -> None:
    expected = EXPECTED["000"]
    listed = parse_listing(page("000", variant), expected["url"], now=NOW)
    assert listed.title == expected["title"]
    assert listed.teaser == expected["teaser"]
    assert [entry.title for entry in listed.entries] == [
        link["title"] for link in expected["links"]
    ]
    assert [entry.teaser for entry in listed.entries] == [
        link["teaser"] for link in expected["links"]
    ]
    assert all("/news/digitalisierung/" in entry.url for entry in listed.entries)
