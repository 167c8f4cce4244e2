"""Starts crawls as Scrapy processes of their own, over the sources in the newsroom.

A process of its own, because a Twisted reactor cannot be started twice and because the crash
of a crawl must not take a scheduler down.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

import crawler
from classifier.vocabulary import load_topics
from crawler.catalogue import CatalogueError, load_catalogue
from radar.config import Config, ConfigError
from radar.holding import LEASE_S, held
from radar.spider_process import STOP_S as STOP_S
from radar.spider_process import spider_process
from store.backup import back_up
from store.errors import RadarError
from store.migrations import newsroom_migrations
from store.newsroom import Newsroom
from store.schema import is_older
from store.types import RunResult, Source

#: Events of a crawl: ``start``, ``count`` or ``finish``, the source's id, its result so far.
OnEvent = Callable[[str, str, RunResult], None]

#: One argument of a process may hold 128 kB (Linux, MAX_ARG_STRLEN): ids go in batches.
BATCH = 1000


class CrawlError(RadarError):
    """The crawl process itself failed; the message names its log."""


class CrawlDiedError(CrawlError):
    """The crawl process died, perhaps over one of its sources."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the crawl of one source ended."""

    source_id: str
    result: RunResult


def utc_now() -> datetime:
    """The present moment, aware UTC."""
    return datetime.now(UTC)


def catalogue_dir(config: Config) -> Path:
    """The folder of source files: the configured one, else the project's own."""
    if config.paths_catalogue != Path():
        return config.paths_catalogue
    return Path(crawler.__file__).parent / "sources"


def catalogue(config: Config) -> list[Source]:
    """The catalogue's sources and the newsroom's own, which win. Raises `CatalogueError`."""
    return load_catalogue(catalogue_dir(config), config.own_sources)


def make_data_dir(config: Config) -> None:
    """Make the folder of the data if there is none. Raises `ConfigError`."""
    try:
        config.paths_data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{config.paths_data}: the folder for the data cannot be made ({error.strerror}); "
            "name another as paths.data in radar.toml or as RADAR_PATHS_DATA"
        ) from error


@contextmanager
def open_newsroom(config: Config) -> Iterator[Newsroom]:
    """The newsroom with today's vocabulary, made if there is none.

    One of an older shape is backed up before it is brought to today's.
    """
    make_data_dir(config)
    if is_older(config.newsroom, newsroom_migrations):
        back_up(config.newsroom, config.backups, keep=config.backup_keep, now=utc_now)
    with Newsroom(config.newsroom, now=utc_now) as newsroom:
        newsroom.set_topics([(topic.id, topic.label, topic.description) for topic in load_topics()])
        yield newsroom


def load_sources(config: Config, newsroom: Newsroom) -> list[str]:
    """Bring the newsroom's sources up to the catalogue's files; their ids, sorted.

    Raises `CatalogueError`.
    """
    sources = catalogue(config)
    newsroom.set_sources(sources)
    return sorted(source.id for source in sources)


def crawl(
    config: Config,
    source_ids: Sequence[str],
    on_event: OnEvent,
    stop: threading.Event | None = None,
    settings: Mapping[str, object] | None = None,
) -> list[Outcome]:
    """Crawl the sources, which must be in the newsroom already. Raises `CrawlError`.

    ``settings`` are Scrapy's, over those of the configuration.

    A source that another crawl has at the moment ends as ``busy`` and is not asked. When ``stop``
    is set the crawl ends within `STOP_S` seconds; only sources that ended until then have an
    outcome.
    """
    outcomes: list[Outcome] = []
    for start in range(0, len(source_ids), BATCH):
        if stop is not None and stop.is_set():
            break
        batch = source_ids[start : start + BATCH]
        lost = threading.Event()
        with held(config.newsroom, batch, utc_now, lost) as (mine, others):
            for source_id, holder in others.items():
                result = RunResult("busy", message=f"is being crawled by {holder}")
                on_event("finish", source_id, result)
                outcomes.append(Outcome(source_id, result))
            if mine:
                outcomes += _crawl_batch(config, mine, on_event, stop, lost, settings or {})
    return outcomes


