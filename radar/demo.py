"""The demo: the bundled sample press, crawled twice over real HTTP, tagged and published.

Crawled twice, because what makes an archive is what happens between two visits: corrections,
withdrawals, a source gone silent, another whose layout broke.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from classifier.models import Model
from radar import crawling, learning, rounds
from radar.config import Config
from radar.progress import Stopwatch, count_bar, crawl_bar, report_crawl, say
from radar.sample.press import SamplePress
from radar.sample.server import serve
from store.erasure_log import LOG_NAME
from store.errors import RadarError
from store.newsroom import Newsroom

#: Who may look around the desk of a demo.
EDITOR = "demo"
BANNER = "Beispieldaten: Alle Meldungen auf dieser Seite sind Beispieltexte, frei erfunden."
#: Marks a folder as the demo's own, so that nothing else is ever deleted.
MARKER = "demo.lock"
OWN_FILES = ("newsroom", "archive", "search")


class DemoError(RadarError):
    """The demo cannot start; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What the demo made; ``as_dict`` is what ``--json`` prints."""

    counts: dict[str, Any]
    errors: tuple[dict[str, str | None], ...]
    seconds: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """items, versions, clusters, topics, states, errors, seconds per stage."""
        return {**self.counts, "errors": list(self.errors), "seconds": self.seconds}


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold the demo folder for this process, emptied of an earlier demo.

    Raises `DemoError` if it holds anything else, or a demo that is still running.
    """
    marker = folder / MARKER
    if folder.exists() and not folder.is_dir():
        raise DemoError(f"{folder} is a file: choose a folder with --data")
    if folder.is_dir() and any(folder.iterdir()) and not marker.exists():
        raise DemoError(
            f"{folder} holds files that no demo made: choose an empty folder with --data"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DemoError(
            f"{folder}: the folder cannot be made ({error.strerror}): choose another with --data"
        ) from error
    with marker.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DemoError(
                f"a demo is still running in {folder}: stop it with Ctrl-C there, "
                "or choose another folder with --data"
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        for old in folder.iterdir():
            if old.name == LOG_NAME or old.name.partition(".db")[0] in OWN_FILES:
                old.unlink()
        shutil.rmtree(folder / "logs", ignore_errors=True)
        yield


def build(config: Config) -> DemoReport:
    """Crawl, tag and publish the sample press twice into ``config.paths_data``."""
    watch = Stopwatch()
    press = SamplePress(crawling.utc_now())
    catalogue = press.catalogue()
    errors: dict[str, dict[str, str | None]] = {}
    with serve(press) as server, ThreadPoolExecutor(1) as beside:
        local = replace(
            config,
            crawl_connect_to=server.address,
            crawl_delay_s=0.0,
            crawl_recheck_hours=0.0,
        )
        say(f"The sample press ({len(catalogue)} sources) answers on {server.address}.")
        # The crawl is another process: the classifier is trained meanwhile.
        trained = beside.submit(_train, local, watch)
        with crawling.open_newsroom(local) as newsroom:
            newsroom.set_sources(catalogue)
            for stage in (1, 2):
                server.stage = stage
                for outcome in _round(local, newsroom, trained, stage, watch):
                    result = outcome.result
                    if result.status not in ("ok", "unchanged"):
                        errors[outcome.source_id] = {
                            "source": outcome.source_id,
                            "status": result.status,
                            "message": result.message,
                        }
            counts = newsroom.counts()
    return DemoReport(counts, tuple(errors.values()), watch.seconds)


def _train(config: Config, watch: Stopwatch) -> Model:
    with watch.stage("train"):
        # Said where somebody has to wait for it, and not into the crawl's progress bar.
        return learning.model_in_force(config, None, crawling.utc_now, tell=lambda line: None)


def _round(
    config: Config, newsroom: Newsroom, trained: Future[Model], stage: int, watch: Stopwatch
) -> list[crawling.Outcome]:
    ids = [status.source.id for status in newsroom.sources()]
    with watch.stage("crawl"), crawl_bar(f"Crawl {stage} of 2", len(ids)) as on_event:
        outcomes = crawling.crawl(config, ids, on_event)
    report_crawl(outcomes)
    if not trained.done():
        say("Waiting for the classifier, which is trained on the first run …")
    model = trained.result()
    with watch.stage("tag"):
        say(f"Tag: {rounds.tag(newsroom, model)} items given topics and Länder")
    with watch.stage("publish"), count_bar("Publish") as progress:
        rounds.publish_all(config, newsroom, progress=progress)
    return outcomes


def add_editor(config: Config) -> str:
    """Make the account `EDITOR` for the desk of this demo; its password, which is kept nowhere."""
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    with crawling.open_newsroom(config) as newsroom:
        newsroom.add_account(EDITOR, "editor", password, by="demo")
    return password


def summary(report: DemoReport) -> str:
    """The report in a few lines for a person."""
    counts = report.counts
    seconds = ", ".join(f"{name} {value:.1f} s" for name, value in report.seconds.items())
    lines = [
        f"{counts['items']} items ({counts['withdrawn']} withdrawn), {counts['versions']} "
        f"corrected versions, {counts['clusters']} clusters of reprints, "
        f"{len(counts['topics'])} topics, {len(counts['states'])} Länder and Bund.",
        f"Took {seconds}.",
    ]
    lines += [f"In trouble, as planned: {e['source']}: {e['message']}" for e in report.errors]
    return "\n".join(lines)
