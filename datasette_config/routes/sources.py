"""Every source with its health: what it delivers, and what is wrong where it does not."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from datasette_config.health import STATUSES, Health, ordered, summary
from datasette_config.language import language
from datasette_config.site import Site
from datasette_config.web import Ask, Page
from datasette_config.wording import LICENCES
from store.types import STATES

#: Sources on one page.
PAGE_SIZE = 40


@dataclass(frozen=True, slots=True)
class Wish:
    """What a URL asks of the list; empty: everything."""

    name: str = ""
    land: str = ""
    licence: str = ""
    tone: str = ""
    page: int = 1

    def url(self, **changes: Any) -> str:
        """The address of the list with this changed, on its first page unless that is said."""
        other = replace(self, **{"page": 1, **changes})
        parameters = [
            (key, value)
            for key, value in (
                ("name", other.name), ("land", other.land), ("lizenz", other.licence),
                ("zustand", other.tone), ("seite", str(other.page) if other.page > 1 else ""),
            )
            if value
        ]  # fmt: skip
        return f"/quellen?{urlencode(parameters)}" if parameters else "/quellen"

    def takes(self, one: Health) -> bool:
        """Whether a source is wanted."""
        source = one.source
        return (
            (
                not self.name
                or self.name.casefold() in f"{source.name} {source.publisher}".casefold()
            )
            and (not self.land or (source.land or "ohne") == self.land)
            and (not self.licence or source.licence == self.licence)
            and (not self.tone or one.tone == self.tone)
        )


def page(site: Site, ask: Ask) -> Page:
    """The sources, those in trouble first."""
    spoken = language(ask.language)
    sources = list(site.archive().sources().values())
    licences = Counter(source.licence for source in sources)
    lands = Counter(source.land or "ohne" for source in sources)
    wish = _wish(ask, set(licences))
    found = [one for one in ordered(sources) if wish.takes(one)]
    pages = max(1, -(-len(found) // PAGE_SIZE))
    number = min(wish.page, pages)
    return site.page(
        "sources.html",
        ask,
        wish=replace(wish, page=number),
        found=len(found),
        sources=found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE],
        pages=pages,
        health=summary(sources, spoken),
        wanted={wish.land: spoken.state(wish.land)} if wish.land in STATES else {},
        lands=[
            *((code, spoken.state(code), lands[code]) for code in STATES if lands[code]),
            *([("ohne", spoken.gettext("überregional"), lands["ohne"])] if lands["ohne"] else []),
        ],
        licences=[
            (name, LICENCES.get(name, name), count) for name, count in licences.most_common()
        ],
    )


def _wish(ask: Ask, licences: set[str]) -> Wish:
    def first(name: str) -> str:
        return next(iter(ask.arguments.get(name, ())), "")

    number = first("seite") if re.fullmatch(r"[0-9]{1,4}", first("seite"), re.ASCII) else "1"
    tones = {tone for _, tone in STATUSES.values()}
    return Wish(
        name=" ".join(first("name").replace("\x00", " ").split())[:80],
        land=first("land") if first("land") in (*STATES, "ohne") else "",
        licence=first("lizenz") if first("lizenz") in licences else "",
        tone=first("zustand") if first("zustand") in tones else "",
        page=max(1, int(number)),
    )
