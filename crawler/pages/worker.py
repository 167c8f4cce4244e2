"""The process that reads pages for `LimitedParser`: one job in, one answer out, until told to end.

Started with the numbers of two pipe ends. A job that outlives its limit ends the whole process by
SIGALRM, so that none is left behind even if its parent was killed meanwhile.
"""

from __future__ import annotations

import logging
import math
import pickle
import signal
import traceback
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection

from crawler.pages import PageError, parse_metadata, parse_page
from crawler.types import PageData

#: Seconds beyond a job's limit after which the process ends itself; its parent kills it earlier.
GRACE_S = 5


@dataclass(frozen=True, slots=True)
class Job:
    """One page to read within ``seconds``, however busy the machine is."""

    html: bytes | str
    url: str
    now: datetime
    page: str | None
    charset: str | None
    dated: bool
    seconds: float
    metadata_only: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a job: the page, or why it is none, or the traceback of a fault of ours."""

    data: PageData | None = None
    refusal: str | None = None
    fault: str | None = None
    #: level and text of what was logged meanwhile, for the parent's log
    log: tuple[tuple[int, str], ...] = ()


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[tuple[int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.levelno, record.getMessage()))

    def taken(self) -> tuple[tuple[int, str], ...]:
        lines, self.lines = tuple(self.lines), []
        return lines


def do(job: Job) -> Answer:
    """Read one page; a fault of ours becomes its traceback, which the parent logs."""
    try:
        if job.metadata_only:
            return Answer(parse_metadata(job.html, job.url, now=job.now, charset=job.charset))
        data = parse_page(
            job.html, job.url, now=job.now, page=job.page, charset=job.charset, dated=job.dated
        )
    except PageError as refusal:
        return Answer(refusal=str(refusal))
    except Exception:  # noqa: BLE001 - it crosses to the parent, which logs it and raises
        return Answer(fault=traceback.format_exc())
    return Answer(data)


def serve(jobs: Connection, answers: Connection) -> None:
    """Say with an empty answer that all is loaded, then answer jobs until the other end closes."""
    answers.send_bytes(pickle.dumps(Answer(), pickle.HIGHEST_PROTOCOL))
    collector = _Collector()
    logging.getLogger("crawler.pages").addHandler(collector)
    while True:
        try:
            job: Job = pickle.loads(jobs.recv_bytes())
        except EOFError:
            return
        signal.alarm(math.ceil(job.seconds) + GRACE_S)
        answer = do(job)
        signal.alarm(0)
        kept = Answer(answer.data, answer.refusal, answer.fault, collector.taken())
        try:
            answers.send_bytes(pickle.dumps(kept, pickle.HIGHEST_PROTOCOL))
        except BrokenPipeError:  # who asked has ended meanwhile
            return


def main(jobs: int, answers: int) -> None:
    """Serve on these two pipe ends until they are closed."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    serve(Connection(jobs, writable=False), Connection(answers, readable=False))
