"""Owns the words of search.db: their numbers, in how many documents they stand, how written."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from store.compounds import seams
from store.index import HEAVIER, WORD_INDEXES, index_words, most_documents
from store.lemmas import form_of, key

Numbers = NDArray[np.int64]

#: Forms looked up by one statement.
_AT_ONCE = 500

#: Words and forms held in memory while texts are read, 150 bytes each.
MOST_WORDS = 800_000

#: Words of this weight are looked for first: in 256 documents or more, one in ten of a large index.
_HEAVY = 5


class Known(NamedTuple):
    """A word of the archive: its key, its number, how many documents hold it.

    ``seams``: see ``compounds.seams``; ``counted``: whether ``holders`` lists those documents.
    """

    key: str
    number: int
    documents: int
    seams: int
    counted: bool


class Lexicon:
    """Looks words up in an index, as a reader of it."""

    def __init__(self, index: sqlite3.Connection) -> None:
        self._cursor = index.cursor()
        self._cursor.row_factory = None
        #: ``lemmas.key`` of a word without hyphens; the dictionary is asked only for new forms.
        self.key_of = lru_cache(maxsize=1 << 14)(self._key_of)

    def _key_of(self, word: str) -> str:
        row = self._cursor.execute(
            "SELECT reversed FROM forms JOIN vocabulary USING (number) WHERE form = ?",
            (form_of(word),),
        ).fetchone()
        return str(row[0])[::-1] if row else key(word)

    def find(self, word: str) -> Known | None:
        """The word with this key, if any document holds it."""
        row = self._cursor.execute(
            "SELECT number, documents, seams, counted FROM vocabulary WHERE reversed = ?",
            (word[::-1],),
        ).fetchone()
        return Known(word, row[0], row[1], row[2], bool(row[3])) if row else None

    def ending_in(self, head: str, most: int, *, seam: bool) -> list[Known]:
        """The most frequent words that end in ``head`` and are longer, at most so many.

        ``seam``: only those of which the dictionary says that they are compounds of it.
        """
        found: list[Known] = []
        for weights in ("weight >= ?", "weight < ?"):
            # Whatever is lighter stands in fewer documents than the last of those that will do.
            for weight, numbers in self._by_weight(head, weights, seam=seam):
                if len(found) >= most and found[most - 1].documents >= most_documents(weight):
                    return found[:most]
                found += self._numbered(numbers)
                found.sort(key=lambda one: (-one.documents, one.key[::-1]))
        return found[:most]

    def _by_weight(self, head: str, weights: str, *, seam: bool) -> list[tuple[int, list[int]]]:
        """The numbers of the words that end in ``head``, by weight, the heaviest first.

        The index alone holds them; what a word's number leads to costs ten times as much.
        """
        statement = (
            "SELECT weight, number FROM vocabulary "
            f"WHERE reversed > ? AND reversed < ? AND {weights}"
        )
        asked: list[str | int] = [head[::-1], head[::-1] + "\U0010ffff", _HEAVY]
        if seam:
            statement += " AND seams & ?"
            asked.append(1 << len(head))
        found: dict[int, list[int]] = defaultdict(list)
        for weight, number in self._cursor.execute(statement, asked):
            found[weight].append(number)
        return sorted(found.items(), reverse=True)

    def _numbered(self, numbers: Sequence[int]) -> Iterator[Known]:
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]
            for row in self._cursor.execute(
                "SELECT reversed, number, documents, seams, counted FROM vocabulary "
                f"WHERE number IN ({', '.join('?' * len(some))})",
                some,
            ):
                yield Known(row[0][::-1], row[1], row[2], row[3], bool(row[4]))

    def often(self, form: str) -> int:
        """In how many documents the word stands that has this form, or this key; 0: in none."""
        row = (
            self._cursor.execute(
                "SELECT documents FROM forms JOIN vocabulary USING (number) WHERE form = ?", (form,)
            ).fetchone()
            or self._cursor.execute(
                "SELECT documents FROM vocabulary WHERE reversed = ?", (form[::-1],)
            ).fetchone()
        )
        return int(row[0]) if row else 0

    def forms_of(self, words: Iterable[Known]) -> list[str]:
        """How these words are written in texts that may be shown."""
        numbers = [word.number for word in words]
        return [
            row[0]
            for row in self._cursor.execute(
                f"SELECT form FROM forms WHERE number IN ({', '.join('?' * len(numbers))})", numbers
            )
        ]


class VocabularyWriter:
    """Numbers words and counts their documents within the caller's transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._last = self._highest()
        #: words met lately: number → key, and back
        self._keys: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        #: forms that are known to be in the table, and their words
        self._forms: dict[str, int] = {}
        #: whether all words of the tables are in memory, and nothing is looked up in them
        self._whole = False

    def begin_bulk(self) -> None:
        """Write a vocabulary that is empty; the tables are made to be looked up in at the end."""
        self._whole = True
        for name in WORD_INDEXES:
            self._connection.execute(f"DROP INDEX {name}")

    def end_bulk(self) -> None:
        """Make the tables ready for readers."""
        self._whole = False
        index_words(self._connection)

    def _highest(self) -> int:
        row = self._connection.execute("SELECT ifnull(max(number), 0) FROM vocabulary").fetchone()
        return int(row[0])

    def keys_of(self, forms: Set[str]) -> dict[str, str]:
        """The keys of written forms; only those that no text had before are analysed."""
        self._forms.update(
            self._asked(
                "SELECT form, number FROM forms WHERE form IN",
                sorted(form for form in forms if form not in self._forms),
            )
        )
        known = [form for form in forms if form in self._forms]
        found = dict(zip(known, self.keys([self._forms[form] for form in known]), strict=True))
        return {form: found[form] if form in found else key(form) for form in forms}

    def _asked(self, statement: str, values: Sequence[str | int]) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement that ends in IN, for many values."""
        if self._whole:
            return
        cursor = self._connection.cursor()
        cursor.row_factory = None
        for start in range(0, len(values), _AT_ONCE):
            some = values[start : start + _AT_ONCE]
            yield from cursor.execute(f"{statement} ({', '.join('?' * len(some))})", some)

    def _meet(self, word: str, number: int) -> None:
        self._keys[number] = word
        self._numbers[word] = number

    def numbers(self, often: Mapping[str, int]) -> list[int]:
        """The numbers of these words, in order; new ones are numbered.

        Those that more documents of this batch hold (``often``) come first, which makes the packed
        texts smaller, and among equals the alphabet decides: numbers must tell neither in which
        order words stand in a text nor how often.
        """
        # Not by subtracting sets: that reads all that is known.
        asked = sorted(word[::-1] for word in often if word not in self._numbers)
        for backwards, number in self._asked(
            "SELECT reversed, number FROM vocabulary WHERE reversed IN", asked
        ):
            self._meet(backwards[::-1], number)
        new = [word for word in often if word not in self._numbers]
        new.sort(key=lambda word: (-often[word], word))
        for word in new:
            self._last += 1
            self._meet(word, self._last)
        self._connection.executemany(
            "INSERT INTO vocabulary (number, reversed, seams) VALUES (?, ?, ?)",
            [(self._numbers[word], word[::-1], seams(word)) for word in new],
        )
        return [self._numbers[word] for word in often]

    def keys(self, numbers: Collection[int]) -> list[str]:
        """The keys of these numbers, in order."""
        for number, backwards in self._asked(
            "SELECT number, reversed FROM vocabulary WHERE number IN",
            sorted({number for number in numbers if number not in self._keys}),
        ):
            self._meet(backwards[::-1], number)
        return [self._keys[number] for number in numbers]

    def count(self, numbers: Numbers, changes: Numbers) -> None:
        """So many more documents (or fewer) hold each of these words."""
        self._connection.executemany(
            "UPDATE vocabulary SET documents = documents + ? WHERE number = ?",
            zip(changes.tolist(), numbers.tolist(), strict=True),
        )
        heavier = self._connection.execute(
            f"SELECT documents, number FROM vocabulary WHERE {HEAVIER}"
        ).fetchall()
        self._connection.executemany(
            "UPDATE vocabulary SET weight = ? WHERE number = ?",
            [(_weight(documents), number) for documents, number in heavier],
        )

    def drop(self, numbers: Iterable[int]) -> list[int]:
        """Forget those of these words that no document holds any more; which they were."""
        gone = [
            number
            for number in numbers
            if self._connection.execute(
                "DELETE FROM vocabulary WHERE number = ? AND documents <= 0", (number,)
            ).rowcount
        ]
        for number in gone:
            self._numbers.pop(self._keys.pop(number, ""), None)
        if gone:
            self._forms.clear()
        self._connection.executemany(
            "DELETE FROM forms WHERE number = ?", [(number,) for number in gone]
        )
        return gone

    def drop_unused(self) -> None:
        """Forget every word that no document holds."""
        self._connection.execute(
            "DELETE FROM forms WHERE number IN (SELECT number FROM vocabulary WHERE documents <= 0)"
        )
        self._connection.execute("DELETE FROM vocabulary WHERE documents <= 0")

    def add_forms(self, forms: Iterable[tuple[str, int]]) -> None:
        """Note how words, by number (0: none), are written in texts that may be shown."""
        new = sorted(one for one in forms if one[1] and one[0] not in self._forms)
        self._connection.executemany("INSERT OR IGNORE INTO forms VALUES (?, ?)", new)
        self._forms.update(new)

    def forget(self) -> None:
        """Give back the memory for words met lately, should it be much."""
        if len(self._numbers) + len(self._forms) < MOST_WORDS:
            return
        if self._whole:
            self.end_bulk()
        self._keys.clear()
        self._numbers.clear()
        self._forms.clear()


def _weight(documents: int) -> int:
    """The least weight that so many documents do not reach (``index.most_documents``)."""
    return max(0, documents.bit_length() - 4)
