"""Durations as players, feeds and content systems write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.durations import LONGEST_S, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT1H32M20S", 5540),
        ("PT156S", 156),
        ("PT00H02M22S", 142),
        ("PT2M22", 142),
        ("T2M22S", 142),
        ("PT2M", 120),
        ("PT90M", 5400),
        ("P0DT2H0M5S", 7205),
        ("P0Y0M0DT0H2M36.000S", 156),
        ("P1DT1S", 86401),
        ("pt2m36s", 156),
        ("PT2M 36S", 156),
        ("PT2M36,5S", 156),
        ("2M36S", 156),
        ("156", 156),
        ("156.4", 156),
        ("156s", 156),
        ("156 Sek.", 156),
        ("2 Min. 36 Sek.", 156),
        ("1 Std. 2 Min.", 3720),
        ("3 Minuten", 180),
        ("2:36", 156),
        ("02:36 Min.", 156),
        ("92:20", 5540),
        ("1:32:20", 5540),
        ("01:32:20.000", 5540),
        ("PT01:32:20", 5540),
        ("PT0S", None),
        ("00:00:00", None),
        ("0", None),
        ("", None),
        (None, None),
        ("PT", None),
        ("PTS", None),
        ("-5", None),
        ("PT-5S", None),
        ("lang", None),
        ("1:2:3:4", None),
        ("1:5x", None),
        ("PT999999999S", None),
        ("P1Y", None),
        # no recording lasts a month
        ("P1M", 60),
        ("12.03.2025", None),
    ],
)
def test_a_duration_is_read_or_refused(text: str | None, seconds: int | None) -> None:
    assert parse_duration(text) == seconds


@given(st.text(alphabet="PTDHMS0123456789:., ", max_size=30))
def test_any_text_is_a_length_or_none(text: str) -> None:
    seconds = parse_duration(text)
    assert seconds is None or 0 < seconds <= LONGEST_S


@given(st.integers(0, 99), st.integers(0, 59), st.integers(1, 59))
def test_all_notations_agree(hours: int, minutes: int, seconds: int) -> None:
    whole = hours * 3600 + minutes * 60 + seconds
    assert parse_duration(f"PT{hours}H{minutes}M{seconds}S") == whole
    assert parse_duration(f"{hours:02}:{minutes:02}:{seconds:02}") == whole
    assert parse_duration(str(whole)) == whole
