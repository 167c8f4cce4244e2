"""What stands around a text is none of it: lines of labels, other texts' teasers, last changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.pages import PageError, parse_listing, parse_page
from crawler.types import EntryList, PageData

NOW = datetime(2025, 6, 18, 12, tzinfo=UTC)
URL = "https://www.wiesengrund.example/rathaus/meldungen/wohngeld"
TITLE = "Wohngeld im Netz beantragen"
LEAD = "Die Gemeinde Wiesengrund nimmt Anträge auf Wohngeld jetzt auch über das Netz entgegen."
TEXT = (
    "Im ersten Monat gingen vierzig Anträge ein, die meisten am Abend oder am Wochenende. Wer"
    " Hilfe braucht, findet sie weiter am Schalter im Rathaus, montags bis donnerstags."
)
LONG = "Der Gemeinderat hat den Plan beraten und mit großer Mehrheit beschlossen. " * 5


def read(main: str, page: str | None = None) -> PageData:
    html = f"<title>{TITLE} | Wiesengrund</title><body><main>{main}</main>"
    return parse_page(html, URL, now=NOW, page=page)


def listed(main: str, head: str = "") -> EntryList:
    html = f"<head><title>Meldungen</title>{head}</head><body><main>{main}</main>"
    return parse_listing(html, URL, now=NOW)


def others(*numbers: int) -> str:
    """Teasers of other texts, each longer than the text of the page."""
    say = "Der Bauhof stellt dort neue Bänke auf und bittet um Hinweise aus der Nachbarschaft."
    return "".join(
        f"<div><h3><a href='/andere/{number}'>Neue Bänke im Ortsteil Nord {number}</a></h3>"
        f"<p>{say} Dies ist Teil {number}. {TEXT}</p></div>"
        for number in numbers
    )


@pytest.mark.parametrize("page", [None, "derneuekaemmerer"])
@pytest.mark.parametrize(
    "line",
    [
        "<p>3. Juni 2025</p>",
        "<p>2025-06-03</p>",
        "<p>03.06.25</p>",
        "<p>3. Juni 2025 | Redaktion</p>",
        "<p><time>3. Juni 2025</time> | <span>Redaktion</span></p>",
        "<p>Bauamt · 03.06.2025 um 14:30 Uhr</p>",
        "<p>Pressemitteilung Nr. 12 vom 03.06.2025</p>",
    ],
)
def test_line_of_labels_under_the_headline(line: str, page: str | None) -> None:
    data = read(f"<h1>{TITLE}</h1>{line}<p>{LEAD}</p><p>{TEXT}</p>", page)
    assert data.body == f"{LEAD}\n{TEXT}"
    assert data.published is not None
    assert data.published.iso()[:10] == "2025-06-03"


@pytest.mark.parametrize(
    "line",
    [
        "Beginn ist am 3. Juni 2025 · Eintritt frei.",
        "Sprechstunde · 3. Juni 2025 · 19 Uhr",
        "Am 3. Juni 2025 öffnet das Amt früher als sonst.",
    ],
)
def test_first_line_of_a_text_that_names_a_day(line: str) -> None:
    body = read(f"<h1>{TITLE}</h1><p>{line}</p><p>{LEAD}</p><p>{TEXT}</p>").body
    assert body == f"{line}\n{LEAD}\n{TEXT}"


@pytest.mark.parametrize("marker", ["<h2>Weitere Meldungen</h2>", "<p>Lesen Sie auch:</p>"])
@pytest.mark.parametrize("head", ["", '<meta property="og:type" content="article">'])
@pytest.mark.parametrize(
    "shape",
    [
        "<h1>{title}</h1><p>3. Juni 2025</p>{text}{marker}{others}",
        "<article><h1>{title}</h1><p>3. Juni 2025</p>{text}</article><div>{marker}{others}</div>",
        "<h1>{title}</h1><article><p>3. Juni 2025</p>{text}</article><div>{marker}{others}</div>",
    ],
)
def test_text_shorter_than_the_teasers_below(shape: str, head: str, marker: str) -> None:
    text = f"<p>{LEAD}</p><p>{TEXT}</p>"
    pages = [
        read(head + shape.format(title=TITLE, text=text, marker=marker, others=others(*numbers)))
        for numbers in ((1, 2, 3), (4, 1, 2))
    ]
    assert [data.kind for data in pages] == ["article", "article"]
    # the same whichever other texts are shown: no new version between two crawls
    assert [data.body for data in pages] == [f"{LEAD}\n{TEXT}"] * 2


def test_text_goes_on_after_a_box_of_teasers() -> None:
    box = f"<div><h2>Lesen Sie auch</h2>{others(1, 2)}</div>"
    head = '<meta property="og:type" content="article">'
    rest = "".join(f"<p>{number}. {LONG}</p>" for number in range(3))
    body = read(
        f"{head}<article><h1>{TITLE}</h1><p>{LEAD}</p>{box}<div>{rest}</div></article>"
    ).body
    assert body is not None
    assert "Bänke" not in body
    assert body.startswith(LEAD)
    assert body.endswith(f"2. {LONG.strip()}")


def test_introduction_of_a_list_does_not_make_it_a_text() -> None:
    data = read(f"<h1>Meldungen</h1><p>{LEAD}</p><h2>Aktuelle Meldungen</h2>{others(1, 2, 3)}")
    assert (data.kind, len(data.links)) == ("listing", 3)


ONE = "<article><h2><a href='/m/9'>Glasfaser im Ortsteil Nord</a></h2>{}</article>"
TEASER = "<time>3. Juni 2025</time><p>Die Bauarbeiten beginnen am Bahnhof.</p>"
BACK = "<nav><a rel='prev' href='/meldungen?seite=2'>Zurück</a></nav>"


@pytest.mark.parametrize(
    ("around", "head"),
    [
        (BACK, ""),
        ("<p>Seite 3 von 3</p>", ""),
        ("<ul><li><a href='/meldungen'>1</a></li><li>2</li></ul>", ""),
        ("<a href='/meldungen'>« Neuere Beiträge</a>", ""),
        ("", '<script type="application/ld+json">{"@type": "CollectionPage"}</script>'),
    ],
)
def test_one_entry_left_on_the_last_page(around: str, head: str) -> None:
    found = listed(f"<h1>Meldungen</h1>{ONE.format(TEASER)}{around}", head)
    (entry,) = found.entries
    assert entry.url == "https://www.wiesengrund.example/m/9"
    assert entry.title == "Glasfaser im Ortsteil Nord"
    assert entry.teaser == "Die Bauarbeiten beginnen am Bahnhof."
    assert entry.published is not None
    assert found.further == ()


@pytest.mark.parametrize(
    "main",
    [
        f"<h1>Meldungen</h1>{BACK}",
        f"<h1>Meldungen</h1>{ONE.format('')}{BACK}",
        f"<h1>Meldungen</h1><aside>{ONE.format(TEASER)}</aside>{BACK}",
        f"{ONE.format(TEASER)}<h1>Meldungen</h1>{BACK}",
        f"<h1>Meldungen</h1>{ONE.format(TEASER).replace('/m/', 'https://x.example/')}{BACK}",
        f"<h1>Meldungen</h1>{ONE.format(TEASER)}",
    ],
    ids=["none", "bare link", "aside", "above", "other site", "no list"],
)
def test_one_link_is_no_list(main: str) -> None:
    with pytest.raises(PageError, match="no repeated teasers"):
        listed(main)


def teasers(*lines: str) -> str:
    return "<h1>Meldungen</h1>" + "".join(
        f"<article><a href='/m/{number}'><figure><figcaption>Bild</figcaption></figure>{line}"
        f"<h2>Meldung Nummer {number}</h2></a>"
        f"<time datetime='2025-06-0{number}'>{number}. Juni</time>"
        "<p>Ein Satz, der sagt, worum es in der Meldung geht.</p></article>"
        for number, line in enumerate(lines, 1)
    )


@pytest.mark.parametrize(
    ("lines", "kickers"),
    [
        (("<span>Köln</span>", "<span>Bonn</span>", ""), ["Köln", "Bonn", None]),
        (("<span>Köln</span>", "<span>Interview</span>", ""), ["Köln", None, None]),
        (("<span>Neu</span>", "", ""), [None, None, None]),
        (("<span class='x-topline'>Köln</span>", "", ""), ["Köln", None, None]),
        (("<span>4. Juni 2025</span>",) * 3, [None, None, None]),
        (("<span>Wer zahlt für das Netz?</span>",) * 3, [None, None, None]),
    ],
)
def test_kicker_over_the_headline_in_the_teasers_link(
    lines: tuple[str, ...], kickers: list[str | None]
) -> None:
    entries = listed(teasers(*lines)).entries
    assert [entry.kicker for entry in entries] == kickers
    assert all(entry.published is not None for entry in entries)


@pytest.mark.parametrize(
    "first", ["<p><strong>{}</strong></p>", "<p><span><strong>{}</strong></span></p>"]
)
def test_lead_that_is_set_in_bold(first: str) -> None:
    site = '<meta name="description" content="Alles über die Gemeinde Wiesengrund.">'
    data = read(f"{site}<h1>{TITLE}</h1><p>03.06.2025</p>{first.format(LEAD)}<p>{LONG}</p>")
    assert data.teaser == LEAD
    half = read(f"{site}<h1>{TITLE}</h1>{first.format('Wohngeld:')[:-4]} {LEAD}</p><p>{LONG}</p>")
    assert half.teaser == "Alles über die Gemeinde Wiesengrund."


@pytest.mark.parametrize(
    "line",
    [
        "Stand: 03.06.2025",
        "Stand vom 3. Juni 2025",
        "Aktualisiert am 03.06.2025",
        "Letzte Änderung: 03.06.2025",
        "Letzte Aktualisierung: 03.06.2025",
        "Zuletzt bearbeitet am 03.06.2025",
        "Stand: <time datetime='2025-06-03'>3. Juni</time>",
        "Letzte Änderung<br><br><time datetime='2025-06-03'>03.06.2025</time>",
    ],
)
@pytest.mark.parametrize(
    "shape",
    [
        "{h}<p>{line}</p>{t}",
        "<p>{line}</p>{h}{t}",
        "{h}{t}<p class='published'>{line}</p>",
        "{h}<div>{t}<br><br>{line}</div>",
    ],
)
def test_last_change_is_named_so_and_yields_to_any_publication(shape: str, line: str) -> None:
    page = shape.format(h=f"<h1>{TITLE}</h1>", line=line, t=f"<p>{LONG}</p>")
    data = read(page)
    assert data.published is not None
    assert (data.published.iso()[:10], data.found["published"]) == ("2025-06-03", "changed")
    data = read(f'<meta name="dcterms.issued" content="2025-05-30">{page}')
    assert data.published is not None
    assert data.published.iso()[:10] == "2025-05-30"


@pytest.mark.parametrize(
    "page",
    [
        "<main>{t}<p>Stand: 18.06.2025</p></main>",  # today's
        "<main>{t}<p>Stand: 03.06.2025</p><p>Aktualisiert am 04.06.2025</p></main>",
        "<main>{t}</main><div>Letzte Änderung dieser Seiten: 03.06.2025</div>",
        "<div>{t}</div><div>Letzte Änderung dieser Seiten: 03.06.2025</div>",
    ],
)
def test_last_change_of_the_site_is_no_texts(page: str) -> None:
    html = page.format(t=f"<h1>{TITLE}</h1>" + f"<p>{LONG}</p>" * 3)
    assert parse_page(f"<title>{TITLE}</title>{html}", URL, now=NOW).published is None


@pytest.mark.parametrize(
    "line",
    [
        "Veröffentlicht am 02.06.2025, zuletzt geändert am 03.06.2025",
        "Stand: 03.06.2025, veröffentlicht am 02.06.2025",
        "Pressemitteilung vom 02.06.2025 (Stand: 03.06.2025)",
        "<time datetime='2025-06-02'>2. Juni</time></p><p>Stand: 03.06.2025",
    ],
)
def test_publication_beside_the_last_change(line: str) -> None:
    data = read(f"<h1>{TITLE}</h1><p>{line}</p><p>{LONG}</p>")
    assert data.published is not None
    assert data.published.iso() == "2025-06-02"
