"""Owns our log files and the form of log lines: rotation, and JSON where it is wanted."""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import uuid4

from crawler.log_lines import JsonLines
from radar.config import Config

#: What all lines of one command have in common, those of its crawls and jobs included.
RUN_ID = os.environ.get("RADAR_RUN_ID") or uuid4().hex[:12]


def log_json() -> None:
    """From now on what libraries log in this process is JSON on standard error, warnings and up."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(RUN_ID))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


@contextmanager
def appended(path: Path, config: Config) -> Iterator[IO[bytes]]:
    """The log, open for a process to write to; put aside first if it has grown too large."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rotate(path, int(config.log_size_mb * 1_000_000), config.log_keep)
    with open(path, "ab", opener=_private) as log:
        yield log


def _private(name: str, flags: int) -> int:
    """An opener: of the crawl's addresses and errors other users of the machine learn nothing."""
    return os.open(name, flags, 0o600)


def rotate(path: Path, size: int, keep: int) -> bool:
    """Rename ``crawl.log`` to ``crawl.log.1``, that to ``.2`` …, if it is larger than ``size``.

    Whoever has it open goes on writing to the same file under its new name, so no line is lost.
    The oldest beyond ``keep`` is deleted. Several processes may call it at once.
    """
    with open(path.with_name(f".{path.name}.lock"), "a", opener=_private) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.is_file() or path.stat().st_size <= size:
            return False
        for number in range(keep, 0, -1):
            older = path.with_name(f"{path.name}.{number}")
            younger = path.with_name(f"{path.name}.{number - 1}") if number > 1 else path
            if younger.is_file():
                younger.replace(older)
        return True


def as_json(line: str, at: datetime, run: str, level: str = "info") -> str:
    """One line for people as one JSON object; ``run`` is the same for all lines of a process."""
    said = {"at": at.isoformat(timespec="milliseconds"), "level": level, "run": run}
    return json.dumps({**said, "message": line.strip()}, ensure_ascii=False)
