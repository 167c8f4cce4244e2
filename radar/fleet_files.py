"""Keeps what a fleet's crawls bring besides items: hosts' own files, stored responses, logs."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from radar import crawling
from radar.config import Config
from radar.fleet_job import HOST_FILES, Crawled
from radar.fleet_shards import host_of
from radar.logs import appended
from store.disk import full_disk_told
from store.newsroom import Newsroom
from store.responses import drop_old


class FleetFiles:
    """The files of one crawl of a fleet, under the data folder."""

    def __init__(self, config: Config, newsroom: Newsroom) -> None:
        self._config = config
        self._folder = config.paths_data / HOST_FILES
        self._responses = config.paths_data / "responses"
        #: by file and address, as `crawler.shelf` writes them
        self._host_files: dict[str, dict[str, list[Any]]] = {}
        for path in sorted(self._folder.glob("*.json")):
            try:
                self._host_files[path.name] = json.loads(path.read_text(encoding="ascii"))
            except ValueError:  # the crawl says so and writes it anew; so do we
                continue
        if config.crawl_keep_responses_days:
            # Noted first: an erasure must find every folder that may hold a copy.
            newsroom.note_copies("responses", self._responses)
            if self._responses.is_dir():
                age = timedelta(days=config.crawl_keep_responses_days)
                drop_old(self._responses, before=crawling.utc_now() - age)

    def of(self, hosts: Collection[str]) -> dict[str, str]:
        """What is kept of these hosts, by file."""
        return {
            name: json.dumps({url: row for url, row in rows.items() if host_of(url) in hosts})
            for name, rows in self._host_files.items()
        }

    def take(self, crawled: Crawled) -> None:
        """Keep what a shard brought. Raises ``DiskFullError``."""
        for name, text in crawled.host_files.items():
            self._host_files.setdefault(name, {}).update(json.loads(text))
        with appended(self._config.crawl_log, self._config) as log:
            log.write(crawled.log.encode())
        if crawled.responses:
            self._responses.mkdir(parents=True, exist_ok=True)
        for name, content in crawled.responses.items():
            _write(self._responses / name, content, 0o600)

    def save(self) -> None:
        """Write the hosts' files for the next crawl."""
        now = crawling.utc_now().isoformat()
        for name, rows in self._host_files.items():
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh: Mapping[str, list[Any]] = {url: row for url, row in rows.items() if row[2] > now}
            _write(self._folder / name, json.dumps(fresh).encode("ascii"), 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    """A reader sees the old file or the new one whole."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with full_disk_told(path):
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        new.replace(path)
