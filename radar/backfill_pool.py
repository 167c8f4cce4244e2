"""The parts of a backfill on the cores of one machine: a part at a time in each process.

A process that reads one part at a time tells by its death which part killed it, and is replaced.
It keeps its page reader from part to part: to start one takes longer than many a part.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

from crawler.pages.limited import LimitedParser
from radar.backfill import Options, PartResult, PartTimeoutError, process
from radar.backfill_parts import Part
from store.errors import RadarError

#: A part is tried so often before it is left out.
TRIES = 3
#: Seconds beyond a part's limit after which its process is killed: it hangs where it cannot look
#: at the clock.
_GRACE_S = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class _Slot:
    """A process, and what it reads at present."""

    process: BaseProcess
    line: Connection
    part: Part | None = None
    tries: int = 0
    until: float = 0.0

    @classmethod
    def start(cls, context: ForkServerContext, options: Options) -> _Slot:
        line, theirs = context.Pipe()
        child = context.Process(target=_work, args=(options, theirs), daemon=False)
        child.start()
        theirs.close()
        return cls(child, line)

    def read(self, part: Part, tries: int, limit_s: float) -> None:
        self.part, self.tries, self.until = part, tries, time.monotonic() + limit_s
        self.line.send(part)

    def result(self) -> PartResult | None:
        """What became of its part; None while it is being read. A slot that failed is ended."""
        assert self.part is not None
        if self.line.poll():
            try:
                result: PartResult = self.line.recv()
            except (EOFError, ConnectionResetError):
                self.end()
                return failed(self.part, f"the worker ended with code {self.process.exitcode}")
            return result
        if time.monotonic() > self.until:
            self.end()
            return failed(self.part, "the worker hung and was killed")
        return None

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.line.close()


def run_here(parts: Sequence[Part], options: Options, workers: int) -> Iterator[PartResult]:
    """The result of each part as it comes. One that failed ``TRIES`` times says why.

    Closing the iterator ends the processes.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["radar.backfill"])
    waiting = deque((part, 1) for part in parts)
    idle: list[_Slot] = []
    running: list[_Slot] = []
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                slot = idle.pop() if idle else _Slot.start(context, options)
                running.append(slot)
                slot.read(*waiting.popleft(), options.part_s + _GRACE_S)
            wait([one.line for one in running], timeout=1.0)
            for one in list(running):
                result = one.result()
                if result is None:
                    continue
                running.remove(one)
                if not one.line.closed:
                    idle.append(one)
                if result.failed is not None and one.tries < TRIES and one.part is not None:
                    waiting.append((one.part, one.tries + 1))
                else:
                    yield result
    finally:
        for one in (*running, *idle):
            one.end()


def failed(part: Part, reason: str) -> PartResult:
    """A part that could not be read, with the reason."""
    return PartResult(part.key, part.location, failed=reason)


def attempt(part: Part, options: Options, parser: LimitedParser | None = None) -> PartResult:
    """``process``, with what is the archive's fault told in the result."""
    try:
        return process(part, options, parser)
    except (RadarError, OSError, PartTimeoutError) as error:
        return failed(part, str(error) or type(error).__name__)


def _work(options: Options, line: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with LimitedParser(options.page_s) as parser:
        while True:
            try:
                part: Part = line.recv()
            except EOFError:
                return
            before = _cpu_seconds()
            result = attempt(part, options, parser)
            line.send(replace(result, cpu_s=_cpu_seconds() - before))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _cpu_seconds() -> float:
    """Of this process, of those it started and that have ended, and of those that live."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used) + sum(_living_children())


def _living_children() -> Iterator[float]:
    for listed in Path("/proc/self/task").glob("*/children"):
        for pid in listed.read_text().split():
            try:
                stat = Path(f"/proc/{pid}/stat").read_text()
            except OSError:  # it has just ended
                continue
            # proc(5): utime and stime are the 12th and 13th behind the name
            yield sum(map(int, stat.rpartition(")")[2].split()[11:13])) / _TICKS
