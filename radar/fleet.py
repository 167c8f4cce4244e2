"""A crawl shared out by host: each shard is crawled elsewhere, and stored here by one writer.

A shard takes along what its crawl must know (`store.slices`) and brings back what it wrote; that is
stored source by source, whole or not at all. So a shard that is crawled twice because its worker
died is stored once. A source over which its process dies is found by splitting its shard
(`radar.fleet_queue`); its run has failed, and it is crawled alone until it ends well.

Pages may be on hosts that nobody knew of when the hosts were shared out. They are left alone, told
as ``elsewhere``, and asked in the next wave, in which their host has one owner again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from radar import crawling
from radar.config import Config
from radar.crawling import CrawlError, OnEvent, Outcome
from radar.fleet_files import FleetFiles
from radar.fleet_job import TEXT_FOR, Crawled, Failure, Job
from radar.fleet_queue import ShardQueue, Turn
from radar.fleet_shards import Shard, host_of, shards
from radar.holding import held
from radar.progress import say
from store.newsroom import Newsroom
from store.slices import merge, named_hosts, take_slice
from store.types import RunResult

#: How often hosts are shared out anew. Each wave learns the hosts behind one step of redirects.
WAVES = 5
#: How the message of a run begins whose source is crawled alone from then on.
DIED = "the crawl's process dies over this source"


class Workers(Protocol):
    """Who crawls shards: `radar.fleet_cluster`."""

    #: shards that can be crawled at once
    slots: int
    #: seconds without a sign of us after which a worker ends its crawl
    lease_s: float

    def run(
        self, take: Callable[[], tuple[int, Job] | None], ended: Callable[[], bool]
    ) -> Iterator[tuple[int, Crawled | Failure]]:
        """What came of each job, by its number.

        Jobs are taken one by one as there is room for them, until none is left though none is under
        way. Ends early when ``ended()``.
        """
        ...


class Crawl(Protocol):
    """What crawls: ``crawling.crawl``, or a fleet that does the same."""

    def __call__(
        self,
        config: Config,
        source_ids: Sequence[str],
        on_event: OnEvent,
        stop: threading.Event | None = None,
    ) -> list[Outcome]: ...


def crawl_on(cluster: str | None) -> Crawl:
    """The crawl on the Dask cluster at that address, or on this machine.

    Raises ``CrawlError`` where Dask is not installed, ``ClusterError`` for what is no address.
    """
    if cluster is None:
        return crawling.crawl
    try:
        from radar import cluster as clusters
        from radar import fleet_cluster
    except ModuleNotFoundError as error:
        if error.name != "distributed":
            raise
        raise CrawlError(
            "a cluster needs Dask, which is not installed: pip install 'kommunalradar[dask]'"
        ) from error
    clusters.check_address(cluster)
    return partial(fleet_cluster.crawl, address=cluster, tell=say)


def crawl(
    config: Config,
    source_ids: Sequence[str],
    on_event: OnEvent,
    stop: threading.Event | None,
    workers: Workers,
) -> list[Outcome]:
    """Crawl the sources as ``crawling.crawl`` does. Raises ``CrawlError``.

    Mailboxes are read here, before the others: their passwords do not travel.
    """
    with Newsroom(config.newsroom, now=crawling.utc_now) as newsroom:
        mail = [one for one in source_ids if newsroom.source(one).kind == "mail"]
        outcomes = crawling.crawl(config, mail, on_event, stop) if mail else []
        others = [one for one in source_ids if one not in set(mail)]
        lost = threading.Event()
        with held(config.newsroom, others, crawling.utc_now, lost) as (mine, taken):
            for source_id, holder in taken.items():
                result = RunResult("busy", message=f"is being crawled by {holder}")
                on_event("finish", source_id, result)
                outcomes.append(Outcome(source_id, result))
            fleet = _Fleet(config, newsroom, workers, on_event, (stop or threading.Event(), lost))
            fleet.crawl(mine)
            outcomes += [Outcome(name, result) for name, result in sorted(fleet.results.items())]
    if lost.is_set():
        raise CrawlError("another crawl took over sources of this one; what was stored is kept")
    if fleet.failed and not (stop and stop.is_set()):
        reasons = "; ".join(
            f"{', '.join(shard.sources[:3])} … ({len(shard.sources)} sources): {reason}"
            for shard, reason in fleet.failed
        )
        rest = "; the others were" if fleet.results else ""
        raise CrawlError(f"not crawled: {reasons}{rest}")
    return outcomes


class _Fleet:
    """One crawl: its waves, and what is stored of them."""

    def __init__(
        self,
        config: Config,
        newsroom: Newsroom,
        workers: Workers,
        on_event: OnEvent,
        ends: Sequence[threading.Event],
    ) -> None:
        self._config = config
        self._newsroom = newsroom
        self._workers = workers
        self._on_event = on_event
        self._ends = ends
        self._files = FleetFiles(config, newsroom)
        #: sources whose host asked for a pause: it holds for all that ask the host
        self._paused = {
            status.source.id: host_of(status.source.url)
            for status in newsroom.sources()
            if status.retry_after and status.retry_after > crawling.utc_now()
        }
        #: sources over which the process died the last time
        self._alone = {
            status.source.id
            for status in newsroom.sources()
            if status.last_run and _died(status.last_run.result)
        }
        self.results: dict[str, RunResult] = {}
        self.failed: list[tuple[Shard, str]] = []

    def _ended(self) -> bool:
        return any(one.is_set() for one in self._ends)

    def crawl(self, source_ids: Sequence[str]) -> None:
        """Crawl in waves, until no page is left that waits for its host."""
        hosts = self._hosts(source_ids)
        try:
            for wave in range(1, WAVES + 1):
                found = self._wave(hosts, last=wave == WAVES)
                if not found or self._ended():
                    return
                hosts = {source: hosts[source] | more for source, more in found.items()}
                # Whoever asked a host last may have done so just now.
                self._ends[0].wait(self._config.crawl_delay_s)
        finally:
            self._files.save()

    def _hosts(self, source_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """The hosts that each source's crawl will ask, as far as is known."""
        named = named_hosts(self._newsroom, source_ids)
        found = {}
        for source_id in source_ids:
            source = self._newsroom.source(source_id)
            urls = {source.url, source.homepage, *named[source_id]}
            found[source_id] = frozenset(host for url in urls if (host := host_of(url)))
        return found

    def _wave(
        self, hosts: Mapping[str, frozenset[str]], *, last: bool
    ) -> dict[str, frozenset[str]]:
        """Crawl each of the sources once; the hosts on which there is more, by source."""
        plan = shards(hosts, self._workers.slots, self._alone)
        queue = ShardQueue(plan, hosts, self._alone)
        elsewhere: dict[str, frozenset[str]] = {}

        def take() -> tuple[int, Job] | None:
            turn = queue.take()
            return None if turn is None else (turn.number, self._job(turn))

        for number, found in self._workers.run(take, self._ended):
            if isinstance(found, Failure):
                queue.failed(number, found)
                continue
            self._take(found, last=last)
            queue.crawled(number)
            elsewhere |= found.elsewhere
        for source_id, reason in sorted(queue.culprits.items()):
            self._quarantine(source_id, reason)
        self.failed += queue.lost
        return elsewhere

    def _job(self, turn: Turn) -> Job:
        shard, since = turn.shard, crawling.utc_now() - TEXT_FOR
        paused = {source for source, host in self._paused.items() if host in shard.hosts}
        known = sorted(paused | set(shard.sources))
        return Job(
            self._config,
            shard.sources,
            shard.hosts,
            take_slice(self._newsroom, known, text_since=since),
            self._files.of(shard.hosts),
            self._workers.lease_s,
            self._config.crawl_delay_s if turn.after_another else 0.0,
        )

    def _quarantine(self, source_id: str, reason: str) -> None:
        """Its run has failed: the desk tells, and it is asked more and more rarely."""
        line = " ".join(reason.split())
        result = RunResult(
            "failed",
            message=f"{DIED} ({line}); the others were crawled without it, and it is crawled alone "
            "until it ends well: look at its list and pages, or pause it",
        )
        self._newsroom.finish_run(self._newsroom.start_run(source_id), result)
        self.results[source_id] = result
        self._on_event("finish", source_id, result)

    def _take(self, found: Crawled, *, last: bool) -> None:
        """Store what a shard brought: what a list told is known as read with its items only."""
        for change in found.changes:
            merge(self._newsroom, change)
        self._files.take(found)
        for source_id, result in found.results.items():
            before = self.results.get(source_id)
            if before is not None:
                result = replace(
                    result,
                    new=before.new + result.new,
                    changed=before.changed + result.changed,
                    withdrawn=before.withdrawn + result.withdrawn,
                )
            self.results[source_id] = result
            if last or source_id not in found.elsewhere:
                self._on_event("finish", source_id, result)


def _died(result: RunResult | None) -> bool:
    return result is not None and (result.message or "").startswith(DIED)
