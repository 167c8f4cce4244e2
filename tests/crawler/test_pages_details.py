"""What a page tells beside its text: writer, picture and its owner, wall, place, kind."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.pages import parse_metadata, parse_page
from crawler.pages.details import split_place
from crawler.pages.document import read_document
from crawler.pages.marks import find_marks
from crawler.types import PageData

NOW = datetime(2025, 6, 18, 12, tzinfo=UTC)
URL = "https://www.musterfeld.example/rathaus/plan"
PLAN = "Plan ist beschlossen"
TEXT = "<p>" + "Der Rat hat den Plan beraten und mit großer Mehrheit beschlossen. " * 5 + "</p>"


def read(body: str, head: str = "", url: str = URL) -> PageData:
    """One page at NOW."""
    page = f"<head><title>{PLAN}</title>{head}</head><body><article>{body}</article></body>"
    return parse_page(page, url, now=NOW)


@pytest.mark.parametrize(
    ("first", "place", "rest"),
    [
        ("Köln, 3. März 2025 – Der Rat tagt.", "Köln", "Der Rat tagt."),
        ("Köln, den 03.03.2025: Der Rat tagt.", "Köln", "Der Rat tagt."),
        ("(Bad Muster, 3. März) Der Rat tagt.", "Bad Muster", "Der Rat tagt."),
        ("Frankfurt am Main, 3.3.2025 - Der Rat tagt.", "Frankfurt am Main", "Der Rat tagt."),
        ("Hannover (ots) - Der Rat tagt.", "Hannover", "Der Rat tagt."),
        ("STUTTGART. Der Rat tagt.", "Stuttgart", "Der Rat tagt."),
        ("Am 3. März 2025 – dem Tag der Wahl – tagt der Rat.", None, None),
        ("Veröffentlicht 3. März 2025 – Der Rat tagt.", None, None),
        ("Montag, 3. März 2025 – Der Rat tagt.", None, None),
        ("ANZEIGE. Der Rat tagt.", None, None),
        ("Köln. Der Rat tagt.", None, None),
        ("Köln feiert am 3. März 2025 – wie immer.", None, None),
    ],
)
def test_place_line(first: str, place: str | None, rest: str | None) -> None:
    assert split_place([first, "Mehr Text."]) == (place, [rest or first, "Mehr Text."])


def test_place_line_of_its_own_paragraph() -> None:
    assert split_place(["Köln, 3. März 2025", "Text."]) == ("Köln", ["Text."])
    assert split_place(["Köln, 3. März 2025"]) == (None, ["Köln, 3. März 2025"])
    assert split_place([]) == (None, [])


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("<p>Von Erika Muster</p>", "Erika Muster"),
        ("<p>Von Erika Muster und Hans von Beispiel</p>", "Erika Muster und Hans von Beispiel"),
        ("<p>Text: Erika Muster | 3. Juni 2025</p>", "Erika Muster"),
        ("<p>Autorin: Erika Muster</p>", "Erika Muster"),
        ("<p><a rel='author' href='/x'>Erika Muster</a></p>", "Erika Muster"),
        ("<p class='article-author'>von Erika Muster</p>", "Erika Muster"),
        ("<p>Von Redaktion</p>", None),
        ("<p>Von der Stadt ist nichts zu hören</p>", None),
        ("<p class='comment-author'>Erika Muster</p><p class='author'>Hans Beispiel</p>", None),
        ("<p>3. Juni 2025</p>", None),
    ],
)
def test_byline(line: str, author: str | None) -> None:
    data = read(f"<h1>{PLAN}</h1>{line}{TEXT}")
    assert data.author == author
    assert author is None or (data.body or "").startswith("Der Rat")


def test_named_writer_outranks_the_account_in_the_head() -> None:
    head = '<meta name="author" content="Redaktion">'
    data = read(f"<h1>{PLAN}</h1><p>Von Erika Muster</p>{TEXT}", head)
    assert (data.author, data.found["author"]) == ("Erika Muster", "byline")


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("<figcaption>Das Rathaus. Foto: Stadt Musterfeld</figcaption>", "Stadt Musterfeld"),
        ("<figcaption>Das Rathaus (© Amt Muster / Presse)</figcaption>", "Amt Muster / Presse"),
        ("<span class='copyright'>Bildstelle Nord</span>", "Bildstelle Nord"),
        ("<figcaption>Das Rathaus am Abend</figcaption>", None),
    ],
)
def test_image_with_credit(caption: str, credit: str | None) -> None:
    data = read(f"<h1>{PLAN}</h1><figure><img src='/rathaus.jpg'>{caption}</figure>{TEXT}")
    assert data.image == "https://www.musterfeld.example/rathaus.jpg"
    assert data.found["image"] == "text"
    assert data.image_credit == credit


def test_credit_of_structured_data_and_none_without_an_image() -> None:
    node = (
        '{"@type":"NewsArticle","headline":"Plan ist beschlossen","image":{"@type":"ImageObject",'
        '"url":"/a.jpg","creditText":"Foto: Amt Muster"}}'
    )
    data = read(f"<h1>{PLAN}</h1>{TEXT}", f'<script type="application/ld+json">{node}</script>')
    assert data.image_credit == "Amt Muster"
    logo = "<figure><img src='/logo.svg'><figcaption>Foto: X Y</figcaption></figure>"
    assert read(f"<h1>{PLAN}</h1>{logo}{TEXT}").image_credit is None


@pytest.mark.parametrize(
    ("head", "body", "paywalled"),
    [
        ('{"@type":"NewsArticle","isAccessibleForFree":false}', "", True),
        ('{"@type":"NewsArticle","isAccessibleForFree":"http://schema.org/False"}', "", True),
        ('{"@type":"NewsArticle","isAccessibleForFree":"True"}', "<p class='paywall'></p>", False),
        ("", "<div class='c-paywall box'><p>Bitte wählen</p></div>", True),
        ("", "<p>Weiterlesen mit Muster Plus</p>", True),
        ("", "<p>Jetzt den Newsletter abonnieren</p>", None),
        ("", "", None),
    ],
)  # fmt: skip
def test_paywall(head: str, body: str, paywalled: bool | None) -> None:
    script = f'<script type="application/ld+json">{head}</script>' if head else ""
    assert read(f"<h1>{PLAN}</h1>{TEXT}{body}", script).paywalled is paywalled


@pytest.mark.parametrize(
    ("path", "label", "kind"),
    [
        ("/veranstaltungen/plan", "", "event"),
        ("/studien/plan", "", "study"),
        ("/aktuelles/plan", "Studie", "study"),
        ("/aktuelles/plan", "Öffentliche Ausschreibung", "notice"),
        ("/aktuelles/plan", "Termin", "event"),
    ],
)
def test_kinds(path: str, label: str, kind: str) -> None:
    kicker = f'<p class="dachzeile">{label}</p>' if label else ""
    assert read(f"{kicker}<h1>{PLAN}</h1>{TEXT}", url=f"https://x.example{path}").kind == kind


def test_marks() -> None:
    html = (
        "<div class='a entry b'></div><p class='entry-x' id='k'></p><h1 class='entry'></h1>"
        "<div itemprop='articleBody'></div>"
    )
    doc = read_document(html, URL, now=NOW)
    marks = (".entry", "h1.entry", "#k", "@itemprop=articleBody", "p", ".absent")
    found = {
        mark: [one.tag for one in many] for mark, many in find_marks(doc.root.iter(), marks).items()
    }
    assert found == {
        ".entry": ["div", "h1"], "h1.entry": ["h1"], "#k": ["p"],
        "@itemprop=articleBody": ["div"], "p": ["p"],
    }  # fmt: skip
    assert not find_marks(doc.root.iter(), (".absent",))
    with pytest.raises(ValueError, match="is no mark"):
        find_marks(doc.root.iter(), ("a b",))


def test_date_that_elements_call_one() -> None:
    meta = "<ul><li class='content__date'>03.06.2025</li></ul>"
    assert read(f"<h1>{PLAN}</h1>{TEXT}<aside>{meta}</aside>").published is not None
    two = meta + "<p class='date'>04.06.2025</p>"
    assert read(f"<h1>{PLAN}</h1>{TEXT}<aside>{two}</aside>").published is None


def test_a_known_day_saves_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    def search(*_: object, **__: object) -> str:
        raise AssertionError("searched at length")

    monkeypatch.setattr("crawler.pages.searched_date.htmldate_find", search)
    page = f"<h1>{PLAN}</h1>{TEXT}"
    assert parse_page(page, URL, now=NOW, dated=True).published is None
    with pytest.raises(AssertionError, match="at length"):
        parse_page(page, URL, now=NOW)
    near = f"<h1>{PLAN}</h1><p>03.06.2025</p>{TEXT}"
    assert parse_page(near, URL, now=NOW, dated=True).published is not None


def test_metadata_alone() -> None:
    head = (
        '<meta property="og:title" content="Plan ist da"><meta name="description" content="Kurz">'
    )
    data = parse_metadata(f"<head>{head}</head><h1>Plan ist da</h1>{TEXT}", URL, now=NOW)
    assert (data.title, data.teaser, data.body) == ("Plan ist da", "Kurz", None)
    assert data.found["body"] == "timeout"
