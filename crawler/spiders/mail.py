"""Reads newsletters and press releases that come by mail: ``scrapy crawl mail -a source=ID``."""

from crawler.spiders.sources import SourcesSpider


class MailSpider(SourcesSpider):
    name = "mail"
    kinds = ("mail",)