def scrapy_settings(config: Config) -> dict[str, object]:
    """What the configuration says, as Scrapy settings over those of `crawler.settings`."""
    settings: dict[str, object] = {
        "NEWSROOM": config.newsroom.resolve(),
        "CATALOGUE": "",
        "PROGRESS": "-",
        "DOWNLOAD_DELAY": config.crawl_delay_s,
        "AUTOTHROTTLE_ENABLED": config.crawl_delay_s > 0,
        "AUTOTHROTTLE_START_DELAY": config.crawl_delay_s,
        "RECHECK_AFTER_HOURS": config.crawl_recheck_hours,
        "HOST_FILES": (config.paths_data / "hosts").resolve(),
    }
    if config.crawl_keep_responses_days:
        settings["RESPONSES"] = (config.paths_data / "responses").resolve()
        settings["RESPONSES_DAYS"] = config.crawl_keep_responses_days
    if config.mail_secrets != Path():
        settings["MAIL_SECRETS"] = config.mail_secrets.resolve()
    if config.crawl_connect_to:
        settings["CONNECT_TO"] = config.crawl_connect_to
    if config.crawl_contact:
        settings["USER_AGENT"] = f"Kommunalradar/0.1 (contact: {config.crawl_contact})"
    return settings


def _crawl_batch(
    config: Config,
    source_ids: Sequence[str],
    on_event: OnEvent,
    stop: threading.Event | None,
    lost: threading.Event,
    further: Mapping[str, object],
) -> list[Outcome]:
    settings = {**scrapy_settings(config), "ENDS_WITH_STDIN": 1, **further}
    outcomes = []
    stopped: str | None = None
    names = {field.name for field in fields(RunResult)}
    with (
        spider_process(config, "sources", {"source": ",".join(source_ids)}, settings) as process,
        _ended_by((lost,) if stop is None else (stop, lost), process),
    ):
        assert process.stdout is not None
        for raw in process.stdout:
            line = json.loads(raw)
            result = RunResult(**{key: line[key] for key in line.keys() & names})
            if line["event"] == "stopped":
                stopped = result.message
                continue
            on_event(line["event"], line["source"], result)
            if line["event"] == "finish":
                outcomes.append(Outcome(line["source"], result))
        # Whoever watches for its end goes on watching until then.
        process.wait()
    if stop is not None and stop.is_set():
        return outcomes
    if lost.is_set():
        raise CrawlError(
            f"another crawl took over sources of this one after {len(outcomes)} of "
            f"{len(source_ids)}: it had not said for {LEASE_S:g} s that it lives (a machine that "
            "slept?); what it stored is kept, and the next round goes on from there"
        )
    if stopped is not None:
        raise CrawlError(stopped)
    if process.returncode != 0 or len(outcomes) != len(source_ids):
        raise CrawlDiedError(
            f"the crawl process ended with code {process.returncode} after {len(outcomes)} of "
            f"{len(source_ids)} sources; the reason stands at the end of {config.crawl_log}"
        )
    return outcomes


@contextmanager
def _ended_by(
    reasons: Sequence[threading.Event], process: subprocess.Popen[bytes]
) -> Iterator[None]:
    """End the process when one of them is set: politely, and for sure after `STOP_S` seconds.

    What it has saved is safe either way: each item is one transaction.
    """
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.2):
            if any(reason.is_set() for reason in reasons):
                process.terminate()
                if not ended.wait(STOP_S):
                    process.kill()
                return

    threading.Thread(target=watch, name="crawl", daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def page_of(config: Config, source_id: str) -> str | None:
    """The page class that the catalogue names for a source, if any. Raises `CatalogueError`."""
    for source in catalogue(config):
        if source.id == source_id:
            return source.page
    raise CatalogueError(
        f"no source {source_id!r} in {catalogue_dir(config)}; `radar sources list` names them all"
    )
