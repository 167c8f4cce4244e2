"""The parts of a backfill on the workers of a Dask cluster: the same task, other machines.

The only user of Dask; imported only when a cluster is named. Archives must be reachable from
the workers (HTTP, or a shared folder under the same path); items come back as messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from distributed import Client, KilledWorker, as_completed

from radar.backfill import Options, PartResult
from radar.backfill_parts import Part
from radar.backfill_pool import TRIES, attempt, failed
from store.errors import RadarError

#: Parts that wait at each worker: enough that none idles, few enough that results do not pile up.
_AHEAD = 2
#: Seconds until a scheduler must have answered.
_CONNECT_S = 15


class ClusterError(RadarError):
    """A cluster that cannot be used; the message names its address and the mend."""


def run_there(
    parts: Sequence[Part],
    options: Options,
    address: str,
    tell: Callable[[str], None],
    connect_s: int = _CONNECT_S,
) -> Iterator[PartResult]:
    """The result of each part as it comes, as ``run_here`` gives them.

    Dask gives the parts of a worker that died to another; one over which several died is left
    out. ``tell`` gets the dashboard's address. Raises ``ClusterError``.
    """
    try:
        client: Any = Client(address, timeout=connect_s, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(
            f"{address}: no Dask scheduler answers ({error}); start one with `dask scheduler`"
        ) from error
    with client:
        tell(f"Dask dashboard: {client.dashboard_link}")
        workers = client.scheduler_info(n_workers=-1)["workers"]
        if not workers:
            raise ClusterError(
                f"{address}: the scheduler has no workers; start some with `dask worker {address}` "
                "where this program is installed"
            )
        todo = iter(parts)
        asked: dict[Any, tuple[Part, int]] = {}
        done: Any = as_completed(loop=client.loop, raise_errors=False)  # type: ignore[no-untyped-call]

        def ask(part: Part, tries: int) -> None:
            # The options go with each part: scattered data would die with the workers that hold
            # it, and all that waits for it would be cancelled.
            future = client.submit(attempt, part, options, pure=False)
            asked[future] = (part, tries)
            done.add(future)

        for part in islice(todo, _AHEAD * sum(w["nthreads"] for w in workers.values())):
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
