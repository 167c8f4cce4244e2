"""Which shard of a crawl is next, and what becomes of one that failed. Pure.

No shard is given out that shares a host with one under way. A source over which the process of its
crawl dies would take its whole shard with it, for ever: such a shard is split until the source is
alone, and left out when the process dies over it alone, too.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from radar.fleet_job import Failure
from radar.fleet_shards import Shard, halves

#: A shard that cannot be split is tried so often.
TRIES = 3
#: So many failures with no success between them are no source's fault: a dozen sources over which
#: processes die would not make as many.
GIVE_UP = 40


@dataclass(frozen=True, slots=True)
class Turn:
    """A shard that may be crawled now."""

    number: int
    shard: Shard
    #: whether one of its hosts may have been asked a moment ago, so that it gets its pause first
    after_another: bool


class ShardQueue:
    """The shards of one wave."""

    def __init__(
        self,
        shards: Sequence[Shard],
        hosts: Mapping[str, Collection[str]],
        suspects: Collection[str] = (),
    ) -> None:
        self._hosts = hosts
        self._suspects = suspects
        self._waiting = deque(shards)
        self._running: dict[int, Shard] = {}
        self._given = 0
        self._asked: set[str] = set()
        self._tries: Counter[Shard] = Counter()
        self._in_a_row = 0
        self._succeeded = False
        self._died: dict[Shard, str] = {}
        self._lost: list[tuple[Shard, str]] = []

    @property
    def culprits(self) -> dict[str, str]:
        """Sources over which the process died, and how.

        Where everything died the cluster is to blame, but for a source that did so before.
        """
        return {
            shard.sources[0]: reason
            for shard, reason in self._died.items()
            if self._succeeded or len(self._hosts) == 1 or shard.sources[0] in self._suspects
        }

    @property
    def lost(self) -> list[tuple[Shard, str]]:
        """Shards that were not crawled through no fault of theirs, and why."""
        culprits = self.culprits
        died = [one for one in self._died.items() if one[0].sources[0] not in culprits]
        return self._lost + died

    def take(self) -> Turn | None:
        """The next shard whose hosts nobody asks; None if there is none at present."""
        busy = frozenset[str]().union(*(shard.hosts for shard in self._running.values()))
        for shard in self._waiting:
            if busy.isdisjoint(shard.hosts):
                break
        else:
            return None
        self._waiting.remove(shard)
        self._given += 1
        self._running[self._given] = shard
        turn = Turn(self._given, shard, not self._asked.isdisjoint(shard.hosts))
        self._asked |= shard.hosts
        return turn

    def crawled(self, number: int) -> None:
        """The shard came back."""
        del self._running[number]
        self._in_a_row = 0
        self._succeeded = True

    def failed(self, number: int, failure: Failure) -> None:
        """The shard did not: it is split, tried again, or given up."""
        shard = self._running.pop(number)
        self._in_a_row += 1
        self._tries[shard] += 1
        if self._in_a_row >= GIVE_UP:
            self._lost += [(one, failure.reason) for one in (shard, *self._waiting)]
            self._waiting.clear()
        elif failure.died and len(shard.sources) > 1:
            # behind the others: their success tells a bad source from a bad cluster
            self._waiting += halves(shard, self._hosts)
        elif self._tries[shard] < TRIES:
            self._waiting.append(shard)
        elif failure.died:
            self._died[shard] = failure.reason
        else:
            self._lost.append((shard, failure.reason))
