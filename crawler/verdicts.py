"""Judges how one look at a source's list went, and says what to set in its file. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from store.types import BERLIN, Source

#: Days without anything new after which a list is worth a look; press offices have holidays.
SILENT = timedelta(days=60)
#: A list in which fewer items are dated loses its order and its place on the time line.
_DATED = 0.5


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a source's list found."""

    source_id: str
    #: where it was in the end; the source's own address unless redirected
    url: str
    http_status: int | None = None
    #: why there is no list, in one line; None: there is one
    error: str | None = None
    #: the server asked for a pause: no fault, only a later look
    waits: bool = False
    #: nothing came back at all: the host's fault, or our own line's
    unreachable: bool = False
    #: every step of the redirect says that it is for good
    moved_for_good: bool = False
    entries: int = 0
    dated: float = 0.0
    newest: datetime | None = None
    skipped: int = 0
    #: evidence of a reservation of text and data mining
    reservation: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """``ok``, ``warn`` (works, but look at it) or ``fail``, with findings and what to set."""

    source_id: str
    level: str
    on_probation: bool
    findings: tuple[str, ...]
    #: lines for the source's file, such as ``min_items = 5``
    to_set: tuple[str, ...]
    look: Look


def judge_look(source: Source, look: Look, *, on_probation: bool, now: datetime) -> Verdict:
    """Weigh a look against what the source's file promises. Changes nothing."""
    findings: list[str] = []
    to_set: list[str] = []
    if look.error:
        level = "warn" if look.waits else "fail"
        return Verdict(source.id, level, on_probation, (look.error,), (), look)
    too_few = look.entries < source.min_items
    if too_few:
        findings.append(
            f"lists {look.entries} items where at least {source.min_items} are usual: "
            "its layout has probably changed"
        )
    if look.moved_for_good and look.url != source.url:
        findings.append("has moved for good")
        to_set.append(f'url = "{look.url}"')
    if source.kind not in ("sitemap", "mail") and look.entries and look.dated < _DATED:
        findings.append(f"only {look.dated:.0%} of its items are dated")
    if look.newest and now - look.newest > SILENT:
        day = look.newest.astimezone(BERLIN).date().isoformat()
        findings.append(f"nothing new since {day}")
    if look.skipped:
        findings.append(f"{look.skipped} entries cannot be read")
    if look.reservation:
        findings.append(f"text mining is reserved ({look.reservation}): full text is not indexed")
        if source.display == "full":
            to_set.append('display = "teaser"')
    if source.checked is None and not too_few:
        to_set.append(f"checked = {now.astimezone(BERLIN).date().isoformat()}")
    if source.min_items == 1 and source.kind != "mail" and look.entries >= 10:
        to_set.append(f"min_items = {look.entries // 3}")
    level = "fail" if too_few else "warn" if findings else "ok"
    return Verdict(source.id, level, on_probation, tuple(findings), tuple(to_set), look)
