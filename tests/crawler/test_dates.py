"""German and English dates: each notation as it was seen in feeds and on pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.dates import better_date, find_date, find_dates, parse_date
from store.types import BERLIN

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        # ISO 8601 and RFC 3339
        ("2025-03-10", "2025-03-10"),
        ("2025-03-10T14:30:00Z", "2025-03-10T15:30:00+01:00"),
        ("2025-03-10t14:30:00z", "2025-03-10T15:30:00+01:00"),
        ("2025-03-10T14:30:00.123+01:00", "2025-03-10T14:30:00+01:00"),
        ("2025-03-10T14:30+0100", "2025-03-10T14:30:00+01:00"),
        ("2025-03-10T14:30", "2025-03-10T14:30:00+01:00"),
        ("2025-07-10 14:30:00", "2025-07-10T14:30:00+02:00"),
        ("2025-03-10 14:30:00 UTC", "2025-03-10T15:30:00+01:00"),
        ("2025-03-10T14:30:00+01:00[Europe/Berlin]", "2025-03-10T14:30:00+01:00"),
        ("20250310T143000Z", "2025-03-10T15:30:00+01:00"),
        ("2025/03/10", "2025-03-10"),
        # RFC 822, with and without a zone
        ("Mon, 10 Mar 2025 14:30:00 +0100", "2025-03-10T14:30:00+01:00"),
        ("Mon, 10 Mar 2025 14:30:00 GMT", "2025-03-10T15:30:00+01:00"),
        ("Mon, 10 Mar 2025 14:30:00", "2025-03-10T14:30:00+01:00"),
        ("Mon, 10 Mar 25 14:30:00 +0100", "2025-03-10T14:30:00+01:00"),
        ("10 Mar 2025 14:30 EST", "2025-03-10T20:30:00+01:00"),
        ("Mon, 10 Mar 2025 14:30:00 +0100 (CET)", "2025-03-10T14:30:00+01:00"),
        ("Wed, 24 Dec 2025 10:00:00 -0000", "2025-12-24T11:00:00+01:00"),
        ("Mon, 10 Mar 2025 14:30:00 Z", "2025-03-10T15:30:00+01:00"),
        ("Mon, 10 Mar 2025 14:30:00 +1:00", "2025-03-10T14:30:00+01:00"),
        ("Mon, 10 Mar 2025 14:30:00 +0100 MEZ", "2025-03-10T14:30:00+01:00"),
        ("Mon, 10 Mar 2025 14:30:00 MEZ (UTC+1)", "2025-03-10T14:30:00+01:00"),
        ("Mon, 10 Mar 2025 14:30:00 (MEZ)", "2025-03-10T14:30:00+01:00"),
        # the zones that feedparser reads as UTC
        ("Mon, 10 Mar 2025 14:30:00 CET", "2025-03-10T14:30:00+01:00"),
        ("Mon, 10 Mar 2025 14:30:00 MEZ", "2025-03-10T14:30:00+01:00"),
        ("Mon, 07 Jul 2025 14:30:00 CEST", "2025-07-07T14:30:00+02:00"),
        ("Mon, 07 Jul 2025 14:30:00 MESZ", "2025-07-07T14:30:00+02:00"),
        ("Mon, 07 Jul 2025 14:30:00 Europe/Berlin", "2025-07-07T14:30:00+02:00"),
        # German weekdays and months in an English frame
        ("Mo, 25 Jun 2018 12:00:00 +0200", "2018-06-25T12:00:00+02:00"),
        ("Do, 31 Okt 2019 10:00:00 +0100", "2019-10-31T10:00:00+01:00"),
        ("Mo, 03 Mär 2026 10:00:00 MEZ", "2026-03-03T10:00:00+01:00"),
        ("12 Mrz 2024", "2024-03-12"),
        ("Mo., 1. Dez. 2025 8:15 Uhr", "2025-12-01T08:15:00+01:00"),
        ("Di., 6. Mai 2025", "2025-05-06"),
        ("Sonnabend, den 10. Mai 2025", "2025-05-10"),
        # German
        ("10. März 2025", "2025-03-10"),
        ("10.\u00a0März\u00a02025", "2025-03-10"),
        ("10. Ma\u0308rz 2025", "2025-03-10"),
        ("1. Jänner 2025", "2025-01-01"),
        ("31.10.2019 12:00 Uhr", "2019-10-31T12:00:00+01:00"),
        ("31.10.2019 12:00", "2019-10-31T12:00:00+01:00"),
        ("31.10.2019, 12 Uhr", "2019-10-31T12:00:00+01:00"),
        ("31. 10. 2019", "2019-10-31"),
        ("Mo, 2. Mär 2026, 14.30 Uhr", "2026-03-02T14:30:00+01:00"),
        ("10. März 2025 | 14:30 Uhr", "2025-03-10T14:30:00+01:00"),
        ("[30.03.2023]", "2023-03-30"),
        ("Veröffentlicht am 10. März 2025 um 14:30 Uhr", "2025-03-10T14:30:00+01:00"),
        ("Stand: 10.03.2025", "2025-03-10"),
        ("12.03.25", "2025-03-12"),
        ("Freitag, der 10. Mai 2019", "2019-05-10"),
        ("10.03.2025 14.30", "2025-03-10T14:30:00+01:00"),
        ("14:30 Uhr, 10.03.2025", "2025-03-10T14:30:00+01:00"),
        ("14.30 Uhr | 10. März 2025", "2025-03-10T14:30:00+01:00"),
        # day before month, always
        ("12.03.2025", "2025-03-12"),
        ("12/03/2025", "2025-03-12"),
        # English
        ("March 10, 2025 2:30 PM", "2025-03-10T14:30:00+01:00"),
        ("March 10th, 2025", "2025-03-10"),
        ("12:30 a.m.", None),
        ("March 10, 2025 12:30 am", "2025-03-10T00:30:00+01:00"),
        ("Mon Mar 10 14:30:00 CET 2025", "2025-03-10T14:30:00+01:00"),
        (
            "Mon Mar 10 2025 14:30:00 GMT+0100 (Mitteleuropäische Normalzeit)",
            "2025-03-10T14:30:00+01:00",
        ),
        # the end of a day is the next one's midnight
        ("31.12.2024 24:00 Uhr", "2025-01-01T00:00:00+01:00"),
        ("Mon, 07 Jul 2025 24:00:00 +0200", "2025-07-08T00:00:00+02:00"),
        # März, wrongly decoded, can be nothing else
        ("10. M\ufffdrz 2025", "2025-03-10"),
        ("10. MÃ¤rz 2025", "2025-03-10"),
    ],
)
def test_a_notation_is_read(raw: str, expected: str | None) -> None:
    date = parse_date(raw, now=NOW)
    assert (date and date.iso()) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "gestern",
        "vor 2 Stunden",
        "2025-03",
        "März 2025",
        "12.03.",
        "Di., 6. Mai",
        "10. März 14:30 Uhr",
        "31.02.2025",
        "10/25/2025",
        "2025-13-01",
        "2025-03-10T25:00:00",
        "2025-03-10T24:30:00",
        "10.–12. März 2025",
        "10.03.2025 bis 12.03.2025",
        "Mon, 10 Mar 2025 14:30:00 XYZ",
        "Mon, 10 Mar 2025 14:30:00 Europe/Nowhere",
        "Mon, 10 Mar 2025 14:30:00 +9900",
        "Version 1.2.2010",
        "10.12.2025 14.75",
        "14:30 bis 10.03.2025",
        "192.168.10.20",
        "10. März 2025" * 20,
    ],
)
def test_what_leaves_the_day_open_is_no_date(raw: str) -> None:
    assert parse_date(raw, now=NOW) is None


def test_dates_before_1995_and_beyond_tomorrow_are_refused() -> None:
    assert parse_date("31.12.1994", now=NOW) is None
    assert parse_date("1.1.1995", now=NOW) is not None
    assert parse_date("23.11.2026", now=NOW) is not None
    assert parse_date("2026-11-23T12:00:00Z", now=NOW) is not None
    assert parse_date("2026-11-23T12:00:01Z", now=NOW) is None
    assert parse_date("1. Januar 2027", now=NOW) is None


def test_raw_and_the_zones_origin_are_kept() -> None:
    date = parse_date("  Mo, 2. Mär 2026, 14.30 Uhr ", now=NOW)
    assert date is not None
    assert (date.raw, date.zone, date.day_only) == ("Mo, 2. Mär 2026, 14.30 Uhr", "berlin", False)
    given_zone = parse_date("2026-03-02T14:30:00Z", now=NOW)
    assert given_zone is not None
    assert given_zone.zone == "given"


def test_a_bare_day_is_a_german_day_even_if_times_are_utc() -> None:
    date = parse_date("2025-03-10", now=NOW, default_zone=UTC)
    assert date is not None
    assert date.at == datetime(2025, 3, 9, 23, tzinfo=UTC)
    time = parse_date("2025-03-10T14:30:00", now=NOW, default_zone=UTC)
    assert time is not None
    assert time.at == datetime(2025, 3, 10, 14, 30, tzinfo=UTC)


def test_the_hour_that_summer_time_skips_or_repeats_is_still_a_moment() -> None:
    skipped = parse_date("30.03.2025 02:30 Uhr", now=NOW)
    repeated = parse_date("26.10.2025 02:30 Uhr", now=NOW)
    assert skipped is not None
    assert repeated is not None
    assert skipped.at == datetime(2025, 3, 30, 1, 30, tzinfo=UTC)
    assert repeated.at == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)


def test_dates_are_found_in_running_text_in_order() -> None:
    text = (
        "Köln, 10. März 2025 – Version 1.2.10 läuft auf 192.168.10.20. Am Donnerstag, 5. Juni 2025 "
        "14.30 Uhr z. B. tagt der Rat, vom 10.–12. Juli 2025 die Messe. [14.04.2025] Im Bericht "
        "steht 2025-01-02T03:04:05Z."
    )
    found = [date.iso() for date in find_dates(text, now=NOW)]
    assert found == [
        "2025-03-10",
        "2025-06-05T14:30:00+02:00",
        "2025-04-14",
        "2025-01-02T04:04:05+01:00",
    ]
    first = find_date(text, now=NOW)
    assert first is not None
    assert first.raw == "10. März 2025"
    assert find_date("Ohne Datum.", now=NOW) is None


def test_the_better_of_two_dates_keeps_the_day_and_gains_the_time() -> None:
    day = parse_date("10.03.2025", now=NOW)
    time = parse_date("10.03.2025 14:30", now=NOW)
    other = parse_date("11.03.2025 14:30", now=NOW)
    assert better_date(day, time) == time
    assert better_date(time, day) == time
    assert better_date(day, other) == day
    assert better_date(None, other) == other
    assert better_date(day, None) == day


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for date in [parse_date(text, now=NOW), *find_dates(text, now=NOW)]:
        if date is not None:
            assert date.at <= NOW + timedelta(days=1)
            assert date.at.astimezone(BERLIN).year >= 1994


@given(st.datetimes(datetime(1995, 1, 2), datetime(2026, 11, 21)))
def test_a_german_notation_gives_back_its_own_moment(moment: datetime) -> None:
    local = moment.replace(second=0, microsecond=0)
    date = parse_date(f"{local:%d.%m.%Y, %H:%M} Uhr", now=NOW)
    assert date is not None
    assert date.at == local.replace(tzinfo=BERLIN)
