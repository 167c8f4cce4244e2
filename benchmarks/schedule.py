"""A year of generated press offices: how late items are found, for how many requests: JSON.

    python benchmarks/schedule.py [--sources 120] [--days 364] [--seed 1]

Each policy asks the same sources. A request finds all that was published since the one before; an
item's delay is the time until then. Miniflux' ``entry_frequency`` (a week over the items of seven
days, 5 minutes to 24 hours), CommaFeed's (half the mean gap) and an hourly look stand beside ours,
without the coarse ticks that the real programs add. Ours never sees more than it would in service:
the items that earlier requests found.

The bar (median delay at most half of Miniflux', at no more requests) is read over all items of all
sources: so the few that publish most decide. ``median_of_the_sources_medians_h`` beside it counts
every source once.
"""

from __future__ import annotations

import argparse
import bisect
import json
import math
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from radar.pace import next_by_rhythm, read_rhythm
from store.free_days import free_days
from store.types import BERLIN, STATES

START = datetime(2025, 1, 6, 0, 0, tzinfo=UTC)
LANDS = [code for code in STATES if code != "bund"]
#: What the catalogue is made of, roughly: mostly town halls and counties.
MIX = ("town",) * 9 + ("small town",) * 4 + ("city",) * 3 + ("ministry",) * 3 + (
    "journal", "journal", "newsletter", "monthly", "agency", "bot"
)  # fmt: skip
#: (found so far, last request, now known for) → the next request
Policy = Callable[[Sequence[datetime], datetime, timedelta, str], datetime]


@dataclass(frozen=True)
class Office:
    """One generated source: what kind it is and when it publishes."""

    kind: str
    land: str
    items: list[datetime]


def _thinned(
    random_: random.Random, days: int, weekly: float, shape: Callable[[datetime], float], land: str
) -> list[datetime]:
    """A Poisson process whose rate follows ``shape`` (0–1) over Berlin's clock, ``weekly`` on
    average, with slow swings over the year and none on public holidays."""
    hours = [START + timedelta(hours=k) for k in range(24 * 7)]
    mean = sum(shape(at.astimezone(BERLIN)) for at in hours)
    peak = weekly / mean * 1.5
    phase = random_.uniform(0, 2 * math.pi)
    free = free_days(land, 2025) | free_days(land, 2026)
    found = []
    at = START
    end = START + timedelta(days=days)
    while True:
        at += timedelta(hours=random_.expovariate(peak))
        if at >= end:
            return found
        local = at.astimezone(BERLIN)
        swing = 1 + 0.4 * math.sin(2 * math.pi * (at - START).days / 182 + phase)
        if local.date() not in free and random_.random() < shape(local) * swing / 1.5:
            found.append(at)


def _between(first: float, last: float, *, weekend: float = 0.0) -> Callable[[datetime], float]:
    def shape(local: datetime) -> float:
        hour = local.hour + local.minute / 60
        inside = first <= hour < last
        return (weekend if local.weekday() >= 5 else 1.0) if inside else 0.01

    return shape


