"""A page that takes too long gives what its metadata say, but never in place of what is known."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import HtmlResponse, Request

from crawler.crawl import Crawl, Rules
from crawler.page_reading import PageReader
from crawler.runs import RunBook
from crawler.types import Entry, PageData
from store.newsroom import Newsroom
from tests.press import source

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
URL = "https://www.stadt.example/presse/1"


class SlowPages:
    """Reads metadata only, as after a time limit."""

    def parse(self, html: bytes | str, url: str, **given: Any) -> PageData:
        return PageData(url=url, kind="article", title="Titel", found={"body": "timeout"})


@pytest.mark.parametrize(("known_as", "kept"), [(None, True), (URL, False)])
def test_page_that_took_too_long(tmp_path: Path, known_as: str | None, kept: bool) -> None:
    office = source()
    with Newsroom(tmp_path / "newsroom.db", now=lambda: NOW) as newsroom:
        newsroom.set_sources([office])
        results = []
        book = RunBook(newsroom, lambda event, _, result: results.append((event, result)))
        book.start(office)
        rules = Rules(timedelta(1), timedelta(1), timedelta(7), 10, 300, 3)
        reader = PageReader(Crawl(newsroom, book, lambda: NOW, rules), SlowPages())
        response = HtmlResponse(URL, body=b"<h1>Titel</h1>", request=Request(URL))
        article = asyncio.run(
            reader._article(response, office, Entry(url=URL, title="Titel"), "hash", known_as)
        )
        book.settle(office.id)
    assert (article is not None) == kept
    (_, result) = results[-1]
    assert result.skipped == (0 if kept else 1)
