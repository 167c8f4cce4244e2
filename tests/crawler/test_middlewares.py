"""Retry-After and the guard against private addresses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.middlewares.private_addresses import is_public
from crawler.pauses import LONGEST, parse_retry_after

NOW = datetime(2026, 3, 12, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "until"),
    [
        ("120", NOW + timedelta(minutes=2)),
        ("Thu, 12 Mar 2026 10:30:00 GMT", NOW + timedelta(minutes=30)),
        (" 60 ", NOW + timedelta(minutes=1)),
        ("999999999999", NOW + LONGEST),
        ("Thu, 12 Mar 2036 10:30:00 GMT", NOW + LONGEST),
        ("0", None),
        ("Thu, 12 Mar 2020 10:30:00 GMT", None),
        ("-5", None),
        ("bald", None),
        ("", None),
    ],
)
def test_retry_after(value: str, until: datetime | None) -> None:
    assert parse_retry_after(value, NOW) == until


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
    ],
)
def test_only_public_addresses_are_crawled(address: str, public: bool) -> None:
    assert is_public(address) is public
