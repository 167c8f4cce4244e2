"""``radar run``: without a network it keeps serving, blames nobody and stops when told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from radar.config import Config
from radar.crawling import open_newsroom

ROOT = Path(__file__).resolve().parents[2]
SOURCE = """name = "Stadt"
publisher = "Stadt"
homepage = "https://stadt.invalid/"
kind = "feed"
url = "https://stadt.invalid/feed"
licence = "official"
display = "full"
relevance = "all"
schedule = "adaptive"
reference = "https://stadt.invalid/"
"""


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(tmp_path: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    catalogue = tmp_path / "catalogue"
    catalogue.mkdir()
    (catalogue / "stadt.toml").write_text(SOURCE, encoding="utf-8")
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "radar", "run", "--port", str(port)],
            cwd=tmp_path, stdout=output, stderr=output,
            env={**os.environ, "PYTHONPATH": str(ROOT), "RADAR_PATHS_CATALOGUE": str(catalogue),
                 "RADAR_CRAWL_DELAY_S": "0"},
        )  # fmt: skip


def test_without_a_network(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    running = start(tmp_path, port, log)
    try:
        assert wait_for(lambda: b"No network" in log.read_bytes(), 60), log.read_text("utf-8")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            assert answer.status == 200
            assert "Kommunalradar" in answer.read().decode("utf-8")
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=10) == 0, log.read_text("utf-8")
    finally:
        running.kill()
        running.wait()
    said = log.read_text("utf-8")
    assert said.count("No network") == 1
    assert "Traceback" not in said
    assert f"http://127.0.0.1:{port}/" in said
    with open_newsroom(Config(paths_data=tmp_path / "data")) as newsroom:
        (status,) = newsroom.sources()
    assert (status.error_streak, status.last_run is not None) == (0, True)


def test_site_does_not_outlive_a_killed_service(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    running = start(tmp_path, port, log)

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    assert wait_for(answers, 60), log.read_text("utf-8")
    running.kill()
    running.wait()
    assert wait_for(lambda: not answers(), 15)
