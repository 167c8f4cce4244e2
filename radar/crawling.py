"""Starts crawls as Scrapy processes of their own, over the sources in the newsroom.

A process of its own, because a Twisted reactor cannot be started twice and because the crash
of a crawl must not take a scheduler down.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

import crawler
from classifier.vocabulary import load_topics
from crawler.catalogue import CatalogueError, load_catalogue
from radar.config import Config
from store.errors import RadarError
from store.newsroom import Newsroom
from store.types import RunResult

#: Events of a crawl: ``start``, ``count`` or ``finish``, the source's id, its result so far.
OnEvent = Callable[[str, str, RunResult], None]

#: One argument of a process may hold 128 kB (Linux, MAX_ARG_STRLEN): ids go in batches.
BATCH = 1000


class CrawlError(RadarError):
    """The crawl process itself failed; the message names its log."""


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


@contextmanager
def open_newsroom(config: Config) -> Iterator[Newsroom]:
    """The newsroom with today's vocabulary, made if there is none."""
    config.paths_data.mkdir(parents=True, exist_ok=True)
    with Newsroom(config.newsroom, now=utc_now) as newsroom:
        newsroom.set_topics([(topic.id, topic.label, topic.description) for topic in load_topics()])
        yield newsroom


def load_sources(config: Config, newsroom: Newsroom) -> list[str]:
    """Bring the newsroom's sources up to the catalogue's files; their ids, sorted.

    Raises `CatalogueError`.
    """
    catalogue = load_catalogue(catalogue_dir(config))
    newsroom.set_sources(catalogue)
    return sorted(source.id for source in catalogue)


def crawl(config: Config, source_ids: Sequence[str], on_event: OnEvent) -> list[Outcome]:
    """Crawl the sources, which must be in the newsroom already. Raises `CrawlError`."""
    outcomes: list[Outcome] = []
    for start in range(0, len(source_ids), BATCH):
        outcomes += _crawl_batch(config, source_ids[start : start + BATCH], on_event)
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
    }
    if config.mail_secrets != Path():
        settings["MAIL_SECRETS"] = config.mail_secrets.resolve()
    if config.crawl_connect_to:
        settings["CONNECT_TO"] = config.crawl_connect_to
    if config.crawl_contact:
        settings["USER_AGENT"] = f"Kommunalradar/0.1 (contact: {config.crawl_contact})"
    return settings


def _crawl_batch(config: Config, source_ids: Sequence[str], on_event: OnEvent) -> list[Outcome]:
    config.crawl_log.parent.mkdir(parents=True, exist_ok=True)
    settings = scrapy_settings(config)
    command = [
        sys.executable, "-m", "scrapy", "crawl", "sources", "-a", f"source={','.join(source_ids)}",
    ]  # fmt: skip
    for name, value in settings.items():
        command += ["-s", f"{name}={value}"]
    environment = {
        **os.environ,
        "SCRAPY_SETTINGS_MODULE": "crawler.settings",
        "PYTHONUTF8": "1",
    }
    outcomes = []
    stopped: str | None = None
    names = {field.name for field in fields(RunResult)}
    with (
        config.crawl_log.open("ab") as log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, env=environment
        ) as process,
    ):
        assert process.stdout is not None
        try:
            for raw in process.stdout:
                line = json.loads(raw)
                result = RunResult(**{key: line[key] for key in line.keys() & names})
                if line["event"] == "stopped":
                    stopped = result.message
                    continue
                on_event(line["event"], line["source"], result)
                if line["event"] == "finish":
                    outcomes.append(Outcome(line["source"], result))
        except BaseException:
            process.terminate()
            raise
    if stopped is not None:
        raise CrawlError(stopped)
    if process.returncode != 0 or len(outcomes) != len(source_ids):
        raise CrawlError(
            f"the crawl process ended with code {process.returncode} after {len(outcomes)} of "
            f"{len(source_ids)} sources; the reason stands at the end of {config.crawl_log}"
        )
    return outcomes


def page_of(config: Config, source_id: str) -> str | None:
    """The page class that the catalogue names for a source, if any. Raises `CatalogueError`."""
    for source in load_catalogue(catalogue_dir(config)):
        if source.id == source_id:
            return source.page
    raise CatalogueError(
        f"no source {source_id!r} in {catalogue_dir(config)}; `radar sources list` names them all"
    )
