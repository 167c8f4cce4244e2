"""Crawls WordPress sites through their REST interface: ``scrapy crawl wordpress -a source=ID``."""

from crawler.spiders.sources import SourcesSpider


class WordPressSpider(SourcesSpider):
    name = "wordpress"
    kinds = ("wordpress",)
