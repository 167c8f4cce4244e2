"""Runs rounds over what is due, and what the desk asked for, until stopped.

`radar.pace` says when a source is due. Jobs run beside the rounds, each as a process of its own:
neither waits for the other, and a crash takes neither down.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime

from radar import alerts, crawling, dumps, jobs, learning, listing, rounds
from radar.config import Config
from radar.fleet import Crawl
from radar.pace import LONGEST, RHYTHM, make_plan
from radar.progress import report_crawl, say
from store.disk import DiskFullError
from store.errors import RadarError
from store.newsroom import Newsroom
from store.types import Plan

#: The longest sleep between two looks at what is due: an edit on the desk counts after it.
LOOK_S = 60.0


def plans(newsroom: Newsroom, now: datetime) -> dict[str, Plan]:
    """When each source of the catalogue is due, and why; paused ones are left out."""
    arrivals = newsroom.arrivals(now - RHYTHM)
    first_runs = newsroom.first_runs()
    wishes = newsroom.wishes()
    held = newsroom.leases()
    found = {}
    for status in newsroom.sources():
        name = status.source.id
        if status.active and not status.source.paused:
            found[name] = make_plan(
                status, arrivals.get(name, ()), first_runs.get(name), now, wishes.get(name),
                held=f"source:{name}" in held,
            )  # fmt: skip
    return found


def run(
    config: Config,
    stop: threading.Event,
    clock: Callable[[], datetime],
    crawl: Crawl = crawling.crawl,
) -> None:
    """Run rounds and jobs until ``stop`` is set; a failed crawl or job is told, not fatal.

    ``crawl``: what asks the due sources, here or on a cluster (``fleet.crawl_on``).
    """
    with crawling.open_newsroom(config) as newsroom:
        crawling.load_sources(config, newsroom)
        rounds.publish_all(config, newsroom)
        with _jobs_beside(config, stop), alerts.beside(config, stop, clock):
            _rounds(config, newsroom, stop, clock, crawl)


@contextmanager
def _jobs_beside(config: Config, stop: threading.Event) -> Iterator[None]:
    """Carry out jobs until the block ends; a fault there ends the block, too, and is raised."""
    with ThreadPoolExecutor(1, thread_name_prefix="jobs") as worker:
        working = worker.submit(jobs.work, config, stop)
        working.add_done_callback(lambda _: stop.set())
        try:
            yield
        finally:
            stop.set()
        working.result()


def _rounds(
    config: Config,
    newsroom: Newsroom,
    stop: threading.Event,
    clock: Callable[[], datetime],
    crawl: Crawl,
) -> None:
    was_offline = False
    while not stop.is_set():
        planned = plans(newsroom, clock())
        newsroom.set_plans(planned)
        now = clock()
        due = sorted(source_id for source_id, plan in planned.items() if plan.due <= now)
        if due:
            try:
                was_offline = _round(config, newsroom, due, was_offline, stop, crawl)
            except DiskFullError:
                raise
            except RadarError as error:  # such as a crawl or a backup that failed
                say(str(error))
                stop.wait(LOOK_S)
            continue
        soonest = min((plan.due for plan in planned.values()), default=now + LONGEST)
        stop.wait(min(max((soonest - now).total_seconds(), 1.0), LOOK_S))


def _round(
    config: Config,
    newsroom: Newsroom,
    due: list[str],
    was_offline: bool,
    stop: threading.Event,
    crawl: Crawl,
) -> bool:
    """One round; returns whether the line was down, which is told once and not each time."""
    outcomes = crawl(config, due, lambda *_: None, stop)
    if stop.is_set():
        return was_offline
    offline = all(outcome.result.status == "offline" for outcome in outcomes)
    if not offline:
        say(f"Round over {len(due)} sources:")
    if not (offline and was_offline):
        report_crawl(outcomes, listing.on_probation(newsroom.sources()))
    if any(outcome.result.new or outcome.result.changed for outcome in outcomes):
        model = learning.model_in_force(config, newsroom, crawling.utc_now)
        say(f"  {rounds.tag(newsroom, model)} items tagged")
    rounds.publish_all(config, newsroom)
    if pruned := rounds.prune_old(config, newsroom):
        say(f"  {pruned} old items without a topic lost their text")
    if backup := rounds.back_up_if_due(config, crawling.utc_now()):
        say(f"  backup: {backup}")
    if made := dumps.dump_if_due(config, crawling.utc_now()):
        say(f"  files of the archive: {made.folder} ({', '.join(made.formats)})")
    alerts.after_round(config, newsroom, crawling.utc_now())
    if all(outcome.result.status == "busy" for outcome in outcomes):
        stop.wait(LOOK_S)
    return offline
