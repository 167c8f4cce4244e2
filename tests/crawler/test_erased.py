"""A crawl meets an address that was erased: it is left alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from radar.config import Config
from store.erasure import erase
from store.types import RunResult
from tests.press import feed, numbers, page, source
from tests.web import Answer, local_web, newsroom_of


def test_what_was_erased_is_skipped_and_the_rest_kept(
    run: Callable[..., dict[str, RunResult]], tmp_path: Path
) -> None:
    town = source()
    one, two, three = (f"https://www.stadt.example/{number}" for number in (1, 2, 3))
    with local_web() as web:
        config = Config(
            paths_data=tmp_path,
            crawl_connect_to=web.address,
            crawl_delay_s=0.0,
            crawl_recheck_hours=0.0,
        )
        web.answers |= {url: Answer(page(f"Titel {url}")) for url in (one, two, three)}
        kind = "application/rss+xml; charset=utf-8"
        web.answers[town.url] = Answer(feed(("Eins", one), ("Zwei", two)), kind)
        with newsroom_of(config, [town]) as newsroom:
            assert numbers(run(config, newsroom, town)["stadt"]) == ("ok", 2, 0, 0, 0, 0)
            erase(newsroom, [one], reason="Antrag")
            web.answers[town.url] = Answer(
                feed(("Eins", one), ("Zwei", two), ("Drei", three)), kind
            )
            assert numbers(run(config, newsroom, town)["stadt"]) == ("ok", 1, 0, 2, 0, 0)
            assert sorted(item.article.url for item in newsroom.items()) == [two, three]
        # what was erased is not even asked for
        assert web.times(one) == 1
