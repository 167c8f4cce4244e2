"""Runs a stage of a round as a process of its own: ``python -m tests.store.stage NAME FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

from classifier.models import Model
from radar import cli, learning, rounds
from tests.store.town import Town, WordModel


def say(*words: object) -> None:
    """One line to the test that started us."""
    print(*words, flush=True)  # noqa: T201


def main() -> None:
    """Say ``ready`` before the work, how far it is meanwhile, and ``done`` after it.

    The name ``radar`` runs the whole command with the arguments that follow instead.
    """
    if sys.argv[1] == "radar":
        del sys.argv[1]
        learning.model_in_force = lambda *_: cast(Model, WordModel())
        cli.main()
        return
    name, folder = sys.argv[1:]
    town = Town(Path(folder))
    with town.open() as newsroom:
        if name == "tag":
            say("ready")
            rounds.tag(newsroom, cast(Model, WordModel()))
        else:
            say("ready")
            rounds.publish_all(
                town.config,
                newsroom,
                rebuild=name == "rebuild",
                progress=lambda done, total: say(done),
            )
    say("done")


if __name__ == "__main__":
    main()
