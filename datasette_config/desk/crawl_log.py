"""What the crawl's log says of one run of one source; reads text and JSON lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

#: So much of the end of the log is looked through, and so many lines are shown.
MOST_BYTES, MOST_LINES = 20_000_000, 300
#: Lines are stamped to the second, and the last ones are written as the run is closed.
SLACK: Final = timedelta(seconds=2)
_LINE: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) \[([\w.-]+)\] ([A-Z]+): (.*)")


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the log; further lines of it, such as a traceback, follow after line breaks."""

    at: datetime
    level: str
    said: str


def read_log(
    log: Path, names: tuple[str, ...], begin: datetime, end: datetime, number: int = 7
) -> list[Line]:
    """Entries between two moments that name one of ``names`` (a source's id, its host).

    Logs that were put aside are read, too, as far as they can hold entries of that time.
    """
    found: list[Line] = []
    word = re.compile("|".join(rf"(?<![\w.-]){re.escape(name)}(?![\w-])" for name in names if name))
    for path in [log, *(log.with_name(f"{log.name}.{one}") for one in range(1, number + 1))]:
        if not path.is_file() or datetime.fromtimestamp(path.stat().st_mtime).astimezone() < begin:
            continue
        found = [
            line
            for line in _entries(path)
            if begin - SLACK <= line.at <= end + SLACK and word.search(line.said)
        ] + found
    return found[-MOST_LINES:]


def _entries(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - MOST_BYTES, 0))
        text = file.read(MOST_BYTES).decode("utf-8", "replace")
    held: Line | None = None
    for row in text.splitlines():
        begun = _parse(row)
        if begun is None:
            if held is not None:
                held = Line(held.at, held.level, f"{held.said}\n{row}")
            continue
        if held is not None:
            yield held
        held = begun
    if held is not None:
        yield held


def _parse(row: str) -> Line | None:
    if row.startswith("{"):
        try:
            told = json.loads(row)
            at = datetime.fromisoformat(told["at"])
            return Line(at, str(told["level"]).lower(), str(told["message"]))
        except (ValueError, KeyError, TypeError):
            return None
    match = _LINE.fullmatch(row)
    if match is None:
        return None
    # The crawl writes the machine's local time.
    return Line(datetime.fromisoformat(match[1]).astimezone(), match[3].lower(), match[4])
