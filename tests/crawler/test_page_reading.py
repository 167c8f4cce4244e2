"""A page that takes too long gives what its metadata say, but never in place of what is known."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import HtmlResponse, Request

from crawler.crawl import Crawl, Rules
from crawler.page_reading import PageParser, PageReader
from crawler.pages.limited import LimitedParser, _Worker
from crawler.pages.worker import Answer, Job
from crawler.pipelines import Found
from crawler.runs import RunBook
from crawler.types import Entry, PageData
from store.newsroom import Newsroom
from tests.press import source

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
URL = "https://www.stadt.example/presse/1"
PAGE = b"<h1>Titel</h1><p>Der Rat hat den Plan beraten, und niemand hat Nein gesagt.</p>"


class TriedPages(LimitedParser):
    """Real workers, to which two pages are fatal: one is never read to its end, not even its
    metadata, since its worker is stopped; one meets a fault of ours."""

    def parse(self, html: Any, url: str, **given: Any) -> PageData:
        self.seconds = 0.1 if url.endswith("/slow") else 20
        no_page: Any = None
        return super().parse(no_page if url.endswith("/fault") else html, url, **given)

    def _ask(self, job: Job) -> Answer | None:
        if job.url.endswith("/slow"):
            self._worker = self._worker or _Worker.start()
            os.kill(self._worker.process.pid, signal.SIGSTOP)
        return super()._ask(job)


class SlowPages:
    """Reads metadata only, as after a time limit."""

    def parse(self, html: bytes | str, url: str, **given: Any) -> PageData:
        return PageData(url=url, kind="article", title="Titel", found={"body": "timeout"})


def reader_of(newsroom: Newsroom, book: RunBook, parser: PageParser) -> PageReader:
    """What reads a crawl's pages, at NOW."""
    rules = Rules(timedelta(1), timedelta(1), timedelta(7), 10, 300, 3)
    return PageReader(Crawl(newsroom, book, lambda: NOW, rules), parser)


def test_pages_that_are_fatal_to_their_worker_are_skipped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    office = source()
    urls = [f"https://www.stadt.example/presse/{name}" for name in ("slow", "fault", "good")]
    results = []
    with (
        Newsroom(tmp_path / "newsroom.db", now=lambda: NOW) as newsroom,
        TriedPages() as parser,
    ):
        newsroom.set_sources([office])
        book = RunBook(newsroom, lambda event, _, result: results.append((event, result)))
        book.start(office)
        reader = reader_of(newsroom, book, parser)

        async def read(url: str) -> list[Found]:
            book.expect(office.id)
            response = HtmlResponse(url, body=PAGE, request=Request(url))
            entry = Entry(url=url, title="Titel")
            return [found async for found in reader.read(response, office, entry, "hash", None)]

        with caplog.at_level(logging.WARNING):
            found = [asyncio.run(read(url)) for url in urls]
        for _ in range(2):  # the list, and the item that the pipeline would settle
            book.settle(office.id)
    assert [len(each) for each in found] == [0, 0, 1]
    assert all(url in caplog.text for url in urls[:2])
    (_, result) = results[-1]
    assert (result.status, result.skipped) == ("ok", 2)
    assert (result.message or "").startswith(f"nothing stored, 2 left out: {urls[0]}: not read")
    # it may have been our machine: the list is read again even if it has not changed
    assert reader._crawl.incomplete == {office.id}


@pytest.mark.parametrize(("known_as", "kept"), [(None, True), (URL, False)])
def test_page_that_took_too_long(tmp_path: Path, known_as: str | None, kept: bool) -> None:
    office = source()
    with Newsroom(tmp_path / "newsroom.db", now=lambda: NOW) as newsroom:
        newsroom.set_sources([office])
        results = []
        book = RunBook(newsroom, lambda event, _, result: results.append((event, result)))
        book.start(office)
        reader = reader_of(newsroom, book, SlowPages())
        response = HtmlResponse(URL, body=b"<h1>Titel</h1>", request=Request(URL))
        article = asyncio.run(
            reader._article(response, office, Entry(url=URL, title="Titel"), "hash", known_as)
        )
        book.settle(office.id)
    assert (article is not None) == kept
    (_, result) = results[-1]
    assert result.skipped == (0 if kept else 1)
