"""Owns the connection to a Dask cluster: a scheduler that answers and has workers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from distributed import Client

from store.errors import RadarError

#: Seconds until a scheduler must have answered.
CONNECT_S = 15
#: As Dask's own commands write an address; without a scheme it is tcp.
_ADDRESS = re.compile(r"((tcp|tls|ws|wss)://)?(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}", re.IGNORECASE)


class ClusterError(RadarError):
    """A cluster that cannot be used; the message names its address and the mend."""


def check_address(address: str) -> None:
    """Raises ``ClusterError`` where no scheduler can have such an address."""
    if not _ADDRESS.fullmatch(address):
        raise ClusterError(
            f"{address!r}: no address of a Dask scheduler; write it as `dask scheduler` prints it, "
            "such as tcp://192.0.2.1:8786"
        )


@contextmanager
def connected(
    address: str, tell: Callable[[str], None], connect_s: int = CONNECT_S
) -> Iterator[tuple[Any, int]]:
    """A client of the scheduler at ``address``, and how many tasks its workers do at once.

    ``tell`` gets the dashboard's address. Raises ``ClusterError``.
    """
    check_address(address)
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
