"""Owns how a source's state is told to the public: one word and one German sentence; pure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from store.free_days import working_days
from store.types import BERLIN, SourceStatus

#: A source is silent when its newest item is older than this many of its usual gaps, and not
#: before two weeks, all in working days of its Land: weekends and holidays are no silence.
SILENT_GAPS = 4
SILENT_AFTER = 10

#: Newest items that tell the usual gap, and how many are needed to speak of one.
RHYTHM_ITEMS = 21
RHYTHM_LEAST = 4


@dataclass(frozen=True, slots=True)
class Silence:
    """``days`` without anything new, where ``usual`` working days lie between two items."""

    days: int
    usual: int


def public_status(
    status: SourceStatus, published: Sequence[datetime], now: datetime
) -> tuple[str, str | None]:
    """(``ok``, ``failed``, ``postponed``, ``offline``, ``silent``, ``never`` or ``retired``, and
    a sentence where there is something to say). ``published``: the newest items' times, newest
    first.
    """
    if not status.active:
        return "retired", "Diese Quelle wird nicht mehr gelesen; ihre Einträge bleiben."
    if status.last_run is None or status.last_run.result is None:
        if status.last_success is None:
            return "never", None
        return "ok", None
    result = status.last_run.result
    if result.status == "failed" and status.on_probation:
        return "never", "Diese Quelle ist neu und wurde noch nicht mit Erfolg gelesen."
    if result.status == "failed":
        often = f", {status.error_streak}-mal in Folge" if status.error_streak > 1 else ""
        return "failed", f"{_failure(result.http_status)}{often}."
    if result.status == "postponed":
        until = f" bis {_moment(status.retry_after)}" if status.retry_after else ""
        return "postponed", f"Die Quelle bat um Aufschub{until}."
    if result.status == "offline":
        return "offline", "Der letzte Versuch brach auf unserer Seite ab."
    quiet = silence(published, status.source.land, now)
    if quiet is None:
        return "ok", None
    usual = "täglich" if quiet.usual <= 1 else f"etwa alle {quiet.usual} Werktage"
    return "silent", f"Seit {quiet.days} Tagen nichts Neues; üblich ist {usual} etwas."


def _failure(http_status: int | None) -> str:
    if http_status is None:
        return "Die Quelle war nicht erreichbar oder erlaubt den Abruf nicht"
    if http_status == 200:
        return "Die Liste der Quelle ist nicht mehr lesbar, vermutlich hat sich ihr Aufbau geändert"
    return f"Der letzte Abruf ist gescheitert (HTTP {http_status})"


def silence(published: Sequence[datetime], land: str | None, now: datetime) -> Silence | None:
    """How long a source has been quiet, if that is longer than its own rhythm explains.

    ``published``: the newest items' times, newest first; too few tell no rhythm.
    """
    if len(published) < RHYTHM_LEAST:
        return None
    days = [at.astimezone(BERLIN).date() for at in published]
    usual = median(
        working_days(earlier, later, land) for later, earlier in itertools.pairwise(days)
    )
    today = now.astimezone(BERLIN).date()
    if working_days(days[0], today, land) <= max(SILENT_AFTER, SILENT_GAPS * usual):
        return None
    return Silence((today - days[0]).days, max(1, round(usual)))


def _moment(at: datetime) -> str:
    local = at.astimezone(BERLIN)
    return f"{local.day}.{local.month}.{local.year}, {local:%H:%M} Uhr"
