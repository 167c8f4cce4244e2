"""Runs a stage of a round as a process of its own, for tests that break it off.

``python -m tests.store.stage ARGUMENTS`` is the whole command ``radar`` with a quick model.
"""

from __future__ import annotations

import multiprocessing
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import cast

import store.publish
from classifier.models import Model
from radar import cli, learning, rounds
from radar.crawling import utc_now
from store.backup import back_up
from store.erasure import erase
from tests.store.town import Town, WordModel

#: The number of the item that the stage ``erase`` erases, and how many backups stay.
ERASED = 1
KEPT = 2

# A server that has imported everything forks each stage in some milliseconds. It has no threads;
# the tests' own process has, and must not be forked.
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.store.stage"])


class Stage:
    """A stage at work in a process of its own; it says ``ready`` first and ``done`` last."""

    def __init__(self, name: str, town: Town) -> None:
        self._heard, says = _context.Pipe(duplex=False)
        self._process: BaseProcess = _context.Process(target=_work, args=(name, town.folder, says))
        self._process.start()
        says.close()
        assert self._heard.recv() == "ready"

    def finish(self) -> None:
        """Wait until it is done."""
        said = self._said()
        self._process.join()
        assert said[-1:] == ["done"], f"ended with {self._process.exitcode}: see above"

    def kill(self) -> int:
        """End it at once; with how many items it had said to be done."""
        self._process.kill()
        self._process.join()
        assert self._process.exitcode in (0, -9), "it failed by itself: see above"
        return max((number for number in self._said() if isinstance(number, int)), default=0)

    def _said(self) -> list[object]:
        said: list[object] = []
        with suppress(EOFError, OSError):  # the last word may be cut off
            while True:
                said.append(self._heard.recv())
        return said


def _work(name: str, folder: Path, says: Connection) -> None:
    town = Town(folder)
    config = town.config
    with town.open() as newsroom:
        says.send("ready")
        if name == "tag":
            rounds.tag(newsroom, cast(Model, WordModel()))
        elif name == "backup":
            back_up(config.newsroom, folder / "backups", keep=KEPT, now=utc_now)
        elif name == "erase":
            erase(newsroom, ERASED, reason="Antrag")
            rounds.publish_all(config, newsroom)
        else:
            if name == "helped":
                store.publish.HELPED = 0
            rounds.publish_all(
                config,
                newsroom,
                rebuild=name in ("rebuild", "helped"),
                progress=lambda done, total: says.send(done),
            )
    says.send("done")


def main() -> None:
    """The command with the arguments given."""
    learning.model_in_force = lambda *_: cast(Model, WordModel())
    cli.main()


if __name__ == "__main__":
    main()
