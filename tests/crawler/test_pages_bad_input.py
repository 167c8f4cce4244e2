"""Whatever the bytes: a page comes out, or one clear PageError."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.pages import PageError, page_for, parse_listing, parse_page
from crawler.pages.document import MAX_BYTES, MAX_LINE, decode
from crawler.types import EntryList, PageData

NOW = datetime(2025, 6, 18, 12, tzinfo=UTC)
URL = "https://www.musterfeld.example/a"
CASES = sorted(Path(__file__).with_name("pages").glob("*/input.html"))
TEXT = "<p>" + "Der Rat hat den Plan beraten und beschlossen. " * 8 + "</p>"

HOSTILE = {
    "nothing": b"",
    "only NULs": b"\0" * 50,
    "every byte": bytes(range(256)) * 40,
    "NULs between": b"<title>A\0B</title><h1>Plan\0 ist da</h1>" + TEXT.encode(),
    "JSON": b'{"a": 1}',
    "only a doctype": b"<!DOCTYPE html>",
    "only a comment": b"<!-- x -->",
    "frameset": b"<frameset><frame src=x></frameset>",
    "title of 3 MB": b"<title>" + b"x y " * 750_000 + b"</title><h1>x</h1>",
    "headline of 3 MB": b"<h1>" + b"x" * 3_000_000 + b"</h1>",
    "deep divs": b"<div>" * 50_000 + b"Text",
    "open inline elements": b"<b><i>" * 50_000 + b"Text",
    "deep JSON-LD": b'<script type="application/ld+json">' + b"[" * 200_000 + b"</script><p>x",
    "endless JSON-LD": b'<script type="application/ld+json">'
    + b'{"@type":"Article","headline":"' * 9999,
    "deep microdata": b'<div itemscope itemtype="http://schema.org/Article">' * 5000,
    "digits": b"<h1>Ein Titel</h1><p>" + b"1.1.2" * 200_000,
    "blanks": b"<h1>Ein Titel</h1><p>" + b" " * 2_000_000 + b"mehr",
    "many links": b"<h1>Ein Titel</h1>" + b"<h3><a href=/x>Titel</a></h3>" * 15_000,
    "bad meta charset": b'<meta charset="no-such-thing"><h1>Gr\xfc\xdfe</h1>',
    "codec that is none": b'<meta charset="zip"><h1>Gr\xfc\xdfe</h1>',
}


PARSERS: tuple[Callable[..., PageData | EntryList], ...] = (parse_page, parse_listing)


def read(parse: Callable[..., PageData | EntryList], body: bytes) -> PageData | EntryList | str:
    """What comes out, or the refusal's message."""
    try:
        return parse(body, URL, now=NOW)
    except PageError as error:
        return str(error)


def is_clear(answer: PageData | EntryList | str) -> bool:
    """A page or list with bounded lines, or one line that names the address."""
    if isinstance(answer, str):
        return answer.startswith(URL) and "\n" not in answer
    return len(answer.title or "") <= MAX_LINE


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes(name: str) -> None:
    start = time.process_time()
    assert all(is_clear(read(parse, HOSTILE[name])) for parse in PARSERS)
    assert time.process_time() - start < 15


def test_too_large() -> None:
    with pytest.raises(PageError, match=str(MAX_BYTES)):
        parse_page(b"<p>" + b"a" * MAX_BYTES, URL, now=NOW)


def test_a_file_is_no_page() -> None:
    with pytest.raises(PageError, match="not HTML but a file"):
        parse_page(b"%PDF-1.7 ...", URL, now=NOW)


def test_unknown_page_class_names_the_known_ones() -> None:
    with pytest.raises(PageError, match="kommune21"):
        page_for("kommune12", b"<p>x</p>", URL)


def test_a_list_that_lists_nothing() -> None:
    with pytest.raises(PageError, match="no repeated teasers"):
        parse_listing(f"<h1>Meldungen</h1>{TEXT}", URL, now=NOW)


@pytest.mark.parametrize("url", ["hard::x.html", "", "http://[::1", "ftp://x.example/a"])
def test_page_without_a_web_address_is_still_read(url: str) -> None:
    data = parse_page(f"<h1>Plan ist beschlossen</h1>{TEXT}<a href='/x'>y</a>", url, now=NOW)
    assert data.title == "Plan ist beschlossen"
    assert data.body is not None
    assert data.body.startswith("Der Rat")


def test_changed_pages() -> None:
    """Cut, doubled and damaged pages of real structure."""
    chance = random.Random(7)
    pieces = [
        b"<",
        b">",
        b"</div>",
        b"<h1>",
        b"\0",
        b'"',
        b"<a href=x>",
        b"<script>",
        b"<svg><title>",
    ]
    for _ in range(150):
        page = bytearray(chance.choice(CASES).read_bytes())
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(max(1, len(page) - 250))
            match chance.randrange(3):
                case 0:
                    page[at] = chance.randrange(256)
                case 1:
                    del page[at : at + chance.randint(1, 200)]
                case _:
                    page[at:at] = chance.choice(pieces)
        assert all(is_clear(read(parse, bytes(page))) for parse in PARSERS)


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(st.binary(max_size=300))
def test_any_bytes(body: bytes) -> None:
    assert all(is_clear(read(parse, body)) for parse in PARSERS)


@pytest.mark.parametrize(
    ("body", "charset", "text"),
    [
        ("Größe".encode(), None, "Größe"),
        ("Größe".encode(), "iso-8859-1", "Größe"),
        (
            b'<meta charset="iso-8859-1">' + "Größe".encode(),
            None,
            '<meta charset="iso-8859-1">Größe',
        ),
        ("Größe – 5 €".encode("cp1252"), "iso-8859-1", "Größe – 5 €"),
        ("Größe – 5 €".encode("cp1252"), "utf-8", "Größe – 5 €"),
        ("Größe – 5 €".encode("cp1252"), None, "Größe – 5 €"),
        ("5 €".encode("iso-8859-15"), "iso-8859-15", "5 €"),
        (
            b'<meta charset="iso-8859-2">' + "Łódź".encode("iso-8859-2"),
            None,
            '<meta charset="iso-8859-2">Łódź',
        ),
        ("\ufeffGröße".encode(), "cp1252", "Größe"),
        ("Größe".encode("utf-16"), None, "Größe"),
        ("äöü".encode() * 20 + b"\xe4", "iso-8859-1", "äöü" * 20 + "\ufffd"),
    ],
)
def test_decode(body: bytes, charset: str | None, text: str) -> None:
    assert decode(body, charset) == text
