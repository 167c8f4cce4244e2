"""Which source a page of an archive belongs to: that of its host, or the one an editor names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from urllib.parse import urlsplit

from crawler.lists import is_within
from store.errors import RadarError
from store.types import Source

#: Stands in a file of hosts for every host that neither it nor the catalogue names.
ANY = "*"
#: The same publisher's pages for another device (as in ``crawler.urls.same_site``).
_TWINS = ("www.", "m.", "mobil.", "mobile.", "amp.")


class HostsError(RadarError):
    """A file of hosts that cannot be used; the message names file, line and mend."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """Hosts and their sources. A page of any other host is refused.

    Without a source nobody has said what the public may see of a page, under which licence, and
    whether it is kept without a topic.
    """

    sources: Mapping[str, tuple[Source, ...]]
    #: gets the German pages of all other hosts
    rest: Source | None = None

    def knows(self, url: str) -> bool:
        """Whether a page of that address can have a source; cheap, for every record."""
        return self.rest is not None or host_of(url) in self.sources

    def source_of(self, url: str) -> Source | None:
        """The page's source; None: it has none.

        Of several on one host: the one whose list's address has most in common with the page's.
        """
        held = self.sources.get(host_of(url))
        if held is None:
            return self.rest
        fitting = [source for source in held if is_within(source.paths, url)]
        path = urlsplit(url).path
        return max(
            fitting,
            key=lambda source: _in_common(urlsplit(source.url).path, path),
            default=None,
        )

    def is_rest(self, url: str) -> bool:
        """Whether nobody named the host, so that the page may be in any language."""
        return host_of(url) not in self.sources

    def as_text(self) -> str:
        """The same text for the same assignment, so that runs can be told apart."""
        lines = [
            f"{host} {source.id} {source.paths}"
            for host, held in sorted(self.sources.items())
            for source in held
        ]
        return "\n".join([*lines, f"{ANY} {self.rest.id if self.rest else ''}"])


def host_of(url: str) -> str:
    """The host without ``www.`` and prefixes of devices; empty where there is none."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
    return next((host[len(twin) :] for twin in _TWINS if host.startswith(twin)), host)


def hosts_of(sources: Iterable[Source], file: Path | None = None) -> Hosts:
    """The hosts of the sources' own sites, and what ``file`` says beyond and against that.

    Each line of the file: a host, or ``*`` for all others, and the id of a source. A podcast or
    a feed that a service hosts says nothing of that service's other pages, so the address of a
    list alone makes no host. Raises ``HostsError``.
    """
    named = {source.id: source for source in sources}
    found: dict[str, list[Source]] = {}
    for source in named.values():
        found.setdefault(host_of(source.homepage), []).append(source)
    own = {
        host: [source for source in held if host_of(source.url) == host] or held
        for host, held in found.items()
    }
    rest = None
    for host, source in _read(file, named) if file else ():
        if host == ANY:
            rest = source
        else:
            own[host_of(f"https://{host}/")] = [source]
    return Hosts({host: tuple(held) for host, held in own.items()}, rest)


def _in_common(first: str, second: str) -> int:
    return sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))
    )


def _read(file: Path, named: Mapping[str, Source]) -> list[tuple[str, Source]]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise HostsError(f"{file}: cannot be read: {error}") from error
    pairs = []
    for number, line in enumerate(lines, start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 2 or words[1] not in named:
            raise HostsError(
                f"{file}, line {number}: wanted is a host (or {ANY}) and the id of a source that "
                "`radar sources list` knows; a file in data/sources makes a new one"
            )
        pairs.append((words[0], named[words[1]]))
    return pairs
