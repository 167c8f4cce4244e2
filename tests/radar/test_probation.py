"""A source that was never fetched is on probation: no alarm, and its first success enables it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.catalogue import load_source
from crawler.source_files import write_source
from radar import listing
from radar.crawling import Outcome
from radar.progress import report_crawl
from store.health import public_status
from store.newsroom import Newsroom
from store.types import RunResult
from tests.press import source

NOW = datetime(2026, 6, 10, 8, 0, tzinfo=UTC)
GONE = RunResult("failed", "HTTP 404 for https://www.neu.example/feed.xml", 404)


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    newsroom = Newsroom(tmp_path / "newsroom.db", now=lambda: NOW)
    newsroom.set_sources([source("alt", checked="2026-02-01"), source("neu")])
    return newsroom


def crawled(newsroom: Newsroom, source_id: str, result: RunResult) -> None:
    newsroom.finish_run(newsroom.start_run(source_id), result)


def test_failures_on_probation_stand_apart(
    newsroom: Newsroom, capsys: pytest.CaptureFixture[str]
) -> None:
    for source_id in ("alt", "neu"):
        crawled(newsroom, source_id, GONE)
    statuses = newsroom.sources()
    assert listing.on_probation(statuses) == {"neu"}
    outcomes = [Outcome(name, GONE) for name in ("alt", "neu")]
    report_crawl(outcomes, listing.on_probation(statuses))
    said = capsys.readouterr().err.splitlines()
    assert said[1].startswith("  failed: alt: HTTP 404")
    assert said[2:] == [
        "  on probation, never fetched with success yet:", f"    neu: {GONE.message}",
    ]  # fmt: skip
    table = listing.as_table(statuses)
    alt, neu = (part for part in table.split("On probation, never fetched with success yet:"))
    assert "alt " in alt
    assert "neu " in neu
    assert "1 of them on probation" in table


def test_public_is_told_of_no_fault(newsroom: Newsroom) -> None:
    for source_id in ("alt", "neu"):
        crawled(newsroom, source_id, GONE)
    words = {s.source.id: public_status(s, [], NOW)[0] for s in newsroom.sources()}
    assert words == {"alt": "failed", "neu": "never"}


def test_first_success_ends_probation_and_sets_the_day(newsroom: Newsroom) -> None:
    assert listing.checked(newsroom.sources()[1]) is None
    crawled(newsroom, "neu", RunResult("ok", entries=3, new=3))
    crawled(newsroom, "neu", GONE)
    [alt, neu] = newsroom.sources()
    assert not neu.on_probation
    assert listing.checked(neu) == "2026-06-10"
    assert listing.as_dict(neu)["checked"] == "2026-06-10"
    assert listing.checked(alt) == "2026-02-01"
    # from now on a failure is one
    assert public_status(neu, [], NOW)[0] == "failed"


def test_day_of_success_stays_out_of_the_catalogue(tmp_path: Path, newsroom: Newsroom) -> None:
    path = write_source(tmp_path, source("neu"))
    crawled(newsroom, "neu", RunResult("ok", entries=3))
    assert load_source(path).checked is None
