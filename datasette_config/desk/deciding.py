"""An editor's decision on an item: written down whole or not at all, then public at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, cast

from datasette_config.desk.request import Request
from datasette_config.desk.visit import Visit
from datasette_config.desk.words import plain
from datasette_config.language import Language
from store.errors import RadarError
from store.types import BERLIN, Correction, PublicationDate, Word

#: No other dates come from the crawl (``crawler.dates``): half-typed years are often older.
EARLIEST: Final = date(1995, 1, 1)
TOLERANCE: Final = timedelta(days=1)


class FormError(RadarError):
    """Something in the form that cannot be; the message says what, in the visitor's language."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A facet as the editor wants it, and as it stood on the page they saw."""

    facet: str
    value: Word
    expected: Word


def decide(visit: Visit, item_id: int, decisions: Iterable[Decision]) -> list[Correction]:
    """Record the decisions on one item. Raises ``StaleError`` if one of them is outdated; then
    none counts. Publishing is the caller's, once for all it decides."""
    made = []
    with visit.newsroom.batch():
        for one in decisions:
            made.append(
                visit.newsroom.correct(
                    item_id, one.facet, one.value, editor=visit.name, expected=one.expected
                )
            )
            visit.newsroom.record(visit.name, "item.correct", item_id, detail_of(made[-1]))
    return made


def undo(visit: Visit, corrections: Sequence[int]) -> None:
    """Take corrections back, the last one first. Raises ``StaleError``; then none is."""
    with visit.newsroom.batch():
        for number in sorted(corrections, reverse=True):
            made = visit.newsroom.undo_correction(number, editor=visit.name)
            visit.newsroom.record(visit.name, "item.undo", made.item_id, detail_of(made))


def detail_of(made: Correction) -> dict[str, object]:
    """What the audit trail keeps of a correction."""
    return {
        "correction": made.id,
        "facet": made.facet,
        "before": plain(made.before),
        "after": plain(made.after),
        **({"undoes": made.undoes} if made.undoes else {}),
    }


def seen(request: Request, facet: str, suffix: str = "") -> Word:
    """What the page showed of a facet, as its form tells. Raises ``FormError`` if damaged."""
    try:
        value = json.loads(request.value(f"gesehen_{facet}{suffix}", "null"))
    except (ValueError, RecursionError) as error:  # brackets by the thousand
        raise FormError(f"gesehen_{facet}: {error}") from error
    if facet in ("topic", "state"):
        if not isinstance(value, list):
            raise FormError(f"gesehen_{facet}: no list")
        return tuple(str(label) for label in value)
    if facet == "published":
        return None if value is None else read_iso(str(value))
    return cast(Word, value)


def read_iso(text: str) -> PublicationDate:
    """The date that ``PublicationDate.iso`` wrote. Raises ``FormError`` for another text."""
    try:
        if len(text) == len("2026-03-12"):
            at = datetime.combine(date.fromisoformat(text), time(), BERLIN)
            return PublicationDate(at, True, text)
        return PublicationDate(datetime.fromisoformat(text).astimezone(BERLIN), False, text)
    except (ValueError, OverflowError) as error:
        raise FormError(f"{text}: {error}") from error


def date_fields(word: Word) -> tuple[str, str]:
    """A date as the two fields of a form show it: the day, and the time if it is known."""
    if not isinstance(word, PublicationDate):
        return "", ""
    local = word.at.astimezone(BERLIN)
    return local.date().isoformat(), "" if word.day_only else f"{local:%H:%M}"


def read_date(request: Request, spoken: Language, now: datetime) -> PublicationDate | None:
    """The date of the form's two fields; None where the day is empty.

    Raises ``FormError`` for what is no date, and for one at which nothing can have been published.
    """
    _ = spoken.gettext
    day, clock = request.value("tag"), request.value("zeit")
    if not day:
        if clock:
            raise FormError(_("Zur Uhrzeit fehlt der Tag."))
        return None
    text = f"{day} {clock}".strip()
    try:
        on, hour = date.fromisoformat(day), time.fromisoformat(clock) if clock else time()
    except ValueError:
        raise FormError(_("Das ist kein Datum: %(text)s", text=text)) from None
    if not EARLIEST <= on <= now.astimezone(BERLIN).date() + TOLERANCE:
        raise FormError(_("Das Datum liegt vor 1995 oder in der Zukunft: %(text)s", text=text))
    return PublicationDate(datetime.combine(on, hour, BERLIN), not clock, text)


def whose(visit: Visit, item_id: int, facets: Iterable[str]) -> Mapping[str, Correction]:
    """The newest correction of each facet of an item, to tell who was quicker."""
    wanted = set(facets)
    return {one.facet: one for one in visit.newsroom.corrections(item_id) if one.facet in wanted}
