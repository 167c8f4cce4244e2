"""What `radar serve` does besides answering."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from radar import serve
from radar.config import Config
from radar.crawling import open_newsroom
from radar.rounds import publish_all


def test_the_dictionary_is_read_once_the_site_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(paths_data=tmp_path)
    with open_newsroom(config) as newsroom:
        publish_all(config, newsroom)
    told: list[str] = []
    read = threading.Event()

    class Served:
        def __init__(self, config: object, on_ready: Callable[[], None]) -> None:
            self.on_ready = on_ready

        async def serve(self) -> None:
            assert not read.is_set()
            self.on_ready()

    monkeypatch.setattr(serve, "_Server", Served)
    monkeypatch.setattr(serve, "check_port", lambda host, port: None)
    monkeypatch.setattr(serve, "load_dictionary", read.set)
    serve.serve(config, banner=None, on_ready=lambda: told.append("ready"))
    assert read.wait(10)
    assert told == ["ready"]
