"""When a source is worth asking again: its own rhythm, what its server wishes, what went wrong.

Pure: what is known of a source and the clock in, a moment and the reasons out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim

from store.free_days import free_days
from store.types import BERLIN, Plan, SourceStatus, Wishes

#: Bounds of the adaptive interval (those of Media Cloud's rss-fetcher).
SHORTEST, LONGEST = timedelta(minutes=10), timedelta(hours=24)
#: How far back a source's rhythm is read.
RHYTHM = timedelta(days=28)
#: After our own outage everything is asked again this soon.
OUTAGE_PAUSE = timedelta(minutes=5)
#: What one request may cost, in ∛hours. An item that is found d hours late costs ∛d: news is most
#: missed in its first hours. With the rate λ(t) of new items and r(t) of requests, the expected sum
#: of these costs, ∫ ¾ λ r^-⅓, plus the price of ∫ r requests is least for r = (λ / 4·price)^¾.
#: (With a cost of d itself this is the square-root rule of Cho and Garcia-Molina, 2003, which
#: spends more on those who hardly publish.) The price is the one at which
#: ``benchmarks/schedule.py`` makes no more requests than Miniflux would.
PRICE = 0.38
#: A source of which nothing is known counts as one that has this many items in four weeks.
UNKNOWN_ITEMS = 14.0
#: What is rare is not never: every source is expected to have so many more in four weeks, so
#: that a weekly press office is looked at more often than its few items alone would pay for.
RARE_ITEMS = 12.0
#: Own items count as much as what is usual at German offices once there are this many.
OWN_VOICE = 5.0
#: Share of a failure in a row by which the interval grows (Media Cloud's weights).
HARD, SOFT, DNS = 1.0, 0.5, 0.25
#: Sources are spread over this share of their interval, so that they do not fire together.
SPREAD = 0.1
#: Failures of the server that pass by themselves.
_SOFT_STATUS = frozenset({404, 408, 425, 429})

_HOUR = timedelta(hours=1)
_WEEK_HOURS = 168


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How many new items an hour a source is expected to have, by the hour of its week."""

    #: items an hour for the 168 hours of the week in Berlin, Monday 0:00 first
    rates: tuple[float, ...]
    #: items of the last 28 days it was read from
    items: int

    def rate(self, at: datetime, free: Collection[date]) -> float:
        """The rate at a moment; on public holidays that of a Sunday."""
        local = at.astimezone(BERLIN)
        day = 6 if local.date() in free else local.weekday()
        return self.rates[day * 24 + local.hour]


@cache
def _usual() -> tuple[float, ...]:
    """The shape of a German office's week, of sum 1: an assumption that own items soon outweigh.

    Offices publish in working hours; what comes at night or at a weekend is mostly automatic.
    """
    hours = []
    for day in range(7):
        for hour in range(24):
            working = 8 <= hour < 18
            awake = 6 <= hour < 22
            if day < 5:
                hours.append(1.0 if working else 0.1 if awake else 0.01)
            else:
                hours.append(0.05 if working else 0.02 if awake else 0.005)
    total = sum(hours)
    return tuple(hour / total for hour in hours)


def read_rhythm(arrivals: Sequence[datetime], now: datetime, known_for: timedelta) -> Rhythm:
    """The rhythm that a source's new items of the last 28 days show.

    ``arrivals``: when its items appeared, aware; older and future ones are passed over.
    ``known_for``: how long the source has been watched; before 28 days the rest is unknown.
    """
    own = [at for at in arrivals if now - RHYTHM <= at <= now]
    counts = [0.0] * _WEEK_HOURS
    for at in own:
        local = at.astimezone(BERLIN)
        # An hour says much of itself, something of its neighbours, and of the same hour of the
        # other days of its half of the week: a press office keeps its habits.
        days = range(5) if local.weekday() < 5 else range(5, 7)
        for day in days:
            share = 0.3 if day == local.weekday() else 0.7 / (len(days) - 1)
            for step, part in ((-1, 0.2), (0, 0.6), (1, 0.2)):
                counts[(day * 24 + local.hour + step) % _WEEK_HOURS] += share * part
    voice = len(own) / (len(own) + OWN_VOICE)
    shape = [
        voice * (mine / max(len(own), 1)) + (1 - voice) * usual
        for mine, usual in zip(counts, _usual(), strict=True)
    ]
    seen = min(max(known_for / RHYTHM, 0.0), 1.0)
    weekly = (len(own) + RARE_ITEMS + (1 - seen) * UNKNOWN_ITEMS) / 4
    return Rhythm(tuple(weekly * part for part in shape), len(own))


def _free_around(land: str | None, at: datetime) -> frozenset[date]:
    return free_days(land, at.year) | free_days(land, at.year + 1)


