"""The site's reads of archive.db: everything it shows of items, tags and sources."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from store.types import BERLIN, EDITOR, STATES


@dataclass(frozen=True, slots=True)
class Label:
    """A topic or state as an item carries it."""

    id: str
    label: str
    score: float
    evidence: tuple[str, ...] = ()
    #: given by an editor, not by the model
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of the vocabulary."""

    id: str
    label: str
    description: str


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A source as the archive publishes it, with the state of its last crawls."""

    id: str
    name: str
    publisher: str
    homepage: str
    land: str | None
    kind: str
    licence: str
    display: str
    last_success: datetime | None
    last_new_item: datetime | None
    status: str
    status_message: str | None
    items: int


@dataclass(frozen=True, slots=True)
class Town:
    """A municipality or county; degrees are WGS 84, None where the register gives none."""

    ags: str
    name: str
    state: str
    lat: float | None
    lon: float | None

    @property
    def is_county(self) -> bool:
        """Whether it is a county: its key has five digits instead of eight."""
        return len(self.ags) == len("05314")


@dataclass(frozen=True, slots=True)
class Row:
    """An item as lists show it."""

    id: int
    url: str
    kind: str
    kicker: str | None
    title: str
    teaser: str | None
    published_at: datetime | None
    day_only: bool
    first_seen: datetime
    changed_at: datetime
    withdrawn_at: datetime | None
    duration_s: int | None
    source_id: str
    source: str
    topics: tuple[Label, ...]
    states: tuple[Label, ...]

    @property
    def day(self) -> date:
        """The Berlin day under which the item stands in a list."""
        return (self.published_at or self.first_seen).astimezone(BERLIN).date()


@dataclass(frozen=True, slots=True)
class Change:
    """One field that a new version changed."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Version:
    """A corrected version of an item: when it was seen, and what it changed.

    ``changes`` is empty where the correction lies in a part that the archive may not show.
    """

    number: int
    seen_at: datetime
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class RelatedLink:
    """A teaser that the item's own page shows of another page."""

    url: str
    title: str
    kicker: str | None
    date: str | None
    genre: str | None
    teaser: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """Everything the archive may show of one item."""

    row: Row
    body: str | None
    section: str | None
    author: str | None
    date_source: str | None
    views: int | None
    language: str | None
    publisher: str
    licence: str
    display: str
    review: bool
    cluster_id: int | None
    towns: tuple[Town, ...]
    versions: tuple[Version, ...]
    links: tuple[RelatedLink, ...]


_ROW = """
select i.*, s.name as source, s.publisher, s.licence, s.display
from items i join sources s on s.id = i.source_id
"""


