"""The archive's own search as functions of SQL: what SQL gets is what a reader of the site gets."""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from datetime import date, datetime, time
from html import unescape
from threading import Lock
from typing import Final

from datasette_config.addresses import LONGEST_TEXT
from store.search import Query, Results, Search
from store.shown import Hit
from store.types import BERLIN

#: Entries that one search gives SQL: each costs about a tenth of a millisecond, a query has 2 s.
MOST: Final = 1000
#: Searches whose entries are held by number.
HELD: Final = 16


class SqlSearch:
    """``archiv_match`` and ``archiv_snippet`` over one search engine, from any thread.

    Both take words alone: no text of a statement reaches the index, no statement names its file,
    and what they return is public already.
    """

    def __init__(self, search: Search) -> None:
        self._search = search
        self._lock = Lock()
        self._held: OrderedDict[Query, tuple[Results, dict[int, Hit]]] = OrderedDict()

    def match(self, words: object, since: object = None, until: object = None) -> str:
        """The numbers of the newest :data:`MOST` entries that match, newest first, as JSON.

        Of nearly equal entries one stands for all. Days that are none bound nothing.
        """
        return json.dumps([*self._hits(words, since, until)])

    def snippet(
        self, item: object, words: object, since: object = None, until: object = None
    ) -> str | None:
        """The teaser of an entry that ``match`` gives for the same words, matches in brackets.

        None for any other entry; the headline where no more may be shown.
        """
        hit = self._hits(words, since, until).get(item) if isinstance(item, int) else None
        if hit is None:
            return None
        marked = hit.teaser_html or hit.title_html
        return unescape(marked.replace("<mark>", "[").replace("</mark>", "]"))

    def into(self, connection: sqlite3.Connection) -> None:
        """Let SQL over this connection call both."""
        for arguments in (1, 3):
            connection.create_function("archiv_match", arguments, self.match, deterministic=True)
        for arguments in (2, 4):
            connection.create_function(
                "archiv_snippet", arguments, self.snippet, deterministic=True
            )

    def _hits(self, words: object, since: object, until: object) -> dict[int, Hit]:
        text = "" if words is None else str(words)[:LONGEST_TEXT].replace("\x00", " ")
        first, last = sorted_days(_day(since), _day(until))
        query = Query(
            text=text,
            since=first and datetime.combine(first, time.min, BERLIN),
            until=last and datetime.combine(last, time.max, BERLIN),
            limit=MOST,
        )
        results = self._search.run(query, counts=False)
        with self._lock:
            held = self._held.get(query)
            if held is None or held[0] is not results:  # asked for the first time, or published
                held = (results, {hit.item_id: hit for hit in results.hits})
                self._held[query] = held
            self._held.move_to_end(query)
            while len(self._held) > HELD:
                self._held.popitem(last=False)
            return held[1]


def sorted_days(since: date | None, until: date | None) -> tuple[date | None, date | None]:
    """A period the right way round."""
    return (until, since) if since and until and since > until else (since, until)


def _day(given: object) -> date | None:
    if not isinstance(given, str) or not given.strip():
        return None
    try:
        found = date.fromisoformat(given.strip()[:10])
    except ValueError:
        return None
    return found if 1900 <= found.year < 3000 else None
