"""Owns the connection to a Dask cluster: a scheduler that answers and has workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from distributed import Client

from store.errors import RadarError

#: Seconds until a scheduler must have answered.
CONNECT_S = 15


class ClusterError(RadarError):
    """A cluster that cannot be used; the message names its address and the mend."""


@contextmanager
def connected(
    address: str, tell: Callable[[str], None], connect_s: int = CONNECT_S
) -> Iterator[tuple[Any, int]]:
    """A client of the scheduler at ``address``, and how many tasks its workers do at once.

    ``tell`` gets the dashboard's address. Raises ``ClusterError``.
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
        yield client, sum(worker["nthreads"] for worker in workers.values())
