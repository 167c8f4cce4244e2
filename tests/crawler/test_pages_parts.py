"""The parts of reading a page, each alone: metadata, headline, date, tail, lists."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.pages import parse_listing, parse_page
from crawler.pages.phrases import is_tail, without_more
from crawler.pages.schema_org import parse_json_ld
from crawler.types import PageData

NOW = datetime(2025, 6, 18, 12, tzinfo=UTC)
URL = "https://www.musterfeld.example/rathaus/plan"
PLAN = "Plan ist beschlossen"
H1 = f"<h1>{PLAN}</h1>"
TEXT = "<p>" + "Der Rat hat den Plan beraten und mit großer Mehrheit beschlossen. " * 5 + "</p>"


def read(html: str, url: str = URL) -> PageData:
    """One page at NOW."""
    return parse_page(html, url, now=NOW)


def day(data: PageData) -> str | None:
    """The date as the command line shows it."""
    return data.published.iso() if data.published else None


@pytest.mark.parametrize(
    "text",
    [
        '{"@type": "NewsArticle", "headline": "Plan", "datePublished": "2025-05-01"}',
        '<!-- {"@type": "NewsArticle", "headline": "Plan", "datePublished": "2025-05-01"} -->',
        '//<![CDATA[\n{"@type":"NewsArticle","headline":"Plan","datePublished":"2025-05-01"}\n//]]>',
        '{"@type": "NewsArticle", "headline": "Plan", "datePublished": "2025-05-01",}',
        '{"@type": "NewsArticle", "headline": "Plan", "datePublished": "2025-05-01"};',
        '{"@type":"NewsArticle","headline":"Plan","x":"zwei\nZeilen","datePublished":"2025-05-01"}',
        '{"@type":"NewsArticle","headline":"Plan","x":"ein "Zitat"","datePublished":"2025-05-01"}',
    ],
)
def test_json_ld_broken_in_known_ways(text: str) -> None:
    (node,) = parse_json_ld(text)
    assert node["headline"] == "Plan"
    assert node["datePublished"] == "2025-05-01"


def test_json_ld_of_many_teasers_is_not_the_pages() -> None:
    node = '{"@type":"NewsArticle","headline":"Anderes %s","datePublished":"2025-0%s-01"}'
    script = f'<script type="application/ld+json">[{node % ("A", 4)},{node % ("B", 5)}]</script>'
    data = read(f"<head><title>{PLAN}</title>{script}</head>{H1}{TEXT}")
    assert (data.title, day(data)) == ("Plan ist beschlossen", None)


def test_json_ld_of_this_page_among_teasers() -> None:
    nodes = (
        '{"@type":"NewsArticle","headline":"Anderes","datePublished":"2025-04-01"},'
        f'{{"@type":["NewsArticle"],"url":"{URL}/?utm_source=x","datePublished":"2025-05-02T08:00:00Z"}}'
    )
    data = read(
        f'<script type="application/ld+json">[{nodes}]</script><h1>Plan ist beschlossen</h1>{TEXT}'
    )
    assert day(data) == "2025-05-02T10:00:00+02:00"
    assert data.found["published"] == "json-ld"


@pytest.mark.parametrize(
    ("head", "heading", "kicker", "title"),
    [
        (f"{PLAN} | Musterfeld", H1, None, PLAN),
        (f"{PLAN} - Musterfeld", f"<h1>Stadt Musterfeld</h1><h2>{PLAN}</h2>", None, PLAN),
        (PLAN, f"<h1>Navigation und Service</h1>{H1}", None, PLAN),
        (PLAN, f'<h1><a href="/">Musterfeld</a></h1>{H1}', None, PLAN),
        (f"{PLAN} - Musterfeld", "<p>x</p>", None, PLAN),
        (f"Kreis Nord: {PLAN}", f"<h1><span>Kreis Nord</span> {PLAN}</h1>", "Kreis Nord", PLAN),
        (PLAN, f'<p class="dachzeile">Kreis Nord:</p>{H1}', "Kreis Nord", PLAN),
        (PLAN, f"<h1><b class='kicker'>Kreis Nord</b> – {PLAN}</h1>", "Kreis Nord", PLAN),
        ("Köln: Plan ist da", "<h1>Köln: Plan ist da</h1>", None, "Köln: Plan ist da"),
        (PLAN, "<h1><em>Plan</em> ist beschlossen</h1>", None, PLAN),
        ("Plan ist ...", f"<h1>{PLAN}, trotz allem</h1>", None, f"{PLAN}, trotz allem"),
    ],
)
def test_headline_and_kicker(head: str, heading: str, kicker: str | None, title: str) -> None:
    data = read(f"<head><title>{head}</title></head><body>{heading}{TEXT}")
    assert (data.kicker, data.title) == (kicker, title)


@pytest.mark.parametrize(
    ("named", "heading", "title"),
    [
        # what a heading says for screen readers only is no part of it, what it says on is
        (PLAN, f"{PLAN}: Datum 03.06.2025", PLAN),
        (f"{PLAN} - Musterfeld", f"{PLAN} : Datum: 03.06.2025", PLAN),
        (PLAN, f"{PLAN} „trotz allem“", f"{PLAN} „trotz allem“"),
        # a name behind it makes „Kicker: Titel“ no other headline
        ("Kreis Nord: Plan ist da - Musterfeld", "<b>Kreis Nord:</b> Plan ist da",
         "Kreis Nord: Plan ist da"),
    ],
)  # fmt: skip
def test_headline_beside_its_metadata(named: str, heading: str, title: str) -> None:
    head = f'<title>{named}</title><meta property="og:title" content="{named}">'
    site = '<meta property="og:site_name" content="Musterfeld">'
    assert read(f"<head>{head}{site}</head><body><h1>{heading}</h1>{TEXT}").title == title


@pytest.mark.parametrize(
    ("around", "published"),
    [
        ("<p>{h}</p>", None),
        ("<header><p>Mittwoch, 18. Juni 2025</p></header>{h}", None),
        ("<div>Mittwoch, 18. Juni 2025</div>{h}", None),
        ("<div>Heute ist der 18.06.2025</div>{h}", None),
        ("{h}<p>3. Juni 2025</p>", "2025-06-03"),
        ("{h}<p>Pressemitteilung Nr. 12 vom 03.06.2025</p>", "2025-06-03"),
        ("{h}<p>Veröffentlicht am 03.06.2025, 14:30 Uhr</p>", "2025-06-03T14:30:00+02:00"),
        ("{h}<p>03.06.2025 | Bauamt</p>", "2025-06-03"),
        ('{h}<time datetime="2025-06-03T09:05+02:00">3. Juni</time>', "2025-06-03T09:05:00+02:00"),
        ("{h}<p>[03.06.2025] Der Rat tagt wieder.</p>", "2025-06-03"),
        ("{h}<p>Musterfeld, 3. Juni 2025 – " + "Der Rat hat getagt. " * 9 + "</p>", "2025-06-03"),
        ("{h}<p>Termin: 03.06.2025, 19 Uhr</p>", None),
        ("{h}<p>Anmeldung bis zum 03.06.2025</p>", None),
        ("{h}<p>Zuletzt aktualisiert: 03.06.2025</p>", None),
        ("{h}<p>3. bis 5. Juni 2025</p>", None),
        ("{h}<p>Am 3. Juni 2025 hat der Rat getagt. " + "Er hat beraten. " * 9 + "</p>", None),
        ("{h}<p>3. Juni 2030</p>", None),
    ],
)  # fmt: skip
def test_date_beside_the_headline(around: str, published: str | None) -> None:
    teasers = "<h2>Weitere Meldungen</h2><p>01.06.2025 <a href='/x'>Andere Meldung</a></p>"
    html = around.replace("{h}", H1) + TEXT + teasers
    assert day(read(f"<title>{PLAN}</title><body>{html}")) == published


def test_last_change_in_meta_yields_to_the_day_beside_the_headline() -> None:
    data = read(
        '<meta name="date" content="2025-06-17"><title>Plan ist beschlossen</title>'
        f"<h1>Plan ist beschlossen</h1><p>05.06.2025</p>{TEXT}"
    )
    assert (day(data), data.found["published"]) == ("2025-06-05", "headline")


def test_day_of_the_address() -> None:
    data = read(f"<h1>Plan ist beschlossen</h1>{TEXT}", "https://x.example/2025/03/09/plan/")
    assert (day(data), data.found["published"]) == ("2025-03-09", "url")


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("Mehr zum Thema", True), ("Mehr zum Thema:", True), ("Weitere Meldungen", True),
        ("Weitere Meldungen und Beiträge aus dem Bereich: Politik", True),
        ("Lesen Sie auch", True), ("Pressekontakt:", True), ("Ansprechpartner:in", True),
        ("Teilen", True), ("Seite teilen", True), ("Für Rückfragen:", True),
        ("3 Kommentare", True), ("Schlagwörter: Daten, Netz", True),
        ("Weitere Meldungen gingen erst am späten Abend ein. " * 2, False),
        ("Kontaktlos zahlen im Rathaus", False), ("Teilnehmende Kommunen", False),
        ("Mehr Geld für Radwege", False), ("Themenwoche Digitalisierung", False),
    ],
)  # fmt: skip
def test_tail_markers(text: str, ends: bool) -> None:
    assert is_tail(text) == ends


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Das Netz steht. mehr...", "Das Netz steht."),
        ("Das Netz steht. mehr", "Das Netz steht."),
        ("Das Netz steht. [mehr]", "Das Netz steht."),
        ("Das Netz steht … weiterlesen »", "Das Netz steht"),
        ("Das Netz steht. Weiterlesen", "Das Netz steht."),
        ("Das Netz steht. Zum Artikel", "Das Netz steht."),
        ("Den Ausfall gibt es nicht mehr", "Den Ausfall gibt es nicht mehr"),
        ("Den Ausfall gibt es nicht mehr.", "Den Ausfall gibt es nicht mehr."),
        ("So geht es weiter", "So geht es weiter"),
        ("mehr", ""),
    ],
)
def test_more_is_no_part_of_a_teaser(text: str, left: str) -> None:
    assert without_more(text) == left


@pytest.mark.parametrize(
    ("url", "label", "kind"),
    [
        ("https://x.example/presse/pressemitteilungen/plan", "", "press_release"),
        ("https://x.example/rathaus/bekanntmachungen/plan", "", "notice"),
        ("https://x.example/aktuelles/plan", "Interview", "interview"),
        ("https://x.example/aktuelles/plan", "Kommentar", "report"),
        ("https://x.example/aktuelles/plan", "Kreis Nord", "article"),
    ],
)  # fmt: skip
def test_kind(url: str, label: str, kind: str) -> None:
    over = f'<p class="kicker">{label}</p>' if label else ""
    assert read(f"<title>{PLAN}</title><body>{over}{H1}{TEXT}", url).kind == kind


def test_description_that_is_cut_gives_way_to_the_lead() -> None:
    cut = '<meta property="og:description" content="Der Rat hat den Plan ...">'
    lead = "Der Rat hat den Plan beschlossen, nach zwei Jahren der Beratung."
    data = read(f"{cut}<title>{PLAN}</title>{H1}<p>{lead}</p>{TEXT}")
    assert data.teaser == lead


def test_lead_in_bold_is_the_teaser() -> None:
    site = '<meta name="description" content="Alles über die Stadt Musterfeld und ihre Ämter.">'
    lead = "Nach zwei Jahren der Beratung steht der Plan für das Netz."
    assert read(f"{site}<title>{PLAN}</title>{H1}<p><b>{lead}</b></p>{TEXT}").teaser == lead


def test_video_inside_an_article_leaves_it_an_article() -> None:
    video = '{"@type":"VideoObject","name":"Film","duration":"PT2M","uploadDate":"2024-01-01"}'
    data = read(
        f'<title>Plan ist beschlossen</title><script type="application/ld+json">{video}</script>'
        f"<h1>Plan ist beschlossen</h1>{TEXT}"
    )
    assert (data.kind, data.duration_s, day(data)) == ("article", None, None)


def test_links_are_absolute_and_of_the_web() -> None:
    hrefs = ["/a?utm_source=x", "javascript:x()", "mailto:a@b.example", "b", "/a#top"]
    items = "".join(
        f"<li><h3><a href='{href}'>Meldung Nummer {number}</a></h3><p>Ein Satz dazu.</p></li>"
        for number, href in enumerate(hrefs)
    )
    listed = parse_listing(f"<base href='/news/'><h1>Meldungen</h1><ul>{items}</ul>", URL, now=NOW)
    assert [entry.url for entry in listed.entries] == [
        "https://www.musterfeld.example/a",
        "https://www.musterfeld.example/news/b",
    ]


def test_named_class_is_used_unasked() -> None:
    html = f"<title>Plan ist da</title><p>Verkehr</p><h1>Plan ist da</h1>{TEXT}"
    assert parse_page(html, URL, now=NOW).kicker is None
    assert parse_page(html, URL, now=NOW, page="dstgb").kicker == "Verkehr"


def test_header_charset_decides_where_the_page_is_silent() -> None:
    body = "<h1>Größe des Plans: zehn €</h1>".encode("iso-8859-15")
    assert parse_page(body, URL, now=NOW, charset="ISO-8859-15").title == "Größe des Plans: zehn €"
