from datetime import UTC, datetime, timedelta

import pytest

from datasette_config import formats

AT = datetime(2026, 3, 12, 23, 30, tzinfo=UTC)  # 13 March, 0:30 in Berlin


def test_days_and_times_are_those_of_berlin() -> None:
    assert formats.day(AT) == "13. März 2026"
    assert formats.clock(AT) == "0:30\xa0Uhr"
    assert formats.moment(datetime(2026, 7, 1, 7, 5, tzinfo=UTC)) == "1. Juli 2026, 9:05\xa0Uhr"


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0"), (0.874, "87"), (0.996, "99"), (0.9999, "99"), (1.0, "100")]
)
def test_a_score_is_never_rounded_up_to_a_certainty(share: float, text: str) -> None:
    assert formats.percent(share) == f"{text}\u00a0%"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (20, "gerade eben"),
        (25 * 60, "vor 25 Minuten"),
        (91 * 60, "vor 2 Stunden"),
        (20 * 3600, "vor 20 Stunden"),
        (49 * 3600, "vor 2 Tagen"),
        (40 * 86400, "am 1. Februar 2026"),
    ],
)
def test_ago(seconds: int, text: str) -> None:
    assert formats.ago(AT - timedelta(seconds=seconds), AT) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(47, "47_Sek."), (754, "13_Min."), (3600, "1_Std."), (3905, "1_Std. 5_Min.")],
)
def test_duration(seconds: int, text: str) -> None:
    assert formats.duration(seconds) == text.replace("_", "\u00a0")
