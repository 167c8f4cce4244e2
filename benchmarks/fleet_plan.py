"""What watching all of Germany's municipalities, or a million sources, would take: JSON.

    python benchmarks/fleet_plan.py [--days 7] [--sources 10753 100000 1000000] [--seed 6]
                                    [--cpu-ms-page MS] [--cpu-ms-list MS]

A simulation in which the service's own planner (``radar.pace``) says when each source is due, over
publication rhythms as towns have them (log-normal: most a few items a month, some several a day;
office hours; one source in eight silent). From the requests of the last days follow, by the figures
below: workers, bandwidth, growth of the newsroom, and cost a month. The planner is run for
``SAMPLE`` sources and scaled; queueing at two seconds a host is simulated minute by minute over all
hosts of the sample, so ``behind_min`` is how long a due source waits for its host at the worst.

What is measured elsewhere can be given anew: CPU a page and list (``benchmarks/crawl_speed.py``,
``benchmarks/peers``), bytes an item (``benchmarks/store_speed.py``). What is assumed says so.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from radar.pace import RHYTHM, make_plan
from store.types import Plan, Run, RunResult, Source, SourceStatus

START = datetime(2026, 3, 2, tzinfo=UTC)
#: Sources whose days are simulated one by one.
SAMPLE = 800

# --- what was measured (November 2026, this project's benchmarks, one core of about 2.5 GHz) -----
#: Processor ms of a new page, fetched to stored (``benchmarks/peers``: pages a CPU-s).
CPU_MS_PAGE = 30.0
#: … of a list that was asked: conditional answer, hash, run in the book.
CPU_MS_LIST = 5.0
#: … of one Scrapy process with its page reader, a shard: start and end.
CPU_S_SHARD = 2.5
#: … of tagging an item of 3,000 letters, and of publishing it with its index entries, a hundred at
#: a time; of a round that finds nothing to publish.
CPU_MS_TAG, CPU_MS_PUBLISH, CPU_MS_ROUND = 2.5, 1.4, 6.5
#: Bytes of newsroom.db an item with its index rows, and of search.db and archive.db beside it.
BYTES_ITEM = 9_000

# --- what is assumed -----------------------------------------------------------------------------
#: Bytes over the line: a list that changed, one that did not (304, or the same bytes), a page.
BYTES_LIST_NEW, BYTES_LIST_SAME, BYTES_PAGE = 40_000, 8_000, 30_000
#: Share of servers that answer a conditional request with 304 (a tenth of the bytes).
CONDITIONAL = 0.5
#: A young page is looked at again once a day for a week (RECHECK_UNTIL_DAYS).
LOOKS_AGAIN = 7
#: A worker's core is given this much of its time, so that a burst has room.
BUSY = 0.5
#: Euro a month for a virtual core with 2 GB, and for a gigabyte on disk kept twice.
EURO_CORE, EURO_GB = 8.0, 0.10
DELAY_S = 2.0


@dataclass(slots=True)
class Town:
    """One source's life in the simulation."""

    source: Source
    items_a_day: float
    host: int
    arrivals: list[datetime] = field(default_factory=list)
    seen: list[datetime] = field(default_factory=list)
    last_run: datetime | None = None
    due: datetime = START


def towns(number: int, rng: random.Random) -> list[Town]:
    """Sources with a rhythm each; one host in ten has two of them, a few platforms have many."""
    made = []
    for n in range(number):
        host = n if rng.random() < 0.85 else rng.randrange(number)
        source = Source(
            id=f"s{n}", name="x", publisher="x", homepage=f"https://h{host}.example/", kind="feed",
            url=f"https://h{host}.example/{n}", licence="official", display="full",
            relevance="topic", schedule="adaptive", reference="https://x.example/",
            checked="2026-01-01",
        )  # fmt: skip
        # median .15 items a day (one a week), 5 % over 2 a day
        rate = 0.0 if rng.random() < 0.125 else rng.lognormvariate(math.log(0.15), 1.5)
        made.append(Town(source, min(rate, 30.0), host))
    return made


def publish(town: Town, begin: datetime, days: int, rng: random.Random) -> None:
    """Draw when its items appear: working days, office hours mostly."""
    for day in range(days):
        date = begin + timedelta(days=day)
        share = 1.3 if date.weekday() < 5 else 0.25
        for _ in range(_poisson(town.items_a_day * share, rng)):
            hour = min(max(rng.gauss(11.5, 2.5), 0), 23.9)
            town.arrivals.append(date + timedelta(hours=hour))
    town.arrivals.sort()


def _poisson(mean: float, rng: random.Random) -> int:
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def plan(town: Town, now: datetime) -> Plan:
    """What the service's planner says."""
    run = None
    if town.last_run is not None:
        run = Run(1, town.source.id, town.last_run, town.last_run, RunResult("ok"))
    status = SourceStatus(
        source=town.source, active=True, items=len(town.seen), last_run=run,
        last_success=town.last_run, last_new_item=town.seen[-1] if town.seen else None,
        error_streak=0, retry_after=None, on_probation=False, items_28_days=len(town.seen),
    )  # fmt: skip
    recent = [at for at in town.seen if at >= now - RHYTHM]
    return make_plan(status, recent, START - RHYTHM, now, None)


