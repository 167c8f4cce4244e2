"""Starts spiders that look and store nothing, as Scrapy processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from radar.config import Config
from radar.crawling import CrawlError, scrapy_settings


def probe_settings(config: Config) -> dict[str, object]:
    """Scrapy settings of a look: as of a crawl, but nothing is kept of what is answered."""
    return {**scrapy_settings(config), "PROGRESS": "", "RESPONSES": ""}


def probe(
    config: Config, spider: str, arguments: dict[str, str], settings: dict[str, object]
) -> Iterator[dict[str, Any]]:
    """What the spider yields, as it does. Raises `CrawlError` if it breaks off.

    The same engine, User-Agent, manners and guards as a crawl's.
    """
    config.crawl_log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "scrapy", "crawl", spider, "-o", "-:jsonlines"]
    for name, value in arguments.items():
        command += ["-a", f"{name}={value}"]
    for name, setting in {**probe_settings(config), **settings}.items():
        command += ["-s", f"{name}={setting}"]
    environment = {
        **os.environ,
        "SCRAPY_SETTINGS_MODULE": "crawler.settings",
        "PYTHONUTF8": "1",
    }
    with (
        config.crawl_log.open("ab") as log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, env=environment
        ) as process,
    ):
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.strip():
                    yield json.loads(line)
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        raise CrawlError(
            f"the look ended with code {process.returncode}; the reason stands at the end of "
            f"{config.crawl_log}"
        )
