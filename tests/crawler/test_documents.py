"""PDF press releases: what is read, what is dropped, and what is refused with one clear line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler import documents
from crawler.documents import (
    DocumentError,
    PdfDocument,
    metadata_packets,
    parse_pdf,
    read_pdf,
)
from crawler.types import PageData
from tests.crawler.pdfs import Put, flow, make_pdf, xmp

NOW = datetime(2025, 6, 2, 8, 0, tzinfo=UTC)
URL = "https://stadt.example/presse/45.pdf"

TITLE = "Serviceportal geht nach langer Vorarbeit im Frühjahr ans Netz"
FIRST = """Die Stadt stellt ihre Dienstleistungen ab dem Frühjahr digital bereit, weil Bürge-
rinnen und Bürger das erwarten. Die Grundsteuer- und Gewerbesteuerbescheide
folgen im Herbst, sagte der IT-
Dienstleister nach dem Einer-
für-Alle-Prinzip."""
SECOND = """Für die Umsetzung arbeitet die Verwaltung mit drei Nachbargemeinden zusammen, die
ihre Haushalte bereits beschlossen haben und im Sommer folgen wollen."""


def release(**kinds: object) -> bytes:
    """Two pages of a usual press release, letterhead and all."""

    def frame(page: int) -> list[Put]:
        return [
            Put("Stadt Beispielhausen · Presseamt", 70, 800, 9),
            Put(f"Seite {page} von 2", 270, 30, 9),
            Put("Telefon 01234 567, presse@stadt.example", 70, 45, 8),
        ]

    one = [
        *frame(1),
        Put("Pressemitteilung Nr. 45/2025", 70, 760),
        Put("Beispielhausen, den 10. März 2025", 70, 740),
        Put(TITLE, 70, 705, 16, True),
        *flow(FIRST, top=670),
        *flow(SECOND, top=590),
        Put("Hausanschrift", 450, 760, 8),
        Put("Am Markt 1, 01234 Beispielhausen", 450, 748, 8),
    ]
    two = [
        *frame(2),
        *flow("Weitere Schritte folgen, wenn der Rat im Mai beraten hat.", top=760),
        *flow("Pressekontakt:", top=700),
        *flow("Presseamt, Zimmer 12", top=680),
    ]
    return make_pdf(one, two, **kinds)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def page() -> PageData:
    return parse_pdf(release(info={"Author": "Presseamt Beispielhausen"}), URL, now=NOW)


def test_headline(page: PageData) -> None:
    assert page.title == TITLE


def test_date_over_the_text(page: PageData) -> None:
    assert page.published
    assert page.published.iso() == "2025-03-10"


def test_body_without_furniture_and_with_healed_words(page: PageData) -> None:
    assert page.body == (
        "Die Stadt stellt ihre Dienstleistungen ab dem Frühjahr digital bereit, weil Bürgerinnen "
        "und Bürger das erwarten. Die Grundsteuer- und Gewerbesteuerbescheide folgen im Herbst, "
        "sagte der IT-Dienstleister nach dem Einer-für-Alle-Prinzip.\n"
        "Für die Umsetzung arbeitet die Verwaltung mit drei Nachbargemeinden zusammen, die ihre "
        "Haushalte bereits beschlossen haben und im Sommer folgen wollen.\n"
        "Weitere Schritte folgen, wenn der Rat im Mai beraten hat."
    )


def test_kind_author_and_where_it_stood(page: PageData) -> None:
    assert page.kind == "press_release"
    assert page.author == "Presseamt Beispielhausen"
    assert page.found == {
        "title": "pdf-text", "published": "pdf-text", "body": "pdf-text", "author": "pdf-info",
        "place": "pdf-text",
    }  # fmt: skip
    assert page.place == "Beispielhausen"


def test_title_of_the_metadata_is_believed_where_it_is_printed() -> None:
    lines = [
        Put("Landeshauptstadt Beispielhausen am See", 70, 780, 24, True),
        Put("Neuer Rat beschließt", 70, 700),
        Put("den digitalen Haushalt", 70, 686),
        *flow(FIRST, top=650),
    ]
    data = make_pdf(lines, info={"Title": "Neuer Rat beschließt den digitalen Haushalt"})
    assert parse_pdf(data, URL, now=NOW).title == "Neuer Rat beschließt den digitalen Haushalt"


@pytest.mark.parametrize(
    "stale", ["Microsoft Word - PM_44.docx", "Ein ganz anderer Titel", "Scan1"]
)
def test_stale_title_of_the_metadata_is_not(stale: str) -> None:
    assert parse_pdf(release(info={"Title": stale}), URL, now=NOW).title == TITLE


@pytest.mark.parametrize("account", ["mueller01", "(anonymous)", "admin", "presse@stadt.example"])
def test_accounts_are_no_authors(account: str) -> None:
    assert parse_pdf(release(info={"Author": account}), URL, now=NOW).author is None


def test_unknown_stays_unknown() -> None:
    data = make_pdf(flow(FIRST, top=700), info={"CreationDate": "D:20250501120000Z"})
    page = parse_pdf(data, URL, now=NOW)
    assert (page.title, page.published, page.author) == (None, None, None)
    assert page.body
    assert page.body.startswith("Die Stadt stellt")


def test_short_headline_is_no_place_line() -> None:
    lines = [Put("Rat beschließt digitalen Haushalt", 70, 760, 16, True), *flow(FIRST, top=700)]
    assert parse_pdf(make_pdf(lines), URL, now=NOW).title == "Rat beschließt digitalen Haushalt"


def test_headline_set_like_the_text_is_told_by_its_place() -> None:
    lines = [
        Put("Medieninformation", 70, 780),
        Put("Sperrfrist: 20. Mai 2025, 12 Uhr", 70, 755),
        Put("Kleinmuster, 19. Mai 2025", 70, 730),
        Put("Gemeinderat beschließt elektronische Akte", 70, 700),
        *flow(FIRST, top=670),
    ]
    page = parse_pdf(make_pdf(lines), URL, now=NOW)
    assert page.title == "Gemeinderat beschließt elektronische Akte"
    assert page.published
    assert page.published.iso() == "2025-05-19"


def test_contact_and_bullets() -> None:
    lines = [
        Put(TITLE, 70, 780, 16, True),
        *flow(FIRST, top=740),
        *flow("• 4.000 Haushalte\n• 220 Kilometer Trasse", top=640),
        *flow("Ansprechpartner für die Medien:\nPresseamt, Telefon 01234 99", top=590),
    ]
    body = parse_pdf(make_pdf(lines), URL, now=NOW).body
    assert body
    assert body.splitlines()[1:] == ["• 4.000 Haushalte", "• 220 Kilometer Trasse"]


def test_day_of_an_event_is_no_publication_date() -> None:
    lines = [
        Put(TITLE, 70, 760, 16, True),
        Put("Termin: 14. April 2025", 70, 740),
        *flow(FIRST, top=700),
    ]
    assert parse_pdf(make_pdf(lines), URL, now=NOW).published is None


@pytest.mark.parametrize(
    "start",
    ["Beispielhausen, 3. März 2025 – ", "Beispielhausen, 03.03.2025. ", "Köln, den 3. März 2025: "],
)
def test_dateline_gives_the_day_and_leaves_the_text(start: str) -> None:
    text = start + FIRST
    page = parse_pdf(make_pdf([Put(TITLE, 70, 760, 16, True), *flow(text, top=700)]), URL, now=NOW)
    assert page.published
    assert page.published.iso() == "2025-03-03"
    assert page.body
    assert page.body.startswith("Die Stadt stellt")


def test_two_columns_are_read_one_after_the_other() -> None:
    left = flow("Erste Spalte mit eini-\ngen Wörtern darin,\ndie weitergeht und", top=700)
    right = flow("in der zweiten Spalte\nihr Ende findet.", top=700, left=310)
    page = parse_pdf(make_pdf([Put(TITLE, 70, 760, 16, True), *left, *right]), URL, now=NOW)
    assert page.body == (
        "Erste Spalte mit einigen Wörtern darin, die weitergeht und "
        "in der zweiten Spalte ihr Ende findet."
    )


@pytest.mark.parametrize(("said", "language"), [("de-DE", "de"), ("en-US", None), ("!", None)])
def test_language(said: str, language: str | None) -> None:
    assert parse_pdf(release(language=said), URL, now=NOW).language == language


@pytest.mark.parametrize("packed", [False, True])
def test_reservation_of_rights_is_reported_with_its_policy(packed: bool) -> None:
    data = release(metadata=xmp("1", "https://stadt.example/tdm.json"), packed=packed)
    document = read_pdf(data, URL, now=NOW)
    assert document.statement
    assert document.statement.reserved
    assert "https://stadt.example/tdm.json" in document.statement.said
    assert document.pages == 2


@pytest.mark.parametrize("packet", [xmp("yes"), b"<broken", b"", None])
def test_no_or_invalid_reservation_counts_as_unset(packet: bytes | None) -> None:
    document: PdfDocument = read_pdf(release(metadata=packet), URL, now=NOW)
    assert document.statement is None


def test_explicit_freedom_is_reported_too() -> None:
    statement = read_pdf(release(metadata=xmp("0")), URL, now=NOW).statement
    assert statement
    assert not statement.reserved


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (make_pdf([], picture=True), "scanned, no text layer"),
        (make_pdf([Put("3", 300, 30)], picture=True), "scanned, no text layer"),
        (make_pdf([]), "empty, no text at all"),
        (release(encrypted=True), "encrypted"),
        (release()[:-900], "cut short"),
        (b"<html>Anmeldung</html>", "not a PDF"),
        (b"%PDF-1.4 nothing of the kind %%EOF", "damaged"),
        (b"%PDF-1.7" + b" " * documents.MAX_BYTES + b"%%EOF", "more than 30"),
    ],
)
def test_refused_with_one_clear_line(data: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason) as refusal:
        parse_pdf(data, URL, now=NOW)
    assert str(refusal.value).startswith(URL)
    assert "\n" not in str(refusal.value)


def test_bomb_ends_the_reader_and_not_the_crawl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LIMIT_S", 0.3)
    text = b"BT /F1 11 Tf 1 0 0 1 70 700 Tm (Ein Wort nach dem anderen) Tj ET\n"
    with pytest.raises(DocumentError, match=r"not read within|too much|damaged"):
        parse_pdf(make_pdf(contents=[text * 400_000]), URL, now=NOW)


def test_only_the_first_pages_of_a_book_are_read_and_it_is_said() -> None:
    pages = [flow(f"Seite mit Nummer {number} und etwas Text.", top=700) for number in range(301)]
    document = read_pdf(make_pdf(*pages), URL, now=NOW)
    assert document.pages == 301
    assert document.page.found["body"] == "pdf-text, first 300 of 301 pages"


def test_many_metadata_in_one_place_are_not_multiplied() -> None:
    data = b"%PDF-1.7 " + b"/Subtype/XML stream" * 1000 + b" " * 2_000_000 + b"endstream"
    assert sum(map(len, metadata_packets(data))) < 30_000_000


def test_packed_metadata_bomb_is_cut() -> None:
    data = release(metadata=b" " * 50_000_000 + xmp("1"), packed=True)
    assert len(data) < 1_000_000
    assert read_pdf(data, URL, now=NOW).statement is None
