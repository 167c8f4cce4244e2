"""What stands in a digest and when one is due: the news of a search, by topic and Land; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from datasette_config.archive import Label, Row
from store.outbox import Publication
from store.types import BERLIN

#: Daily and weekly digests (the latter on Mondays) are there when an office begins its day.
AT: Final = time(7, 0)
#: "At once" waits until nothing came for so long, but no longer than that: one round brings what
#: belongs together, and nobody wants five letters for five towns with the same news.
QUIET, PATIENCE = timedelta(minutes=10), timedelta(hours=1)
#: Entries shown of one digest; the rest is counted and one click away.
SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Group:
    """The entries of one topic and Land. ``topic``: None for those without."""

    topic: Label | None
    states: tuple[Label, ...]
    rows: tuple[Row, ...]

    @property
    def land(self) -> str:
        """The Länder in words; empty where there is none."""
        return ", ".join(state.label for state in self.states)


def due(rhythm: str, news: Sequence[Publication], looked_at: datetime, now: datetime) -> bool:
    """Whether a subscription is to be looked at; ``news``: what came since it was told last."""
    if rhythm == "instant":
        if not news:
            return False
        return now - news[-1].at >= QUIET or now - news[0].at >= PATIENCE
    return looked_at < last_turn(rhythm, now)


def last_turn(rhythm: str, now: datetime) -> datetime:
    """The newest moment at which a daily or weekly digest was due."""
    local = now.astimezone(BERLIN)
    day = local.date()
    if local.time() < AT:
        day -= timedelta(days=1)
    if rhythm == "weekly":
        day -= timedelta(days=day.weekday())
    return datetime.combine(day, AT, BERLIN)


def groups(rows: Sequence[Row], preferred: Sequence[str] = ()) -> list[Group]:
    """The rows by topic and, within, by Land; each stands once, under its strongest topic.

    ``preferred``: topics the search asked for, which come before stronger ones. The topics with
    most entries come first, the newest entries first within.
    """
    by_topic: dict[Label | None, list[Row]] = defaultdict(list)
    labels: dict[str, Label] = {}
    for row in rows:
        wanted = [one for one in row.topics if one.id in preferred] or list(row.topics)
        key = None
        if wanted:
            key = labels.setdefault(wanted[0].id, Label(wanted[0].id, wanted[0].label, 0.0))
        by_topic[key].append(row)
    found: list[Group] = []
    order = sorted(
        by_topic.items(), key=lambda one: (one[0] is None, -len(one[1]), one[0] and one[0].label)
    )
    for topic, members in order:
        by_land: dict[tuple[str, ...], list[Row]] = defaultdict(list)
        for row in members:
            by_land[tuple(sorted(state.id for state in row.states))].append(row)
        for states, theirs in sorted(by_land.items(), key=lambda one: (not one[0], one[0])):
            named = tuple(sorted(theirs[0].states, key=lambda state: state.label)) if states else ()
            newest = sorted(theirs, key=lambda row: row.published_at or row.first_seen)[::-1]
            found.append(Group(topic, named, tuple(newest)))
    return found
