"""Owns turning a parsed query into what the index is asked: variants, compounds, filters."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, product

from store.columns import Labels
from store.compounds import COMPOUND_LETTERS, NO_HEADS, is_compound
from store.german import STOP_WORDS, Word, normal, words
from store.index import FILTER_LETTERS, filter_key
from store.language import Filter, Request, Term
from store.lemmas import spellings
from store.types import KINDS, STATES
from store.vocabulary import Known, Lexicon

#: Compounds that a word may bring in, the most frequent ones (DESIGN section 4), and how many
#: words with its ending are looked at for them where the dictionary does not have the word.
MOST_COMPOUNDS = 60
MOST_ENDINGS = 2_000

#: Keys of one or two letters and numbers are no parts of compounds.
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


@dataclass(frozen=True, slots=True)
class Choice:
    """What may answer one term: words of the archive, or (``phrase``) an expression of its own."""

    words: tuple[Known, ...] = ()
    phrase: str = ""

    @property
    def expression(self) -> str:
        """For the index; of a choice without anything one that matches nothing."""
        options = [self.phrase] if self.phrase else []
        return _any([*options, *(quoted([word.key]) for word in self.words)] or ['"_none"'])


@dataclass(frozen=True, slots=True)
class Match:
    """What the index is asked.

    Every group must be answered by one of its choices, none of ``refused``. ``labels`` are the
    numbers chosen of each facet (None: a value that no document carries), ``refused_labels``
    those that must not be carried. ``terms``: the keys to mark; ``unknown``: words as typed that
    occur nowhere.
    """

    groups: tuple[tuple[Choice, ...], ...]
    refused: tuple[Choice, ...]
    labels: dict[str, tuple[int | None, ...]]
    refused_labels: tuple[tuple[str, int | None], ...]
    terms: tuple[str, ...]
    notes: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def expression(self) -> str:
        """The same for FTS5; empty: everything."""
        labels = [
            _any([_label(facet, number) for number in numbers])
            for facet, numbers in self.labels.items()
        ]
        return self._asked(labels, [_label(*one) for one in self.refused_labels])

    @property
    def words(self) -> str:
        """The part of it that asks for words, whatever labels the documents carry."""
        return self._asked([], [])

    def _asked(self, labels: list[str], refused_labels: list[str]) -> str:
        parts = [_any([choice.expression for choice in group]) for group in self.groups] + labels
        refused = refused_labels + [choice.expression for choice in self.refused]
        if refused and not parts:
            parts.append('"_all"')
        expression = " AND ".join(parts)
        if refused:
            expression = f"({expression})" + "".join(f" NOT ({part})" for part in refused)
        return expression


class Matcher:
    """Knows the index's vocabulary and labels as of one state of the files."""

    def __init__(
        self, index: sqlite3.Connection, archive: sqlite3.Connection, labels: Labels
    ) -> None:
        self._lexicon = Lexicon(index)
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
        self._compounds: dict[str, tuple[Known, ...]] = {}

    def match(self, request: Request, facets: dict[str, tuple[str, ...]]) -> Match:
        """What to ask for a request with facet values chosen beside it."""
        notes = list(request.notes)
        unknown: list[str] = []
        marked: list[str] = []
        groups = []
        for group in self._without_stop_words(request.groups):
            choices = []
            for term in group:
                choice, terms, missing = self._term(term)
                choices.append(choice)
                marked += terms
                unknown += missing
            groups.append(tuple(choices))
        chosen: dict[str, set[str]] = {facet: set(values) for facet, values in facets.items()}
        refused_labels = []
        for wish in request.filters:
            value = self._value(wish)
            if value is None:
                notes.append(f"{FACET_NAMES[wish.facet]} „{wish.value}“ ist unbekannt.")
            elif wish.negative:
                refused_labels.append((wish.facet, self._labels.number(wish.facet, value)))
            else:
                chosen[wish.facet].add(value)
        refused = [self._term(term)[0] for term in request.excluded]
        return Match(
            groups=tuple(groups),
            refused=tuple(choice for choice in refused if choice.words or choice.phrase),
            labels={
                facet: tuple(self._labels.number(facet, value) for value in sorted(values))
                for facet, values in chosen.items()
                if values
            },
            refused_labels=tuple(refused_labels),
            terms=tuple(dict.fromkeys(marked)),
            notes=tuple(notes),
            unknown=tuple(unknown),
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

    def _term(self, term: Term) -> tuple[Choice, list[str], list[str]]:
        """What may answer the term, its keys, and which of its words occur nowhere."""
        text = normal(term.text)
        written = list(words(text, self._lexicon.key_of))
        if not written:
            return Choice(), [], [term.text]
        if term.prefix and len(written) == 1 and written[0].joined is None:
            beginning = "".join(filter(str.isalnum, text.lower().replace("ß", "ss")))
            whole = written[0].keys[0]
            return (
                Choice(self._known([whole]), f'"{beginning}" *'),
                [f"{beginning}*", whole],
                [],
            )
        if len(written) == 1:
            choice, terms = self._word(written[0], alone=term.phrase)
            return choice, terms, [] if choice.words or choice.phrase else [term.text]
        # Several words stand as a phrase, and phrases see public text only.
        options = [self._spelled(word) for word in written]
        phrases = [
            quoted([part for keys in choice for part in keys])
            for choice in islice(product(*options), MOST_PHRASES)
        ]
        terms = [part for choice in options for keys in choice for part in keys]
        missing = [
            text[word.start : word.end]
            for word in written
            if len(word.keys) == 1 and not self._known([word.keys[0], *spellings(word.keys[0])])
        ]
        return Choice(phrase=f"{{title text}} : {_any(phrases)}"), terms, missing

    def _word(self, word: Word, *, alone: bool) -> tuple[Choice, list[str]]:
        """What may answer one word; ``alone``: in quotes a word means itself."""
        if word.joined is not None:
            # Marked as one: a lone E is no E-Akte.
            if len(word.keys) == 1:
                return Choice(self._known([word.keys[0], word.joined])), [word.joined]
            if len(self._known(word.keys)) < len(word.keys):
                return Choice(self._known([word.joined])), [word.joined]
            phrase = f"{{title text}} : {quoted(word.keys)}"
            return Choice(self._known([word.joined]), phrase), [word.joined]
        keys = [keys[0] for keys in self._spelled(word)]
        found = {known.key: known for known in self._known(keys)}
        if not alone:
            found |= {one.key: one for head in keys for one in self._compounds_of(head)}
        return Choice(tuple(found.values())), list(dict.fromkeys([*keys, *found]))

    def documents(self, word: str) -> int:
        """How many documents hold the word or one of its compounds; one with several counts more.

        For a word without hyphens.
        """
        choice, _, _ = self._term(Term(word))
        return sum(known.documents for known in choice.words)

    def _known(self, keys: Iterable[str]) -> tuple[Known, ...]:
        return tuple(found for one in keys if (found := self._lexicon.find(one)) is not None)

    def _spelled(self, word: Word) -> list[tuple[str, ...]]:
        """The word's keys, then those of its other spellings that occur in the archive."""
        options = [word.keys]
        if len(word.keys) == 1:
            options += [(known.key,) for known in self._known(spellings(word.keys[0]))]
        return options

    def _compounds_of(self, head: str) -> tuple[Known, ...]:
        """The compounds in the archive that end in the word, the most frequent ones."""
        if len(head) < COMPOUND_LETTERS or head in NO_HEADS or not head.isalpha():
            return ()
        found = self._compounds.get(head)
        if found is None:
            found = self._compounds[head] = tuple(self._heads(head))
        return found

    def _heads(self, head: str) -> Iterable[Known]:
        known = self._lexicon.find(head)
        if known is not None and known.seams & 1:
            # The dictionary has the word, and where it ends others was found out when those came.
            return self._lexicon.ending_in(head, MOST_COMPOUNDS, seam=True)
        compounds = (
            one
            for one in self._lexicon.ending_in(head, MOST_ENDINGS, seam=False)
            if one.key.isalpha() and is_compound(one.key, head, self._in_vocabulary)
        )
        return islice(compounds, MOST_COMPOUNDS)

    def _in_vocabulary(self, term: str) -> bool:
        return len(term) >= SHORTEST_TERM and term.isalpha() and bool(self._known([term]))


def _label(facet: str, number: int | None) -> str:
    # A value that no document carries must match nothing rather than be dropped.
    return '"_none"' if number is None else f'"{filter_key(facet, number)}"'


def quoted(keys: Sequence[str]) -> str:
    """A phrase of the index's language; keys hold letters and digits only, so no escaping."""
    return '"' + " ".join(keys) + '"'


def _any(expressions: list[str]) -> str:
    return expressions[0] if len(expressions) == 1 else "(" + " OR ".join(expressions) + ")"
