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
        ("/presse/id-202506031", None),
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
