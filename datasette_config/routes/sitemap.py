"""What crawlers read first: sitemaps, robots.txt, the site's own stance on text and data mining."""

from __future__ import annotations

import json
from typing import Final

from datasette_config import sitemap
from datasette_config.inventory import blocks, pages_of_block, town_keys
from datasette_config.site import Site
from datasette_config.web import Ask, MissingPageError, Page
from store.types import STATES

XML: Final = "application/xml; charset=utf-8"
TEXT: Final = "text/plain; charset=utf-8"
JSON: Final = "application/json; charset=utf-8"
MAX_AGE: Final = 3600
#: Item numbers of one sitemap; the protocol allows 50,000 addresses and 50 MB.
SIZE: Final = 40_000
_FIXED: Final = ("/", "/quellen", "/ueber", "/modell", "/barrierefreiheit")


def index(site: Site, ask: Ask) -> Page:
    """The sitemap of sitemaps."""
    found = blocks(site.archive().connection, SIZE)
    latest = max((block.changed for block in found), default=None)
    parts = [(f"{ask.origin}/sitemap-seiten.xml", latest)]
    parts += [(f"{ask.origin}/sitemap-{block.number}.xml", block.changed) for block in found]
    return Page(sitemap.index(parts), content_type=XML, max_age=MAX_AGE)


def pages(site: Site, ask: Ask) -> Page:
    """The pages that lead to items: topics, Länder, towns, sources; those that explain."""
    archive = site.archive()
    paths = [path for path in _FIXED if path != "/modell" or site.config.models]
    paths += [f"/thema/{id}" for id in archive.topics()]
    paths += [f"/land/{code}" for code in STATES]
    paths += [f"/quelle/{one.id}" for one in archive.sources().values() if one.items]
    paths += [f"/ort/{ags}" for ags in town_keys(archive.connection)]
    body = sitemap.part((ask.origin + path, None) for path in paths)
    return Page(body, content_type=XML, max_age=MAX_AGE)


def items(site: Site, ask: Ask) -> Page:
    """The item pages of one span of numbers."""
    found = pages_of_block(site.archive().connection, int(ask.parts["number"]), SIZE)
    if not found:
        raise MissingPageError("Diesen Teil der Sitemap gibt es nicht.")
    body = sitemap.part((f"{ask.origin}/eintrag/{id}", changed) for id, changed in found)
    return Page(body, content_type=XML, max_age=MAX_AGE)


def robots(site: Site, ask: Ask) -> Page:
    """Everything but searches, queries, the desk; and where the sitemap is (RFC 9309)."""
    closed = ("/suche?", "/en/suche?", "/suche.", "/vorschlaege.json", "/desk", "/-/")
    lines = ["User-agent: *"]
    lines += [f"Disallow: {path}" for path in (*closed, site.data_path)]
    lines += ["", f"Sitemap: {ask.origin}/sitemap.xml", ""]
    return Page("\n".join(lines).encode(), content_type=TEXT, max_age=MAX_AGE)


def mining(site: Site, ask: Ask) -> Page:
    """The site's stance as TDMRep (https://www.w3.org/community/reports/tdmrep/) puts it.

    Raises :class:`MissingPageError` where the operator takes none.
    """
    if site.config.tdm is None:
        raise MissingPageError("")
    rule = {"location": "/*", "tdm-reservation": 1 if site.config.tdm == "reserved" else 0}
    return Page(json.dumps([rule]).encode(), content_type=JSON, max_age=MAX_AGE)
