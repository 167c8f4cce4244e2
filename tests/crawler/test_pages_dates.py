"""Days of publication in the places where German pages keep them, and those that are none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.pages import parse_page

NOW = datetime(2025, 6, 18, 12, tzinfo=UTC)
URL = "https://www.musterfeld.example/rathaus/plan"
TEXT = 2 * (
    "<p>" + "Der Rat hat den Plan beraten und mit großer Mehrheit beschlossen. " * 8 + "</p>"
)
COLUMN = (
    '<div class="menu"><a href="/rat">Rat</a></div><div id="inhalt"><div>'
    '<h1>Plan ist beschlossen</h1></div>{text}<p class="datum">{day}</p></div>'
)


def found(body: str, url: str = URL, head: str = "") -> tuple[str | None, str | None]:
    """The day of a page, and where it stood."""
    html = f"<html><head>{head}<title>Plan ist beschlossen</title></head><body>{body}</body></html>"
    data = parse_page(html, url, now=NOW)
    day = data.published.iso()[:10] if data.published else None
    return day, data.found.get("published")


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2025/06/03/plan/", "2025-06-03"),
        # as the federation's Government Site Builder names its files
        ("/SharedDocs/Meldungen/2025/20250603-plan.html", "2025-06-03"),
        ("/presse/plan-20250603.html", "2025-06-03"),
        ("/presse/2025-06-03-plan", "2025-06-03"),
        ("/presse/03-06-2025", "2025-06-03"),
        ("/presse/3.6.2025-plan.html", "2025-06-03"),
        ("/presse/id-202506031", None),
        ("/presse/31-13-2025", None),
        ("/presse/plan-20251303", None),
        ("/artikel/12025060300", None),
    ],
)
def test_day_that_the_address_names(path: str, day: str | None) -> None:
    page = f"<h1>Plan ist beschlossen</h1>{TEXT}"
    assert found(page, f"https://www.musterfeld.example{path}")[0] == day


@pytest.mark.parametrize(
    ("stamps", "day"),
    [
        ('<time itemprop="datePublished" datetime="2025-06-03">Dienstag</time>', "2025-06-03"),
        ('<meta itemprop="datePublished" content="2025-06-03T08:00:00+02:00">', "2025-06-03"),
        ('<time pubdate datetime="2025-06-03">neulich</time>', "2025-06-03"),
        (
            '<time itemprop="datePublished" datetime="2025-06-03"></time>'
            '<time itemprop="datePublished" datetime="2025-05-02"></time>',
            None,
        ),
    ],
)
def test_mark_of_publication_outside_an_item(stamps: str, day: str | None) -> None:
    page = f"<main><h1>Plan ist beschlossen</h1>{TEXT}</main><div>{stamps}</div>"
    assert found(page) == (day, "microdata" if day else None)


@pytest.mark.parametrize("name", ["published_time", "publication_date", "dc.created"])
def test_names_of_metadata(name: str) -> None:
    head = f'<meta name="{name}" content="2025-06-03">'
    assert found(f"<h1>Plan ist beschlossen</h1>{TEXT}", head=head) == ("2025-06-03", "meta")


def test_mark_in_a_column_without_a_name() -> None:
    assert found(COLUMN.format(text=TEXT, day="Di, 03.06.2025")) == ("2025-06-03", "column")
    assert found(COLUMN.format(text=TEXT, day="Mi, 18.06.2025")) == (None, None)


def test_today_above_the_headline_is_the_sites_own() -> None:
    page = '<div class="date">Mittwoch, 18. Juni 2025</div><h1>Plan ist beschlossen</h1>' + TEXT
    assert found(f"<div>{page}</div>")[0] is None


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        ("<h5>Datum:</h5>03.06.2025", "2025-06-03"),
        ("<p>Veröffentlicht am</p><p>Di., 3. Juni 2025</p>", "2025-06-03"),
        ("<p>Datum</p><p>03.06.2025</p><p>Uhrzeit</p><p>19 Uhr</p>", None),
        ("<p>Datum</p><p>Seit dem 03.06.2025 gilt ein neuer Plan in der Stadt</p>", None),
        # as WordPress' first German theme ends a post
        (
            "<p>Dieser Beitrag wurde am Dienstag, 3. Juni 2025 um 9:12 Uhr veröffentlicht und "
            "unter Rathaus abgelegt. Die Antworten kann man über den RSS-Feed verfolgen.</p>",
            "2025-06-03",
        ),
        (
            f"<p>{'Ein Satz von vielen. ' * 8}Erschienen am: 03.06.2025 Lesungen: 61</p>",
            "2025-06-03",
        ),
        (f"<p>{'Ein Satz von vielen. ' * 8}Der Roman ist erschienen am 03.06.2025.</p>", None),
        ("<dl><dt>Datum</dt><dd>03.06.2025</dd><dt>Rubrik</dt><dd>Rat</dd></dl>", "2025-06-03"),
        ("<aside><dl><dt>Datum:</dt><dd>03.06.2025</dd></dl></aside>", "2025-06-03"),
        (
            "<aside><dl><dt>Datum</dt><dd>03.06.2025</dd><dt>Ort</dt><dd>Saal</dd></dl></aside>",
            None,
        ),
        (
            "<dl><dt>Datum</dt><dd>03.06.2025</dd></dl><dl><dt>Datum</dt><dd>04.06.2025</dd></dl>",
            None,
        ),
    ],
)
def test_label_and_its_day(lines: str, day: str | None) -> None:
    filler = "<p>Noch ein Absatz, der länger ist als eine Zeile von Angaben zum Text.</p>" * 20
    page = f"<main><h1>Plan ist beschlossen</h1>{TEXT}{filler}{lines}</main>"
    assert found(page) == (day, "label" if day else None)


def test_mark_after_the_last_change_is_another_texts() -> None:
    mark = '<div><span class="date">{}</span></div>'
    page = f"<main><h1>Plan ist beschlossen</h1>{TEXT}{TEXT}{mark}</main>"
    head = '<meta name="date" content="2025-05-20">'
    assert found(page.format("03.06.2025"), head=head) == ("2025-05-20", "meta")
    assert found(page.format("03.05.2025"), head=head) == ("2025-05-03", "mark")


def test_day_named_by_a_test_id() -> None:
    page = (
        f"<main><h1>Plan ist beschlossen</h1>{TEXT}{TEXT}"
        '<div><span data-testid="article-date">03.06.2025</span> <b>Rat</b></div></main>'
    )
    assert found(page) == ("2025-06-03", "mark")


@pytest.mark.parametrize(
    ("line", "day", "where"),
    [
        # the text was moved into a new system, whose metadata tell the move
        ("<p>03.06.2025, 19:16 Uhr</p>", "2025-06-03", "headline"),
        ("<p>Stand: 03.06.2025</p>", "2025-05-30", "meta"),
        ("<p>18.06.2025</p>", "2025-05-30", "meta"),  # today's is the site's own
        ("<p>30.05.2025, 9:12 Uhr</p>", "2025-05-30", "meta"),
        ("<p>Dienstag, 3. Juni 2025, 19 Uhr, Rathaus</p>", "2025-05-30", "meta"),  # an event's
    ],
)
def test_day_at_the_headline_and_another_in_metadata(line: str, day: str, where: str) -> None:
    head = '<meta property="article:published_time" content="2025-05-30T10:00:00+02:00">'
    page = f"<main><h1>Plan ist beschlossen</h1>{line}{TEXT}</main>"
    assert found(page, head=head) == (day, where)


def test_day_under_an_events_label() -> None:
    terms = "<dl><dt>Beginn:</dt><dd>3. Juni 2025 11:00</dd></dl>"
    assert found(f"<main><h1>Plan ist beschlossen</h1>{terms}{TEXT}</main>")[0] is None


def test_english_notation_of_the_metadatas_day() -> None:
    head = '<meta property="article:published_time" content="2025-05-03">'
    page = f"<main><h1>Plan ist beschlossen</h1><p>05/03/2025</p>{TEXT}</main>"
    assert found(page, head=head) == ("2025-05-03", "meta")


def test_day_of_a_byline_and_above_the_tools() -> None:
    page = f"<main><h1>Plan ist beschlossen</h1><p>von Erika Muster, 3.6.25</p>{TEXT}</main>"
    assert found(page) == ("2025-06-03", "headline")
    tools = '<p><a href="/t">Trackback</a> <a href="/d">Druck</a></p>'
    page = f"<main><p>Rat / 03.06.2025</p>{tools}<h1>Plan ist beschlossen</h1>{TEXT}</main>"
    assert found(page) == ("2025-06-03", "headline")


@pytest.mark.parametrize("value", ["1970-01-01T00:00:00+00:00", "2026-03-01", "31.02.2025"])
def test_refused_date_is_told(value: str, caplog: pytest.LogCaptureFixture) -> None:
    head = f'<meta property="article:published_time" content="{value}">'
    assert found(f"<main><h1>Plan ist beschlossen</h1>{TEXT}</main>", head=head)[0] is None
    assert f"{URL}: '{value}' was refused as a date" in caplog.text
    caplog.clear()
    day = "<p>03.06.2025</p>"
    page = f"<main><h1>Plan ist beschlossen</h1>{day}{TEXT}</main>"
    assert found(page, head=head) == ("2025-06-03", "headline")
    assert "was refused" in caplog.text
    caplog.clear()
    found(page, head=head.replace(value, "2025-06-02"))
    assert not caplog.text