def next_by_rhythm(rhythm: Rhythm, last: datetime, land: str | None) -> datetime:
    """When the next request pays: the integral of (rate / 4·price)^¾ since ``last`` reaches one.

    Within `SHORTEST` and `LONGEST` of ``last``.
    """
    free = _free_around(land, last)
    at, sum_so_far = last, 0.0
    latest = last + LONGEST
    while at < latest:
        until = min(at.replace(minute=0, second=0, microsecond=0) + _HOUR, latest)
        speed = (rhythm.rate(at, free) / (4 * PRICE)) ** 0.75
        step = speed * ((until - at) / _HOUR)
        if sum_so_far + step >= 1:
            at += _HOUR * ((1 - sum_so_far) / speed)
            break
        sum_so_far += step
        at = until
    return min(max(at, last + SHORTEST), latest)


def failure_weight(http_status: int | None, message: str | None) -> float:
    """What one failure counts: DNS ¼, what passes by itself (404, 429, 5xx) ½, the rest 1."""
    if http_status is None:
        return DNS if "DNS" in (message or "") else HARD
    return SOFT if http_status in _SOFT_STATUS or http_status >= 500 else HARD


def _spread(source_id: str, slot: int) -> float:
    """A number in 0…1 that is the same for a source and turn, and differs between sources."""
    digest = hashlib.blake2b(f"{source_id} {slot}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32


def _after_skips(due: datetime, wishes: Wishes) -> datetime:
    """The first moment from ``due`` on that is in none of the hours and days to skip."""
    if len(wishes.skip_days) >= 7 or len(wishes.skip_hours) >= 24:
        return due  # it would never be asked: no server can mean that
    for _ in range(24 * 7):
        utc = due.astimezone(ZoneInfo("UTC"))
        if utc.hour not in wishes.skip_hours and utc.weekday() not in wishes.skip_days:
            break
        due = utc.replace(minute=0, second=0, microsecond=0) + _HOUR
    return due


def make_plan(
    status: SourceStatus,
    arrivals: Sequence[datetime],
    known_since: datetime | None,
    now: datetime,
    wishes: Wishes | None = None,
    schedule: str | None = None,
    *,
    held: bool = False,
) -> Plan:
    """When the source is due next, and why.

    ``arrivals``: when its items appeared; ``known_since``: when it was first asked.
    ``schedule``: what counts instead of the catalogue's (``adaptive`` or a cron expression, read
    in Europe/Berlin). ``held``: a crawl has it at this moment; a run without an end that nobody
    holds was killed. Missed turns count as one: all is computed from the last run.
    """
    wishes = wishes or Wishes()
    schedule = schedule or status.source.schedule
    run = status.last_run
    if run is None:
        return Plan(now, (("first", {}),))
    last, result = run.started_at, run.result
    if result and result.status == "offline":
        due = last + OUTAGE_PAUSE
        return Plan(due, (("outage", {"seconds": _seconds(OUTAGE_PAUSE)}),))
    if result is None and not held:
        due = last + OUTAGE_PAUSE
        return Plan(due, (("cut", {"seconds": _seconds(OUTAGE_PAUSE)}),))
    steps: list[tuple[str, dict[str, Any]]] = []
    if schedule == "adaptive":
        rhythm = read_rhythm(arrivals, last, last - (known_since or last))
        due = next_by_rhythm(rhythm, last, status.source.land)
        steps.append(("rhythm", {"items": rhythm.items, "seconds": _seconds(due - last)}))
        wait = due - last
        due = last + wait * (1 - SPREAD * _spread(status.source.id, run.id))
    else:
        due = next(CronSim(schedule, last.astimezone(BERLIN))).astimezone(last.tzinfo)
        wait = due - last
        steps.append(("cron", {"cron": schedule, "at": due.isoformat()}))
    if status.error_streak and result and result.status == "failed":
        weight = failure_weight(result.http_status, result.message)
        delayed = min(wait * (1 + weight * status.error_streak), max(LONGEST, wait))
        due = max(due, last + delayed)
        steps.append(
            ("streak", {"count": status.error_streak, "weight": weight,
                        "seconds": _seconds(delayed)})
        )  # fmt: skip
    wished = last + timedelta(seconds=wishes.at_least_s)
    if schedule == "adaptive" and wished > due:
        due = min(wished, last + LONGEST)
        steps.append(("wish", {"seconds": _seconds(wished - last)}))
    skipped = _after_skips(due, wishes) if schedule == "adaptive" else due
    if skipped != due:
        due = skipped
        steps.append(("skip", {"at": due.isoformat()}))
    if status.retry_after and status.retry_after > due:
        due = status.retry_after
        steps.append(("pause", {"at": due.isoformat()}))
    return Plan(due, tuple(steps))


def _seconds(span: timedelta) -> int:
    return round(span.total_seconds())
