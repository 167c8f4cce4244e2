"""One item stays one item: other spellings of its address, another address under its guid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from radar.config import Config
from store.types import RunResult, Source
from tests.press import feed, numbers, page
from tests.web import Answer, LocalWeb, newsroom_of

Run = Callable[..., dict[str, RunResult]]
RSS = "application/rss+xml; charset=utf-8"
ONE, TWO = (f"https://www.stadt.example/{number}" for number in (1, 2))


def guided(*items: tuple[str, str, str]) -> Answer:
    rows = "".join(
        f"<item><title>{title}</title><link>{url}</link><guid isPermaLink='false'>{guid}</guid>"
        "</item>"
        for title, url, guid in items
    )
    return Answer(
        f'<rss version="2.0"><channel><title>Presse</title>{rows}</channel></rss>'.encode(), RSS
    )


@pytest.mark.parametrize(
    "spelling", ["http://www.stadt.example/1", "https://stadt.example/1", f"{ONE}/"]
)
def test_other_spelling_of_a_known_address_is_no_new_item(
    run: Run, config: Config, web: LocalWeb, stadt: Source, spelling: str
) -> None:
    with newsroom_of(config, [stadt]) as newsroom:
        run(config, newsroom, stadt)
        web.answers[stadt.url] = Answer(
            feed(("Wohngeld online", spelling), ("Neues Ratsinformationssystem", TWO)), RSS
        )
        result = run(config, newsroom, stadt)["stadt"]
        assert (result.new, result.entries) == (0, 2)
        assert {item.article.url for item in newsroom.items()} == {ONE, TWO}


def test_two_spellings_in_one_list_are_one_item(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers[stadt.url] = Answer(
        feed(("Wohngeld online", "https://stadt.example/1"), ("Wohngeld online", ONE),
             ("Neues Ratsinformationssystem", TWO)), RSS,
    )  # fmt: skip
    with newsroom_of(config, [stadt]) as newsroom:
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("ok", 2, 0, 0, 0, 0)


def test_item_that_moves_under_its_guid_stays_itself(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    new = "https://www.stadt.example/archiv/1"
    web.answers[stadt.url] = guided(("Wohngeld online", ONE, "a"), ("Rat", TWO, "b"))
    with newsroom_of(config, [stadt]) as newsroom:
        run(config, newsroom, stadt)
        web.answers[new] = Answer(page("Wohngeld online", "Der Text ist ergänzt worden."))
        web.answers[ONE] = Answer(b"weg", status=404)
        web.answers[stadt.url] = guided(("Wohngeld online", new, "a"), ("Rat", TWO, "b"))
        assert numbers(run(config, newsroom, stadt)["stadt"])[:3] == ("ok", 0, 1)
        # the old address is looked at no more, so its absence withdraws nothing
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("unchanged", 0, 0, 2, 0, 0)
        items = {item.article.url: item for item in newsroom.items()}
    assert items.keys() == {ONE, TWO}
    assert items[ONE].withdrawn_at is None
    assert "ergänzt" in (items[ONE].article.body or "")


def test_guids_made_up_anew_each_time_identify_nothing(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    three = "https://www.stadt.example/3"
    web.answers[three] = Answer(page("Drittens"))
    web.answers[stadt.url] = guided(("Wohngeld online", ONE, "1"), ("Rat", TWO, "2"))
    with newsroom_of(config, [stadt]) as newsroom:
        run(config, newsroom, stadt)
        # numbered by place in the list
        web.answers[stadt.url] = guided(
            ("Drittens", three, "1"), ("Wohngeld online", ONE, "2"), ("Rat", TWO, "3")
        )
        result = run(config, newsroom, stadt)["stadt"]
        assert result.new == 1
        assert len(list(newsroom.items())) == 3


def test_teasers_alone_keep_their_item_too(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    stadt = replace(stadt, follow=False)
    with newsroom_of(config, [stadt]) as newsroom:
        run(config, newsroom, stadt)
        web.answers[stadt.url] = Answer(feed(("Wohngeld überall", "http://stadt.example/1/")), RSS)
        result = run(config, newsroom, stadt)["stadt"]
        assert (result.new, result.changed) == (0, 1)
