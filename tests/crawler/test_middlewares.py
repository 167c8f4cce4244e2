"""Retry-After and the guard against private addresses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from scrapy.http import Request

from crawler.addresses import is_public
from crawler.middlewares.private_addresses import (
    PrivateAddressError,
    PrivateAddressMiddleware,
)
from crawler.pauses import LONGEST, parse_retry_after

NOW = datetime(2026, 3, 12, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "until"),
    [
        ("120", NOW + timedelta(minutes=2)),
        ("Thu, 12 Mar 2026 10:30:00 GMT", NOW + timedelta(minutes=30)),
        (" 60 ", NOW + timedelta(minutes=1)),
        ("999999999999", NOW + LONGEST),
        ("9" * 5000, NOW + LONGEST),
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
        ("::", False),
        # IPv4-mapped, IPv4-compatible, NAT64, 6to4, Teredo: as public as what is inside
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::10.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("::a9fe:a9fe", False),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b::93.184.216.34", True),
        ("64:ff9b:1::93.184.216.34", False),
        ("2002:0a00:0001::1", False),
        ("2002:7f00:1::", False),
        ("2002:5db8:d822::1", True),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("2001:0:0a00:1::5db8:d822", False),
        # of one site, and to many
        ("fec0::1", False),
        ("ff02::1", False),
        ("ff0e::1", False),
        ("224.0.0.1", False),
        ("239.1.1.1", False),
        ("255.255.255.255", False),
    ],
)
def test_only_public_addresses_are_crawled(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    "url",
    [
        "http://[::ffff:169.254.169.254]/latest/meta-data/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:7f00:1::]:8001/",
        "http://[fe80::1%25eth0]/",
        "http://[ff02::1]/",
        "http://224.0.0.251/",
        "ftp://93.184.216.34/",
    ],
)
def test_a_literal_address_that_is_not_public_is_refused(url: str) -> None:
    with pytest.raises(PrivateAddressError):
        PrivateAddressMiddleware().process_request(Request(url))


def test_a_literal_public_address_passes() -> None:
    for url in ("http://93.184.216.34/", "http://[2606:2800:220:1:248:1893:25c8:1946]/"):
        PrivateAddressMiddleware().process_request(Request(url))
