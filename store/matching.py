"""Owns turning a parsed query into one index expression: variants, compounds, filters, advice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from store.columns import Labels
from store.german import (
    COMPOUND_LETTERS,
    NO_HEADS,
    STOP_WORDS,
    Word,
    is_compound,
    key,
    normal,
    spellings,
    words,
)
from store.index import FILTER_LETTERS, filter_key
from store.language import Filter, Request, Term
from store.types import KINDS, STATES

#: Compounds that a word may bring in, the most frequent ones (DESIGN section 4), and how many
#: words with its ending are looked at for them.
MOST_COMPOUNDS = 60
MOST_ENDINGS = 2_000

#: Keys of one or two letters and numbers are no parts of compounds, and nobody mistypes them.
SHORTEST_TERM = 3

#: Spellings of a phrase that are tried; three words with two spellings each make eight.
MOST_PHRASES = 8

#: German names of the kinds, singular and plural, as a reader may type them.
KIND_NAMES = {
    "article": "meldung meldungen artikel",
    "press_release": "pressemitteilung pressemitteilungen presse",
    "interview": "interview interviews gespräch",
    "report": "bericht berichte hintergrund kommentar meinung",
    "study": "studie studien",
    "video": "video videos",
    "event": "veranstaltung veranstaltungen termin termine",
    "notice": "bekanntmachung bekanntmachungen hinweis",
}

FACET_NAMES = {"topic": "Thema", "state": "Land", "source": "Quelle", "kind": "Art"}

#: Words in which a slip is looked for: shorter ones are one letter from everything.
SHORTEST_SLIP = 4
LONGEST_SLIP = 30

_LETTERS = "abcdefghijklmnopqrstuvwxyzäöü0123456789"


@dataclass(frozen=True, slots=True)
class Match:
    """An expression for the index (empty: everything), the keys to mark, what to tell."""

    expression: str
    terms: tuple[str, ...]
    notes: tuple[str, ...]
    #: words as typed that occur nowhere
    unknown: tuple[str, ...]
    #: whether there are words to rank by
    ranks: bool


class Matcher:
    """Knows the index's vocabulary and labels as of one state of the files."""

    def __init__(
        self, index: sqlite3.Connection, archive: sqlite3.Connection, labels: Labels
    ) -> None:
        self._index = index
        self._labels = labels
        self._names = {facet: dict[str, str]() for facet in FILTER_LETTERS}
        for topic_id, label in archive.execute("SELECT id, label FROM topics"):
            self._names["topic"][topic_id.casefold()] = topic_id
            self._names["topic"][label.casefold()] = topic_id
        for code, label in STATES.items():
            short = code.removeprefix("DE-")
            for name in (code, short, label, {"NW": "NRW", "MV": "MeckPomm"}.get(short, code)):
                self._names["state"][name.casefold()] = code
        for source_id, name in archive.execute("SELECT id, name FROM sources ORDER BY id DESC"):
            self._names["source"][name.casefold()] = source_id
            self._names["source"][source_id.casefold()] = source_id
        for kind in KINDS:
            for name in (kind, *KIND_NAMES[kind].split()):
                self._names["kind"][name] = kind
        self._compounds: dict[str, tuple[str, ...]] = {}

    def match(self, request: Request, facets: dict[str, tuple[str, ...]]) -> Match:
        """The expression for a request with facet values chosen beside it."""
        notes = list(request.notes)
        unknown: list[str] = []
        marked: list[str] = []
        parts = []
        for group in self._without_stop_words(request.groups):
            choices = []
            for term in group:
                expression, terms = self._term(term)
                if not expression:
                    unknown.append(term.text)
                    expression = _quoted([key(term.text)])
                choices.append(expression)
                marked += terms
            parts.append(_any(choices))
        ranks = bool(parts)
        chosen: dict[str, set[str]] = {facet: set(values) for facet, values in facets.items()}
        refused = []
        for wish in request.filters:
            value = self._value(wish)
            if value is None:
                notes.append(f"{FACET_NAMES[wish.facet]} „{wish.value}“ ist unbekannt.")
            elif wish.negative:
                refused.append(self._label(wish.facet, value))
            else:
                chosen[wish.facet].add(value)
        for facet, values in chosen.items():
            if values:
                parts.append(_any([self._label(facet, value) for value in sorted(values)]))
        for term in request.excluded:
            expression, _ = self._term(term)
            if expression:
                refused.append(expression)
        if refused and not parts:
            parts.append('"_all"')
        expression = " AND ".join(parts)
        if refused:
            expression = f"({expression})" + "".join(f" NOT ({part})" for part in refused)
        return Match(
            expression=expression,
            terms=tuple(dict.fromkeys(marked)),
            notes=tuple(notes),
            unknown=tuple(unknown),
            ranks=ranks,
        )

    @staticmethod
    def _without_stop_words(groups: list[list[Term]]) -> list[list[Term]]:
        kept = [
            group
            for group in groups
            if any(
                term.phrase or term.prefix or term.text.lower() not in STOP_WORDS for term in group
            )
        ]
        return kept or groups

    def _value(self, wish: Filter) -> str | None:
        """The value a reader means: by id, name, or the only name that begins so."""
        names = self._names[wish.facet]
        wanted = wish.value.casefold().strip()
        if wanted in names:
            return names[wanted]
        begun = {value for name, value in names.items() if wanted and name.startswith(wanted)}
        return begun.pop() if len(begun) == 1 else None

    def _label(self, facet: str, value: str) -> str:
        number = self._labels.number(facet, value)
        # A value that no document carries must match nothing rather than be dropped.
        return f'"{filter_key(facet, number)}"' if number is not None else '"_none"'

    def _term(self, term: Term) -> tuple[str, list[str]]:
        """The term's expression (empty if no spelling of it is in the index) and its keys."""
        written = list(words(normal(term.text)))
        if not written:
            return "", []
        if term.prefix and len(written) == 1 and written[0].joined is None:
            beginning = "".join(filter(str.isalnum, term.text.lower().replace("ß", "ss")))
            return f'("{beginning}" * OR {_quoted([key(term.text)])})', [
                f"{beginning}*",
                key(term.text),
            ]
        if len(written) == 1:
            return self._word(written[0], term)
        # Several words stand as a phrase, and phrases see public text only.
        options = [self._spelled(word) for word in written]
        phrases = [
            _quoted([part for keys in choice for part in keys])
            for choice in list(product(*options))[:MOST_PHRASES]
        ]
        terms = [part for choice in options for keys in choice for part in keys]
        return f"{{title text}} : {_any(phrases)}", terms

    def _word(self, word: Word, term: Term) -> tuple[str, list[str]]:
        if word.joined is not None:
            expression = (
                f"({{title text}} : {_quoted(list(word.keys))} OR {_quoted([word.joined])})"
                if len(word.keys) > 1
                else _any([_quoted([word.keys[0]]), _quoted([word.joined])])
            )
            # Marked as one: a lone E is no E-Akte.
            return expression, [word.joined]
        keys = [keys[0] for keys in self._spelled(word, term.text)]
        # In quotes a word means itself.
        heads = [] if term.phrase else keys
        compounds = [compound for head in heads for compound in self._compounds_of(head)]
        everything = list(dict.fromkeys([*keys, *compounds]))
        known = [one for one in everything if one in compounds or self._occurs(one)]
        return _any([_quoted([one]) for one in known]) if known else "", everything

    def _spelled(self, word: Word, text: str = "") -> list[tuple[str, ...]]:
        """The word's keys, then those of its other spellings that occur in the archive."""
        options = [word.keys]
        if text:
            for other in spellings(text):
                variant = tuple(part for piece in words(other) for part in piece.keys)
                if len(variant) == 1 and variant not in options and self._occurs(variant[0]):
                    options.append(variant)
        return options

    def _occurs(self, term: str) -> bool:
        """Whether any document holds the key."""
        row = self._index.execute(
            "SELECT 1 FROM keys WHERE keys MATCH ? LIMIT 1", (_quoted([term]),)
        ).fetchone()
        return row is not None

    def _compounds_of(self, head: str) -> tuple[str, ...]:
        """The compounds in the archive that end in the word, the most frequent ones."""
        if len(head) < COMPOUND_LETTERS or head in NO_HEADS or not head.isalpha():
            return ()
        known = self._compounds.get(head)
        if known is None:
            ending = head[::-1]
            rows = self._index.execute(
                "SELECT reversed FROM vocabulary WHERE reversed > ? AND reversed < ? "
                "ORDER BY documents DESC, reversed LIMIT ?",
                (ending, ending + "\U0010ffff", MOST_ENDINGS),
            )
            known = tuple(
                term
                for _, term in zip(range(MOST_COMPOUNDS), self._heads(rows, head), strict=False)
            )
            self._compounds[head] = known
        return known

    def _heads(self, rows: sqlite3.Cursor, head: str) -> Iterator[str]:
        for (backwards,) in rows:
            term = backwards[::-1]
            if term.isalpha() and is_compound(term, head, self._in_vocabulary):
                yield term

    def _in_vocabulary(self, term: str) -> bool:
        return self._documents(term) > 0

    def _documents(self, term: str) -> int:
        """How many documents hold the word; 0 for what is too short or no word."""
        if len(term) < SHORTEST_TERM or not term.isalpha():
            return 0
        row = self._index.execute(
            "SELECT documents FROM vocabulary WHERE reversed = ?", (term[::-1],)
        ).fetchone()
        return int(row[0]) if row else 0

    def advice(self, match: Match, *, dated: bool) -> str:
        """One German sentence for an empty answer: the likely word meant, if there is one.

        ``dated``: the query named a period, so an empty answer says nothing of the archive.
        """
        for text in match.unknown:
            meant = self._meant(text)
            if meant:
                meant = meant.capitalize() if text[0].isupper() else meant
                return f"Zu „{text}“ gibt es nichts. Meinten Sie „{meant}“?"
        if match.unknown:
            return f"Zu „{match.unknown[0]}“ gibt es nichts."
        if match.expression:
            return "Dazu gibt es nichts."
        return "In diesem Zeitraum gibt es nichts." if dated else "Das Archiv ist leer."

    def _meant(self, text: str) -> str | None:
        """The most frequent word of the archive one slip away: a letter more, less, other."""
        slip = key(text)
        if not SHORTEST_SLIP <= len(slip) <= LONGEST_SLIP:
            return None
        cuts = [(slip[:n], slip[n:]) for n in range(len(slip) + 1)]
        near = {a + b[1:] for a, b in cuts if b}
        near |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
        near |= {a + sign + b[1:] for a, b in cuts if b for sign in _LETTERS}
        near |= {a + sign + b for a, b in cuts for sign in _LETTERS}
        found = max(((self._documents(term), term) for term in sorted(near)), default=(0, ""))
        return found[1] if found[0] else None


def _quoted(keys: list[str]) -> str:
    """A phrase of the index's language; keys hold letters and digits only, so no escaping."""
    return '"' + " ".join(keys) + '"'


def _any(expressions: list[str]) -> str:
    return expressions[0] if len(expressions) == 1 else "(" + " OR ".join(expressions) + ")"
