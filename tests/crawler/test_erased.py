"""A crawl meets an address that was erased: it is skipped, told in the log, and not a crash."""

from __future__ import annotations

from pathlib import Path

from radar.config import Config
from store.erasure import erase
from tests.crawler.test_crawl import feed, numbers, page, run, source
from tests.web import Answer, local_web, newsroom_of


def test_what_was_erased_is_skipped_and_the_rest_kept(tmp_path: Path) -> None:
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
            assert numbers(run(config, newsroom, town)["stadt"]) == ("ok", 1, 0, 1, 0, 1)
            assert sorted(item.article.url for item in newsroom.items()) == [two, three]
    log = config.crawl_log.read_text(encoding="utf-8")
    assert f"stadt: {one} was erased and is not stored again" in log
    assert "Traceback" not in log
