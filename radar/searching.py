"""The public search at the terminal: the same engine, the same hits as the site's."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from classifier.vocabulary import load_topics
from radar.config import Config
from store.errors import RadarError
from store.search import Query, Results, Search
from store.types import STATES


class SearchingError(RadarError):
    """The archive cannot be searched; the message says why and what to do."""


def find(
    config: Config,
    text: str,
    *,
    topics: Sequence[str],
    states: Sequence[str],
    order: str,
    limit: int,
) -> Results:
    """The hits for a query.

    Raises `SearchingError` if nothing was published yet, or for a topic or Land that is none.
    """
    for option, wanted, known in (
        ("--topic", topics, [topic.id for topic in load_topics()]),
        ("--state", states, list(STATES)),
    ):
        for value in wanted:
            if value not in known:
                known_ones = ", ".join(known)
                raise SearchingError(f"{option}: there is no {value!r}; there are {known_ones}")
    for path in (config.search, config.archive):
        if not path.is_file():
            raise SearchingError(f"{path} is missing: run `radar publish` first")
    query = Query(text=text, topics=tuple(topics), states=tuple(states), order=order, limit=limit)
    return Search(config.search, config.archive).run(query)


def as_dict(results: Results) -> dict[str, Any]:
    """Total, note, hits (plain text) and facet counts, for a program."""
    return {
        "total": results.total,
        "note": results.note,
        "hits": [
            {
                "id": hit.item_id,
                "url": hit.url,
                "source": hit.source_id,
                "published": hit.published,
                "kicker": hit.kicker,
                "title": plain(hit.title_html),
                "teaser": plain(hit.teaser_html) or None,
                "also_at": hit.also_at,
            }
            for hit in results.hits
        ],
        "facets": {name: dict(values) for name, values in results.facets.items()},
    }


def as_text(results: Results) -> str:
    """Hits for a person: date, kicker, headline, source and address."""
    lines = [results.note] if results.note else []
    for hit in results.hits:
        kicker = f"{hit.kicker}: " if hit.kicker else ""
        day = (hit.published or "no date")[:16].replace("T", " ")
        lines.append(f"{day:<16}  {kicker}{plain(hit.title_html)}")
        lines.append(f"{'':16}  {hit.source_id}  {hit.url}")
    lines.append(f"{len(results.hits)} of {results.total} items")
    return "\n".join(lines)


def plain(marked: str | None) -> str:
    """The text of a highlighted fragment."""
    return html.unescape(re.sub(r"</?mark>", "", marked or ""))
