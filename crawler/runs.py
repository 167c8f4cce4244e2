"""Keeps the book of one crawl: what each source's run found, and when the run is over.

A run stays open while any of its requests or items is under way (`expect` … `settle`); the
last one settled closes it in the newsroom. A host that could not be reached is blamed only when
some host answers afterwards: until then it may be our own line that is down, from the beginning
or in the middle of the crawl.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from store.types import RunResult, Source

log = logging.getLogger(__name__)

Notify = Callable[[str, str, RunResult], None]


#: What a run counts where something of it reached the newsroom.
_STORED = frozenset({"new", "changed"})


class RunStore(Protocol):
    """What the book needs of the newsroom."""

    def start_run(self, source_id: str) -> int: ...
    def finish_run(self, run_id: int, result: RunResult) -> None: ...


@dataclass(slots=True)
class _Run:
    id: int
    under_way: int = 0
    status: str | None = None
    message: str | None = None
    http_status: int | None = None
    #: how many answers there had been when its host could not be reached
    unreachable_at: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    #: why the first item was left out
    first_skipped: str | None = None

    def result(self) -> RunResult:
        message = self.message
        if message is None and self.first_skipped and not self.counts.keys() & _STORED:
            # "ok" alone would say that there was nothing new
            message = f"nothing stored, {self.counts['skipped']} left out: {self.first_skipped}"
        return RunResult(self.status or "ok", message, self.http_status, **self.counts)


class RunBook:
    """One crawl's runs by source id. ``notify(event, source_id, result)`` drives progress."""

    def __init__(self, store: RunStore, notify: Notify) -> None:
        self._store = store
        self._notify = notify
        self._open: dict[str, _Run] = {}
        self._answers = 0

    def start(self, source: Source) -> None:
        """Open a run for the source, with its first request under way."""
        self._open[source.id] = _Run(self._store.start_run(source.id), under_way=1)
        self._notify("start", source.id, RunResult("ok"))

    def run_id(self, source_id: str) -> int:
        """The run's number in the newsroom."""
        return self._open[source_id].id

    def expect(self, source_id: str) -> None:
        """One more request of this source is under way."""
        self._open[source_id].under_way += 1

    def answered(self) -> None:
        """Some host answered something: the line is up, and was so for what failed before."""
        self._answers += 1
        for source_id in [name for name, run in self._open.items() if self._to_blame(run)]:
            self._close(source_id)

    def _to_blame(self, run: _Run) -> bool:
        """Whether a run is over that waited for a word on our own line."""
        return (
            run.under_way == 0
            and run.unreachable_at is not None
            and run.unreachable_at < self._answers
        )

    def count(self, source_id: str, what: str, number: int = 1) -> None:
        """Add to ``entries``, ``new``, ``changed``, ``same``, ``withdrawn`` or ``skipped``."""
        run = self._open[source_id]
        run.counts[what] = run.counts.get(what, 0) + number
        self._notify("count", source_id, run.result())

    def skip(self, source_id: str, reason: str) -> None:
        """Leave one item out, with its reason in the log."""
        log.warning("%s: skipped: %s", source_id, reason)
        run = self._open[source_id]
        run.first_skipped = run.first_skipped or reason
        self.count(source_id, "skipped")

    def judge(
        self, source_id: str, status: str, message: str | None, http_status: int | None = None
    ) -> None:
        """Say how the run went; the first word other than ``ok`` stands."""
        run = self._open[source_id]
        if run.status in (None, "ok"):
            run.status, run.message, run.http_status = status, message, http_status
            if status == "failed":
                log.error("%s: %s", source_id, message)

    def unreachable(self, source_id: str, message: str) -> None:
        """The source's host could not be reached; whose fault it is shows at the end."""
        self.judge(source_id, "failed", message)
        self._open[source_id].unreachable_at = self._answers

    def settle(self, source_id: str) -> None:
        """One request of this source is over; the last one closes its run."""
        run = self._open[source_id]
        run.under_way -= 1
        if run.under_way == 0 and (run.unreachable_at is None or self._to_blame(run)):
            self._close(source_id)

    def close(self, *, line_is_down: Callable[[], bool]) -> None:
        """End the crawl: settle what is still open, and tell our outage from theirs."""
        waiting = list(self._open)
        doubtful = [name for name in waiting if self._open[name].unreachable_at == self._answers]
        offline = bool(doubtful) and line_is_down()
        for source_id in waiting:
            run = self._open[source_id]
            if offline and source_id in doubtful:
                run.status, run.message = "offline", "no network: nothing could be asked"
            elif run.under_way > 0:
                # Our own doing, as an outage is: no source is blamed, and it is asked again soon.
                self.judge(source_id, "offline", "the crawl was stopped before the run was over")
            self._close(source_id)

    def _close(self, source_id: str) -> None:
        run = self._open.pop(source_id)
        result = run.result()
        self._store.finish_run(run.id, result)
        self._notify("finish", source_id, result)
