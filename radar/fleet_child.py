"""One shard's crawl in a process of its own, which ends when its lease does.

``python -m radar.fleet_child FOLDER`` reads ``FOLDER/job``, fills a newsroom with the slice, crawls
as ever, and writes ``FOLDER/result``. Each byte on standard input renews the lease; without one for
``Job.lease_s`` seconds, or once the input ends, the process ends, and Scrapy's with it.
"""

from __future__ import annotations

import os
import pickle
import select
import shutil
import sys
import threading
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from radar import crawling
from radar.config import Config
from radar.fleet_job import HOST_FILES, Crawled, Job
from store.disk import DiskFullError, full_disk_told
from store.errors import RadarError
from store.newsroom import Newsroom
from store.slices import changes, fill
from store.types import RunResult

#: Exit codes: the crawl failed with the reason in ``FOLDER/failed``; its process died, and there is
#: the reason; ``FOLDER`` is full, so that not even a reason can be written; the lease ended.
FAILED, DIED, NO_ROOM, LEASE_LOST = 1, 3, 4, 70
#: Bytes of the crawl's log that come back, the last ones.
_LOG_BYTES = 1 << 20


def main() -> None:
    folder = Path(sys.argv[1])
    job: Job = pickle.loads((folder / "job").read_bytes())
    threading.Thread(target=_watch, args=(job.lease_s, folder), daemon=True).start()
    time.sleep(job.pause_s)
    try:
        with full_disk_told(folder):
            _crawl(job, folder)
    except DiskFullError:
        sys.exit(NO_ROOM)


def _crawl(job: Job, folder: Path) -> None:
    try:
        crawled = crawl_shard(job, folder)
    except DiskFullError:
        raise
    except RadarError as error:
        # the log goes with the folder
        last = next(reversed(_log(folder / "data").splitlines()), "")
        (folder / "failed").write_text(f"{error}; its last line: {last}", encoding="utf-8")
        sys.exit(DIED if isinstance(error, crawling.CrawlDiedError) else FAILED)
    (folder / "result").write_bytes(pickle.dumps(crawled, pickle.HIGHEST_PROTOCOL))


def crawl_shard(job: Job, folder: Path) -> Crawled:
    """Crawl in a newsroom of its own below ``folder``. Raises ``RadarError``."""
    data = folder / "data"
    (data / HOST_FILES).mkdir(parents=True)
    for name, text in job.host_files.items():
        (data / HOST_FILES / name).write_text(text, encoding="ascii")
    only_hosts = folder / "hosts.txt"
    only_hosts.write_text("\n".join(sorted(job.hosts)), encoding="utf-8")
    config = replace(job.config, paths_data=data)
    elsewhere: dict[str, set[str]] = defaultdict(set)

    def on_event(event: str, source_id: str, result: RunResult) -> None:
        if event == "elsewhere" and result.message:
            elsewhere[source_id].add(result.message)

    with Newsroom(config.newsroom, now=crawling.utc_now) as newsroom:
        fill(newsroom, job.held)
        outcomes = crawling.crawl(
            config, job.sources, on_event, settings={"ONLY_HOSTS": only_hosts.resolve()}
        )
        found = tuple(changes(newsroom, job.held))
    return Crawled(
        results={outcome.source_id: outcome.result for outcome in outcomes},
        changes=found,
        elsewhere={source: frozenset(hosts) for source, hosts in elsewhere.items()},
        host_files={
            path.name: path.read_text(encoding="ascii")
            for path in sorted((data / HOST_FILES).glob("*.json"))
        },
        responses={
            path.name: path.read_bytes() for path in sorted((data / "responses").glob("*.warc.gz"))
        },
        log=_log(data),
    )


def _log(data: Path) -> str:
    log = Config(paths_data=data).crawl_log
    return log.read_bytes()[-_LOG_BYTES:].decode("utf-8", "replace") if log.exists() else ""


def _watch(lease_s: float, folder: Path) -> None:
    """End this process when nobody renews its lease; what it knows must not stay behind."""
    while select.select([0], [], [], lease_s)[0] and os.read(0, 64):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(LEASE_LOST)


if __name__ == "__main__":
    main()
