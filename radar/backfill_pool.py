"""The archives of a backfill on the cores of one machine: a piece at a time in each process.

A process that reads one piece at a time tells by its death which one killed it, and is replaced.
The next piece already waits in its pipe: while the newsroom takes items in, no process is idle. It
keeps its page reader from piece to piece: to start one takes longer than many a piece.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.forkserver as forkserver
import os
import resource
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

from crawler.pages.limited import LimitedParser
from radar.backfill import Options, PartTimeoutError, process
from radar.backfill_parts import Part
from radar.backfill_pieces import Assembly, Piece, pieces_of
from radar.backfill_results import PartResult, Results
from store.errors import RadarError

#: A piece is tried so often before its archive is left out.
TRIES = 3
#: Seconds beyond a piece's limit after which its process is killed: it hangs where it cannot look
#: at the clock.
_GRACE_S = 60.0
#: Pieces that a process has: one that it reads, one that waits.
_HELD = 2
#: What processes have loaded when they start: the task, and what the command's own script imports,
#: which every process that is started so imports again.
_LOADED = ["radar.backfill", "radar.cli"]
_TICKS = os.sysconf("SC_CLK_TCK")


class PoolError(RadarError):
    """The workers cannot be started; the message names the mend."""


@dataclass(slots=True)
class _Slot:
    """A process, and what it has to read: the first at present, with how often it was tried."""

    process: BaseProcess
    line: Connection
    limit_s: float
    pieces: deque[tuple[Piece, int]] = field(default_factory=deque)
    until: float = 0.0

    @classmethod
    def start(cls, context: ForkServerContext, part_s: float) -> _Slot:
        line, theirs = context.Pipe()
        child = context.Process(target=_work, args=(theirs,), daemon=False)
        child.start()
        theirs.close()
        return cls(child, line, part_s + _GRACE_S)

    def tell(self, options: Options) -> None:
        """What it will need for every piece."""
        # Not among the arguments of its start: they are larger than a pipe, so that starting the
        # next process would wait until this one has loaded everything.
        self._send(options)

    def read(self, piece: Piece, tries: int) -> None:
        if not self.pieces:
            self.until = time.monotonic() + self.limit_s
        self.pieces.append((piece, tries))
        self._send(piece)

    def result(self) -> PartResult | None:
        """What became of its first piece; None while it is being read.

        A slot that failed is ended; only its first piece had to do with that.
        """
        piece, _ = self.pieces[0]
        if self.line.poll():
            try:
                result: PartResult = self.line.recv()
            except (EOFError, ConnectionResetError):
                self.end()
                return failed(piece.part, f"the worker ended with code {self.process.exitcode}")
            self.until = time.monotonic() + self.limit_s
            return result
        if time.monotonic() > self.until:
            self.end()
            return failed(piece.part, "the worker hung and was killed")
        return None

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.line.close()

    def _send(self, what: Options | Piece) -> None:
        try:
            self.line.send(what)
        except (BrokenPipeError, ConnectionResetError):
            return  # it died; ``result`` tells so of the piece that it was reading


def prepare() -> ForkServerContext:
    """Begin to load what workers need, in a process of its own from which they are forked.

    Returns at once: whoever calls it early loads the model meanwhile. Raises ``PoolError`` where
    the folder of temporary files has too long a name.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED)
    try:
        forkserver.ensure_running()
    except OSError as error:
        if "path too long" not in str(error):  # it has no number
            raise
        raise PoolError(
            f"{tempfile.gettempdir()}: too long a name for the workers' socket (unix(7): 108 bytes "
            "with what stands behind it); name a shorter folder as TMPDIR"
        ) from error
    return context


def run_here(parts: Sequence[Part], options: Options, workers: int) -> Results:
    """The result of each archive as it comes. One that failed ``TRIES`` times says why.

    Closing the iterator ends the processes.
    """
    pieces = pieces_of(parts, 1 if options.records is not None else workers)
    assembly = Assembly(pieces)
    context = prepare()
    waiting = deque((piece, 1) for piece in pieces)
    slots: list[_Slot] = []
    try:
        while True:
            wanted = min(workers - len(slots), len(waiting))
            fresh = [_Slot.start(context, options.part_s) for _ in range(wanted)]
            for slot in fresh:
                slot.tell(options)
                slot.read(*waiting.popleft())
            slots += fresh
            for slot in sorted(slots, key=lambda one: len(one.pieces)):
                while waiting and len(slot.pieces) < _HELD:
                    slot.read(*waiting.popleft())
            busy = [slot for slot in slots if slot.pieces]
            if not busy:
                return
            wait([slot.line for slot in busy], timeout=1.0)
            for slot in busy:
                result = slot.result()
                if result is None:
                    continue
                piece, tries = slot.pieces.popleft()
                if slot.line.closed:
                    slots.remove(slot)
                    waiting.extendleft(reversed(slot.pieces))
                if result.failed is not None and tries < TRIES and assembly.wants(piece):
                    # after others, but before the end: the newsroom waits for archives in order
                    waiting.insert(_HELD * workers, (piece, tries + 1))
                    continue
                whole = assembly.put(piece, replace(result, again=tries - 1))
                if whole is not None:
                    waiting = deque(one for one in waiting if assembly.wants(one[0]))
                    yield whole
    finally:
        for slot in slots:
            slot.end()


def failed(part: Part, reason: str) -> PartResult:
    """A part that could not be read, with the reason."""
    return PartResult(part.key, part.location, failed=reason)


def attempt(piece: Piece, options: Options, parser: LimitedParser | None = None) -> PartResult:
    """``process``, with what is the archive's fault told in the result."""
    try:
        return process(piece, options, parser)
    except (RadarError, OSError, PartTimeoutError) as error:
        # it is told beside the archive's name
        reason = str(error).removeprefix(f"{piece.part.location}: ")
        return failed(piece.part, reason or type(error).__name__)


def _work(line: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        options: Options = line.recv()
    except EOFError:
        return
    with LimitedParser(options.page_s) as parser:
        while True:
            try:
                piece: Piece = line.recv()
            except EOFError:
                return
            before = _cpu_seconds()
            result = attempt(piece, options, parser)
            try:
                line.send(replace(result, cpu_s=_cpu_seconds() - before))
            except (BrokenPipeError, ConnectionResetError):
                return  # nobody wants it any more


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
