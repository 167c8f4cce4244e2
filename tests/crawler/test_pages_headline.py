"""Which heading is the page's headline, and what of it is not: site, section, day, subtitle."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.pages import parse_page

NOW = datetime(2025, 6, 18, 12, tzinfo=UTC)
TEXT = "<p>" + "Der Rat hat den Plan beraten und mit großer Mehrheit beschlossen. " * 5 + "</p>"
PLAN = "Rat beschließt den Plan für das digitale Rathaus"


def headline(
    headings: str, *, title: str = "", og: str = "", path: str = "rathaus/meldung"
) -> tuple[str | None, str | None]:
    """Kicker and headline of a page with these headings and names."""
    meta = f'<meta property="og:title" content="{og}">' if og else ""
    html = f"<head><title>{title}</title>{meta}</head><body>{headings}{TEXT}</body>"
    data = parse_page(html, f"https://www.musterfeld.example/{path}", now=NOW)
    return data.kicker, data.title


@pytest.mark.parametrize(
    ("headings", "title"),
    [
        # the site's name is an h1 of its own, last or first in <title>
        (f"<h1>Musterblatt</h1><h2>{PLAN}</h2>", f"{PLAN} | Musterblatt"),
        (f"<h1>Das Musterblatt</h1><h2>{PLAN}</h2>", f"Das Musterblatt » Blog-Archiv » {PLAN}"),
        (f"<h1>Das Musterblatt</h1><h1>{PLAN}</h1>", f"{PLAN} | Das Musterblatt"),
        (f'<h1 class="site-title">Rat beschließt</h1><h3>{PLAN}</h3>', PLAN),
        (f'<h1 class="logo">Musterblatt</h1><h3>{PLAN}</h3>', f"{PLAN} | Musterblatt | Startseite"),
        # what stands between is a section
        (f"<h2>Pressemitteilungen</h2><h1>{PLAN}</h1>", f"Stadt | Pressemitteilungen | {PLAN}"),
        (f"<h2>Startseite</h2><h1>{PLAN}</h1>", f"Startseite | {PLAN} | Stadt Musterfeld"),
    ],
)
def test_site_and_section_are_no_headline(headings: str, title: str) -> None:
    assert headline(headings, title=title) == (None, PLAN)


def test_site_whose_name_is_longer_than_the_title() -> None:
    page = "<h1>Das große Tagebuch</h1><h2>Woche 5</h2>"
    title = "Woche 5 « Das große Tagebuch"
    assert headline(page, title=title, path="2010/12/woche-5/")[1] == "Woche 5"
    page = f"<h1>Musterfeld heute</h1><h2>{PLAN}</h2>"
    assert headline(page, title=f"Musterfeld heute | {PLAN}")[1] == PLAN


def test_title_that_names_the_site_alone_gives_way_to_the_first_heading_of_the_text() -> None:
    menus = '<h2 class="sr-only">Hauptinhalt</h2><nav><h2>Themen der Stadt</h2></nav>'
    page = f'{menus}<div class="sidebar"><h2>Aktuelles</h2></div><div><h2>{PLAN}</h2></div>'
    assert headline(page, title="Stadt Musterfeld am Fluss")[1] == PLAN
    # unless the page shows what <title> says, in whatever element
    page = f"<h2>Nachrichten für alle</h2><div>{PLAN}</div>"
    assert headline(page, title=PLAN)[1] == PLAN
    assert headline(f"<h2>Weiteres</h2>{TEXT}", og=PLAN)[1] == PLAN


def test_headline_that_search_engines_get_in_other_words() -> None:
    page = f"<h1>{PLAN}</h1>{TEXT}<h1>Wege durch die Ämter</h1>"
    assert headline(page, og="Digitales Rathaus: Plan für Musterfeld")[1] == PLAN


def test_chapter_that_says_less_of_the_title_gives_way() -> None:
    page = f"<h1>{PLAN}: endlich einfach!</h1><h2>Plan für das digitale Rathaus</h2>"
    assert headline(page, og=f"{PLAN} | Musterblatt")[1] == f"{PLAN}: endlich einfach!"
    page = "<h1>Das neue Rathaus: schnell und gut</h1><h2>Das neue Rathaus</h2>"
    title = "Das neue Rathaus: schnell und gut"
    assert headline(page, title=title, og=title)[1] == title


@pytest.mark.parametrize(
    ("path", "title"),
    [("thema/buergerbuero", "Bürgerbüro"), ("thema/burgerburo.html", "Bürgerbüro")],
)
def test_address_tells_which_heading_it_is(path: str, title: str) -> None:
    page = f"<h1>{title}</h1><h2>Häufige Fragen an unsere Ämter</h2>"
    assert headline(page, title="Stadt Musterfeld", og="Stadt am Fluss", path=path) == (None, title)


@pytest.mark.parametrize(
    ("heading", "kicker"),
    [
        (f"03.06.2025 - {PLAN}", None),
        (f"3. Juni 2025: {PLAN}", None),
        (f"<span><time datetime='2025-06-03'>3. Juni 2025</time></span><span>{PLAN}</span>", None),
        (f"<span>Kreis Nord | </span><span>{PLAN}</span>", "Kreis Nord"),
        (f"<span class='x-toptitle'>Kreis Nord</span> {PLAN}", "Kreis Nord"),
        (f"<span>{PLAN}</span><small>Was sich für alle ändert</small>", None),
    ],
)
def test_day_kicker_and_subtitle_in_one_heading(heading: str, kicker: str | None) -> None:
    assert headline(f"<h1>{heading}</h1>", og=f"{PLAN} - Musterblatt") == (kicker, PLAN)


def test_title_that_is_cut_tells_kicker_from_headline() -> None:
    page = f"<h1><span>Kreis Nord</span> {PLAN}</h1>"
    title = "Kreis Nord - Rat beschließt den Plan | Musterblatt"
    assert headline(page, title=title) == ("Kreis Nord", PLAN)


def test_kicker_that_is_a_heading_of_its_own() -> None:
    page = f"<h1>Digitales Rathaus</h1><h2>{PLAN}</h2>"
    assert headline(page, title=f"Digitales Rathaus: {PLAN} - Musterblatt - Politik") == (
        "Digitales Rathaus",
        PLAN,
    )
    page = f"<h1>Musterfeld heute</h1><h2>{PLAN}</h2>"
    assert headline(page, title=f"{PLAN} : Musterfeld heute")[1] == PLAN


def test_title_with_the_hosts_name_and_one_that_the_page_shows() -> None:
    text = f"<div>Zahlen und Daten</div>{TEXT}"
    assert headline(text, title="www.Musterfeld.example - Zahlen und Daten")[1] == (
        "Zahlen und Daten"
    )
    text = f"<div>{PLAN}</div>{TEXT}"
    assert headline(text, title=f"Fraktion im Rat - {PLAN}")[1] == PLAN


def test_phrase_whose_end_is_the_title_stays_whole() -> None:
    page = "<h1>Erklärung zur Barrierefreiheit</h1>"
    whole = (None, "Erklärung zur Barrierefreiheit")
    assert headline(page, title="Barrierefreiheit | Musterfeld") == whole


def test_quotation_before_the_headline_is_of_it() -> None:
    page = f"<h1>„Ein guter Tag“: {PLAN}</h1>"
    assert headline(page, og=f"{PLAN} - Musterblatt") == (None, f"„Ein guter Tag“: {PLAN}")


def test_gap_before_a_colon_is_closed_in_german() -> None:
    page = f"<body><h1>Musterfeld hat es <span>drauf</span> : Stadt der Pläne</h1>{TEXT}</body>"
    url = "https://www.musterfeld.example/rathaus"
    for language, title in (("de", "drauf: Stadt"), ("fr", "drauf : Stadt")):
        html = f'<html lang="{language}">{page}</html>'
        assert title in (parse_page(html, url, now=NOW).title or "")
