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

#: Item kinds (codebook, "Kinds"): one and many.
KIND_LABELS: Final = {
    "article": ("Artikel", "Artikel"),
    "press_release": ("Pressemitteilung", "Pressemitteilungen"),
    "interview": ("Interview", "Interviews"),
    "report": ("Bericht", "Berichte"),
    "study": ("Studie", "Studien"),
    "video": ("Video", "Videos"),
    "event": ("Veranstaltung", "Veranstaltungen"),
    "notice": ("Hinweis", "Hinweise"),
}

NBSP: Final = "\N{NO-BREAK SPACE}"


def kind_label(kind: str) -> str:
    """``press_release`` → ``Pressemitteilung``; an unknown kind comes back as it is."""
    return KIND_LABELS.get(kind, (kind, kind))[0]


def number(value: int) -> str:
    """``1234567`` → ``1.234.567``."""
    return f"{value:,}".replace(",", ".")


def plural(count: int, one: str, many: str) -> str:
    """``1 Eintrag``, ``2 Einträge``, ``0 Einträge``."""
    return f"{number(count)} {one if count == 1 else many}"


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
    """``9:05 Uhr`` (in Berlin)."""
    berlin = at.astimezone(BERLIN)
    return f"{berlin.hour}:{berlin.minute:02d} Uhr"


def moment(at: datetime) -> str:
    """``12. März 2026, 9:05 Uhr`` (in Berlin)."""
    return f"{day(at)}, {clock(at)}"


def shown_date(iso: str) -> str:
    """A date as the archive writes it, day or Berlin time: ``2026-03-12`` → ``12. März 2026``."""
    if len(iso) == len("2026-03-12"):
        return day(date.fromisoformat(iso))
    return moment(datetime.fromisoformat(iso))


def day_heading(on: date, today: date) -> str:
    """``Heute``, ``Gestern`` or the day."""
    return {0: "Heute", 1: "Gestern"}.get((today - on).days, day(on))


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


def listed(words: list[str]) -> str:
    """``a``, ``a und b``, ``a, b und c``."""
    return " und ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
