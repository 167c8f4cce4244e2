"""The archives of a backfill on the workers of a Dask cluster: the same task, other machines.

Imported only when a cluster is named. Archives must be reachable from
the workers (HTTP, or a shared folder under the same path); items come back as messages.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from distributed import KilledWorker, as_completed

from crawler.pages.limited import LimitedParser
from radar.backfill import Options
from radar.backfill_parts import Part
from radar.backfill_pieces import Assembly, Piece, pieces_of
from radar.backfill_pool import TRIES, attempt, failed
from radar.backfill_results import PartResult, Results
from radar.cluster import CONNECT_S, connected

#: Pieces that wait at each worker: enough that none idles, few enough that results do not pile up.
_AHEAD = 2
_own = threading.local()


def run_there(
    parts: Sequence[Part],
    options: Options,
    address: str,
    tell: Callable[[str], None],
    connect_s: int = CONNECT_S,
) -> Results:
    """The result of each archive as it comes, as ``run_here`` gives them.

    Dask gives the pieces of a worker that died to another; an archive over which several died is
    left out. ``tell`` gets the dashboard's address. Raises ``ClusterError``.
    """
    with connected(address, tell, connect_s) as (client, slots):
        pieces = pieces_of(parts, slots)
        assembly = Assembly(pieces)
        todo = filter(assembly.wants, pieces)
        asked: dict[Any, tuple[Piece, int]] = {}
        done: Any = as_completed(loop=client.loop, raise_errors=False)  # type: ignore[no-untyped-call]

        def ask(piece: Piece, tries: int) -> None:
            # The options go with each piece: scattered data would die with the workers that hold
            # it, and all that waits for it would be cancelled.
            future = client.submit(attempt_there, piece, options, pure=False)
            asked[future] = (piece, tries)
            done.add(future)

        for piece in islice(todo, _AHEAD * slots):
            ask(piece, 1)
        while asked:
            future = next(done)
            piece, tries = asked.pop(future)
            result = _result(piece.part, future)
            again = future.status in ("finished", "cancelled") and assembly.wants(piece)
            if result.failed is not None and tries < TRIES and again:
                ask(piece, tries + 1)
                continue
            if following := next(todo, None):
                ask(following, 1)
            whole = assembly.put(piece, replace(result, again=tries - 1))
            if whole is not None:
                yield whole


def attempt_there(piece: Piece, options: Options) -> PartResult:
    """``attempt`` on a worker, whose threads each keep their page reader from piece to piece."""
    parser: LimitedParser | None = getattr(_own, "parser", None)
    if parser is None or parser.seconds != options.page_s:
        if parser is not None:
            parser.close()
        parser = _own.parser = LimitedParser(options.page_s)
    return attempt(piece, options, parser)


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
