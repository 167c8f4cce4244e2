"""Words become numbers: stems, parts of compounds, keywords, and what nobody should read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.corpus import load_examples
from classifier.evidence import LETTERS, words_behind
from classifier.features import LEXICON_SCALE, WordFeatures
from classifier.lexicon import Lexicon
from classifier.texts import BODY_LIMIT, FIELDS, Fields, Text, TextError, clean, text_from
from classifier.vocabulary import Topic, load_topics
from classifier.words import is_readable, stem, words_of


def fields(**written: str) -> Fields:
    return Text(**written).cleaned()


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
    read = words.read(text)
    behind = words_behind(words, read, words.row_of(read).columns.tolist())
    named = {word for found in behind.values() for word in found}
    assert "Chatbot" in named
    assert named <= {"Ein", "Chatbot", "für", "alle"}
    assert words_behind(words, read, []) == {}


def test_evidence_is_whole_words_of_the_opening() -> None:
    """The opening's last word is told whole, as is a phrase begun there; what follows is not."""
    words = WordFeatures.learn(load_topics(), [fields(title="künstliche Intelligenz hilft")] * 2)
    told = {}
    for letters in (LETTERS - 5, LETTERS + 5):
        before = ("x" * 9 + " ") * (letters // 10) + "x" * (letters % 10 - 1) + " "
        read = words.read(fields(title="Titel", body=before + "künstliche Intelligenz hilft"))
        behind = words_behind(words, read, words.row_of(read).columns.tolist())
        told[letters] = {word for found in behind.values() for word in found}
    assert {"künstliche", "künstliche Intelligenz"} <= told[LETTERS - 5]
    assert not any("künstliche" in word for word in told[LETTERS + 5])


def word_by_word(words: WordFeatures, text: Fields) -> dict[int, float]:
    """The row as its definition says: each word of each field asked for its terms and keywords."""
    terms: dict[int, float] = {}
    heard: dict[int, float] = {}
    known = {term: words.offset + at for at, term in enumerate(words.terms)}
    for name in FIELDS:
        spoken = words_of(text[name])
        for term, count in WordFeatures.terms_of(
            words, {**dict.fromkeys(FIELDS, ""), name: text[name]}
        ).items():
            if term in known:
                terms[known[term]] = terms.get(known[term], 0.0) + count
        shift = 0 if name in ("kicker", "title") else words.lexicon.width
        found = [column for word in spoken for column in words.lexicon.of_word(word)]
        found += [column for *_, column in words.lexicon.of_phrases(spoken)]
        for column in found:
            gain = 0.3 if name == "body" else 1.0
            heard[shift + column] = heard.get(shift + column, 0.0) + gain
    weights = {at: float(np.log1p(n) * words.idf[at - words.offset]) for at, n in terms.items()}
    length = float(np.sqrt(sum(weight**2 for weight in weights.values()))) or 1.0
    keywords = {at: (1 - np.exp(-0.7 * gain)) * LEXICON_SCALE for at, gain in heard.items()}
    return keywords | {at: weight / length for at, weight in weights.items()}


def test_rows_are_what_reading_word_by_word_gives() -> None:
    examples = load_examples([topic.id for topic in load_topics()])[::25]
    texts = [example.text.cleaned() for example in examples]
    words = WordFeatures.learn(load_topics(), texts)
    phrases = 0
    for text in texts:
        row, wanted = words.row(text), word_by_word(words, text)
        assert row.columns.tolist() == sorted(wanted)
        assert np.allclose(row.values, [wanted[at] for at in row.columns.tolist()], atol=1e-6)
        phrases += len(words.read(text).phrases)
    assert phrases >= 10


@given(text=st.text(alphabet="aB ä🎉\n\xad.-", max_size=80), letters=st.integers(1, 90))
def test_an_opening_is_the_text_cut_to_its_letters(text: str, letters: int) -> None:
    cut = Text(body=text).cleaned()
    assert cut.opening("body", letters) == cut["body"][:letters].split()
    begun = cut.pieces["body"][: cut.begun("body", letters)]
    assert all(
        whole.startswith(part)
        for part, whole in zip(cut.opening("body", letters), begun, strict=False)
    )
    assert Fields.of({"body": cut["body"]}).pieces == {"body": cut["body"].split()}


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
