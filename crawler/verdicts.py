"""Judges how one look at a source's list went, and says how to mend it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crawler.samples import Sample
from store.types import BERLIN, Source

#: Days without anything new after which a list is worth a look; press offices have holidays.
SILENT = timedelta(days=60)
#: A list in which fewer items are dated loses its order and its place on the time line.
_DATED = 0.5
_WORDS = {"ok": "works", "warn": "works, but look at it", "fail": "does not work"}


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
    #: why the first of them was
    first_skipped: str | None = None
    #: evidence of a reservation of text and data mining
    reservation: str | None = None
    #: why the list itself is not what was read, but the feed at ``url``
    instead_of: str | None = None
    #: the newest items
    items: tuple[Sample, ...] = ()
    #: share of the entries, 0–1, that have each field (`crawler.samples.FIELDS`)
    filled: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``ok``, ``warn`` (works, but look at it) or ``fail``, with findings and the mend of each."""

    source_id: str
    level: str
    on_probation: bool
    findings: tuple[str, ...]
    #: what to do, in the order of the findings
    mends: tuple[str, ...]
    #: lines for the source's file, such as ``min_items = 5``
    to_set: tuple[str, ...]
    look: Look

    @property
    def line(self) -> str:
        """The whole verdict: how it is, what was found, how it is mended."""
        word = "not judged" if self.look.waits else _WORDS[self.level]
        mends = [*self.mends, *([f"set {', '.join(self.to_set)}"] if self.to_set else ())]
        said = f"{word}: {'; '.join(self.findings)}" if self.findings else word
        return f"{said}; {'; '.join(mends)}" if mends else said


def judge_look(source: Source, look: Look, *, on_probation: bool, now: datetime) -> Verdict:
    """Weigh a look against what the source's file promises. Changes nothing."""
    if look.error:
        level, mends = ("warn", ()) if look.waits else ("fail", _mends_of_error(source, look))
        return Verdict(source.id, level, on_probation, (look.error,), mends, (), look)
    found = list(_found(source, look, now))
    to_set: list[str] = []
    if look.instead_of:
        to_set += ['kind = "feed"', f'url = "{look.url}"']
    elif look.moved_for_good and look.url != source.url:
        to_set.append(f'url = "{look.url}"')
    if look.reservation and source.display == "full":
        to_set.append('display = "teaser"')
    too_few = look.entries < source.min_items
    if source.checked is None and not too_few:
        to_set.append(f"checked = {now.astimezone(BERLIN).date().isoformat()}")
    if source.min_items == 1 and source.kind != "mail" and look.entries >= 10:
        to_set.append(f"min_items = {look.entries // 3}")
    return Verdict(
        source.id,
        "fail" if too_few else "warn" if found else "ok",
        on_probation,
        tuple(finding for finding, _ in found),
        tuple(mend for _, mend in found if mend),
        tuple(to_set),
        look,
    )


def _found(source: Source, look: Look, now: datetime) -> list[tuple[str, str]]:
    """Each finding with its mend; the mend is empty where a line to set is all."""
    found = []
    if look.entries < source.min_items:
        usual = f"lists {look.entries} items where at least {source.min_items} are usual"
        found.append(
            (
                f"{usual}: its layout has probably changed",
                "open the address; if it is a list still, lower min_items or mend the page "
                f"class, else look for another: {_discover(source)}",
            )
        )
    if look.instead_of:
        found.append((f"{look.instead_of}; its feed was read instead", ""))
    elif look.moved_for_good and look.url != source.url:
        found.append(("has moved for good", ""))
    if source.kind not in ("sitemap", "mail") and look.entries and look.dated < _DATED:
        mend = "" if source.follow else "set follow = true, so that the pages' dates are read"
        found.append((f"only {look.dated:.0%} of its items are dated", mend))
    if look.newest and now - look.newest > SILENT:
        day = look.newest.astimezone(BERLIN).date().isoformat()
        found.append((f"nothing new since {day}", f"look for a newer list: {_discover(source)}"))
    if look.skipped:
        why = f" (first: {look.first_skipped})" if look.first_skipped else ""
        found.append((f"{look.skipped} entries cannot be read{why}", "tell the publisher"))
    if look.reservation:
        reserved = f"text mining is reserved ({look.reservation}): full text is not indexed"
        found.append((reserved, ""))
    return found


def _mends_of_error(source: Source, look: Look) -> tuple[str, ...]:
    """What to do where there is no list. Most errors say it themselves, after a semicolon."""
    if look.unreachable:
        return ("look again later; if it stays so, the host has gone or refuses us",)
    if look.http_status in (404, 410):
        return (f"look where it has moved: {_discover(source)}",)
    if look.http_status in (401, 403):
        return ("ask the publisher why programs are refused",)
    if look.http_status and look.http_status >= 500:
        return ("the server is at fault: look again later",)
    return () if "; " in (look.error or "") else (f"look at the site: {_discover(source)}",)


def _discover(source: Source) -> str:
    return f"radar sources discover {source.homepage}"
