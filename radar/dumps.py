"""Makes the dated files of the public archive that the site offers, and drops the oldest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from radar import keeping
from radar.config import Config
from store.types import BERLIN

#: Parquet only where pyarrow is installed (the extra ``parquet``).
FORMATS: Final = ("csv", "parquet", "sqlite")
_FILE: Final = re.compile(
    r"archive-(\d{4}-\d\d-\d\d)(-\w+)?\.(csv|ndjson|parquet|sqlite|sha256)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Dumped:
    """What was made: the folder, the formats and the rows of one; what was dropped."""

    folder: Path
    formats: tuple[str, ...]
    rows: int
    dropped: tuple[Path, ...]


def dump(config: Config) -> Dumped:
    """Write today's files and drop all but the newest ``dumps.keep`` days.

    Raises ``ExportError`` when nothing is published yet, ``DiskFullError`` without room.
    """
    folder = config.dumps
    formats = tuple(f for f in FORMATS if f != "parquet" or find_spec("pyarrow"))
    rows = 0
    for format in formats:
        rows = keeping.export(config, folder, format=format).rows
    dropped = tuple(
        path for day in _days(folder)[config.dumps_keep :] for path in _files(folder, day)
    )
    # The lists of checksums first: what no list names is offered no longer.
    for path in sorted(dropped, key=lambda path: path.suffix != ".sha256"):
        path.unlink(missing_ok=True)  # an erasure may have been quicker
    return Dumped(folder, formats, rows, dropped)


def dump_if_due(config: Config, now: datetime) -> Dumped | None:
    """The same where ``dumps.days`` asks for it and as many days have passed."""
    if not config.dumps_days or not config.archive.is_file():
        return None
    known = _days(config.dumps)
    today = now.astimezone(BERLIN).date()
    if known and (today - known[0]).days < config.dumps_days:
        return None
    return dump(config)


def _days(folder: Path) -> list[date]:
    """The days there are files of, the newest first."""
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    found = {match[1] for name in names if (match := _FILE.fullmatch(name))}
    return sorted((date.fromisoformat(day) for day in found), reverse=True)


def _files(folder: Path, day: date) -> list[Path]:
    return sorted(
        path for path in folder.glob(f"archive-{day.isoformat()}*") if _FILE.fullmatch(path.name)
    )
