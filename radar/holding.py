"""Holds sources while they are crawled, so that no other crawl asks them at the same time."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from store.connection import BusyError
from store.newsroom import Newsroom

_log = logging.getLogger(__name__)

#: A crawl that died holds its sources this long; one that lives says so three times meanwhile.
LEASE_S, RENEW_S = 90.0, 30.0


def new_owner() -> str:
    """Who we are, for people to recognise and for no other to be called the same."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"


@contextmanager
def held(
    newsroom: Path,
    source_ids: Sequence[str],
    now: Callable[[], datetime],
    lost: threading.Event | None = None,
) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Hold the sources that nobody else holds, until the block ends.

    Gives the ids held, in their order, and of the others who holds them. ``lost`` is set when one
    went to another crawl meanwhile, as after a machine slept: then both would ask its host.
    """
    owner = new_owner()
    names = {source_id: f"source:{source_id}" for source_id in source_ids}
    with Newsroom(newsroom, now=now) as store:
        mine = [one for one in source_ids if store.take_lease(names[one], owner, LEASE_S)]
        holders = store.leases()
        others = {
            one: holders.get(names[one], "another crawl") for one in source_ids if one not in mine
        }
        done = threading.Event()
        keeper = threading.Thread(
            target=_keep,
            args=(newsroom, [names[one] for one in mine], owner, now, done),
            kwargs={"lost": lost or threading.Event()},
        )
        keeper.start()
        try:
            yield mine, others
        finally:
            done.set()
            keeper.join()
            for one in mine:
                store.release_lease(names[one], owner)


def _keep(
    newsroom: Path,
    names: Sequence[str],
    owner: str,
    now: Callable[[], datetime],
    done: threading.Event,
    *,
    lost: threading.Event,
) -> None:
    while not done.wait(RENEW_S):
        try:
            with Newsroom(newsroom, now=now) as store:
                gone = [name for name in names if not store.renew_lease(name, owner, LEASE_S)]
        except BusyError as error:
            # Held up by a long writer: the lease still runs, and the next beat is soon.
            _log.warning("leases not renewed yet: %s", error)
            continue
        if gone:
            _log.error("%s taken over by another crawl; ours of them ends", ", ".join(gone))
            lost.set()
            return
