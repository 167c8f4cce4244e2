"""What an editor should be alarmed of, read from the newsroom's own past; pure.

Each rule is a plain function from what is known to `store.alerts.Trouble`; `radar.alerts` asks
them after a round. Sources on probation, paused or out of the catalogue alarm nobody.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import fmean, pstdev
from typing import Final

from datasette_config.desk.condition import lost_fields
from store.alerts import Trouble
from store.desk import Filling
from store.free_days import free_days
from store.health import silence
from store.types import BERLIN, SourceStatus

#: A source that failed so often in a row, and for so long, is not only having a bad hour.
FAILURES, FAILING_FOR = 3, timedelta(hours=24)
#: The days that say what is usual, and how many like the one judged there must be among them.
USUAL_DAYS, LEAST_DAYS = 28, 4
#: Standard deviations from the mean that are no accident any more.
SIGMAS: Final = 2.0
#: Of a source that has fewer items a working day nothing can be said by counting one day.
LEAST_A_DAY: Final = 5.0
#: Model drift: a share of the last week against that of the four weeks before. Eighteen shares
#: are looked at each time, so that a difference counts from 4 standard errors on, and only if it
#: is of so many percentage points.
DRIFT_ERRORS, DRIFT_POINTS = 4.0, 0.05
DRIFT_LEAST: Final = 100


def is_watched(status: SourceStatus) -> bool:
    """Whether an editor expects the source to deliver."""
    return status.active and not status.source.paused and not status.on_probation


def of_source(
    status: SourceStatus,
    published: Sequence[datetime],
    filling: tuple[Filling, Filling] | None,
    now: datetime,
) -> Iterator[Trouble]:
    """A source that fails, whose layout is broken, or that went silent: one of them.

    ``published``: the newest items' times, newest first.
    """
    if not is_watched(status):
        return
    source = status.source
    result = status.last_run.result if status.last_run else None
    failing_since = status.last_success
    if result is not None and result.status == "failed":
        if result.http_status == 200:
            yield Trouble("layout", source.id, {"what": "list", "name": source.name})
        elif status.error_streak >= FAILURES and (
            failing_since is None or now - failing_since >= FAILING_FOR
        ):
            yield Trouble("failed", source.id, {
                "what": "failed", "name": source.name, "count": status.error_streak,
                "message": result.message,
            })  # fmt: skip
        return
    lost = lost_fields(filling)
    if lost:
        yield Trouble("layout", source.id, {"what": "fields", "name": source.name, "fields": lost})
        return
    quiet = silence(published, source.land, now)
    if quiet is not None and result is not None and result.status in ("ok", "unchanged"):
        yield Trouble("silent", source.id, {
            "what": "silent", "name": source.name, "days": quiet.days, "usual": quiet.usual,
        })  # fmt: skip


def of_volume(
    target: str,
    name: str,
    found: Sequence[datetime],
    land: str | None,
    watched_since: datetime,
    now: datetime,
    *,
    days: int,
) -> Iterator[Trouble]:
    """Yesterday's items outside the mean ± 2 standard deviations of the 28 days before.

    ``found``: when items were first seen. Working days are compared with working days, weekends
    and public holidays with their like. ``days``: so many comparable days in a row must be out on
    the same side. A source's first day does not count: it brings its past.
    """
    counts: dict[date, int] = {}
    for at in found:
        if at - watched_since >= timedelta(days=1):
            day = at.astimezone(BERLIN).date()
            counts[day] = counts.get(day, 0) + 1
    yesterday = now.astimezone(BERLIN).date() - timedelta(days=1)
    first = watched_since.astimezone(BERLIN).date() + timedelta(days=2)
    free = free_days(land, yesterday.year) | free_days(land, yesterday.year - 1)
    like = [
        day
        for back in range(USUAL_DAYS + days)
        if (day := yesterday - timedelta(days=back)) >= first
        and _is_free(day, free) == _is_free(yesterday, free)
    ]
    judged, usual = like[:days], [counts.get(day, 0) for day in like[days:]]
    if len(judged) < days or len(usual) < LEAST_DAYS or len(like) * 2 < _expected(yesterday, free):
        return
    mean = fmean(usual)
    if days > 1 and mean < LEAST_A_DAY:
        return
    # Counts scatter by the root of their mean at least, however even a short past looks.
    spread = SIGMAS * max(pstdev(usual), math.sqrt(mean))
    sides = {_side(counts.get(day, 0), mean, spread) for day in judged}
    if len(sides) == 1 and sides != {0}:
        yield Trouble("volume", target, {
            "what": "volume", "name": name, "found": counts.get(yesterday, 0), "mean": mean,
            "spread": spread, "free": _is_free(yesterday, free),
        })  # fmt: skip


def of_drift(
    lately: tuple[int, int, Mapping[str, int]],
    before: tuple[int, int, Mapping[str, int]],
    labels: Mapping[str, str],
) -> Iterator[Trouble]:
    """The model's doubts or a topic's share differ from those of the four weeks before.

    Both: items, those it was unsure of, and items by topic.
    """
    if min(lately[0], before[0]) < DRIFT_LEAST:
        return
    shares = {"": ("", lately[1], before[1])}
    for topic in sorted({*lately[2], *before[2]}):
        name = labels.get(topic, topic)
        shares[topic] = (name, lately[2].get(topic, 0), before[2].get(topic, 0))
    for topic, (name, new, old) in shares.items():
        now_share, then_share = new / lately[0], old / before[0]
        pooled = (new + old) / (lately[0] + before[0])
        error = math.sqrt(pooled * (1 - pooled) * (1 / lately[0] + 1 / before[0]))
        difference = now_share - then_share
        if abs(difference) >= DRIFT_POINTS and abs(difference) >= DRIFT_ERRORS * error:
            yield Trouble("drift", topic, {
                "what": "drift", "topic": name, "now": now_share, "before": then_share,
            })  # fmt: skip


def of_disk(free: int, wanted: float, newsroom: int) -> Iterator[Trouble]:
    """Less room than wanted, or than the newsroom once more. All in bytes."""
    need = max(wanted, newsroom)
    if free < need:
        yield Trouble("disk", "", {"what": "disk", "free": free, "need": need})


def of_backup(newest: datetime | None, hours: float, now: datetime) -> Iterator[Trouble]:
    """No backup for twice as long as one should take; ``hours`` 0: none is wanted."""
    if hours and (newest is None or now - newest > timedelta(hours=2 * hours)):
        age = None if newest is None else round((now - newest) / timedelta(hours=1))
        yield Trouble("backup", "", {"what": "backup", "hours": age})


def of_letters(given_up: Mapping[str, int]) -> Iterator[Trouble]:
    """Letters and calls that nobody took: ``digest``, ``confirm``, ``alert``, ``hook``."""
    for kind, count in sorted(given_up.items()):
        yield Trouble("undelivered", kind, {"what": "letters", "kind": kind, "count": count})


def _is_free(day: date, free: Collection[date]) -> bool:
    return day.weekday() >= 5 or day in free


def _expected(yesterday: date, free: Collection[date]) -> int:
    """How many days of the same kind four weeks have."""
    alike = _is_free(yesterday, free)
    days = (yesterday - timedelta(days=back) for back in range(USUAL_DAYS))
    return sum(_is_free(day, free) == alike for day in days)


def _side(count: int, mean: float, spread: float) -> int:
    """-1: too few, 1: too many, 0: as usual."""
    return (count > mean + spread) - (count < mean - spread)
