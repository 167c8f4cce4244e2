"""Owns answering queries over search.db: newest first or by relevance, counted, marked."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from store.columns import Columns, Labels, Places
from store.completion import completions
from store.counting import Counting
from store.index import INDEX_VERSION, PLACES
from store.language import parse_query
from store.marks import Terms
from store.matching import Match, Matcher
from store.paging import Paging
from store.place_sets import PlaceSet
from store.recent import last_batch, touched_since
from store.schema import StoreError, connect
from store.shown import Hit, load_hits
from store.similar import similar_documents
from store.slips import meant
from store.towns import Towns
from store.types import BERLIN
from store.vocabulary import Lexicon

#: Counts kept for the same question, and whole answers, while the files are unchanged: of a million
#: documents 32 MB at most.
CACHED_ANSWERS = 256

#: Kilobytes of each file held in memory while it is read.
CACHE_KB = 16_000


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. Several values of one facet: any of them; different facets: all of them.

    ``since`` and ``until`` bound when an item was published (or first seen), both inclusive: a
    date is that whole day in Berlin, a datetime that minute. Given the wrong way round they are
    swapped, and the answer's ``note`` says so.
    ``order`` is ``date`` (newest first) or ``relevance``.
    """

    text: str = ""
    topics: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    #: official keys (AGS) of towns and counties
    towns: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    order: str = "date"
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Results:
    """The answer. Near-duplicates count once, under the item that stands for them.

    ``facets``: for ``topic``, ``state``, ``source`` and ``kind`` the values that occur with how
    often, most frequent first; for ``town`` the most frequent ones (``towns.MOST_TOWNS``).
    ``months``: (``2026-03``, count) in order of time, without gaps.
    ``note``: one line in German when the question was not taken as typed, or nothing was found.
    ``meant``: the query with words put right that occur nowhere, from the archive's own words.
    ``terms``: the keys to mark (``store.marks.Terms``).
    """

    hits: tuple[Hit, ...]
    total: int
    facets: dict[str, tuple[tuple[str, int], ...]]
    months: tuple[tuple[str, int], ...]
    note: str | None
    meant: str | None
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Counted:
    """All matches of one question: the documents that stand for them, and their counts."""

    total: int
    kept: PlaceSet
    facets: dict[str, tuple[tuple[str, int], ...]]
    months: tuple[tuple[str, int], ...]


