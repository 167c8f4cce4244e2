"""What the classifier is asked and what it answers, and how raw text is made fit to read."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from store.errors import RadarError
from store.types import Place

#: Letters of a body that are read; the limit keeps the cost of a 200 kB body that of a page. On the
#: 1,028 articles of 10kGNAD reading 1,500 letters alone loses five points of accuracy.
BODY_LIMIT = 6000
#: Letters read of every other field.
FIELD_LIMIT = 1500
#: The fields in the order in which a reader meets them.
FIELDS = ("kicker", "title", "teaser", "body")

_TAG = re.compile(
    r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|</?[a-zA-Z][^<>]{0,800}>", re.DOTALL | re.IGNORECASE
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f]")


class TextError(RadarError):
    """An input record that cannot be read as a text; the message names the field and the mend."""


@dataclass(frozen=True, slots=True)
class Text:
    """One item as the classifier reads it. Every field may be missing."""

    kicker: str | None = None
    title: str | None = None
    teaser: str | None = None
    body: str | None = None
    #: key of ``store.types.STATES`` where the publisher speaks for one Land (or the federation)
    publisher_land: str | None = None
    url: str | None = None

    def cleaned(self) -> dict[str, str]:
        """Each field of ``FIELDS``: without markup and invisible letters, folded, cut to length."""
        return {
            name: clean(getattr(self, name), BODY_LIMIT if name == "body" else FIELD_LIMIT)
            for name in FIELDS
        }


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer for one text. Scores are calibrated probabilities, 0–1."""

    topics: dict[str, float]
    states: dict[str, float]
    #: True: nobody should rely on this answer unseen
    review: bool
    #: what came close without being given, by facet: ``{"topics": {…}, "states": {…}}``
    candidates: dict[str, dict[str, float]]
    #: for every label in the four above, the words that moved it, strongest first
    evidence: dict[str, tuple[str, ...]] = field(default_factory=dict)
    places: tuple[Place, ...] = ()


def clean(raw: str | None, limit: int) -> str:
    """``raw`` without markup and invisible letters, white space folded, cut to ``limit``."""
    if not raw:
        return ""
    # Markup takes room; four times the limit is read so that what remains can fill it.
    text = raw[: 4 * limit]
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    folded = " ".join(text.split())
    if not folded.isprintable():  # far quicker than to look for each invisible letter
        folded = " ".join(_INVISIBLE.sub("", text).split())
    return folded[:limit]


def text_from(record: Mapping[str, object]) -> Text:
    """A text from a record with any of ``url publisher_land kicker title teaser summary body``.

    ``summary`` stands for the teaser where there is none. Raises ``TextError`` when a field is
    neither a string nor null.
    """

    def string(name: str) -> str | None:
        value = record.get(name)
        if value is None or isinstance(value, str):
            return value
        raise TextError(
            f"field '{name}' must be a string or null, not {type(value).__name__}; mend the record"
        )

    return Text(
        kicker=string("kicker"),
        title=string("title"),
        teaser=string("teaser") or string("summary"),
        body=string("body"),
        publisher_land=string("publisher_land"),
        url=string("url"),
    )
