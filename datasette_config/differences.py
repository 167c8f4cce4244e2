"""What changed between two versions of a text, word by word, short enough to read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

#: Unchanged words kept on each side of a change; the rest becomes an ellipsis.
CONTEXT: Final = 12
#: Word comparisons worth doing (about a second at worst); longer texts are compared by paragraph.
MOST_COMPARISONS: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: ``same``, ``gone``, ``new`` or ``skipped`` (text is then empty)."""

    kind: str
    text: str


def differences(before: str | None, after: str | None) -> tuple[Piece, ...]:
    """The pieces that lead from ``before`` to ``after``; unchanged middles are left out."""
    old, new = _words(before), _words(after)
    if len(old) * len(new) > MOST_COMPARISONS:
        old, new = (before or "").split("\n"), (after or "").split("\n")
    pieces: list[Piece] = []
    for operation, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            pieces.extend(_context(old[a:b], first=a == 0, last=b == len(old)))
            continue
        if b > a:
            pieces.append(Piece("gone", _joined(old[a:b])))
        if d > c:
            pieces.append(Piece("new", _joined(new[c:d])))
    return tuple(pieces)


def _words(text: str | None) -> list[str]:
    return re.findall(r"\n|\S+", text or "")


def _joined(words: list[str]) -> str:
    return " ".join(word for word in words if word != "\n")


def _context(words: list[str], *, first: bool, last: bool) -> Iterator[Piece]:
    head = 0 if first else CONTEXT
    tail = 0 if last else CONTEXT
    if len(words) <= head + tail + 4:
        yield Piece("same", _joined(words))
        return
    if head:
        yield Piece("same", _joined(words[:head]))
    yield Piece("skipped", "")
    if tail:
        yield Piece("same", _joined(words[-tail:]))
