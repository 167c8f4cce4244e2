"""The one writer of a backfill: items of a part → the newsroom, each with where it came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from radar.backfill_items import ArchiveItem
from store.newsroom import Newsroom
from store.provenance import any_kept, kept, note, note_all
from store.tombstones import ErasedError

#: Items a transaction: others of the newsroom's writers wait as long.
_BATCH = 200


def store(newsroom: Newsroom, items: Iterable[ArchiveItem]) -> dict[str, int]:
    """Save the items in their order; how many were ``new changed same older erased``.

    An item that the newsroom holds as it was later than this capture stays as it is (``older``),
    and keeps the spelling of its address. Doing it again changes nothing.
    """
    counts: Counter[str] = Counter()
    remaining = iter(items)
    while some := list(islice(remaining, _BATCH)):
        with newsroom.batch():
            counts.update(_save_some(newsroom, some))
    return dict(sorted(counts.items()))


def _save_some(newsroom: Newsroom, items: Sequence[ArchiveItem]) -> Iterator[str]:
    """Items at new addresses together, which takes half as long; the others one by one.

    The one writer decides how many workers a backfill can have.
    """
    spelled = [spellings(item.article.url) for item in items]
    met = any_kept(newsroom, {url for urls in spelled for url in urls})
    fresh: list[ArchiveItem] = []
    for item, urls in zip(items, spelled, strict=True):
        if met.isdisjoint(urls):
            fresh.append(item)
        else:
            # in their order: the item that it is another capture of may be waiting
            yield from _save_fresh(newsroom, fresh)
            fresh.clear()
            yield _save(newsroom, item)
        met.update(urls)
    yield from _save_fresh(newsroom, fresh)


def _save_fresh(newsroom: Newsroom, items: Sequence[ArchiveItem]) -> list[str]:
    articles = [item.article for item in items]
    try:
        saved = newsroom.save_all(articles)
    except ErasedError:  # all or none: one of them must stay away
        return [_save(newsroom, item) for item in items]
    note_all(newsroom, [(one.article.source_id, one.article.url, one.provenance) for one in items])
    return [one.value for one in saved]


def _save(newsroom: Newsroom, item: ArchiveItem) -> str:
    article = item.article
    known = kept(newsroom, article.source_id, spellings(article.url))
    if known is not None:
        article = replace(article, url=known.url)
        if known.content_hash != article.content_hash() and known.fetched_at > article.fetched_at:
            return "older"
    try:
        saved = newsroom.save(article)
    except ErasedError:
        return "erased"
    held = kept(newsroom, article.source_id, [article.url])
    if held is not None:
        note(newsroom, held.item_id, item.provenance)
    return saved.value


def spellings(url: str) -> list[str]:
    """The address with and without TLS, ``www.`` and closing slash (``identity.same_page``)."""
    _, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    bare = host.removeprefix("www.")
    stem = path.removesuffix("/")
    paths = {stem, f"{stem}/"} if stem and "?" not in path else {path}
    return [
        f"{scheme}://{name}{slash}{tail}"
        for scheme in ("https", "http")
        for name in (bare, f"www.{bare}")
        for tail in sorted(paths)
    ]
