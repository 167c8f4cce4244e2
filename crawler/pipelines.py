"""Stores each found article in the newsroom and settles its place in the run's book."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from store.disk import DiskFullError
from store.tombstones import ErasedError
from store.types import Article, Visit

if TYPE_CHECKING:
    from crawler.spiders.sources import SourcesSpider


@dataclass(frozen=True, slots=True)
class Found:
    """What a spider yields: the article, and the visit that brought it."""

    article: Article
    visit: Visit


class StorePipeline:
    """Saves one article in one short transaction; what was erased is skipped."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StorePipeline:
        return cls(crawler)

    def process_item(self, item: Found) -> Found:
        spider: SourcesSpider = self._crawler.spider  # type: ignore[assignment]
        try:
            self._store(spider, item)
        except DiskFullError as error:
            spider.stop(error)
            raise DropItem("the disk is full") from error
        return item

    def _store(self, spider: SourcesSpider, item: Found) -> None:
        source_id = item.article.source_id
        stored = True
        try:
            saved = spider.crawl.newsroom.save(
                item.article, visit=item.visit, run_id=spider.crawl.book.run_id(source_id)
            )
            spider.crawl.book.count(source_id, saved.value)
        except ErasedError as error:
            spider.crawl.book.skip(source_id, str(error))
        except DiskFullError:
            stored = False
            raise
        finally:
            # Else the run would end as if nothing were missing.
            if stored:
                spider.crawl.book.settle(source_id)
