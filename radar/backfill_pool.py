"""The parts of a backfill on the cores of one machine: a process a part, replaced when it fails.

A pool that shares its processes cannot tell which part killed one; here each part has its own,
forked from one that has loaded all, so that a start costs milliseconds.
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
from multiprocessing.process import BaseProcess

from radar.backfill import Options, PartResult, PartTimeoutError, process
from radar.backfill_parts import Part
from store.errors import RadarError

#: A part is tried so often before it is left out.
TRIES = 3
#: Seconds beyond a part's limit after which its process is killed: it hangs where it cannot look
#: at the clock.
_GRACE_S = 60.0


@dataclass(slots=True)
class _Running:
    part: Part
    tries: int
    process: BaseProcess
    answer: Connection
    until: float


def run_here(parts: Sequence[Part], options: Options, workers: int) -> Iterator[PartResult]:
    """The result of each part as it comes. One that failed ``TRIES`` times says why.

    Closing the iterator ends the processes.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["radar.backfill"])
    waiting = deque((part, 1) for part in parts)
    running: list[_Running] = []
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                part, tries = waiting.popleft()
                answer, ours = context.Pipe(duplex=False)
                child = context.Process(target=_work, args=(part, options, ours), daemon=False)
                child.start()
                ours.close()
                limit = time.monotonic() + options.part_s + _GRACE_S
                running.append(_Running(part, tries, child, answer, limit))
            wait([one.answer for one in running], timeout=1.0)
            for one in list(running):
                result = _result(one)
                if result is None:
                    continue
                running.remove(one)
                if result.failed is not None and one.tries < TRIES:
                    waiting.append((one.part, one.tries + 1))
                else:
                    yield result
    finally:
        for one in running:
            _end(one)


def _result(one: _Running) -> PartResult | None:
    """What became of a part; None while it is being read."""
    if one.answer.poll():
        try:
            result: PartResult = one.answer.recv()
        except (EOFError, ConnectionResetError):
            _end(one)
            result = failed(one.part, f"the worker ended with code {one.process.exitcode}")
        else:
            one.process.join()
            one.answer.close()
        return result
    if time.monotonic() > one.until:
        _end(one)
        return failed(one.part, "the worker hung and was killed")
    return None


def _end(one: _Running) -> None:
    one.process.kill()
    one.process.join()
    one.answer.close()


def failed(part: Part, reason: str) -> PartResult:
    """A part that could not be read, with the reason."""
    return PartResult(part.key, part.location, failed=reason)


def attempt(part: Part, options: Options) -> PartResult:
    """``process``, with what is the archive's fault told in the result."""
    try:
        return process(part, options)
    except (RadarError, OSError, PartTimeoutError) as error:
        return failed(part, str(error) or type(error).__name__)


def _work(part: Part, options: Options, answer: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    result = attempt(part, options)
    answer.send(replace(result, cpu_s=_cpu_seconds()))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _cpu_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
