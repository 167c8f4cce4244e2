"""What `radar sources check` found, as text for people and plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from crawler.samples import SHOWN, Sample
from crawler.verdicts import Look, Verdict, judge_look
from store.types import BERLIN, Source

_MARKS = {"ok": "ok  ", "warn": "look", "fail": "FAIL"}


def read_look(row: dict[str, Any]) -> Look:
    """A look as the spider wrote it."""
    newest = row["newest"]
    return Look(
        **{
            **row,
            "newest": datetime.fromisoformat(newest) if newest else None,
            "items": tuple(Sample(**item) for item in row["items"]),
        }
    )


def judge_all(
    sources: Iterable[Source],
    looks: Mapping[str, Look],
    on_probation: set[str],
    *,
    now: datetime,
) -> list[Verdict]:
    """One verdict a source, in the order of the sources; one without a look was not asked."""
    return [
        judge_look(
            source,
            looks.get(source.id)
            or Look(source.id, source.url, error="gave no answer; see the log"),
            on_probation=source.id in on_probation,
            now=now,
        )
        for source in sources
    ]


def is_offline(looks: Sequence[Look]) -> bool:
    """Whether not a single host answered: then it is our own line, and no source is judged."""
    return len(looks) > 1 and all(look.unreachable for look in looks)


def in_trouble(verdicts: Iterable[Verdict], named: Iterable[str]) -> bool:
    """Whether a source fails that did work; one on probation counts only if it was asked for."""
    named = set(named)
    return any(
        verdict.level == "fail" and (not verdict.on_probation or verdict.source_id in named)
        for verdict in verdicts
    )


def as_dict(verdict: Verdict) -> dict[str, Any]:
    """One verdict, times in ISO 8601."""
    look = asdict(verdict.look)
    return {
        "source": verdict.source_id,
        "level": verdict.level,
        "verdict": verdict.line,
        "on_probation": verdict.on_probation,
        "findings": list(verdict.findings),
        "mends": list(verdict.mends),
        "set": list(verdict.to_set),
        **{key: value for key, value in look.items() if key not in ("source_id", "newest")},
        "newest": verdict.look.newest.isoformat() if verdict.look.newest else None,
    }


def as_text(verdicts: Sequence[Verdict], shown: int = SHOWN) -> str:
    """Sources that work or worked, then those on probation, then the sum.

    ``shown``: how many of the newest items stand below each.
    """
    lines = []
    width = max((len(verdict.source_id) for verdict in verdicts), default=2)
    settled = [verdict for verdict in verdicts if not verdict.on_probation]
    probation = [verdict for verdict in verdicts if verdict.on_probation]
    for verdict in settled:
        lines += _lines(verdict, width, shown)
    if probation:
        lines += ["", "On probation (never fetched before; nobody is alarmed):"]
        for verdict in probation:
            lines += _lines(verdict, width, shown)
    counts = {level: sum(verdict.level == level for verdict in verdicts) for level in _MARKS}
    lines += ["", f"{counts['ok']} ok, {counts['warn']} to look at, {counts['fail']} failed"]
    return "\n".join(lines).lstrip("\n")


def _lines(verdict: Verdict, width: int, shown: int) -> list[str]:
    look = verdict.look
    lines = [f"{_MARKS[verdict.level]}  {verdict.source_id:<{width}}  {verdict.line}"]
    if not look.error:
        newest = look.newest.astimezone(BERLIN).date().isoformat() if look.newest else "undated"
        shares = [f"{name} {share:.0%}" for name, share in look.filled.items() if share]
        lines.append(f"        {look.entries} items, newest {newest}; {', '.join(shares)}")
    for item in look.items[:shown]:
        what = f"{(item.date or 'undated')[:10]:<10}  {item.kind or '?':<13}"
        lines.append(f"        {what}  {item.title or '(its page has the title)'}  <{item.url}>")
    return lines
