"""The archive as a browser's search engine (OpenSearch 1.1), and what it suggests while typing."""

from __future__ import annotations

import json
from typing import Final
from xml.etree import ElementTree

from datasette_config.site import Site
from datasette_config.web import Ask, Page

DESCRIPTION: Final = "application/opensearchdescription+xml; charset=utf-8"
#: What browsers ask for (OpenSearch Suggestions extension 1.1).
SUGGESTIONS: Final = "application/x-suggestions+json; charset=utf-8"
_NAMESPACE: Final = "http://a9.com/-/spec/opensearch/1.1/"
_DAY_S: Final = 24 * 3600
MOST: Final = 8
#: Longer input is no longer a query being typed.
LONGEST: Final = 100


def description(site: Site, ask: Ask) -> Page:
    """The description document."""
    root = ElementTree.Element("OpenSearchDescription", {"xmlns": _NAMESPACE})
    for name, text in (
        ("ShortName", "Kommunalradar"),
        ("LongName", "Kommunalradar: Archiv der kommunalen Digitalisierung"),
        ("Description", "Nachrichten und Pressemitteilungen zur Digitalisierung der Kommunen"),
        ("Language", "de"),
        ("InputEncoding", "UTF-8"),
        ("OutputEncoding", "UTF-8"),
    ):
        ElementTree.SubElement(root, name).text = text
    icon = {"type": "image/svg+xml", "width": "16", "height": "16"}
    ElementTree.SubElement(root, "Image", icon).text = ask.origin + site.asset_url("icon.svg")
    for type_, rel, template in (
        ("text/html", "results", "/suche?q={searchTerms}&seite={startPage?}"),
        ("application/atom+xml", "results", "/suche.atom?q={searchTerms}&seite={startPage?}"),
        ("application/x-suggestions+json", "suggestions", "/vorschlaege.json?q={searchTerms}"),
    ):
        url = {"type": type_, "rel": rel, "template": ask.origin + template}
        ElementTree.SubElement(root, "Url", url)
    own = {
        "type": "application/opensearchdescription+xml",
        "rel": "self",
        "template": f"{ask.origin}/opensearch.xml",
    }
    ElementTree.SubElement(root, "Url", own)
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Page(body, content_type=DESCRIPTION, max_age=_DAY_S)


def suggestions(site: Site, ask: Ask) -> Page:
    """``[typed, [completion, …]]``: topics that begin so, then words of the archive."""
    typed = " ".join(next(iter(ask.arguments.get("q", ())), "").split())[:LONGEST]
    *before, last = typed.split(" ")
    topics = [
        topic.label
        for topic in site.archive().topics().values()
        if typed and topic.label.casefold().startswith(typed.casefold())
    ]
    words = [" ".join([*before, word]) for word in site.search.completions(last, MOST)]
    found = list(dict.fromkeys([*topics, *words]))[:MOST]
    body = json.dumps([typed, found], ensure_ascii=False).encode()
    return Page(body, content_type=SUGGESTIONS, max_age=3600)
