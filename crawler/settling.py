"""Recognises the entries of a list among what its source named before, also at a new address."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from crawler.identity import moved, settle_host
from crawler.types import Entry
from store.types import Visit


class VisitStore(Protocol):
    """What is asked of the newsroom."""

    def visits(self, source_id: str, urls: Iterable[str] | None = None) -> dict[str, Visit]: ...
    def guids(
        self, source_id: str, urls: Collection[str], guids: Collection[str]
    ) -> dict[str, str]:
        """Address → guid of what was visited there or has one of the guids."""
        ...

    def set_visit(self, source_id: str, visit: Visit) -> None: ...


@dataclass(frozen=True, slots=True)
class Settled:
    """A list's entries by the address under which their pages go, with what is known of them.

    ``known`` has the last visit of each entry that is no new item, by the entry's address; after a
    move it is the visit to the old address.
    """

    entries: dict[str, Entry]
    known: dict[str, Visit]


def settle(
    store: VisitStore, source_id: str, found: Iterable[Entry], unchanged: Collection[str]
) -> Settled:
    """Find out which of the entries are old acquaintances.

    An address is known in the spelling of earlier lists (scheme, ``www.``, trailing slash); an
    item that stands under its guid at a new address has moved, and its old address is looked at no
    more. ``unchanged``: addresses the list named besides, known as they are.
    """
    entries = {entry.url: entry for entry in found}
    known = store.visits(source_id, entries)
    if entries.keys() <= known.keys():
        return Settled(entries, known)
    near = store.visits(source_id, {v for url in entries.keys() - known for v in _spellings(url)})
    spelled = settle_host([*entries, *unchanged], [*known, *near])
    settled: dict[str, Entry] = {}
    for url, entry in entries.items():
        settled.setdefault(spelled[url], replace(entry, url=spelled[url]))
    for url in settled.keys() & near.keys():
        known[url] = near[url]
    new = settled.keys() - known.keys()
    if new:
        known |= _moves(store, source_id, settled, unchanged)
    return Settled(settled, {url: known[url] for url in settled.keys() & known.keys()})


def _moves(
    store: VisitStore, source_id: str, entries: dict[str, Entry], unchanged: Collection[str]
) -> dict[str, Visit]:
    guids = {entry.guid for entry in entries.values() if entry.guid}
    before = store.guids(source_id, entries.keys(), guids)
    staying = {before[url] for url in unchanged if url in before}
    before = {url: guid for url, guid in before.items() if guid not in staying}
    moves = moved(entries.values(), dict(before))
    visits = store.visits(source_id, moves.values())
    found = {}
    for new, old in moves.items():
        if old in visits:
            found[new] = replace(visits[old], item_url=visits[old].item_url or old)
            # Its page is gone from there, which is no withdrawal.
            store.set_visit(source_id, replace(visits[old], item_url=None))
    return found


def _spellings(url: str) -> set[str]:
    """The ways to write an address that may mean the same page."""
    parts = urlsplit(url)
    bare = parts.netloc.removeprefix("www.")
    path = parts.path.rstrip("/")
    return {
        urlunsplit((scheme, host, path + slash, parts.query, ""))
        for scheme in ("https", "http")
        for host in (bare, f"www.{bare}")
        for slash in ("", "/")
        if path or slash
    }
