"""Words become numbers: stems, parts of compounds, keywords, and what nobody should read."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.features import WordFeatures
from classifier.lexicon import Lexicon
from classifier.texts import BODY_LIMIT, Text, TextError, clean, text_from
from classifier.vocabulary import Topic, load_topics
from classifier.words import is_readable, stem, words_of


def fields(**given: str) -> dict[str, str]:
    return Text(**given).cleaned()


def test_words_keep_their_inner_signs() -> None:
    assert words_of("Die E-Akte, NIS-2 und 5G: d.velop.") == [
        "die", "e-akte", "nis-2", "und", "5g", "d.velop",
    ]  # fmt: skip


def test_forms_of_one_word_share_a_stem() -> None:
    assert stem("ausweise") == stem("ausweisen") == stem("ausweises") == "ausweis"
    assert stem("amt") == "amt"


def test_lexicon_patterns() -> None:
    topic = Topic("t", "T", "D", ("wort", "glas*", "*akte", "open data", "künstliche intelligenz*"))
    lexicon = Lexicon([topic])
    assert lexicon.width == 2
    for word in ("wort", "wortes", "glasfaserausbau", "bauakte", "bauakten"):
        assert lexicon.of_word(word) == (0,), word
    for word in ("antwort", "wortwahl", "akteur"):
        assert lexicon.of_word(word) == (), word
    assert list(lexicon.of_phrases(["ein", "open", "data", "portal"])) == [(1, 3, 0)]
    assert list(lexicon.of_phrases(["künstlicher", "intelligenzen"])) == []
    assert [c for *_, c in lexicon.of_phrases(["künstliche", "intelligenz"])] == [0]


def test_compounds_bring_in_their_parts() -> None:
    texts = [fields(title="Glasfaser kommt"), fields(title="Ausbau beginnt")] * 3
    words = WordFeatures.learn((), texts)
    row = words.row(fields(title="Glasfaserausbau"))
    terms = {words.terms[column - words.offset] for column in row.columns}
    assert {stem("glasfaser"), stem("ausbau")} <= terms


def test_a_row_of_terms_has_length_one_whatever_the_text() -> None:
    words = WordFeatures.learn((), [fields(title="Glasfaser kommt bald")] * 2)
    for text in (fields(title="Glasfaser"), fields(title="Glasfaser kommt", body="bald " * 400)):
        assert np.isclose(np.linalg.norm(words.row(text).values), 1.0, atol=1e-5)
    assert len(words.row(fields(title="Unbekannt")).columns) == 0


def test_evidence_words_are_those_of_the_text() -> None:
    words = WordFeatures.learn(load_topics(), [fields(title="Der Chatbot antwortet")] * 2)
    text = fields(title="Ein Chatbot für alle")
    behind = words.words_behind(text, set(map(int, words.row(text).columns)))
    named = {word for found in behind.values() for word in found}
    assert "Chatbot" in named
    assert named <= {"Ein", "Chatbot", "für", "alle"}
    assert words.words_behind(text, set()) == {}


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("Glasfaser für Jena", True),
        ("Köln startet neuen Chatbot", True),
        ("", False),
        ("Glasfaser", False),
        ("Glasfaser 2026", False),
        ("🚀🚀🚀 !!! 123 456 789", False),
        ("The city of Berlin is open to the people and their data", False),
        ("Smart City Index: The winner is Hamburg, sagt der Verband in der Studie", True),
    ],
)
def test_what_nobody_should_guess_at(text: str, readable: bool) -> None:
    assert is_readable(fields(title=text)) is readable


def test_cleaning_leaves_text_only() -> None:
    raw = (
        "<p>Bau&shy;antrag&nbsp;<b>online</b></p><script>alert('Köln')</script><!-- Bonn --> \u200b"
    )
    assert clean(raw, 100) == "Bauantrag online"
    assert clean(None, 10) == ""
    assert clean("3 < 5 und 7 > 2", 100) == "3 < 5 und 7 > 2"
    assert len(clean("wort " * 100_000, BODY_LIMIT)) <= BODY_LIMIT


def test_summary_stands_in_for_the_teaser() -> None:
    assert text_from({"title": "T", "summary": "S"}).teaser == "S"
    assert text_from({"title": "T", "summary": "S", "teaser": "V"}).teaser == "V"
    with pytest.raises(TextError, match="'title' must be a string or null, not int"):
        text_from({"title": 7})
