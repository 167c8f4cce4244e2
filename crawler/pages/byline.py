"""Who wrote a text, as the page shows it beside the headline: „Von Vorname Nachname“."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from lxml.html import HtmlElement

from crawler.pages.blocks import Block
from crawler.pages.headline import Headline
from crawler.text import clean, fold

_PARTICLES = r"von|vom|van|de|der|den|zu|zur|und|&|,|/|Dr\.|Prof\."
_NAME = rf"(?:[A-ZÄÖÜ][\w'’.-]*|{_PARTICLES})"
#: „Von Erika Muster und Hans Beispiel“, „Text: Erika Muster“, „Autorin: …“.
_BYLINE = re.compile(
    rf"^(?:von|text(?: und fotos?)?:|autor(?::?in|/in)?:|ein beitrag von|geschrieben von|by)\s+"
    rf"(?P<name>(?-i:[A-ZÄÖÜ][\w'’.-]+(?:[ ,]+{_NAME}){{1,8}}?))"
    rf"\s*(?:$|[|•·–]|,?\s*(?:am\s+)?\d{{1,2}}\.|\()",
    re.I,
)
_ALONE = re.compile(
    r"(?:von|text:|autor(?::?in|/in)?:|ein beitrag von)\s+"
    r"(?-i:[A-ZÄÖÜ][\w'’.-]+(?: (?:von|van|de|der|zu|[A-ZÄÖÜ][\w'’.-]*)){1,3}\.?)",
    re.I,
)
_BY = re.compile(
    r"^(?:(?:erstellt|veröffentlicht|geschrieben|verfasst|ein beitrag) )?"
    r"(?:von|by|text|autor(?::?in)?)\b:?\s+|[\s|•·,–-]+$",
    re.I,
)
_AUTHOR_CLASS = re.compile(r"(?:^|[\s_-])(?:author|autor|byline|vcard)(?:[_-]?name)?(?:$|\s)", re.I)
#: So many different ``class`` attributes are remembered.
_MOST_CLASSES = 10_000
#: One to four words of a name, several names with a comma or „und“ between.
_ONE = r"[A-ZÄÖÜ][\w'’.-]+(?: (?:von|vom|van|de|der|zu|[A-ZÄÖÜ][\w'’.-]*)){0,3}"
_A_NAME = re.compile(rf"{_ONE}(?:(?:, | und | & ){_ONE}){{0,3}}")
#: Accounts and roles that are nobody's name.
_NO_ONE = frozenset({
    "admin", "administrator", "redaktion", "die redaktion", "online redaktion", "webmaster",
    "webredaktion", "internetredaktion", "presse", "pressestelle", "team", "gast", "user", "root",
    "autor", "editor", "redakteur", "onlineredaktion", "web", "unknown", "unbekannt", "n a",
})  # fmt: skip
#: A byline is a short line close to the headline.
_LINE = 110
_REACH = 6


def byline(headline: Headline, blocks: Sequence[Block]) -> str | None:
    """The names of a byline above or below the headline; None without one."""
    inside = set() if headline.element is None else set(headline.element.iter())
    places = [index for index, block in enumerate(blocks) if block.element in inside]
    if not places:
        return None
    near = (
        *blocks[places[-1] + 1 : places[-1] + 1 + _REACH],
        *blocks[max(0, places[0] - 2) : places[0]],
    )
    for block in near:
        match = _BYLINE.match(block.text) if len(block.text) <= _LINE else None
        name = clean(match["name"]) if match else None
        if name and not is_no_one(name):
            return name.rstrip(" ,/&")
    return None


def marked_author(part: HtmlElement) -> str | None:
    """The one name that elements called „author“ agree on; None if they name several."""
    found: str | None = None
    for element in part.iter("a", "span", "p", "div", "li", "address", "strong", "em", "cite"):
        named = "author" in (element.get("rel") or "").split()
        if not named and not _names_author(element.get("class") or ""):
            continue
        name = without_by(clean(element.text_content()[:200]))
        if name is None or _is_comment(element):
            continue
        if found is not None and fold(found) != fold(name):
            return None
        found = name
    return found


@lru_cache(maxsize=_MOST_CLASSES)
def _names_author(names: str) -> bool:
    """A ``class`` attribute that authors have; sites repeat theirs."""
    return bool(_AUTHOR_CLASS.search(names))


def _is_comment(element: HtmlElement) -> bool:
    return any("comment" in (above.get("class") or "") for above in element.iterancestors())


def without_byline(lines: Sequence[str]) -> list[str]:
    """The paragraphs without a byline among the first ones that is nothing else."""
    return [
        text for index, text in enumerate(lines) if index >= _REACH or not _ALONE.fullmatch(text)
    ]


def without_by(text: str | None) -> str | None:
    """A name without „Von“ before it and dashes after it; None for nobody's."""
    name = clean(_BY.sub("", text)) if text else None
    return name if name and _A_NAME.fullmatch(name) and not is_no_one(name) else None


def is_no_one(name: str) -> bool:
    """An account or a role („admin“, „Redaktion“)."""
    return fold(name) in _NO_ONE or "@" in name or "[at]" in name
