from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from datasette_config.histogram import MOST_BARS, bars
from datasette_config.language import language

GERMAN = language("de")

months = st.dictionaries(
    st.builds(lambda y, m: f"{y:04d}-{m:02d}", st.integers(1, 9999), st.integers(1, 12)),
    st.integers(0, 500),
)


@given(months)
def test_bars_count_everything_once_and_lie_side_by_side(counts: dict[str, int]) -> None:
    made = bars(sorted(counts.items()), GERMAN)
    assert len(made) <= MOST_BARS
    assert sum(bar.count for bar in made) == sum(counts.values())
    for bar, following in pairwise(made):
        assert following.since == bar.until + timedelta(days=1)
    assert all(0 < bar.height <= 100 for bar in made if bar.count)
    assert not made or max(bar.height for bar in made) == 100


def test_a_year_is_shown_by_month() -> None:
    made = bars([("2025-11", 2), ("2025-12", 0), ("2026-01", 4)], GERMAN)
    assert [(bar.label, bar.short, bar.year, bar.count, bar.height) for bar in made] == [
        ("November 2025", "Nov", "2025", 2, 50.0),
        ("Dezember 2025", "Dez", "", 0, 0.0),
        ("Januar 2026", "Jan", "2026", 4, 100.0),
    ]
    assert (made[-1].since, made[-1].until) == (date(2026, 1, 1), date(2026, 1, 31))


def test_longer_times_are_shown_by_quarter_and_by_year() -> None:
    assert [bar.label for bar in bars([("2024-02", 1), ("2025-06", 1)], GERMAN)][::5] == [
        "1. Quartal 2024",
        "2. Quartal 2025",
    ]
    assert [bar.short for bar in bars([("2015-02", 1), ("2026-06", 1)], GERMAN)][:2] == [
        "2015",
        "2016",
    ]


def test_nothing_has_no_bars() -> None:
    assert bars([], GERMAN) == ()
    assert bars([("2026-01", 0)], GERMAN) == ()
