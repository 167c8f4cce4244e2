"""How the sources of a crawl are shared out so that no host is in two hands. Pure.

Politeness is one request at a time to a host; two processes that ask the same host could not keep
it. So whatever shares a host goes together, over as many steps as it takes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

#: Sources of one shard: more would lose too much when its worker dies, fewer would pay a start of
#: Scrapy (1.5 processor seconds) for nothing. Estimates.
MOST, FEWEST = 250, 25


@dataclass(frozen=True, slots=True)
class Shard:
    """Sources for one process, and the hosts that are its alone meanwhile."""

    sources: tuple[str, ...]
    hosts: frozenset[str]


def host_of(url: str) -> str:
    """The host of an address as politeness counts it: ``www.`` and port are no other host.

    Empty where the address has none.
    """
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:  # an address that some list made up, such as "http://[x"
        return ""


def groups(hosts: Mapping[str, Collection[str]]) -> list[Shard]:
    """The sources (by id, with the hosts each asks) in the smallest groups that share no host."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.setdefault(name, name) != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    for source_id, own in hosts.items():
        for host in own:
            leader[find(f"host {host}")] = find(source_id)
    members: dict[str, list[str]] = defaultdict(list)
    for source_id in sorted(hosts):
        members[find(source_id)].append(source_id)
    return [
        Shard(tuple(some), frozenset(host for one in some for host in hosts[one]))
        for some in members.values()
    ]


def shards(
    hosts: Mapping[str, Collection[str]], slots: int, alone: Collection[str] = ()
) -> list[Shard]:
    """The groups, gathered into shards of about equal size; ``slots`` can be crawled at once.

    The same for the same sources. A group larger than ``MOST`` stays together. Sources that are to
    be crawled ``alone`` come last, each for itself: they may share hosts with others.
    """
    together = {source: own for source, own in hosts.items() if source not in alone}
    count = max(-(-len(together) // MOST), min(slots, -(-len(together) // FEWEST)), 1)
    return [
        *_gathered(groups(together), count),
        *(_of([source], hosts) for source in sorted(hosts) if source in alone),
    ]


def halves(shard: Shard, hosts: Mapping[str, Collection[str]]) -> list[Shard]:
    """The shard in two, which share a host only where all its sources do, over some steps."""
    found = _gathered(groups({source: hosts[source] for source in shard.sources}), 2)
    if len(found) == 2:
        return found
    middle = len(shard.sources) // 2
    return [_of(shard.sources[:middle], hosts), _of(shard.sources[middle:], hosts)]


def _gathered(found: Sequence[Shard], count: int) -> list[Shard]:
    bins: list[list[str]] = [[] for _ in range(min(count, len(found)))]
    own: list[set[str]] = [set() for _ in bins]
    for one in sorted(found, key=lambda one: (-len(one.sources), one.sources)):
        smallest = min(range(len(bins)), key=lambda at: len(bins[at]))
        bins[smallest] += one.sources
        own[smallest] |= one.hosts
    return [Shard(tuple(sorted(a)), frozenset(b)) for a, b in zip(bins, own, strict=True)]


def _of(sources: Sequence[str], hosts: Mapping[str, Collection[str]]) -> Shard:
    return Shard(tuple(sources), frozenset(host for one in sources for host in hosts[one]))
