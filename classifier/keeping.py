"""Answers about single words, asked once and kept within a bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import TypeVar

#: Words whose answers are kept at once: memory stays flat over endless input.
MOST = 100_000

_Answer = TypeVar("_Answer")


class Kept(dict[str, _Answer]):
    """A dictionary that asks for what it does not know yet, and is emptied when it is full."""

    def __init__(self, ask: Callable[[str], _Answer]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, word: str) -> _Answer:
        if len(self) >= MOST:
            self.clear()
        self[word] = found = self._ask(word)
        return found

    def of_all(self, words: Sequence[str]) -> tuple[_Answer, ...]:
        """The answers for all words, in order; for known ones without a line of Python each."""
        if len(words) > 1:
            return itemgetter(*words)(self)  # type: ignore[no-any-return]
        return tuple(self[word] for word in words)
