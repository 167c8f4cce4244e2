"""Writes one moment in the notations that German sites and feeds use."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

from store.types import BERLIN

MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
    "Oktober", "November", "Dezember",
)  # fmt: skip
#: as content systems of German town halls abbreviate them in feeds
MONTHS_SHORT = (
    "Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez",
)  # fmt: skip
WEEKDAYS = (
    "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag",
)  # fmt: skip


def _berlin(at: datetime) -> datetime:
    return at.astimezone(BERLIN)


def rfc822(at: datetime) -> str:
    """``Mon, 02 Mar 2026 14:30:00 +0100`` (RFC 822, four-digit year)."""
    return format_datetime(_berlin(at))


def http_date(at: datetime) -> str:
    """``Mon, 02 Mar 2026 13:30:00 GMT`` (RFC 9110, IMF-fixdate)."""
    return format_datetime(at.astimezone(UTC), usegmt=True)


def rss_german(at: datetime) -> str:
    """``Mo, 02 Mär 2026 14:30:00 +0100``: RFC 822 as a German locale prints it."""
    at = _berlin(at)
    return f"{WEEKDAYS[at.weekday()][:2]}, {at:%d} {MONTHS_SHORT[at.month - 1]} {at:%Y %H:%M:%S %z}"


def rss_mez(at: datetime) -> str:
    """``Mo, 02 Mär 2026 14:30:00 MEZ``: the same with the German name of the zone."""
    at = _berlin(at)
    return f"{rss_german(at).rsplit(' ', 1)[0]} {'MESZ' if at.dst() else 'MEZ'}"


def rfc3339(at: datetime) -> str:
    """``2026-03-02T14:30:00+01:00``."""
    return _berlin(at).isoformat(timespec="seconds")


def utc(at: datetime) -> str:
    """``2026-03-02T13:30:00+00:00``, as video platforms give it."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def local(at: datetime) -> str:
    """``2026-03-02T14:30:00``: Berlin time that does not say so (WordPress ``date``)."""
    return f"{_berlin(at):%Y-%m-%dT%H:%M:%S}"


def local_utc(at: datetime) -> str:
    """``2026-03-02T13:30:00``: UTC that does not say so (WordPress ``date_gmt``)."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"


def day(at: datetime) -> str:
    """``2026-03-02``."""
    return _berlin(at).date().isoformat()


def dotted(at: datetime) -> str:
    """``02.03.2026``."""
    return f"{_berlin(at):%d.%m.%Y}"


def dotted_time(at: datetime) -> str:
    """``02.03.2026 14:30 Uhr``."""
    return f"{_berlin(at):%d.%m.%Y %H:%M} Uhr"


def long(at: datetime) -> str:
    """``2. März 2026``."""
    at = _berlin(at)
    return f"{at.day}. {MONTHS[at.month - 1]} {at.year}"


def weekday(at: datetime) -> str:
    """``Montag, 2. März 2026``."""
    return f"{WEEKDAYS[_berlin(at).weekday()]}, {long(at)}"


def short_time(at: datetime) -> str:
    """``Mo, 2. Mär 2026, 14.30 Uhr``."""
    at = _berlin(at)
    return (
        f"{WEEKDAYS[at.weekday()][:2]}, {at.day}. {MONTHS_SHORT[at.month - 1]} {at.year}, "
        f"{at:%H.%M} Uhr"
    )


def short_day(at: datetime) -> str:
    """``Mo, 02 Mär 2026``."""
    at = _berlin(at)
    return f"{WEEKDAYS[at.weekday()][:2]}, {at:%d} {MONTHS_SHORT[at.month - 1]} {at.year}"


def iso_duration(seconds: int) -> str:
    """``PT1H32M20S`` (ISO 8601)."""
    hours, rest = divmod(seconds, 3600)
    return f"PT{f'{hours}H' if hours else ''}{rest // 60}M{rest % 60}S"


def clock(seconds: int) -> str:
    """``1:32:20`` or ``45:10``."""
    hours, rest = divmod(seconds, 3600)
    minutes = f"{rest // 60:02d}" if hours else str(rest // 60)
    return f"{f'{hours}:' if hours else ''}{minutes}:{rest % 60:02d}"


def thousands(number: int) -> str:
    """``1.234``."""
    return f"{number:,}".replace(",", ".")


FILTERS = {
    function.__name__: function
    for function in (
        rfc822, http_date, rss_german, rss_mez, rfc3339, utc, local, local_utc, day, dotted,
        dotted_time, long, weekday, short_time, short_day, iso_duration, clock, thousands,
    )
}  # fmt: skip
