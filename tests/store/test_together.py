"""Crawling, tagging, publishing and an editor at work on one newsroom at the same time."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import cast

from classifier.models import Model
from radar import rounds
from store.newsroom import Newsroom
from store.types import Visit
from tests.store.desk import START, index_content, public_content
from tests.store.town import Town, WordModel, articles, faults

#: Items that are crawled, each one transaction, while the others go through all again and again.
ITEMS = 160
MODEL = cast(Model, WordModel())


def crawl(town: Town, newsroom: Newsroom) -> None:
    for article in articles(range(ITEMS)):
        visit = Visit(article.url, "hash", START, item_url=article.url)
        newsroom.save(article, visit=visit)


def tag(town: Town, newsroom: Newsroom) -> None:
    rounds.tag(newsroom, MODEL)


def publish(town: Town, newsroom: Newsroom) -> None:
    rounds.publish_all(town.config, newsroom)


def edit(town: Town, newsroom: Newsroom) -> None:
    for item in list(newsroom.items())[-5:]:
        seen = newsroom.word(item.id, "hidden")
        newsroom.correct(item.id, "hidden", seen is not True, editor="anna", expected=seen)


def _work(folder: Path, stage: Callable[[Town, Newsroom], None], over: Event) -> None:
    """The crawl once; the others until it is over, and once more."""
    town = Town(folder)
    with town.open() as newsroom:
        if stage is crawl:
            stage(town, newsroom)
            over.set()
            return
        while not over.is_set():
            stage(town, newsroom)
        stage(town, newsroom)


def test_four_write_at_the_same_time_without_a_lock_error(tmp_path: Path) -> None:
    town = Town(tmp_path)
    with town.open():
        pass
    context = multiprocessing.get_context("forkserver")
    over = context.Event()
    stages = (crawl, tag, publish, edit)
    processes = [context.Process(target=_work, args=(tmp_path, one, over)) for one in stages]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * len(stages), "see above"
    with town.open() as newsroom:
        assert rounds.tag(newsroom, MODEL) >= 0
        publish(town, newsroom)
        assert newsroom.counts()["items"] == len(articles(range(ITEMS)))
        assert newsroom.counts()["tagged"] == newsroom.counts()["items"]
        assert list(newsroom.corrections())
        grown = public_content(town.config.archive), index_content(town.config.search)
        rounds.publish_all(town.config, newsroom, rebuild=True)
        assert (public_content(town.config.archive), index_content(town.config.search)) == grown
    for path in (town.config.newsroom, town.config.archive, town.config.search):
        assert faults(path) == []