class Archive:
    """Reads over one connection to archive.db, opened read-only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._connection.row_factory = sqlite3.Row
        self._version = -1
        self._topics: dict[str, Topic] | None = None
        self._sources: dict[str, SourceHealth] | None = None

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection, for reads that only one page makes (``inventory``)."""
        return self._connection

    def topics(self) -> dict[str, Topic]:
        """The vocabulary in its own order, by id. Shared: not to be changed."""
        self._forget_what_changed()
        if self._topics is None:
            found = self._all("select id, label, description from topics order by position")
            self._topics = {row["id"]: Topic(**row) for row in found}
        return self._topics

    def sources(self) -> dict[str, SourceHealth]:
        """Every source by id, ordered by name. Shared: not to be changed."""
        self._forget_what_changed()
        if self._sources is None:
            columns = (
                "id, name, publisher, homepage, land, kind, licence, display, last_success, "
                "last_new_item, status, status_message, items"
            )
            found = self._all(f"select {columns} from sources order by name collate nocase")
            times = ("last_success", "last_new_item")
            self._sources = {
                row["id"]: SourceHealth(**{**row, **{name: _time(row[name]) for name in times}})
                for row in found
            }
        return self._sources

    def source(self, source_id: str) -> SourceHealth | None:
        """One source; None where there is none of that name."""
        return self.sources().get(source_id)

    def towns(self, keys: Sequence[str]) -> dict[str, Town]:
        """The towns of these keys (AGS) that any item is set in, by key."""
        marks = ",".join("?" * len(keys))
        found = self._all(
            "select ags, name, state_code as state, lat, lon from item_places "
            f"where ags in ({marks}) group by ags",
            keys,
        )
        return {row["ags"]: Town(**row) for row in found}

    def source_names(self) -> dict[str, str]:
        """The name of each source, by id."""
        return {source.id: source.name for source in self.sources().values()}

    def info(self) -> dict[str, str]:
        """What the archive says of itself: when it was published, and so on."""
        return {row["key"]: row["value"] for row in self._all("select key, value from info")}

    def rows(self, ids: Sequence[int]) -> list[Row]:
        """The items of these ids in this order; an id that is gone is left out."""
        marks = ",".join("?" * len(ids))
        found = {r["id"]: r for r in self._all(f"{_ROW} where i.id in ({marks})", ids)}
        topics, states = self._labels(found)
        return [_row(found[i], topics[i], states[i]) for i in ids if i in found]

    def item(self, item_id: int) -> Item | None:
        """One item with its versions and links; None where the archive has none."""
        found = self._all(f"{_ROW} where i.id = ?", [item_id])
        if not found:
            return None
        row = found[0]
        topics, states = self._labels([item_id])
        return Item(
            row=_row(row, topics[item_id], states[item_id]),
            towns=self._towns(item_id),
            versions=self._versions(item_id),
            links=self._links(item_id),
            review=bool(row["review"]),
            **{
                name: row[name]
                for name in (
                    "body", "section", "author", "date_source", "views", "language",
                    "publisher", "licence", "display", "cluster_id",
                )
            },
        )  # fmt: skip

    def siblings(self, cluster_id: int, but: int) -> list[Row]:
        """The other items of a cluster, the earliest first."""
        found = self._all(
            "select id from items where cluster_id = ? and id != ? "
            "order by coalesce(published_at, first_seen), id limit 50",
            [cluster_id, but],
        )
        return self.rows([row["id"] for row in found])

    def _forget_what_changed(self) -> None:
        """Every page asks for all topics and sources; they change when something is published."""
        version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._topics = self._sources = None
            self._version = version

    def _labels(
        self, ids: Iterable[int]
    ) -> tuple[dict[int, tuple[Label, ...]], dict[int, tuple[Label, ...]]]:
        chosen = list(ids)
        marks = ",".join("?" * len(chosen))
        topics: dict[int, tuple[Label, ...]] = defaultdict(tuple)
        for row in self._all(
            "select item_id, t.id, t.label, score, evidence, model_id from item_topics "
            f"join topics t on t.id = topic_id where item_id in ({marks}) order by score desc",
            chosen,
        ):
            topics[row["item_id"]] += (
                Label(
                    row["id"], row["label"], row["score"], _evidence(row["evidence"]),
                    row["model_id"] == EDITOR,
                ),
            )  # fmt: skip
        states: dict[int, tuple[Label, ...]] = defaultdict(tuple)
        for row in self._all(
            "select item_id, state_code, score, evidence, model_id from item_states "
            f"where item_id in ({marks}) order by score desc",
            chosen,
        ):
            code = row["state_code"]
            states[row["item_id"]] += (
                Label(
                    code, STATES.get(code, code), row["score"], _evidence(row["evidence"]),
                    row["model_id"] == EDITOR,
                ),
            )  # fmt: skip
        return topics, states

    def _towns(self, item_id: int) -> tuple[Town, ...]:
        found = self._all(
            "select ags, name, state_code as state, lat, lon from item_places "
            "where item_id = ? order by name",
            [item_id],
        )
        return tuple(Town(**row) for row in found)

    def _versions(self, item_id: int) -> tuple[Version, ...]:
        found = self._all(
            "select number, seen_at, changes from versions where item_id = ? order by number desc",
            [item_id],
        )
        versions: list[Version] = []
        for row in found:
            changes = tuple(Change(**change) for change in json.loads(row["changes"]))
            seen = datetime.fromisoformat(row["seen_at"])
            versions.append(Version(row["number"], seen, changes))
        return tuple(versions)

    def _links(self, item_id: int) -> tuple[RelatedLink, ...]:
        found = self._all(
            "select url, title, kicker, date, genre, teaser from item_links "
            "where item_id = ? order by position",
            [item_id],
        )
        return tuple(RelatedLink(**row) for row in found)

    def _all(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute(sql, parameters)]


def _row(row: dict[str, Any], topics: tuple[Label, ...], states: tuple[Label, ...]) -> Row:
    names = ("id", "url", "kind", "kicker", "title", "teaser", "duration_s", "source_id", "source")
    return Row(
        **{name: row[name] for name in names},
        published_at=_time(row["published_at"]),
        day_only=bool(row["day_only"]),
        first_seen=datetime.fromisoformat(row["first_seen"]),
        changed_at=datetime.fromisoformat(row["changed_at"]),
        withdrawn_at=_time(row["withdrawn_at"]),
        topics=topics,
        states=states,
    )


def _time(raw: str | None) -> datetime | None:
    return datetime.fromisoformat(raw) if raw else None


def _evidence(raw: str) -> tuple[str, ...]:
    return tuple(str(word) for word in json.loads(raw))
