"""Owns a process beside publishing that writes a new index while the archive is being written.

To index takes most of the time in which the public files are made anew; a second core takes over
what is not reading: publishing cuts texts and finds the keys of their words, the process numbers,
packs and writes them. What is written is the same as by an `IndexFile` alone.
"""

from __future__ import annotations

import errno
import os
import pickle
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue
from threading import Thread

from store.disk import is_full
from store.errors import RadarError
from store.index import Document
from store.index_file import IndexFile
from store.lemmas import key
from store.reading import Read, Reader
from store.schema import StoreError

#: Batches that may wait for the process, two megabytes each: every few of them it writes what it
#: held back (``indexing.HELD``), and publishing need not wait for that.
AHEAD = 8

#: What a document is told of beside its texts.
_Facts = tuple[int, datetime, int, str, str, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Batch:
    """One transaction: items (by number) to take out, then to index, then their clusters."""

    removed: list[int]
    facts: list[_Facts]
    read: Read
    clusters: list[tuple[int, int, bool]]
    reached: int | None


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why the process gave up, in a line."""

    line: str
    disk_full: bool


class IndexProcess:
    """A new search.db written by a process of its own; used as an `IndexFile` is.

    What was put is on its way with `flush`, which waits when ``AHEAD`` batches are on their way
    already, so that memory stays bounded. Failures of the process are raised by the next
    call that hears of them: ``StoreError``, ``OSError`` for a full disk, or ``RuntimeError`` for a
    fault of ours, whose traceback the process has printed.
    """

    def __init__(self, path: Path, newsroom: str, *, lock: int) -> None:
        """Start the process. It holds the open file ``lock`` as well, until it ends.

        So whoever waits for that lock after this process was killed waits for the other one too.
        """
        reader, self._batches = Pipe(duplex=False)
        self._answer, writer = Pipe(duplex=False)
        ends = (reader.fileno(), writer.fileno())
        self._path = path
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from store.index_process import main; main()",
                *map(str, ends),
                str(path),
                newsroom,
            ],
            pass_fds=(*ends, lock),
            stdin=subprocess.DEVNULL,
            # Ctrl-C is for publishing, which ends its helper itself.
            start_new_session=True,
        )
        reader.close()
        writer.close()
        self._reader = Reader(lambda forms: {form: key(form) for form in forms})
        self._documents: dict[int, Document] = {}
        self._removed: list[int] = []
        self._clusters: list[tuple[int, int, bool]] = []

    def reached(self) -> int:
        """Nothing: the file is new."""
        return 0

    def transaction(self) -> AbstractContextManager[None]:
        """Nothing to undo here: whatever fails makes the new file worthless."""
        return nullcontext()

    def put(self, document: Document) -> None:
        """As `IndexFile.put`."""
        self._documents.pop(document.item_id, None)
        self._documents[document.item_id] = document

    def remove(self, item_id: int) -> None:
        """As `IndexFile.remove`."""
        self._removed.append(item_id)
        self._documents.pop(item_id, None)

    def set_cluster(self, item_id: int, cluster: int, *, is_primary: bool) -> None:
        """As `IndexFile.set_cluster`, after all that is put or removed before the next `flush`."""
        self._clusters.append((item_id, cluster, is_primary))

    def flush(self, reached: int | None = None) -> None:
        """As `IndexFile.flush`."""
        documents = [*self._documents.values()]
        facts = [
            (one.item_id, one.at, one.month, one.source, one.kind, one.topics, one.states)
            for one in documents
        ]
        read = self._reader.read(documents)
        self._send(_Batch(self._removed, facts, read, self._clusters, reached))
        self._documents, self._removed, self._clusters = {}, [], []

    def finish(self) -> None:
        """As `IndexFile.finish`; when this returns the file is whole."""
        self._send(None)
        self._hear()
        self._process.wait()

    def wipe(self) -> bool:
        """Nothing to do: `finish` leaves no free pages in a new file."""
        return True

    def close(self) -> None:
        """End the process, if it has not ended, and let go of it."""
        self._process.kill()
        self._process.wait()
        self._batches.close()
        self._answer.close()

    def _send(self, batch: _Batch | None) -> None:
        try:
            self._batches.send_bytes(pickle.dumps(batch, pickle.HIGHEST_PROTOCOL))
        except (BrokenPipeError, ConnectionResetError):
            self._hear()
            raise

    def _hear(self) -> None:
        """Wait for the process's last word; raise what it failed of."""
        try:
            failure: _Failure | None = pickle.loads(self._answer.recv_bytes())
        except (EOFError, ConnectionResetError):
            code = self._process.wait()
            if code < 0:
                raise StoreError(
                    f"{self._path}: the process that was writing it was ended by signal {-code}, "
                    "perhaps for want of memory. Nothing was published; run the command again."
                ) from None
            raise RuntimeError(f"{self._path}: its process ended with {code}, see above") from None
        if failure is not None and failure.disk_full:
            raise OSError(errno.ENOSPC, failure.line)
        if failure is not None:
            raise StoreError(failure.line)


def _received(batches: Connection) -> Iterator[bytes]:
    """What comes, read ahead by a thread; the process ends at once where publishing has ended."""
    waiting: Queue[bytes] = Queue(AHEAD)

    def receive() -> None:
        try:
            while True:
                waiting.put(batches.recv_bytes())
        except (EOFError, OSError):  # the latter within a batch
            os._exit(0)  # publishing was killed; nobody waits for an answer

    Thread(target=receive, daemon=True).start()
    while True:
        yield waiting.get()


def _serve(batches: Connection, path: Path, newsroom: str) -> _Failure | None:
    """Write what comes until the end is told."""
    index: IndexFile | None = None
    try:
        received = _received(batches)
        while True:
            batch: _Batch | None = pickle.loads(next(received))
            # Opened with the first word only: a parent that died before has no use for it.
            index = index or IndexFile(path, newsroom, anew=True)
            if batch is None:
                index.finish()
                return None
            with index.transaction():
                for item_id in batch.removed:
                    index.remove(item_id)
                for facts in batch.facts:
                    index.put(Document(*facts, title="", shown="", hidden=""))
                for item_id, cluster, is_primary in batch.clusters:
                    index.set_cluster(item_id, cluster, is_primary=is_primary)
                index.flush(batch.reached, batch.read)
    except RadarError as error:
        return _Failure(str(error), disk_full=False)
    except (sqlite3.Error, OSError) as error:
        if not is_full(error):
            raise
        return _Failure(str(error), disk_full=True)
    finally:
        if index is not None:
            index.close()


def main() -> None:
    """The process itself: two ends of pipes, the file and the newsroom's identity as arguments."""
    reader, writer = map(int, sys.argv[1:3])
    batches, answer = Connection(reader, writable=False), Connection(writer, readable=False)
    failure = _serve(batches, Path(sys.argv[3]), sys.argv[4])
    answer.send_bytes(pickle.dumps(failure, pickle.HIGHEST_PROTOCOL))
