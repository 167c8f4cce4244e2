"""What the tests of crawls share: a web server, a configuration, a press office, a crawler."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from radar.config import Config
from store.types import RunResult, Source
from tests.press import feed, page, source
from tests.spiders import spiders
from tests.web import Answer, LocalWeb, local_web


@pytest.fixture(scope="session")
def run() -> Iterator[Callable[..., dict[str, RunResult]]]:
    """``run(config, newsroom, source, …)``: crawl them; results by source id."""
    with spiders() as running:
        yield running.crawl


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    with local_web() as web:
        yield web


@pytest.fixture
def config(tmp_path: Path, web: LocalWeb) -> Config:
    return Config(
        paths_data=tmp_path,
        crawl_connect_to=web.address,
        crawl_delay_s=0.0,
        crawl_recheck_hours=0.0,
    )


@pytest.fixture
def stadt(web: LocalWeb) -> Source:
    stadt = source()
    one, two = (f"https://www.stadt.example/{number}" for number in (1, 2))
    web.answers[stadt.url] = Answer(
        feed(("Wohngeld online", one), ("Neues Ratsinformationssystem", two)),
        "application/rss+xml; charset=utf-8",
        headers={"ETag": '"liste-1"'},
    )
    web.answers[one] = Answer(page("Wohngeld online"), headers={"ETag": '"eins-1"'})
    web.answers[two] = Answer(page("Neues Ratsinformationssystem"))
    return stadt
