"""Crawls HTML pages that list teasers: ``scrapy crawl listing -a source=ID``."""

from crawler.spiders.sources import SourcesSpider


class ListingSpider(SourcesSpider):
    name = "listing"
    kinds = ("listing",)
