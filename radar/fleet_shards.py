"""How the sources of a crawl are shared out so that no host is in two hands. Pure.

Politeness is one request at a time to a host; two processes that ask the same host could not keep
it. So whatever shares a host goes together, over as many steps as it takes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
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


def shards(hosts: Mapping[str, Collection[str]], slots: int) -> list[Shard]:
    """The groups, gathered into shards of about equal size; ``slots`` can be crawled at once.

    The same for the same sources. A group larger than ``MOST`` stays together.
    """
    found = sorted(groups(hosts), key=lambda one: (-len(one.sources), one.sources))
    count = max(-(-len(hosts) // MOST), min(slots, -(-len(hosts) // FEWEST)), 1)
    bins: list[list[Shard]] = [[] for _ in range(min(count, len(found)))]
    sizes = [0] * len(bins)
    for one in found:
        smallest = sizes.index(min(sizes))
        bins[smallest].append(one)
        sizes[smallest] += len(one.sources)
    return [
        Shard(
            tuple(sorted(source for one in some for source in one.sources)),
            frozenset().union(*(one.hosts for one in some)),
        )
        for some in bins
    ]
