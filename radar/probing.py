"""Starts spiders that look and store nothing, as Scrapy processes of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from radar.config import Config
from radar.crawling import CrawlError, make_data_dir, scrapy_settings
from radar.spider_process import spider_process


def probe_settings(config: Config) -> dict[str, object]:
    """Scrapy settings of a look: as of a crawl, but nothing is kept of what is answered."""
    return {**scrapy_settings(config), "PROGRESS": "", "RESPONSES": ""}


def probe(
    config: Config, spider: str, arguments: dict[str, str], settings: dict[str, object]
) -> Iterator[dict[str, Any]]:
    """What the spider yields, as it does. Raises `CrawlError` if it breaks off.

    The same engine, User-Agent, manners and guards as a crawl's.
    """
    make_data_dir(config)
    all_settings = {**probe_settings(config), **settings}
    with spider_process(config, spider, arguments, all_settings, output="-:jsonlines") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip():
                yield json.loads(line)
    if process.returncode != 0:
        raise CrawlError(
            f"the look ended with code {process.returncode}; the reason stands at the end of "
            f"{config.crawl_log}"
        )
