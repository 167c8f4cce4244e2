"""Reads how often a server wants to be asked: from an answer's headers and from the feed. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

from store.types import Wishes

#: Lengths of ``sy:updatePeriod`` in seconds (RSS 1.0 module Syndication).
_PERIODS = {
    b"hourly": 3600, b"daily": 86_400, b"weekly": 604_800, b"monthly": 2_592_000,
    b"yearly": 31_536_000,
}  # fmt: skip
_DAYS = (b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday", b"sunday")
_MAX_AGE = re.compile(r"\bmax-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
#: RSS 2.0: minutes
_TTL = re.compile(rb"<ttl>\s*(\d{1,7})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(rb"<sy:updatePeriod>\s*(\w+)\s*</sy:updatePeriod>", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<sy:updateFrequency>\s*(\d{1,6})\s*</sy:updateFrequency>", re.IGNORECASE)
_SKIP_HOURS = re.compile(rb"<skipHours>(.{0,2000}?)</skipHours>", re.IGNORECASE | re.DOTALL)
_SKIP_DAYS = re.compile(rb"<skipDays>(.{0,1000}?)</skipDays>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(rb"<day>\s*(\w+)\s*</day>", re.IGNORECASE)


def read_wishes(header: Callable[[str], str | None], body: bytes, now: datetime) -> Wishes:
    """What the headers (Cache-Control, Expires) and a feed's own elements ask for.

    The longest of the times counts. Nonsense counts as unsaid; what is asked of all of a day or a
    week is nonsense.
    """
    hours = {int(hour) % 24 for hour in _within(_SKIP_HOURS, _HOUR, body) if int(hour) <= 24}
    named = {day.lower() for day in _within(_SKIP_DAYS, _DAY, body)}
    days = {number for number, day in enumerate(_DAYS) if day in named}
    return Wishes(
        at_least_s=max(_fresh_for(header, now), _said_in(body)),
        skip_hours=tuple(sorted(hours)) if len(hours) < 24 else (),
        skip_days=tuple(sorted(days)) if len(days) < 7 else (),
    )


def _fresh_for(header: Callable[[str], str | None], now: datetime) -> int:
    """Seconds for which an answer stays fresh (RFC 9111, section 4.2.1)."""
    control = header("Cache-Control") or ""
    if re.search(r"\bno-(?:cache|store)\b", control, re.IGNORECASE):
        return 0
    if age := _MAX_AGE.search(control):
        return int(age[1])
    try:
        until = parsedate_to_datetime(header("Expires") or "")
        return max(0, int((until - now).total_seconds()))
    except (ValueError, TypeError, OverflowError):  # TypeError: a date without a zone
        return 0


def _said_in(body: bytes) -> int:
    ttl = _TTL.search(body)
    period = _PERIOD.search(body)
    frequency = _FREQUENCY.search(body)
    often = max(int(frequency[1]) if frequency else 1, 1)
    every = _PERIODS.get(period[1].lower(), 0) // often if period else 0
    return max(int(ttl[1]) * 60 if ttl else 0, every)


def _within(outer: re.Pattern[bytes], inner: re.Pattern[bytes], body: bytes) -> list[bytes]:
    found = outer.search(body)
    return inner.findall(found[1]) if found else []
