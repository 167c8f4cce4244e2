"""A real Dask cluster of processes on loopback, for tests and benchmarks."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def local_cluster(
    workers: int = 2, threads: int = 1
) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a scheduler, and its process followed by those of its workers."""
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str) -> None:
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{name}", *arguments],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    local = ("--host", "127.0.0.1", "--no-dashboard")
    try:
        start("scheduler", *local, "--port", str(port), "--no-show")
        for _ in range(workers):
            start("worker", address, *local, "--nthreads", str(threads), "--no-nanny")
        yield address, started
    finally:
        for process in started:
            process.kill()
            process.wait()


def wait_for_workers(address: str, workers: int) -> None:
    """Wait until so many workers have come. Raises ``TimeoutError`` after a minute."""
    from distributed import Client

    with Client(address, timeout=60, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(workers, timeout=60)
