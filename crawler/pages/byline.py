"""Who wrote a text, as the page shows it beside the headline: „Von Vorname Nachname“."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
_BY = re.compile(r"^(?:von|by|text|autor(?::?in)?)\b:?\s+|[\s|•·,–-]+$", re.I)
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


def without_byline(lines: Sequence[str]) -> list[str]:
    """The paragraphs without a byline among the first ones that is nothing else."""
    return [
        text for index, text in enumerate(lines) if index >= _REACH or not _ALONE.fullmatch(text)
    ]


def without_by(text: str | None) -> str | None:
    """A name without „Von“ before it and dashes after it; None for nobody's."""
    name = clean(_BY.sub("", text)) if text else None
    return name if name and len(name) <= _LINE and not is_no_one(name) else None


def is_no_one(name: str) -> bool:
    """An account or a role („admin“, „Redaktion“)."""
    return fold(name) in _NO_ONE
