"""A time limit for reading one page: a long-lived worker process, replaced when it takes too long.

trafilatura has no limit of its own (its issue 704) and a known deadlock (189); in a process of its
own neither can hold up a crawl. One worker serves all pages, so that a page costs a message there
and back (measured by benchmarks/extraction_speed.py) instead of a start.
"""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from crawler.pages.document import PageError
from crawler.pages.worker import Answer, Job
from crawler.types import PageData

#: Seconds for one page unless told otherwise. The slowest of 241 real pages took under 2 s; a page
#: of the 8 MB that are allowed may take ten times as long on a busy machine.
DEFAULT_S = 20.0
#: Times the limit that a page may take in all where the machine is what takes the time: a worker
#: that wants to work and gets no processor is not to blame for that.
PATIENCE = 15
#: Seconds for a worker to come up (it imports the parsers, half a second when idle).
_START_S = 60.0

logger = logging.getLogger(__name__)


class PageTimeoutError(PageError):
    """A page that could not be read in time, not even its metadata."""


class PageFaultError(PageError):
    """A page that our own program fails on; the traceback is in the log."""


class WorkerError(RuntimeError):
    """No worker can be started: no page at all can be read."""


@dataclass(frozen=True)
class _Worker:
    process: subprocess.Popen[bytes]
    jobs: Connection
    answers: Connection

    @classmethod
    def start(cls) -> _Worker:
        job_reader, jobs = Pipe(duplex=False)
        answers, answer_writer = Pipe(duplex=False)
        ends = (job_reader.fileno(), answer_writer.fileno())
        process = subprocess.Popen(
            [sys.executable, "-c", f"from crawler.pages.worker import main; main{ends}"],
            pass_fds=ends,
            stdin=subprocess.DEVNULL,
            # Ctrl-C is for the crawl, which ends its worker itself
            start_new_session=True,
        )
        job_reader.close()
        answer_writer.close()
        worker = cls(process, jobs, answers)
        if worker.answer(_START_S) != Answer():
            worker.end()
            raise WorkerError(
                f"the page worker did not start within {_START_S:g} s; see its output"
            )
        return worker

    def ask(self, job: Job, seconds: float) -> Answer | None:
        """The answer; None if none came in time or the process died over the job."""
        try:
            self.jobs.send_bytes(pickle.dumps(job, pickle.HIGHEST_PROTOCOL))
        except (BrokenPipeError, ConnectionResetError):
            return None
        return self.answer(seconds)

    def answer(self, seconds: float) -> Answer | None:
        """The next answer; None as for `ask`."""
        begun, used = time.monotonic(), _standing(self.process.pid)[1]
        wait = seconds
        try:
            while not self.answers.poll(wait):
                wants_to_run, now_used = _standing(self.process.pid)
                left = begun + PATIENCE * seconds - time.monotonic()
                wait = min(seconds - (now_used - used), left)
                if not wants_to_run or wait <= 0:
                    return None
            answer: Answer = pickle.loads(self.answers.recv_bytes())
        except (EOFError, ConnectionResetError):
            return None
        return answer

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.jobs.close()
        self.answers.close()


def _standing(pid: int) -> tuple[bool, float]:
    """Whether a process works or waits for a processor, and its processor seconds until now.

    Where the system does not say (no Linux): that it does not, so that the clock alone counts.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return False, 0.0
    # proc(5): the state is the first field behind the name, utime and stime the 12th and 13th
    return fields[0] == "R", (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class LimitedParser:
    """``parse_page`` with a limit of ``seconds`` a page. Safe to call from several threads.

    While the worker waits for a processor the limit's clock does not run, up to `PATIENCE` times
    the limit: on a machine that has too much to do, pages would else be lost that are read in a
    hundredth of a second.

    Pages are read one after another. It is a context manager; `close` ends the worker.
    """

    def __init__(self, seconds: float = DEFAULT_S) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._worker: _Worker | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker; a later page would start another."""
        with self._lock:
            self._end()

    def parse(
        self,
        html: bytes | str,
        url: str,
        *,
        now: datetime,
        page: str | None = None,
        charset: str | None = None,
        dated: bool = False,
    ) -> PageData:
        """What the page says, as `parse_page` does.

        A page that takes longer than the limit, or over which the worker dies, is read again
        without its text (`parse_metadata`), with a warning in the log and ``found["body"]`` =
        ``timeout``. Raises PageError as `parse_page` does, PageTimeoutError if the metadata took
        too long as well, PageFaultError for a fault of ours, after which a fresh worker reads on;
        WorkerError if none can be started.
        """
        job = Job(html, url, now, page, charset, dated, self.seconds * PATIENCE)
        with self._lock:
            answer = self._ask(job)
            if answer is None:
                logger.warning(
                    "%s: not read within %g s; only its metadata is kept", url, self.seconds
                )
                answer = self._ask(replace(job, metadata_only=True))
            if answer is not None and answer.fault is not None:
                # whatever the fault left behind goes with the process
                self._end()
        if answer is None:
            raise PageTimeoutError(
                f"{url}: not read within {self.seconds:g} s, nor its metadata; left out"
            )
        for level, text in answer.log:
            logger.log(level, "%s", text)
        if answer.fault is not None:
            logger.error("%s: a fault of ours in reading it\n%s", url, answer.fault)
            reason = answer.fault.strip().rsplit("\n", 1)[-1]
            raise PageFaultError(f"{url}: a fault of ours in reading it ({reason}); left out")
        if answer.data is None:
            raise PageError(answer.refusal or f"{url}: not read")
        return answer.data

    def _ask(self, job: Job) -> Answer | None:
        if self._worker is None:
            self._worker = _Worker.start()
        answer = self._worker.ask(job, self.seconds)
        if answer is None:
            self._end()
        return answer

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.end()
            self._worker = None