def simulate(sample: list[Town], days: int) -> dict[str, float]:
    """Requests a source and day over the last days, and how far the queues of hosts run behind."""
    end = START + timedelta(days=days)
    counts: Counter[str] = Counter()
    free_at: dict[int, datetime] = {}
    behind = timedelta()
    a_minute: Counter[int] = Counter()
    delays: list[float] = []
    waiting = sorted(sample, key=lambda town: town.due)
    now = START
    while now < end:
        due = [town for town in waiting if town.due <= now]
        for town in due:
            begin = max(now, free_at.get(town.host, now))
            new = [at for at in town.arrivals if (town.last_run or START - RHYTHM) < at <= begin]
            first = town.last_run is None
            if not first:
                delays += [(begin - at).total_seconds() / 3600 for at in new]
            pages = 0 if first else len(new)
            requests = 1 + pages
            free_at[town.host] = begin + timedelta(seconds=DELAY_S * requests)
            behind = max(behind, begin - town.due)
            counts["lists"] += 1
            counts["lists_new"] += bool(new) and not first
            counts["pages"] += pages
            a_minute[int((begin - START).total_seconds() // 60)] += requests
            town.seen += new
            town.last_run = begin
            town.due = plan(town, begin).due
        now += timedelta(minutes=1)
    sources = len(sample)
    delays.sort()
    return {
        "lists": counts["lists"] / sources / days,
        "lists_new": counts["lists_new"] / sources / days,
        "pages": counts["pages"] / sources / days,
        "busiest_minute_over_mean": max(a_minute.values()) / (sum(a_minute.values()) / days / 1440),
        "behind_min": behind.total_seconds() / 60,
        "delay_median_h": delays[len(delays) // 2] if delays else 0.0,
    }


def reckon(
    a_day: dict[str, float], sources: int, cpu_ms_page: float, cpu_ms_list: float
) -> dict[str, float | int]:
    """What so many sources take, by the figures at the head of this file."""
    lists, changed = a_day["lists"] * sources, a_day["lists_new"] * sources
    pages = a_day["pages"] * sources
    again = pages * LOOKS_AGAIN
    rounds = min(1440.0, lists)  # one a minute at most; each starts shards
    shards = max(rounds, lists / 250)
    cpu_s = (
        lists * cpu_ms_list
        + (pages + again * (1 - CONDITIONAL)) * cpu_ms_page
        + again * cpu_ms_list
        + pages * (CPU_MS_TAG + CPU_MS_PUBLISH)
        + rounds * CPU_MS_ROUND
    ) / 1000 + shards * CPU_S_SHARD
    traffic = (
        changed * BYTES_LIST_NEW
        + (lists - changed) * BYTES_LIST_SAME * (1 - CONDITIONAL * 0.9)
        + (pages + again * (1 - CONDITIONAL * 0.9)) * BYTES_PAGE
    )
    cores = math.ceil(cpu_s / 86_400 / BUSY)
    growth_gb = pages * BYTES_ITEM * 30 / 1e9
    euro = cores * EURO_CORE + growth_gb * 12 * EURO_GB
    return {
        "sources": sources,
        "lists_a_day": round(lists),
        "new_pages_a_day": round(pages),
        "pages_looked_at_again_a_day": round(again),
        "requests_a_second_mean": round((lists + pages + again) / 86_400, 2),
        "cpu_hours_a_day": round(cpu_s / 3600, 2),
        "cores": cores,
        "gigabytes_a_day_over_the_line": round(traffic / 1e9, 2),
        "megabits_a_second_mean": round(traffic * 8 / 86_400 / 1e6, 2),
        "databases_grow_gb_a_month": round(growth_gb, 2),
        "euro_a_month_after_a_year": round(euro, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--sources", type=int, nargs="+", default=[227, 10_753, 100_000, 1_000_000])
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--cpu-ms-page", type=float, default=CPU_MS_PAGE)
    parser.add_argument("--cpu-ms-list", type=float, default=CPU_MS_LIST)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    sample = towns(SAMPLE, rng)
    for town in sample:
        # four weeks are known before the simulation begins
        publish(town, START - RHYTHM, RHYTHM.days, rng)
        town.seen, town.arrivals = town.arrivals, []
        publish(town, START, given.days, rng)
        town.due = START + timedelta(minutes=rng.randrange(1440))
        town.last_run = START - timedelta(minutes=rng.randrange(1440))
    a_day = simulate(sample, given.days)
    found = {
        "sample": SAMPLE,
        "items_a_day_and_source": round(sum(town.items_a_day for town in sample) / SAMPLE, 3),
        "a_day_and_source": {name: round(value, 3) for name, value in a_day.items()},
        "plans": [
            reckon(a_day, sources, given.cpu_ms_page, given.cpu_ms_list)
            for sources in given.sources
        ],
    }
    sys.stdout.write(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
