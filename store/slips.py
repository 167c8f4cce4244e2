"""Owns "did you mean": for words that occur nowhere one that is found, one slip away."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from store.dictionary import is_word
from store.lemmas import form_of, with_umlauts
from store.vocabulary import Lexicon

#: Words in which a slip is looked for: shorter ones are one letter from everything. A word of 30
#: letters has 2,000 neighbours, each looked up twice in the index: some ten milliseconds.
SHORTEST_SLIP = 4
LONGEST_SLIP = 30

#: Words of one query for which that is done.
MOST_SLIPS = 3

_LETTERS = "abcdefghijklmnopqrstuvwxyzäöüß0123456789"


def meant(
    text: str, unknown: Sequence[str], lexicon: Lexicon, found_by: Callable[[str], int]
) -> str | None:
    """The query with its unknown words put right; None if there is nothing to offer.

    ``found_by``: how many documents a search for one word finds, about.
    """
    offered = text
    for written in unknown[:MOST_SLIPS]:
        word = _nearest(form_of(written).lower(), lexicon, found_by)
        if word is not None:
            if written.isupper():
                word = word.upper()
            elif written[0].isupper():
                word = word[0].upper() + word[1:]
            offered = offered.replace(written, word, 1)
    return offered if offered != text else None


def _nearest(slip: str, lexicon: Lexicon, found_by: Callable[[str], int]) -> str | None:
    """The most frequent word one slip away; ae may have been written for ä.

    First among the forms of the archive; then among the words of the dictionary, of which it may
    hold another form, or compounds only: a search for them finds those.
    """
    if not SHORTEST_SLIP <= len(slip) <= LONGEST_SLIP:
        return None
    near = sorted(_near(slip) | _near(with_umlauts(slip)))
    for count, forms in ((lexicon.often, near), (found_by, filter(is_word, near))):
        found = ((count(form), form) for form in forms)
        often, form = max(found, key=lambda one: one[0], default=(0, ""))
        if often:
            return form
    return None


def _near(slip: str) -> set[str]:
    """What is one slip away: a letter more, less, other, swapped."""
    cuts = [(slip[:n], slip[n:]) for n in range(len(slip) + 1)]
    near = {a + b[1:] for a, b in cuts if b}
    near |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    near |= {a + sign + b[1:] for a, b in cuts if b for sign in _LETTERS}
    near |= {a + sign + b for a, b in cuts for sign in _LETTERS}
    return near
