"""Text: white space, entities and markup as a reader sees them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text import (
    clean,
    clean_lines,
    fold,
    html_to_text,
    is_damaged,
    looks_like_html,
    repair_encoding,
    split_kicker,
    without_site_name,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("", None),
        (" \u00a0\u200b\u00ad\ufeff ", None),
        ("  Neue\u00a0App \n\t für\u2009Bürger ", "Neue App für Bürger"),
        ("Digitalisierungs\u00adstrategie", "Digitalisierungsstrategie"),
        ("Onlin\u200be", "Online"),
        ("K&ouml;ln &amp; Bonn", "Köln & Bonn"),
        ("&#8222;Ja&#8220; &#x2013; nein", "„Ja“ – nein"),
        ("AT&T und R&D", "AT&T und R&D"),
        ("&amp;uuml;", "&uuml;"),
        ("Gro\u0308ße", "Größe"),
        ("a\x00b\x07c", "a b c"),
    ],
)
def test_clean(text: str | None, expected: str | None) -> None:
    assert clean(text) == expected


def test_clean_lines_keeps_lines_with_text() -> None:
    assert clean_lines("  eins \n\n \u00a0\nzwei ") == "eins\nzwei"
    assert clean_lines(" \n ") is None
    assert clean_lines(None) is None


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (None, None),
        ("", None),
        ("<p> </p><br>", None),
        ("Nur Text &amp; mehr", "Nur Text & mehr"),
        ("<p>Eins</p><p>Zwei</p>", "Eins\nZwei"),
        ("<p>Eins<p>Zwei", "Eins\nZwei"),
        ("Eins<br>Zwei<br/><br />Drei", "Eins\nZwei\nDrei"),
        (
            "<p>Ein\n Absatz <b>mit</b> <a href='/x'>Ver\u00adweis</a>.</p>",
            "Ein Absatz mit Verweis.",
        ),
        ("<ul><li>a</li><li>b</ul>", "a\nb"),
        ("<table><tr><td>1<td>2<tr><td>3</table>", "1 2\n3"),
        ("<h2>Titel</h2>Text", "Titel\nText"),
        ("<p>a</p><script>alert(1)</script><style>p{}</style><p>b</p>", "a\nb"),
        ("<p>a<!-- nicht das --></p>", "a"),
        ("5 < 7 und <b>8 > 6</b>", "5 < 7 und 8 > 6"),
        ("<p>&lt;b&gt; ist ein Tag</p>", "<b> ist ein Tag"),
        ("<iframe src='https://video.example'>Film</iframe><p>Text</p>", "Text"),
        ("<p>Ende ohne Schluss<b", "Ende ohne Schluss"),
    ],
)
def test_html_to_text(html: str | None, expected: str | None) -> None:
    assert html_to_text(html) == expected


def test_html_is_recognised_by_tags_and_entities() -> None:
    assert looks_like_html("<p>a")
    assert looks_like_html("a &uuml; b")
    assert not looks_like_html("3 < 4 und R&D > 5")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MÃ¼nchen â€“ GrÃ¶ÃŸe â€žSmartâ€œ", "München – Größe „Smart“"),
        ("München", "München"),
        # pasted together: the right half stays, the wrong one is certain by itself
        ("MÃ¼nchen und Köln ü, 5Â§", "München und Köln ü, 5§"),
        ("MÃ¼nchen und Köln – 20Â\xa0°C", "München und Köln – 20\xa0°C"),
        # read wrongly twice
        ("MÃƒÂ¼nchen", "München"),
        # what only looks like it
        ("São Paulo", "São Paulo"),
        ("die „AfÄ“", "die „AfÄ“"),
        ("Ãx", "Ãx"),
    ],
)
def test_repair_encoding_only_where_certain(text: str, expected: str) -> None:
    assert repair_encoding(text) == expected


@pytest.mark.parametrize(
    ("text", "damaged"),
    [
        ("B\ufffdrger", True),
        ("B?rgermeister", True),
        ("K\u00c3ln und Ã¼ä", True),
        ("Bürger? Ja. Was nun?", False),
        ("https://a.example/suche?wort=x und a/b?c=d", False),
        ("Wer?Wie?Was?", False),
        ("Größe – „Müller“", False),
    ],
)
def test_lost_letters_are_noticed(text: str, damaged: bool) -> None:
    assert is_damaged(text) is damaged


@pytest.mark.parametrize(
    "html",
    [
        # XHTML's short form, which HTML reads as a start without an end
        '<p>Vor</p><iframe src="https://video.example/1"/><p>Nach</p>',
        "<p>Vor</p><script src='x.js' /><p>Nach</p><script>weg()</script>",
        "<p>Vor</p><object data='x'><p>Nach</p>",
        "<p>Vor</p><TEXTAREA/><p>Nach</p>",
        "<p>Vor</p><iframe src='x'>weg</iframe><p>Nach</p>",
    ],
)
def test_embedded_objects_swallow_nothing(html: str) -> None:
    assert html_to_text(html) == "Vor\nNach"


@given(st.text(alphabet="abc äöüßÄÖÜ–„“€§ \n", max_size=40))
def test_repair_encoding_undoes_the_wrong_reading_and_nothing_else(text: str) -> None:
    assert repair_encoding(text) == text
    wrong = text.encode().decode("cp1252", errors="surrogateescape")
    if all(not "\ud800" <= letter <= "\udfff" for letter in wrong):
        assert repair_encoding(wrong) == text


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Köln: Neue App", ("Köln", "Neue App")),
        ("Kreis Soest/Hamm: Mehr: Weniger", ("Kreis Soest/Hamm", "Mehr: Weniger")),
        ("Neue App", (None, "Neue App")),
        ("Köln: ", (None, "Köln: ")),
        ("So geht es nicht! Sagt er: Neue App", (None, "So geht es nicht! Sagt er: Neue App")),
        ("12:30 Uhr", (None, "12:30 Uhr")),
        ("Ein sehr langer Satz, der gewiss keine Dachzeile mehr sein kann: Nein", (None,)),
    ],
)
def test_split_kicker(title: str, expected: tuple[str | None, ...]) -> None:
    assert split_kicker(title) == (expected if len(expected) == 2 else (None, title))


def test_the_sites_name_goes_from_the_end_of_a_title() -> None:
    assert without_site_name("Positionen | DStGB", "DStGB") == "Positionen"
    assert without_site_name("Neue App – Stadt Köln", "Stadt Köln") == "Neue App"
    assert without_site_name("Die Stadt Köln", "Stadt Köln") == "Die Stadt Köln"
    assert without_site_name("DStGB", "DStGB") == "DStGB"
    assert without_site_name("A | B", "") == "A | B"


def test_fold_compares_letters_and_digits() -> None:
    assert fold("„Neue – App“  2.0!") == fold("neue app 2 0")
    assert fold("Straße") == fold("STRASSE")
    assert fold("!?") == ""


@given(st.text(max_size=200))
def test_any_text_and_any_markup_give_text(text: str) -> None:
    for result in (clean(text), html_to_text(text), html_to_text(f"<p>{text}<br>{text}")):
        assert result is None or result == result.strip()
