"""Owns "did you mean": for words that occur nowhere the archive's own word one slip away."""

from __future__ import annotations

from collections.abc import Sequence

from store.lemmas import form_of
from store.vocabulary import Lexicon

#: Words in which a slip is looked for: shorter ones are one letter from everything. A word of 30
#: letters has 2,000 neighbours, each looked up twice in the index: some ten milliseconds.
SHORTEST_SLIP = 4
LONGEST_SLIP = 30

#: Words of one query for which that is done.
MOST_SLIPS = 3

_LETTERS = "abcdefghijklmnopqrstuvwxyzäöüß0123456789"


def meant(text: str, unknown: Sequence[str], lexicon: Lexicon) -> str | None:
    """The query with its unknown words put right; None if there is nothing to offer."""
    offered = text
    for written in unknown[:MOST_SLIPS]:
        word = _nearest(form_of(written).lower(), lexicon)
        if word is not None:
            if written.isupper():
                word = word.upper()
            elif written[0].isupper():
                word = word[0].upper() + word[1:]
            offered = offered.replace(written, word, 1)
    return offered if offered != text else None


def _nearest(slip: str, lexicon: Lexicon) -> str | None:
    """The most frequent form of the archive one slip away: a letter more, less, other, swapped."""
    if not SHORTEST_SLIP <= len(slip) <= LONGEST_SLIP:
        return None
    cuts = [(slip[:n], slip[n:]) for n in range(len(slip) + 1)]
    near = {a + b[1:] for a, b in cuts if b}
    near |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    near |= {a + sign + b[1:] for a, b in cuts if b for sign in _LETTERS}
    near |= {a + sign + b for a, b in cuts for sign in _LETTERS}
    found = ((lexicon.often(form), form) for form in sorted(near))
    often, form = max(found, key=lambda one: one[0])
    return form if often else None
