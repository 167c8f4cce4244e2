"""Crawls video channels through their feeds: ``scrapy crawl video -a source=ID``."""

from crawler.spiders.sources import SourcesSpider


class VideoSpider(SourcesSpider):
    name = "video"
    kinds = ("video",)
