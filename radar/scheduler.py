"""Decides when a source is due and runs rounds over what is due, until stopped.

`next_run` is pure: the source's status and the clock in, a moment out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from cronsim import CronSim

from radar import crawling, rounds
from radar.config import Config
from radar.progress import report_crawl, say
from store.newsroom import Newsroom
from store.types import BERLIN, SourceStatus

#: Bounds of the adaptive interval (those of Miniflux and Media Cloud's rss-fetcher).
SHORTEST, LONGEST = timedelta(minutes=10), timedelta(hours=24)
#: After our own outage everything is asked again this soon.
OUTAGE_PAUSE = timedelta(minutes=5)


def interval(items_28_days: int, error_streak: int) -> timedelta:
    """How long to wait between two looks at a source with the schedule ``adaptive``.

    Half the mean gap between its items of the last 28 days (CommaFeed's rule), within
    `SHORTEST` … `LONGEST`; doubled by each failure in a row, never above `LONGEST`.
    """
    usual = timedelta(days=28) / max(items_28_days, 1) / 2
    usual = min(max(usual, SHORTEST), LONGEST)
    return min(usual * int(2 ** min(error_streak, 8)), LONGEST)


def next_run(status: SourceStatus, now: datetime) -> datetime:
    """When the source is due next, aware UTC; ``now`` if it was never asked.

    Cron expressions are read in Europe/Berlin, where the editors live.
    """
    last = status.last_run.started_at if status.last_run else None
    result = status.last_run.result if status.last_run else None
    if last is None:
        due = now
    elif result and result.status == "offline":
        due = last + OUTAGE_PAUSE
    elif status.source.schedule == "adaptive":
        due = last + interval(status.items_28_days, status.error_streak)
    else:
        due = next(CronSim(status.source.schedule, last.astimezone(BERLIN))).astimezone(now.tzinfo)
    return max(due, status.retry_after) if status.retry_after else due


def run(config: Config, stop: threading.Event, clock: Callable[[], datetime]) -> None:
    """Run rounds over due sources until ``stop`` is set; a failed crawl is told, not fatal."""
    was_offline = False
    with crawling.open_newsroom(config) as newsroom:
        crawling.load_sources(config, newsroom)
        rounds.publish_all(config, newsroom)
        while not stop.is_set():
            now = clock()
            times = {
                status.source.id: next_run(status, now)
                for status in newsroom.sources()
                if status.active
            }
            due = sorted(source_id for source_id, time in times.items() if time <= now)
            if due:
                was_offline = _round(config, newsroom, due, was_offline)
            soonest = min(times.values(), default=now + LONGEST)
            pause = max((soonest - clock()).total_seconds(), 5.0)
            stop.wait(min(pause, 60.0))


def _round(config: Config, newsroom: Newsroom, due: list[str], was_offline: bool) -> bool:
    """One round; returns whether the line was down, which is told once and not each time."""
    try:
        outcomes = crawling.crawl(config, due, lambda *_: None)
    except crawling.CrawlError as error:
        say(str(error))
        return was_offline
    offline = all(outcome.result.status == "offline" for outcome in outcomes)
    if not offline:
        say(f"Round over {len(due)} sources:")
    if not (offline and was_offline):
        report_crawl(outcomes)
    if any(outcome.result.new or outcome.result.changed for outcome in outcomes):
        tagged = rounds.tag(newsroom, rounds.train(config))
        say(f"  {tagged} items tagged")
    rounds.publish_all(config, newsroom)
    if pruned := rounds.prune_old(config, newsroom):
        say(f"  {pruned} old items without a topic lost their text")
    return offline
