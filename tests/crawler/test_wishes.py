"""How often a server wants to be asked, as headers and feeds say it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.wishes import read_wishes
from store.types import Wishes

NOW = datetime(2026, 3, 12, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"Cache-Control": "public, max-age=1800"}, 1800),
        ({"Cache-Control": "no-cache, max-age=1800"}, 0),
        ({"Cache-Control": "max-age=viel"}, 0),
        ({"Expires": "Thu, 12 Mar 2026 11:00:00 GMT"}, 3600),
        ({"Expires": "Thu, 12 Mar 2026 09:00:00 GMT"}, 0),
        ({"Expires": "Thu, 12 Mar 2026 11:00:00"}, 0),
        ({"Expires": "0"}, 0),
        ({"Cache-Control": "max-age=60", "Expires": "Thu, 12 Mar 2026 11:00:00 GMT"}, 60),
    ],
)
def test_headers(headers: dict[str, str], seconds: int) -> None:
    assert read_wishes(headers.get, b"", NOW) == Wishes(at_least_s=seconds)


@pytest.mark.parametrize(
    ("feed", "wishes"),
    [
        ("<ttl>60</ttl>", Wishes(3600)),
        ("<ttl>bald</ttl>", Wishes()),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", Wishes(3600)),
        ("<sy:updatePeriod> daily </sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
         Wishes(21_600)),
        ("<sy:updatePeriod>oft</sy:updatePeriod>", Wishes()),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
         Wishes(86_400)),
        ("<ttl>5</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", Wishes(3600)),
        ("<skipHours><hour>24</hour><hour>1</hour><hour>99</hour></skipHours>",
         Wishes(skip_hours=(0, 1))),
        ("<skipDays>\n<day>Sunday</day><day>saturday</day><day>Sonntag</day></skipDays>",
         Wishes(skip_days=(5, 6))),
        ("<skipHours>" + "".join(f"<hour>{n}</hour>" for n in range(24)) + "</skipHours>",
         Wishes()),
        ("<item><hour>3</hour></item>", Wishes()),
    ],
)  # fmt: skip
def test_feed(feed: str, wishes: Wishes) -> None:
    assert read_wishes({}.get, feed.encode(), NOW) == wishes


@given(st.binary(), st.text(max_size=40), st.text(max_size=40))
def test_nothing_breaks_it(body: bytes, control: str, expires: str) -> None:
    headers = {"Cache-Control": control, "Expires": expires}
    assert read_wishes(headers.get, body, NOW).at_least_s >= 0
