"""Starts a spider as a Scrapy process of its own and sees that it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from radar.config import Config
from radar.logs import RUN_ID, appended

#: Seconds that a spider gets to end by itself when it is told to.
STOP_S = 7.0


@contextmanager
def spider_process(
    config: Config,
    spider: str,
    arguments: Mapping[str, str],
    settings: Mapping[str, object],
    *,
    output: str | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A spider under way: what it writes is to be read to the end, its log is the crawl's.

    ``output``: where Scrapy writes items (``-o``). When the block is left the process has ended: by
    itself, or because an exception left the block.
    """
    command = [sys.executable, "-m", "scrapy", "crawl", spider]
    command += ["-o", output] if output else []
    for name, value in arguments.items():
        command += ["-a", f"{name}={value}"]
    if config.log_format == "json":
        settings = {"LOG_JSON_RUN": RUN_ID, **settings}
    for name, setting in settings.items():
        command += ["-s", f"{name}={setting}"]
    environment = {
        **os.environ,
        "SCRAPY_SETTINGS_MODULE": "crawler.settings",
        "PYTHONUTF8": "1",
    }
    with (
        appended(config.crawl_log, config) as log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.PIPE, env=environment
        ) as process,
    ):
        try:
            yield process
            # It may end when we let go of its stdin: not before it ended by itself.
            process.wait()
        except BaseException:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
