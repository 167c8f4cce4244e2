"""Runs a peer as a process of its own: what it said, its processor time, its peak memory."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
#: Seconds between two looks at memory.
_LOOK_S = 0.5
_PSS = re.compile(r"^Pss:\s+(\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Ran:
    """One run: its output or its last line as JSON, processor seconds, megabytes at its peak."""

    told: dict[str, Any]
    cpu_s: float
    peak_mb: float
    lines: tuple[str, ...] = ()


class PeerError(RuntimeError):
    """A peer that failed; the message ends with its last words."""


def run(command: Sequence[str], timeout_s: float = 3000.0) -> Ran:
    """Run it to its end; with its children, as far as it waited for them. Raises ``PeerError``."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=HERE.parents[1]
    )
    peak, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(_LOOK_S):
            peak[0] = max(peak[0], _memory_mb(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        output, errors = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.communicate()
        raise PeerError(f"{command}: not done after {timeout_s:g} s") from error
    finally:
        done.set()
        watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise PeerError(f"{command} ended with {process.returncode}: {errors[-2000:]}")
    lines = tuple(output.splitlines())
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = json.loads(output if output.startswith("{\n") else lines[-1])
    return Ran(told, spent, peak[0], lines)


def _memory_mb(root: int) -> float:
    """Proportional memory of a process and all below it: shared pages count once."""
    waiting, total = [str(root)], 0
    while waiting:
        place = Path("/proc", waiting.pop())
        try:
            for listed in place.glob("task/*/children"):
                waiting += listed.read_text().split()
            found = _PSS.search((place / "smaps_rollup").read_text())
        except OSError:  # it has just ended
            continue
        total += int(found[1]) if found else 0
    return total / 1024


@contextmanager
def press(pages: Path | None) -> Iterator[tuple[str, int]]:
    """The local press: its address, and how many different pages it has."""
    command = [sys.executable, str(HERE / "press_server.py")]
    if pages is not None:
        command += ["--pages", str(pages)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        address, number, _ = process.stdout.readline().split()
        yield address, int(number)
    finally:
        process.kill()
        process.wait()


def load() -> float:
    """Processes that want to run, on the average of the last minute."""
    return round(os.getloadavg()[0], 1)
