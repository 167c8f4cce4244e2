"""Crawls sitemaps and Google News sitemaps: ``scrapy crawl sitemap -a source=ID``."""

from crawler.spiders.sources import SourcesSpider


class SitemapSpider(SourcesSpider):
    name = "sitemap"
    kinds = ("sitemap",)
