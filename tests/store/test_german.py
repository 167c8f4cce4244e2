"""German words become keys: inflection, spelling, hyphens, compounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.compounds import is_compound
from store.german import normal, words
from store.lemmas import key, spellings
from store.pieces import Pieces


def keys(text: str) -> list[str]:
    return [one for word in words(normal(text)) for one in word.keys]


def joined(text: str) -> list[str | None]:
    return [word.joined for word in words(normal(text))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bürgerämter", "Bürgeramt"),
        ("bürgerämtern", "Bürgeramt"),
        ("Buergeraemter", "Bürgeramt"),
        ("Museen", "Museum"),
        ("Straßen", "Straße"),
        ("Köln", "Koeln"),
        ("KÖLN", "Köln"),
        ("Kölns", "Köln"),
        ("daten", "Daten"),
        ("Städte", "Stadt"),
        ("läuft", "laufen"),
        ("Bauanträge", "bauantrag"),
        ("Digitalisierungsstrategien", "Digitalisierungsstrategie"),
        ("KIs", "ki"),
        ("eAkten", "eakte"),
        ("Aemter", "Amt"),
        ("Bu\u0308rger", "Bürger"),
        ("Digi\u00adtalisierung", "Digitalisierung"),
        ("Chatbots", "Chatbot"),
        ("Altakten", "Altakte"),
        ("Stadträumen", "Stadtraum"),
        ("Cyberschäden", "Cyberschaden"),
        ("Wismars", "Wismar"),
        ("Smart Cities", "smart city"),
        ("digitalen", "digital"),
        ("digitale", "digitaler"),
        ("offener", "offene"),
        ("sichere", "sicher"),
        ("Verkehrsdaten", "verkehrsdaten"),
    ],
)
def test_forms_of_one_word_have_one_key(one: str, other: str) -> None:
    assert keys(one) == keys(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Münster", "Munster"),
        ("Daten", "Datum"),
        ("Sicherheit", "sich"),
        ("Bürger", "Burg"),
        ("Rat", "Verrat"),
        ("Amt", "insgesamt"),
        ("Medien", "Medium"),
        ("Verkehrsdaten", "Verkehrsdatum"),
        ("Halle", "Hall"),
        ("Träger", "träge"),
        ("Silberhöhe", "Silbererhöhung"),
    ],
)
def test_different_words_have_different_keys(one: str, other: str) -> None:
    assert keys(one) != keys(other)


@pytest.mark.parametrize("written", ["E-Akte", "e-akte", "E‑Akten", "E‐Akte"])
def test_hyphenated_words_have_parts_and_a_joined_key(written: str) -> None:
    assert keys(written) == ["e", "akte"]
    assert joined(written) == ["eakte"]
    assert keys("eAkte") == ["eakte"]


def test_more_hyphens_and_numbers() -> None:
    assert keys("OZG-Umsetzung") == ["ozg", "umsetzung"]
    assert joined("OZG-Umsetzungen NIS-2 BundID 5G") == ["ozgumsetzung", "nis2", None, None]
    assert keys("1.234 Anträge am 12.03.2026 mit 3,5 %") == [
        "1234", "antrag", "am", "12", "03", "2026", "mit", "3", "5",
    ]  # fmt: skip
    assert keys("Di@-Lotsen") == keys("di@-lotse")
    assert keys("Bau- und Umweltamt") == ["bau", "und", "umweltamt"]


@pytest.mark.parametrize("written", ["Bürger:innen", "Bürger*innen", "Bürger_innen"])
def test_gender_forms_are_both(written: str) -> None:
    assert keys(written) == ["bürger"]
    assert joined(written) == [key("Bürgerinnen")]


@given(st.text(max_size=60))
def test_indexing_finds_what_reading_finds(text: str) -> None:
    read = list(words(normal(text)))
    pieces = Pieces(lambda forms: {form: key(form) for form in forms})
    _, found = pieces.cut([text])
    assert [pieces.spelled[one] for one in pieces.keys(found)[0]] == [
        one for word in read for one in word.keys
    ]
    assert [pieces.spelled[one] for one in pieces.joined(found)[0]] == [
        word.joined for word in read if word.joined is not None
    ]


def test_where_a_word_stands() -> None:
    text = normal("Die E-Akte, ab 2026.")
    assert [text[word.start : word.end] for word in words(text)] == ["Die", "E-Akte", "ab", "2026"]


@pytest.mark.parametrize(
    ("written", "other"),
    [("muellerhaus", "müllerhaus"), ("müllerhaus", "muellerhaus"), ("koeln", "köln")],
)
def test_spellings_go_both_ways(written: str, other: str) -> None:
    assert other in spellings(written)
    assert written.lower() not in spellings(written)


@pytest.mark.parametrize(
    ("whole", "head"),
    [
        ("digitalisierungsstrategie", "strategie"),
        ("personalakte", "akte"),
        ("eakte", "akte"),
        ("schulverwaltung", "verwaltung"),
        ("wärmeplanung", "planung"),
        ("cybersicherheit", "sicherheit"),
        ("stadtbibliothek", "bibliothek"),
        ("weiterbildung", "bildung"),
        ("geoportal", "portal"),
        ("sicherungsrechenzentrum", "zentrum"),
        ("handwerkerparkausweis", "ausweis"),
        ("hebesatz", "satz"),
    ],
)
def test_compounds(whole: str, head: str) -> None:
    assert is_compound(whole, head, lambda term: term == "cyber")


@pytest.mark.parametrize(
    ("whole", "head"),
    [
        ("unsicherheit", "sicherheit"),
        ("verdienst", "dienst"),
        ("ausbildung", "bildung"),
        ("gewerbe", "werbe"),
        ("begleiter", "leiter"),
        ("grundausbildung", "bildung"),
        ("vergabeakte", "eakte"),
        ("akte", "akte"),
        ("strategie", "digitalisierungsstrategie"),
        ("xqzstrategie", "strategie"),
    ],
)
def test_no_compounds(whole: str, head: str) -> None:
    assert not is_compound(whole, head, lambda term: False)


@given(st.text(max_size=80))
def test_keys_are_small_letters_and_digits_of_bounded_length(text: str) -> None:
    for word in words(normal(text)):
        assert word.keys
        for one in (*word.keys, *([word.joined] if word.joined else [])):
            assert one
            assert all(sign.isalnum() for sign in one)
            assert " " not in one
            assert "_" not in one
            assert len(one) <= 160
