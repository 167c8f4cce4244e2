"""Shards of a crawl on the workers of a Dask cluster, each held by a lease.

The coordinator counts up a number at the scheduler; a worker that sees it move renews the lease of
its crawl. Whoever is cut off from the other ends within a lease. Dask gives a dead worker's shard
to another at once; that one waits until the first one's lease has certainly ended, and gives it
back as failed: it may have been the shard that killed the worker.
"""

from __future__ import annotations

import pickle
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from distributed import Event, KilledWorker, Variable, get_client

from radar import fleet
from radar.cluster import ClusterError, connected
from radar.config import Config
from radar.crawling import OnEvent, Outcome
from radar.fleet_child import DIED, LEASE_LOST, NO_ROOM
from radar.fleet_job import Crawled, Failure, Job
from store.disk import is_full

#: Seconds without a sign of life after which a crawl ends: a few missed signs of a busy network.
LEASE_S = 20.0
#: Signs in the time of a lease.
_SIGNS = 5
#: Seconds between two looks at what is done.
_LOOK_S = 0.2
#: Bytes of a failed process's last words.
_WORDS = 2000


def crawl(
    config: Config,
    source_ids: Sequence[str],
    on_event: OnEvent,
    stop: threading.Event | None = None,
    *,
    address: str,
    tell: Callable[[str], None],
    lease_s: float = LEASE_S,
) -> list[Outcome]:
    """``crawling.crawl`` on the cluster at ``address``. Raises ``CrawlError``, ``ClusterError``."""
    with connected(address, tell) as (client, slots), _ticking(client, lease_s) as ticks:
        workers = DaskWorkers(client, slots, lease_s, ticks)
        return fleet.crawl(config, source_ids, on_event, stop, workers)


class _Ticks:
    """The number that goes up as long as we live; None tells the workers to stop."""

    def __init__(self, client: Any) -> None:
        self.name = f"fleet {uuid4().hex}"
        self._variable: Any = Variable(self.name, client=client)  # type: ignore[no-untyped-call]
        self._lock = threading.Lock()
        self._number: int | None = 0
        #: why no more signs can be given
        self.broken: Exception | None = None

    def tick(self) -> None:
        with self._lock:
            if self._number is not None:
                self._number += 1
                self._variable.set(self._number)

    def stop(self) -> None:
        with self._lock:
            self._number = None
            self._variable.set(None)


@contextmanager
def _ticking(client: Any, lease_s: float) -> Iterator[_Ticks]:
    ticks, done = _Ticks(client), threading.Event()

    def tick() -> None:
        try:
            while not done.is_set():
                ticks.tick()
                done.wait(lease_s / _SIGNS)
        except (OSError, TimeoutError) as error:  # told where the results are waited for
            ticks.broken = error

    ticks.tick()
    ticker = threading.Thread(target=tick, name="fleet", daemon=True)
    ticker.start()
    try:
        yield ticks
    finally:
        done.set()
        ticker.join()
        if ticks.broken is None:
            ticks.stop()


class DaskWorkers:
    """``fleet.Workers`` on a cluster."""

    def __init__(self, client: Any, slots: int, lease_s: float, ticks: _Ticks) -> None:
        self.slots = slots
        self.lease_s = lease_s
        self._client = client
        self._ticks = ticks

    def run(
        self, take: Callable[[], tuple[int, Job] | None], ended: Callable[[], bool]
    ) -> Iterator[tuple[int, Crawled | Failure]]:
        """As ``fleet.Workers`` says. Raises ``ClusterError`` when the scheduler is gone."""
        asked: dict[Any, tuple[int, str]] = {}

        def fill() -> None:
            while len(asked) < self.slots and (following := take()):
                number, job = following
                name = uuid4().hex
                future = self._client.submit(
                    attempt,
                    pickle.dumps(job, pickle.HIGHEST_PROTOCOL),
                    self._ticks.name,
                    name,
                    self.lease_s,
                    pure=False,
                )
                asked[future] = (number, name)

        while True:
            if ended():
                self._ticks.stop()
                return
            # what failed may have left something to do
            fill()
            if not asked:
                return
            if self._ticks.broken is not None:
                raise ClusterError(f"the scheduler is gone ({self._ticks.broken})")
            time.sleep(_LOOK_S)
            for future in [one for one in asked if one.done()]:
                number, name = asked.pop(future)
                found = _found(future)
                Event(name, client=self._client).clear()  # type: ignore[no-untyped-call]
                fill()
                yield number, found


def _found(future: Any) -> Crawled | Failure:
    if future.status == "finished":
        told: bytes | Failure = future.result()
        if isinstance(told, Failure):
            return told
        crawled: Crawled = pickle.loads(told)
        return crawled
    error = future.exception() if future.status == "error" else None
    if isinstance(error, KilledWorker):
        return Failure("several workers died over it", died=True)
    if isinstance(error, ImportError):
        raise ClusterError(
            f"a worker cannot run this program ({error}); install the same version on all of them"
        ) from error
    if error is not None:
        raise error
    return Failure(f"the cluster gave it up ({future.status})")


def attempt(job: bytes, ticks: str, shard: str, lease_s: float) -> bytes | Failure:
    """Crawl a shard on this worker: the pickled ``Crawled``, or why there is none."""
    client = get_client()
    begun: Any = Event(shard, client=client)  # type: ignore[no-untyped-call]
    if begun.is_set():
        # Another worker had it, and perhaps its result. A sign that it saw last may have been under
        # way for a lease.
        time.sleep(2 * lease_s)
        return Failure("its worker died", died=True)
    begun.set()
    sign: Any = Variable(ticks, client=client)  # type: ignore[no-untyped-call]
    no_room = Failure(
        f"{tempfile.gettempdir()} on the worker {socket.gethostname()} is full; make room there"
    )
    with tempfile.TemporaryDirectory(prefix="fleet-") as name:
        folder = Path(name)
        try:
            (folder / "job").write_bytes(job)
        except OSError as error:
            if is_full(error):
                return no_room
            raise
        with (
            (folder / "words").open("wb") as words,
            subprocess.Popen(
                [sys.executable, "-m", "radar.fleet_child", name],
                stdin=subprocess.PIPE, stdout=words, stderr=words, bufsize=0,
            ) as child,
        ):  # fmt: skip
            _hold(child, sign, lease_s)
        if child.returncode == 0:
            return (folder / "result").read_bytes()
        if child.returncode == NO_ROOM:
            return no_room
        if (folder / "failed").exists():
            reason = (folder / "failed").read_text(encoding="utf-8")
            return Failure(reason, died=child.returncode == DIED)
        last = (folder / "words").read_bytes()[-_WORDS:] if (folder / "words").exists() else b""
        return Failure(
            f"the process ended with code {child.returncode}: {last.decode('utf-8', 'replace')}",
            died=child.returncode != LEASE_LOST,
        )


def _hold(child: subprocess.Popen[bytes], sign: Any, lease_s: float) -> None:
    """Renew the child's lease as long as the coordinator's number moves, until the child ends."""
    assert child.stdin is not None
    seen: int | None = 0
    while child.poll() is None:
        try:
            number: int | None = sign.get(timeout=lease_s)
        except (OSError, TimeoutError):  # cut off: the child ends by itself when its lease does
            number = seen
        if number is None:
            child.stdin.close()
            child.wait()
            return
        if number != seen:
            seen = number
            try:
                child.stdin.write(b".")
                child.stdin.flush()
            except BrokenPipeError:  # it has just ended
                child.wait()
                return
        try:
            child.wait(lease_s / _SIGNS / 2)
        except subprocess.TimeoutExpired:
            continue
