"""What moved: the week against the four before, on the small archive's own clock."""

from __future__ import annotations

from datetime import date, timedelta

from datasette_config.moved import Move, moves, notable
from datasette_config.site import Site
from store.search import Query


def test_a_week_is_told_when_chance_would_hardly_make_it() -> None:
    assert Move("ki", 9, 3.0).notable
    assert not Move("ki", 5, 3.0).notable
    assert not Move("ki", 1, 0.0).notable, "one entry is no news"
    assert Move("ki", 0, 6.0).notable
    assert not Move("ki", 0, 6.0).up
    assert not Move("ki", 105, 100.0).notable


def test_the_farthest_from_the_usual_come_first() -> None:
    found = [Move("a", 5, 1.0), Move("b", 30, 10.0), Move("c", 3, 3.0), Move("d", 0, 9.0)]
    assert [move.id for move in notable(found, 2)] == ["b", "a"]


def test_weeks_are_whole_days_and_lie_side_by_side(site: Site) -> None:
    today = site.now().date()
    found = moves(site.search, today)
    assert found is not None
    topics = found["topic"]
    for topic, move in topics.items():
        counted = [
            sum(
                site.search.run(Query(topics=(topic,), since=day, until=day)).total
                for day in (today - timedelta(days=back) for back in days)
            )
            for days in (range(7), range(7, 35))
        ]
        assert [move.week, move.usual * 4] == counted
    assert sum(move.week for move in topics.values()) > 0


def test_a_young_archive_has_no_usual_week(site: Site) -> None:
    first = site.search.run(Query(limit=0)).months[0][0]
    assert moves(site.search, date.fromisoformat(f"{first}-28")) is None