class Search:
    """An open search engine; may be called from several threads, one at a time inside.

    Sees what was published as soon as it is committed. A context manager. The dictionary (a
    second, 110 MB) is read when the first word is asked for that stands nowhere in the archive.
    """

    def __init__(self, search: Path, archive: Path) -> None:
        """Open both files for reading; raises ``StoreError`` if one is missing or outdated."""
        self._index = connect(search, read_only=True)
        self._archive = connect(archive, read_only=True)
        version = self._index.execute("PRAGMA user_version").fetchone()[0]
        if version != INDEX_VERSION:
            raise StoreError(
                f"{search}: the index has version {version}, this program reads {INDEX_VERSION}. "
                "Run `radar publish`; it rebuilds the index."
            )
        for connection in (self._index, self._archive):
            connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        self._lexicon = Lexicon(self._index)
        self._lock = Lock()
        self._version = self._shown = -1
        #: the last batch whose items are in the columns
        self._batch: tuple[int, int] | None = None
        self._columns: Columns
        self._matcher: Matcher
        self._counting: Counting
        self._paging: Paging
        self._towns: Towns | None = None
        self._counts: OrderedDict[tuple[str, int, int, tuple[str, ...]], _Counted] = OrderedDict()
        self._answers: OrderedDict[tuple[Query, bool], Results] = OrderedDict()
        self._refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close both files."""
        self._index.close()
        self._archive.close()

    def run(self, query: Query, *, counts: bool = True) -> Results:
        """The answer to any query; never raises for what a reader typed.

        ``counts=False`` leaves out total (then the number of hits on this page), facets and
        months, which for a very common word takes a tenth of the time.
        """
        with self._state():
            asked = (query, counts)
            if asked in self._answers:
                self._answers.move_to_end(asked)
                return self._answers[asked]
            answer = self._answers[asked] = self._run(query, counts)
            if len(self._answers) > CACHED_ANSWERS:
                self._answers.popitem(last=False)
            return answer

    def similar(self, item_id: int, limit: int = 5) -> tuple[Hit, ...]:
        """The items most like this one by the words they hold, the likeliest first.

        Reprints of it are among them; of other clusters one member. Empty for an item that is not
        public.
        """
        with self._state():
            # Twice as many, for reprints that stand for one another.
            found = similar_documents(self._index, self._columns, item_id, 2 * limit + 10)
            own = self._columns.cluster_of(item_id)
            kept: list[int] = []
            seen: set[int] = set()
            for number in found:
                cluster, _ = self._columns.cluster(number)
                if not cluster or cluster == own or cluster not in seen:
                    kept.append(number)
                    seen.add(cluster)
            return load_hits(self._archive, self._columns.item_ids(kept[:limit]), Terms(()))

    def completions(self, beginning: str, limit: int = 8) -> tuple[str, ...]:
        """Words of the archive that begin so, the most frequent first; see ``completion``."""
        with self._state():
            return completions(self._index, beginning, limit)

    @contextmanager
    def _state(self) -> Iterator[None]:
        """One state of the index for a whole answer: its columns are held in memory."""
        with self._lock:
            self._index.execute("BEGIN")
            try:
                self._refresh()
                yield
            finally:
                self._index.execute("ROLLBACK")

    def _run(self, query: Query, counts: bool) -> Results:
        match = self._matcher.match(
            parse_query(query.text),
            {
                "topic": query.topics,
                "state": query.states,
                "source": query.sources,
                "kind": query.kinds,
            },
        )
        lowest, highest = _bounds(query.since, query.until)
        offset, limit = max(0, query.offset), max(0, query.limit)
        notes = list(match.notes)
        if lowest > highest:
            lowest, highest = _bounds(query.until, query.since)
            notes.append("Anfang und Ende des Zeitraums wurden vertauscht.")
        offered = None
        if match.unknown:
            offered = meant(query.text, match.unknown, self._lexicon, self._matcher.documents)
        by_relevance = query.order == "relevance" and match.groups
        if counts or query.towns:
            counted, places = self._counted(match, lowest, highest, query.towns)
            if by_relevance:
                page = self._paging.best(match, places, offset, limit)
            else:
                page = self._paging.last(places, offset, limit)
            total, facets, months = counted.total, counted.facets, counted.months
            if not total:
                dated = query.since is not None or query.until is not None
                notes.append(_advice(match, offered, dated=dated))
        else:
            if by_relevance:
                places = self._counting.places(match, lowest, highest)
                places = self._columns.representatives(places)
                page = self._paging.best(match, places, offset, limit)
            else:
                page = self._paging.newest(match, lowest, highest, offset, limit)
            total, facets, months = len(page), {}, ()
        return Results(
            hits=load_hits(self._archive, self._columns.item_ids(page), self._terms(match)),
            total=total,
            facets=facets,
            months=months,
            note=" ".join(dict.fromkeys(notes)) or None,
            meant=offered,
            terms=match.terms,
        )

    def _terms(self, match: Match) -> Terms:
        """What to mark, looked for by the forms that the archive's texts have."""
        known = {word.key: word for group in match.groups for one in group for word in one.words}
        words = [known.get(term) or self._lexicon.find(term) for term in match.terms]
        forms = self._lexicon.forms_of(word for word in words if word is not None)
        return Terms(match.terms, forms=forms, key_of=self._lexicon.key_of)

    def _refresh(self) -> None:
        """Take notice of what was published since the last question."""
        # The index first: what a batch changes in it stands in the archive already.
        version = self._index.execute("PRAGMA data_version").fetchone()[0]
        shown = self._archive.execute("PRAGMA data_version").fetchone()[0]
        if (version, shown) == (self._version, self._shown):
            return
        self._answers.clear()
        labels = Labels(self._index)
        self._matcher = Matcher(self._index, self._archive, labels)
        if version != self._version:
            self._take_over(labels)
        self._version, self._shown = version, shown

    def _take_over(self, labels: Labels) -> None:
        """Bring what is held in memory up to date with the index."""
        touched = None
        if self._batch is not None:
            touched = touched_since(self._index, *self._batch)
        if touched is None:
            self._columns = Columns(self._index, labels)
            self._towns = None
        elif touched:
            self._columns = self._columns.changed(self._index, labels, touched)
            if self._towns is not None:
                self._towns.change(self._columns, touched)
        if touched is None or touched:
            self._counting = Counting(self._index, self._columns)
            self._paging = Paging(self._index, self._columns, self._counting)
            self._counts.clear()
        self._batch = last_batch(self._index)

    def _counted(
        self, match: Match, lowest: int, highest: int, chosen: tuple[str, ...]
    ) -> tuple[_Counted, Places]:
        """The counts of a question, and the places of what answers it."""
        asked = (match.expression, lowest, highest, chosen)
        if asked in self._counts:
            self._counts.move_to_end(asked)
            return self._counts[asked], self._counts[asked].kept.places()
        if self._towns is None:
            self._towns = Towns(self._archive, self._columns)
        places = self._counting.places(match, lowest, highest)
        if chosen:
            places = self._towns.among(places, chosen)
        places = self._columns.representatives(places)
        counted = self._counts[asked] = _Counted(
            total=len(places),
            kept=PlaceSet(places, len(self._columns)),
            facets={**self._columns.facets(places), "town": self._towns.counts(places)},
            months=self._columns.months(places),
        )
        if len(self._counts) > CACHED_ANSWERS:
            self._counts.popitem(last=False)
        return counted, places


def _advice(match: Match, offered: str | None, *, dated: bool) -> str:
    """One German sentence for an empty answer: the likely word meant, if there is one.

    ``dated``: the query named a period, so an empty answer says nothing of the archive.
    """
    if match.unknown:
        told = f"Zu „{match.unknown[0]}“ gibt es nichts."
        return told if offered is None else f"{told} Meinten Sie „{offered}“?"
    if match.expression:
        return "Dazu gibt es nichts."
    return "In diesem Zeitraum gibt es nichts." if dated else "Das Archiv ist leer."


def _bounds(since: date | None, until: date | None) -> tuple[int, int]:
    """The lowest and highest document number of a span of time."""
    lowest = _minute(since, time.min) * PLACES if since else 0
    highest = (_minute(until, time.max) + 1) * PLACES - 1 if until else 2**62
    return lowest, highest


def _minute(day: date, at: time) -> int:
    moment = day if isinstance(day, datetime) else datetime.combine(day, at, tzinfo=BERLIN)
    return int(moment.timestamp()) // 60
