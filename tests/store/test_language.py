"""The query language: what is read how, and that nothing a reader types can break it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.language import MOST_LETTERS, MOST_TERMS, Filter, Request, Term, parse_query


def groups(text: str) -> list[list[str]]:
    return [
        [
            ('"' + term.text + '"' if term.phrase else term.text + "*" * term.prefix)
            for term in group
        ]
        for group in parse_query(text).groups
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("OZG Köln", [["OZG"], ["Köln"]]),
        ("a1 OR b1 c1", [["a1", "b1"], ["c1"]]),
        ("a1 ODER b1 | c1", [["a1", "b1", "c1"]]),
        ("a1 UND b1 AND c1", [["a1"], ["b1"], ["c1"]]),
        ('"digitale Verwaltung" x', [['"digitale Verwaltung"'], ["x"]]),
        ("„digitale Verwaltung“", [['"digitale Verwaltung"']]),
        ("»digitale Verwaltung«", [['"digitale Verwaltung"']]),
        ("digi*", [["digi*"]]),
        ("(Köln, Bonn); E-Akte", [["Köln"], ["Bonn"], ["E-Akte"]]),
        ("oder und", [["oder"], ["und"]]),
        ("OR a1 OR", [["a1"]]),
        ("!!! ... ()", []),
        ("http://a.example/x?y=1", [["http://a.example/x?y=1"]]),
    ],
)
def test_words_phrases_and_or(text: str, expected: list[list[str]]) -> None:
    assert groups(text) == expected


def test_what_is_excluded() -> None:
    request = parse_query('Schule -Köln NICHT Bonn NOT "neue Schule" E-Akte')
    assert [term.text for term in request.excluded] == ["Köln", "Bonn", "neue Schule"]
    assert [group[0].text for group in request.groups] == ["Schule", "E-Akte"]


def test_field_filters() -> None:
    request = parse_query('thema:ozg LAND:"Nordrhein-Westfalen" -quelle:x art: video foo:bar')
    assert request.filters == [
        Filter("topic", "ozg", False),
        Filter("state", "Nordrhein-Westfalen", False),
        Filter("source", "x", True),
        Filter("kind", "video", False),
    ]
    assert request.groups == [[Term("foo:bar")]]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ('offene "Frage', "Anführungszeichen"),
        ("a*", "zwei Buchstaben"),
        ("x " * MOST_LETTERS, f"{MOST_LETTERS} Zeichen"),
        ("ab " * (MOST_TERMS + 1), f"{MOST_TERMS} Suchwörter"),
    ],
)
def test_what_was_not_taken_as_typed_is_told(text: str, note: str) -> None:
    assert any(note in told for told in parse_query(text).notes)


SIGNS = ["-", "OR", "NICHT", "thema:", "land:", "*", "(", "Köln", "a", ":", "\0", "NEAR", "'"]
SIGNS += ['"', "„", "“"]
ANYTHING = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(SIGNS),
        max_size=30,
    ).map(" ".join),
    st.text(alphabet='"-*:()^{}+|&äß a1\\\'%_„“', max_size=60),
)  # fmt: skip


@given(ANYTHING)
def test_any_input_is_read(text: str) -> None:
    request = parse_query(text)
    assert isinstance(request, Request)
    terms = [term for group in request.groups for term in group] + request.excluded
    assert len(terms) <= MOST_TERMS
    assert all(any(sign.isalnum() for sign in term.text) for term in terms)
    assert all(request.groups)