def make_offices(number: int, days: int, seed: int) -> list[Office]:
    """Nine kinds of source in the shares of ``MIX``, each source with habits of its own."""
    random_ = random.Random(seed)
    offices = []
    for index in range(number):
        land = random_.choice(LANDS)
        kind = MIX[index % len(MIX)]
        start, end = random_.uniform(7, 10), random_.uniform(14, 18)
        if kind == "newsletter":
            day, hour = random_.randrange(5), random_.uniform(8, 16)
            items = []
            for week in range(days // 7):
                noon = START + timedelta(days=7 * week + day, hours=hour)
                if random_.random() < 0.9:
                    late = timedelta(minutes=random_.gauss(0, 40))
                    items += [noon + late + timedelta(seconds=k) for k in range(5)]
        elif kind == "bot":
            items = _thinned(random_, days, random_.uniform(20, 80), lambda local: 1.0, land)
        else:
            weekly, shape = {
                "town": (random_.uniform(4, 15), _between(start, end)),
                "small town": (random_.uniform(0.6, 2), _between(start, end)),
                "ministry": (random_.uniform(8, 20), _between(start, end + 1, weekend=0.1)),
                "journal": (random_.uniform(10, 40), _between(start, start + 4)),
                "city": (random_.uniform(25, 60), _between(start, end)),
                "monthly": (random_.uniform(0.2, 0.4), _between(start, end)),
                "agency": (random_.uniform(60, 150), _between(6, 22, weekend=0.5)),
            }[kind]
            items = _thinned(random_, days, weekly, shape, land)
        offices.append(Office(kind, land, sorted(items)))
    return offices


def ours(found: Sequence[datetime], last: datetime, known: timedelta, land: str) -> datetime:
    return next_by_rhythm(read_rhythm(found[-2000:], last, known), last, land)


def miniflux(found: Sequence[datetime], last: datetime, known: timedelta, land: str) -> datetime:
    week = len(found) - bisect.bisect_left(found, last - timedelta(days=7))
    wait = timedelta(days=7) / week if week else timedelta(days=1)
    return last + min(max(wait, timedelta(minutes=5)), timedelta(days=1))


def commafeed(found: Sequence[datetime], last: datetime, known: timedelta, land: str) -> datetime:
    newest = found[-30:]
    if len(newest) < 2:
        return last + timedelta(hours=4)
    quiet = (last - newest[-1]).days
    longest = timedelta(hours=4)
    if quiet >= 7:
        return last + longest / (1 if quiet >= 30 else 2 if quiet >= 14 else 4)
    wait = (newest[-1] - newest[0]) / (len(newest) - 1) / 2
    return last + min(max(wait, timedelta(minutes=5)), longest)


def hourly(found: Sequence[datetime], last: datetime, known: timedelta, land: str) -> datetime:
    return last + timedelta(hours=1)


def simulate(office: Office, policy: Policy, days: int, warm: timedelta) -> tuple[int, list[float]]:
    """Requests and the items' delays in hours, both after the first ``warm`` days."""
    end = START + timedelta(days=days)
    at, seen, requests = START, 0, 0
    delays: list[float] = []
    while at < end:
        until = bisect.bisect_right(office.items, at)
        if at - START >= warm:
            requests += 1
            delays += [
                (at - item) / timedelta(hours=1)
                for item in office.items[seen:until]
                if item - START >= warm
            ]
        seen = until
        at = policy(office.items[:seen], at, at - START, office.land)
    return requests, delays


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sources", type=int, default=120)
    parser.add_argument("--days", type=int, default=364)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warm = timedelta(days=14)
    offices = make_offices(options.sources, options.days, options.seed)
    policies: dict[str, Policy] = {
        "ours": ours, "miniflux": miniflux, "commafeed": commafeed, "hourly": hourly
    }  # fmt: skip
    table: dict[str, dict[str, object]] = {}
    medians: dict[str, float] = {}
    asked: dict[str, float] = {}
    for name, policy in policies.items():
        results = [simulate(office, policy, options.days, warm) for office in offices]
        delays = sorted(delay for _, found in results for delay in found)
        weeks = (options.days - warm.days) / 7 * len(offices)
        medians[name] = statistics.median(delays)
        asked[name] = sum(requests for requests, _ in results) / weeks
        kinds: dict[str, list[float]] = {}
        for office, (_, found) in zip(offices, results, strict=True):
            kinds.setdefault(office.kind, []).extend(found)
        table[name] = {
            "requests_per_source_week": round(asked[name], 1),
            "delay_h": {
                "median": round(medians[name], 2),
                "mean": round(statistics.fmean(delays), 2),
                "p90": round(delays[int(0.9 * len(delays))], 2),
            },
            "median_of_the_sources_medians_h": round(
                statistics.median(statistics.median(found) for _, found in results if found), 2
            ),
            "median_by_kind_h": {
                kind: round(statistics.median(found), 2) for kind, found in sorted(kinds.items())
            },
        }
    print(  # noqa: T201
        json.dumps(
            {
                "sources": options.sources, "days": options.days, "seed": options.seed,
                "items": sum(len(office.items) for office in offices),
                "policies": table,
                "ours_to_miniflux": {
                    "median_delay": round(medians["ours"] / medians["miniflux"], 3),
                    "requests": round(asked["ours"] / asked["miniflux"], 3),
                },
            },
            indent=1,
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
