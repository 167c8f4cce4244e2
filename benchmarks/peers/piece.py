"""What one comparison comes to: tables, and ratios in which more than 1 means that we are ahead."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its first column names who or what."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ours against a peer's. More than 1: we are ahead by so much; less: we are behind."""

    what: str
    against: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Piece:
    """One comparison, done on one day on one machine."""

    name: str
    title: str
    #: how it was measured, in sentences
    how: str
    tables: tuple[Table, ...]
    ratios: tuple[Ratio, ...]
    #: a bar that was set for us beforehand, and what came of it
    bars: tuple[tuple[str, bool], ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    #: what could not be measured, or needs a word
    notes: tuple[str, ...] = ()


def keep(piece: Piece, folder: Path, load_before: float) -> None:
    """Write the piece with day, machine and load."""
    folder.mkdir(parents=True, exist_ok=True)
    told = asdict(piece) | {
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "load": [load_before, round(os.getloadavg()[0], 1)],
    }
    path = folder / f"{piece.name}.json"
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def machine() -> str:
    """Processor, cores, memory, system, Python."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{model}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB, "
        f"{platform.system()} {platform.release().partition('-')[0]}, "
        f"Python {platform.python_version()}"
    )


def as_markdown(pieces: Sequence[dict[str, Any]]) -> str:
    """The whole report of pieces as ``keep`` wrote them."""
    lines = [
        "# Kommunalradar beside its peers",
        "",
        "Written by `python -m benchmarks.peers` from measurements, not by hand. Each comparison",
        "ran both sides on the same data and machine, one after another, and counts processor",
        "time, so that a busy machine changes little. **Ratios: more than 1 means that we are",
        "ahead, less that we are behind.** Absolute figures stand beside their reference only.",
        "",
        "## In short",
        "",
        "| ahead or behind | what | against | ratio |",
        "|---|---|---|---|",
    ]
    ratios = [one for piece in pieces for one in piece["ratios"]]
    for one in sorted(ratios, key=lambda one: -one["ratio"]):
        word = "ahead" if one["ratio"] > 1.02 else "behind" if one["ratio"] < 0.98 else "level"
        word = f"**{word}**" if word == "behind" else word
        lines.append(f"| {word} | {one['what']} | {one['against']} | {one['ratio']:.3g} |")
    bars = [bar for piece in pieces for bar in piece["bars"]]
    if bars:
        lines += ["", "Bars that were set beforehand:", ""]
        lines += [f"- {'met' if met else '**missed**'}: {text}" for text, met in bars]
    for piece in pieces:
        lines += ["", f"## {piece['title']}", "", piece["how"], ""]
        versions = ", ".join(f"{name} {number}" for name, number in piece["versions"].items())
        load = "–".join(f"{value:g}" for value in piece["load"])
        lines += [f"{piece['day']}; {piece['machine']}; load {load}. {versions}."]
        for table in piece["tables"]:
            lines += ["", f"**{table['title']}**", "", _row(table["columns"])]
            lines.append("|" + "---|" * len(table["columns"]))
            lines += [_row(row) for row in table["rows"]]
        lines += [f"\n{note}" for note in piece["notes"]]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[Cell]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(cell: Cell) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    return f"{cell:.3g}" if isinstance(cell, float) and abs(cell) < 1000 else f"{cell:,.0f}"
