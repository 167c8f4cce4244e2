"""Crawls RSS, Atom, RDF and JSON feeds: ``scrapy crawl feed -a source=ID``."""

from crawler.spiders.sources import SourcesSpider


class FeedSpider(SourcesSpider):
    name = "feed"
    kinds = ("feed",)
