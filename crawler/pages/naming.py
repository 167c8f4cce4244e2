"""What a page calls itself outside its headings, and how well a heading agrees with that."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.pages.document import Document
from crawler.text import fold

#: What German and English sites put between a page's title and their name.
_SEPARATOR = re.compile(r"\s+[|\-–—•·»«›‹]+\s+|\s*(?:\|\|?|::|»|›|·|•)\s*")
#: Headings that no text has: skip links and menus (Government Site Builder's first h1), and boxes.
NOT_HEADLINES = frozenset({
    "navigation und service", "navigation", "hauptnavigation", "menü", "menu", "suche",
    "inhalt", "hauptinhalt", "servicenavigation", "sie sind hier", "sprunglinks", "cookies",
    "cookie einstellungen", "newsletter", "startseite", "home", "willkommen", "kontakt",
    "kommentare", "datenschutz", "teilen",
})  # fmt: skip
_EXTENSION = re.compile(r"\.(?:html?|php|aspx?|jsp)$")
#: Shorter names agree with too much.
_TELLING = 8
#: Articles and prepositions are no longer.
_SHORT = 3
#: A site's name before a title has less than this share of the title's letters.
_MUCH_SHORTER = 0.4


def strip_site(title: str, site: str | None, host: str) -> str:
    """A ``<title>`` without the site's name, which stands last, or first, behind a separator."""
    marks = [match.span() for match in _SEPARATOR.finditer(title)]
    if not marks:
        return title
    known = {fold(name) for name in (site, host, host.rsplit(".", 1)[0]) if name}
    first, last = title[: marks[0][0]], title[marks[-1][1] :]
    if fold(first) in known:
        return title[marks[0][1] :].strip() or title
    for start, end in marks:
        if fold(title[end:]) in known:
            return title[:start].strip() or title
    core, glued = fold(host.rsplit(".", 1)[0]).replace(" ", ""), fold(first).replace(" ", "")
    told = len(glued) <= 2 * len(core) and core not in fold(last).replace(" ", "")
    if core and core in glued and (told or len(first) < len(last)):
        return last.strip()
    return title[: marks[-1][0]].strip() or title


def parts_of(title: str) -> list[str]:
    """What stands between the separators of a ``<title>``."""
    return [part.strip() for part in _SEPARATOR.split(title) if part.strip()]


def is_site_name(text: str, doc: Document, site: str) -> bool:
    """The text is the site's name or its host's."""
    key = fold(text).replace(" ", "")
    if not key or key == fold(site).replace(" ", ""):
        return True
    return key in {
        fold(doc.host).replace(" ", ""),
        fold(doc.host.rsplit(".", 1)[0]).replace(" ", ""),
    }


@dataclass(frozen=True, slots=True)
class Names:
    """What the page calls itself outside its headings, folded."""

    site: str
    names: tuple[str, ...]
    #: the same without the site's name, where it had one
    bare: tuple[str, ...]
    tag: str
    #: the parts of ``<title>``, site and section among them
    parts: tuple[str, ...]
    raw_tag: str
    #: the last piece of the page's address as words
    slug: str
    #: the host's own name, empty if it is too short to say something
    host: str

    @classmethod
    def of(cls, doc: Document, named: list[str], site: str) -> Names:
        """The names of a page whose metadata call it ``named`` and its site ``site``."""
        title_tag = doc.title_tag or ""
        parts = [fold(part) for part in _SEPARATOR.split(title_tag)]
        names = tuple(map(fold, named))
        bare = (fold(strip_site(name, site, doc.host)) for name in named)
        return cls(
            fold(site),
            names,
            tuple(name for name in bare if name not in names),
            fold(title_tag),
            tuple(part for part in parts if part and part not in NOT_HEADLINES),
            title_tag,
            fold(_EXTENSION.sub("", doc.path.rstrip("/").rpartition("/")[2])),
            host if len(host := fold(doc.host.rsplit(".", 1)[0]).replace(" ", "")) > _SHORT else "",
        )


def agreement(text: str, page: Names) -> float:
    """How well a heading agrees with what the page calls itself elsewhere: 0 is not at all."""
    key = fold(text)
    names, tag = page.names, page.tag
    if not key or key == page.site:
        return 0
    if key in names:
        return 4
    if key != tag and _is_host(key, page):
        return 0
    # a part of <title> that og:title does not have is the site's name
    if key == tag or (key in page.parts and (not names or any(key in name for name in names))):
        return _as_part(key, page)
    best = 3.0 if _is_slug(key, page) else 0.0
    glued = key.replace(" ", "")
    for name in (*names, *page.bare, tag):
        if len(name) < _TELLING or len(key) < _TELLING:
            continue
        shared = min(len(key), len(name)) / max(len(key), len(name))
        if key in name or name in key or glued.endswith(name.replace(" ", "")):
            best = max(best, 2 + shared)
    if (
        not best
        and len(glued) > 12
        and any(glued in name.replace(" ", "") for name in (*names, tag))
    ):
        best = 2.2
    cut = re.sub(r"\s*(?:\.\.\.|…)$", "", page.raw_tag)
    if not best and cut != page.raw_tag and len(cut) > 15 and key.startswith(fold(cut)):
        best = 2
    return best


def shares_words(text: str, page: Names) -> bool:
    """At least half of a heading's words, and two, stand in what the page calls itself.

    So does a headline that was put in other words for search engines.
    """
    words = {word for word in fold(text).split() if len(word) > _SHORT}
    known = set(" ".join((*page.names, page.tag, page.slug)).split()) - set(page.site.split())
    shared = words & known
    return len(shared) > 1 and len(shared) * 2 >= len(words)


def _is_host(key: str, page: Names) -> bool:
    """The heading says the host's name and little else („Stadt Musterfeld“ on musterfeld.de)."""
    glued = key.replace(" ", "")
    return page.host in glued and len(glued) < 2 * len(page.host)


def _is_slug(key: str, page: Names) -> bool:
    return bool(page.slug) and page.slug in (_ascii(key, "e"), _ascii(key, ""))


def _ascii(key: str, mark: str) -> str:
    """Folded text as addresses write it: ``mark`` follows the vowel of an umlaut."""
    return key.translate({228: f"a{mark}", 246: f"o{mark}", 252: f"u{mark}", 223: "ss"})


def _as_part(key: str, page: Names) -> float:
    """How sure a heading is the headline that is a part of ``<title>``, or all of it.

    The site's name stands last, or first and is then much the shorter; between stand sections.
    """
    if key == page.tag:
        return 3.5 if len(key) > _TELLING else 2
    first, last = page.parts[0], page.parts[-1]
    if key not in (first, last):
        return 2
    if _is_slug(first, page) or _is_slug(last, page):
        return 3.5 if _is_slug(key, page) else 2
    if len(key) <= _TELLING:
        return 2
    if key == (first if len(first) > len(last) * _MUCH_SHORTER else last):
        return 3.5
    return 2.5 + 0.5 * min(len(first), len(last)) / max(len(first), len(last))
