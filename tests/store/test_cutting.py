"""Texts cut at blanks: every piece once, with its own number, whatever it is made of."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from store.cutting import Cutter

TEXTS = st.lists(
    st.text(st.sampled_from("abä€𝒳-.\x00\t\n \u00a0"), max_size=40)
    # Longer ones are read by words of eight bytes, and from 64 bytes on as a whole.
    | st.builds(str.__mul__, st.sampled_from(["ab", "ä", "a b"]), st.integers(0, 60)),
    max_size=8,
)


def _check(cutter: Cutter, texts: list[str], names: list[str]) -> None:
    places, numbers, fresh = cutter.cut(texts)
    names += fresh
    found = [(place, names[number]) for place, number in zip(places, numbers, strict=True)]
    assert found == [
        (place, piece)
        for place, text in enumerate(texts)
        for piece in re.split("[\x00- ]+", text)
        if piece
    ]
    assert len(names) == len(set(names)) == len(cutter)


@given(st.lists(TEXTS, max_size=5))
def test_pieces_are_what_stands_between_blanks(batches: list[list[str]]) -> None:
    cutter, names = Cutter(), list[str]()
    for texts in batches:
        _check(cutter, texts, names)


def test_pieces_are_told_apart_while_the_table_grows() -> None:
    cutter, names = Cutter(), list[str]()
    for start in range(0, 60_000, 7_000):
        for ending in ("", "verwaltungsdigitalisierung"):
            _check(cutter, [" ".join(f"{n}{ending}" for n in range(start, start + 9_000))], names)
    assert len(cutter) == 2 * 65_000
