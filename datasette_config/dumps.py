"""The dated files of the whole archive that are offered: which there are, and their checksums."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

#: Content type of each format, by its ending.
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "sqlite": "application/vnd.sqlite3",
}
_SUMS: Final = re.compile(r"archive-\d{4}-\d\d-\d\d-(csv|ndjson|parquet|sqlite)\.sha256", re.ASCII)
_LINE: Final = re.compile(
    r"(?P<sum>[0-9a-f]{64})  (?P<name>archive-(?P<day>\d{4}-\d\d-\d\d)(-(?P<table>[a-z_]+))?"
    r"\.(?P<format>csv|ndjson|parquet|sqlite))",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Dump:
    """One complete file. ``table`` is None where it holds everything."""

    path: Path
    day: date
    format: str
    table: str | None
    sha256: str
    size: int
    changed: datetime

    @property
    def name(self) -> str:
        """Its name in the folder and in its address."""
        return self.path.name


def dumps(folder: Path | None) -> list[Dump]:
    """Every file that a list of checksums names (``store.exports``), the newest day first.

    What no list names is still being written, or not ours.
    """
    if folder is None or not folder.is_dir():
        return []
    found: list[Dump] = []
    for sums in folder.iterdir():
        if not _SUMS.fullmatch(sums.name):
            continue
        for line in _lines(sums):
            dump = _dump(folder, line)
            if dump is not None:
                found.append(dump)
    return sorted(found, key=lambda dump: (-dump.day.toordinal(), dump.format, dump.name))


def newest(found: Sequence[Dump], format: str, table: str | None) -> Dump | None:
    """The newest file of a format and table."""
    fitting = (dump for dump in found if (dump.format, dump.table) == (format, table))
    return next(fitting, None)


def checksums(found: Sequence[Dump]) -> str:
    """The lines for ``sha256sum --check``."""
    return "".join(f"{dump.sha256}  {dump.name}\n" for dump in found)


def _lines(sums: Path) -> list[str]:
    try:
        return sums.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:  # dropped or erased since the folder was read
        return []


def _dump(folder: Path, line: str) -> Dump | None:
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    path = folder / match["name"]
    try:
        about = path.stat()
    except FileNotFoundError:
        return None
    return Dump(
        path=path,
        day=date.fromisoformat(match["day"]),
        format=match["format"],
        table=match["table"],
        sha256=match["sum"],
        size=about.st_size,
        changed=datetime.fromtimestamp(int(about.st_mtime), UTC),
    )
