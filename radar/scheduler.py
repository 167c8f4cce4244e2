"""Runs rounds over what is due, until stopped; `radar.pace` says when that is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from radar import crawling, learning, rounds
from radar.config import Config
from radar.pace import LONGEST, RHYTHM, make_plan
from radar.progress import report_crawl, say
from store.newsroom import Newsroom
from store.types import Plan


def plans(newsroom: Newsroom, now: datetime) -> dict[str, Plan]:
    """When each source of the catalogue is due, and why."""
    arrivals = newsroom.arrivals(now - RHYTHM)
    first_runs = newsroom.first_runs()
    return {
        status.source.id: make_plan(
            status, arrivals.get(status.source.id, ()), first_runs.get(status.source.id), now
        )
        for status in newsroom.sources()
        if status.active
    }


def run(config: Config, stop: threading.Event, clock: Callable[[], datetime]) -> None:
    """Run rounds over due sources until ``stop`` is set; a failed crawl is told, not fatal."""
    was_offline = False
    with crawling.open_newsroom(config) as newsroom:
        crawling.load_sources(config, newsroom)
        rounds.publish_all(config, newsroom)
        while not stop.is_set():
            now = clock()
            times = {source_id: plan.due for source_id, plan in plans(newsroom, now).items()}
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
        tagged = rounds.tag(newsroom, learning.model_in_force(config, newsroom, crawling.utc_now))
        say(f"  {tagged} items tagged")
    rounds.publish_all(config, newsroom)
    if pruned := rounds.prune_old(config, newsroom):
        say(f"  {pruned} old items without a topic lost their text")
    return offline
