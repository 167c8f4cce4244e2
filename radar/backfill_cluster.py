"""The parts of a backfill on the workers of a Dask cluster: the same task, other machines.

Imported only when a cluster is named. Archives must be reachable from
the workers (HTTP, or a shared folder under the same path); items come back as messages.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from distributed import KilledWorker, as_completed

from crawler.pages.limited import LimitedParser
from radar.backfill import Options, PartResult
from radar.backfill_parts import Part
from radar.backfill_pool import TRIES, attempt, failed
from radar.cluster import CONNECT_S, connected

#: Parts that wait at each worker: enough that none idles, few enough that results do not pile up.
_AHEAD = 2
_own = threading.local()


def run_there(
    parts: Sequence[Part],
    options: Options,
    address: str,
    tell: Callable[[str], None],
    connect_s: int = CONNECT_S,
) -> Iterator[PartResult]:
    """The result of each part as it comes, as ``run_here`` gives them.

    Dask gives the parts of a worker that died to another; one over which several died is left
    out. ``tell`` gets the dashboard's address. Raises ``ClusterError``.
    """
    with connected(address, tell, connect_s) as (client, slots):
        todo = iter(parts)
        asked: dict[Any, tuple[Part, int]] = {}
        done: Any = as_completed(loop=client.loop, raise_errors=False)  # type: ignore[no-untyped-call]

        def ask(part: Part, tries: int) -> None:
            # The options go with each part: scattered data would die with the workers that hold
            # it, and all that waits for it would be cancelled.
            future = client.submit(attempt_there, part, options, pure=False)
            asked[future] = (part, tries)
            done.add(future)

        for part in islice(todo, _AHEAD * slots):
            ask(part, 1)
        while asked:
            future = next(done)
            part, tries = asked.pop(future)
            result = _result(part, future)
            again = future.status in ("finished", "cancelled")
            if result.failed is not None and tries < TRIES and again:
                ask(part, tries + 1)
                continue
            if following := next(todo, None):
                ask(following, 1)
            yield result


def attempt_there(part: Part, options: Options) -> PartResult:
    """``attempt`` on a worker, whose threads each keep their page reader from part to part."""
    parser: LimitedParser | None = getattr(_own, "parser", None)
    if parser is None or parser.seconds != options.page_s:
        if parser is not None:
            parser.close()
        parser = _own.parser = LimitedParser(options.page_s)
    return attempt(part, options, parser)


def _result(part: Part, future: Any) -> PartResult:
    if future.status == "finished":
        result: PartResult = future.result()
        return result
    error = future.exception()
    if isinstance(error, KilledWorker):
        return failed(part, "several workers died over it")
    if isinstance(error, BaseException):
        # a fault of ours, or a worker that has another version of the program
        raise error
    return failed(part, f"the cluster gave it up ({future.status})")
