"""Whether two addresses or guids are one item: the doubts that a single address cannot settle.

`crawler.urls` levels what never matters. Scheme, ``www.`` and the trailing slash may matter, so
they are settled per host, by what the host itself was seen to write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from crawler.types import Entry

#: A source of whose known items at least this share has another guid than before makes them up
#: anew each time. One changed guid among many is a correction.
UNSTABLE_SHARE = 0.5


def same_page(first: str, second: str) -> bool:
    """Return whether two canonical addresses differ in scheme, ``www.`` or trailing slash at most.

    That is what to ask of two addresses of one source. On a host where the slash matters (see
    ``settle_host``) the answer is too generous.
    """
    return _key(first, slash_matters=False) == _key(second, slash_matters=False)


def settle_host(listed: Iterable[str], known: Iterable[str] = ()) -> dict[str, str]:
    """Return for each address of a list the spelling under which its page goes.

    ``listed`` and ``known`` (addresses of the same source from earlier lists) are canonical. Only
    spellings that were seen are chosen: the known one; else, of several in the list, the one that
    agrees most with how its host writes the others, and https before http. If one list names a
    page with the slash and another without, the slash matters on that host and is left alone.
    """
    listed, known = list(dict.fromkeys(listed)), list(dict.fromkeys(known))
    with_slash = {url for url in listed if url.endswith("/")}
    strict = {_host(url) for url in listed if f"{url}/" in with_slash}
    habits = Counter(habit for url in (*listed, *known) for habit in _habits(url))

    def key(url: str) -> tuple[str, str, str]:
        return _key(url, slash_matters=_host(url) in strict)

    def rank(url: str) -> tuple[int, bool]:
        return sum(habits[habit] for habit in _habits(url)), url.startswith("https:")

    chosen: dict[tuple[str, str, str], str] = {}
    for group in (known, listed):
        best: dict[tuple[str, str, str], str] = {}
        for url in group:
            rival = best.get(key(url))
            if rival is None or rank(url) > rank(rival):
                best[key(url)] = url
        chosen = best | chosen
    return {url: chosen[key(url)] for url in listed}


def guids_are_unstable(entries: Iterable[Entry], known: Mapping[str, str | None]) -> bool:
    """Return whether a source gives its items new guids each time, so that they identify nothing.

    ``known``: guids by address, as the source gave them before.
    """
    pairs = [(entry.guid, known.get(entry.url)) for entry in entries]
    pairs = [(now, before) for now, before in pairs if now and before]
    changed = sum(now != before for now, before in pairs)
    return bool(changed) and changed >= UNSTABLE_SHARE * len(pairs)


def moved(entries: Iterable[Entry], known: Mapping[str, str | None]) -> dict[str, str]:
    """Return new address → old one for items that a list shows under their guid at a new address.

    ``known``: guids by address, as the source gave them before. An item has moved only if its old
    address is gone from the list and its guid stood for one address alone. Empty if the source's
    guids are unstable.
    """
    entries = tuple(entries)
    if guids_are_unstable(entries, known):
        return {}
    listed = {entry.url for entry in entries}
    uses = Counter(filter(None, known.values()))
    before = {guid: url for url, guid in known.items() if guid and uses[guid] == 1}
    found: dict[str, str] = {}
    for entry in entries:
        old = before.get(entry.guid or "")
        if old and entry.url not in known and old not in listed:
            found[entry.url] = old
    return found


def _key(url: str, *, slash_matters: bool) -> tuple[str, str, str]:
    parts = urlsplit(url)
    path = parts.path if slash_matters else parts.path.rstrip("/")
    return _host(url), path, parts.query


def _host(url: str) -> str:
    parts = urlsplit(url)
    # a port of its own is another server
    return parts.netloc.removeprefix("www.")


def _habits(url: str) -> list[tuple[str, str]]:
    """How an address writes what its host could write otherwise."""
    parts = urlsplit(url)
    host = _host(url)
    habits = [(host, parts.scheme), (host, "www" if parts.netloc.startswith("www.") else "bare")]
    last = parts.path.rpartition("/")[2]
    if parts.path != "/" and "." not in last:
        habits.append((host, "no slash" if last else "slash"))
    return habits
