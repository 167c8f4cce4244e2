"""What a killed service had started ends with it: nobody asks a source beside the next one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.orphans import ORPHANED
from radar.config import Config, environment
from radar.crawling import open_newsroom
from store.types import Source
from tests.web import Answer, local_web

HOME = "https://stadt.example"


def test_process_ends_when_its_stdin_does() -> None:
    code = (
        "import time; from crawler.orphans import end_with_stdin; end_with_stdin(); time.sleep(9)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"still here")
        process.stdin.close()
        assert process.wait(8) == ORPHANED


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks processes up in /proc")
def test_crawl_does_not_outlive_a_killed_job(tmp_path: Path) -> None:
    source = Source(
        id="stadt", name="Stadt", publisher="Stadt", homepage=f"{HOME}/", kind="feed",
        url=f"{HOME}/feed.xml", licence="official", display="full", relevance="all",
        schedule="adaptive", reference=f"{HOME}/",
    )  # fmt: skip
    items = "".join(f"<item><title>{k}</title><link>{HOME}/{k}</link></item>" for k in range(20))
    with local_web() as web:
        feed = f"<rss version='2.0'><channel><title>S</title>{items}</channel></rss>"
        web.answers[source.url] = Answer(feed.encode(), "application/rss+xml")
        config = Config(
            paths_data=tmp_path / "data", crawl_connect_to=web.address, crawl_delay_s=30
        )
        with open_newsroom(config) as newsroom:
            newsroom.set_sources([source])
            asked = newsroom.ask_job("crawl", {"source": "stadt"}, asked_by="anna")
            newsroom.claim_job("me", lease_seconds=60)
        command = [sys.executable, "-m", "radar", "job", str(asked), "--owner", "me"]
        with subprocess.Popen(command, env={**os.environ, **environment(config)}) as job:
            assert _within(60, lambda: web.asked)
            assert _crawls(tmp_path), "it is seen while it lives"
            job.kill()
        assert _within(20, lambda: not _crawls(tmp_path))


def _crawls(folder: Path) -> list[str]:
    """Process ids of crawls that write below the folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            said = (place / "cmdline").read_bytes()
        except OSError:  # ended meanwhile
            continue
        if b"\0crawl\0" in said and str(folder).encode() in said:
            found.append(place.name)
    return found


def _within(seconds: float, condition: Callable[[], object]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False
