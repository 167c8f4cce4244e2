"""How the site writes dates, numbers and plurals in German."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from store.types import BERLIN

MONTHS: Final = (
    "Januar", "Februar", "März", "April", "Mai", "Juni",
    "Juli", "August", "September", "Oktober", "November", "Dezember",
)  # fmt: skip
SHORT_MONTHS: Final = (
    "Jan", "Feb", "März", "Apr", "Mai", "Juni", "Juli", "Aug", "Sep", "Okt", "Nov", "Dez",
)  # fmt: skip

NBSP: Final = "\N{NO-BREAK SPACE}"


def number(value: int) -> str:
    """``1234567`` → ``1.234.567``."""
    return f"{value:,}".replace(",", ".")


def plural(count: int, one: str, many: str) -> str:
    """``1 Eintrag``, ``2 Einträge``, ``0 Einträge``."""
    return f"{count} {one if count == 1 else many}"


def percent(share: float) -> str:
    """A share of 0–1 as whole per cent, never rounded up to a certainty: ``0.996`` → ``99 %``."""
    return f"{min(round(share * 100), 100 if share >= 1 else 99)}{NBSP}%"


def local(at: datetime | date) -> date:
    """The day in Berlin."""
    return at.astimezone(BERLIN).date() if isinstance(at, datetime) else at


def day(at: datetime | date) -> str:
    """``12. März 2026`` (in Berlin)."""
    on = local(at)
    return f"{on.day}. {MONTHS[on.month - 1]} {on.year}"


def clock(at: datetime) -> str:
    """``9:05 Uhr`` (in Berlin), never broken between the two."""
    berlin = at.astimezone(BERLIN)
    return f"{berlin.hour}:{berlin.minute:02d}{NBSP}Uhr"


def moment(at: datetime) -> str:
    """``12. März 2026, 9:05 Uhr`` (in Berlin)."""
    return f"{day(at)}, {clock(at)}"


def ago(at: datetime, now: datetime) -> str:
    """``gerade eben``, ``vor 5 Minuten``, ``vor 3 Stunden``, ``vor 2 Tagen``, then the day."""
    seconds = (now - at).total_seconds()
    if seconds < 90:
        return "gerade eben"
    if seconds < 90 * 60:
        return f"vor {round(seconds / 60)} Minuten"
    if seconds < 36 * 3600:
        return f"vor {plural(round(seconds / 3600), 'Stunde', 'Stunden')}"
    days = round(seconds / 86400)
    if days <= 14:
        return f"vor {days} Tagen"
    return f"am {day(at)}"


def duration(seconds: int) -> str:
    """``47 Sek.``, ``12 Min.``, ``1 Std. 5 Min.``."""
    if seconds < 60:
        return f"{seconds}{NBSP}Sek."
    hours, minutes = divmod(round(seconds / 60), 60)
    parts = ([f"{hours}{NBSP}Std."] if hours else []) + (
        [f"{minutes}{NBSP}Min."] if minutes else []
    )
    return " ".join(parts)
