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


class Fields(dict[str, str]):
    """The cleaned fields of a text, and the pieces between their spaces: cut once for all who read
    them. Not to be changed."""

    __slots__ = ("pieces",)

    def __init__(self, fields: Mapping[str, tuple[str, list[str]]]) -> None:
        super().__init__({name: text for name, (text, _) in fields.items()})
        #: by field
        self.pieces = {name: pieces for name, (_, pieces) in fields.items()}

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> Fields:
        """Cleaned fields, cut unless they are already."""
        if isinstance(fields, Fields):
            return fields
        return cls({name: (text, text.split()) for name, text in fields.items()})

    def begun(self, name: str, letters: int) -> int:
        """How many pieces begin in a field's first letters."""
        text = self[name]
        return (
            len(self.pieces[name]) if len(text) <= letters else text.count(" ", 0, letters - 1) + 1
        )

    def opening(self, name: str, letters: int) -> list[str]:
        """The pieces of a field's first letters; the last may be the beginning of a word."""
        text, pieces = self[name], self.pieces[name]
        if len(text) <= letters:
            return pieces
        begun = text.rfind(" ", 0, letters) + 1
        whole = pieces[: text.count(" ", 0, letters)]
        return [*whole, text[begun:letters]] if begun < letters else whole


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

    def cleaned(self) -> Fields:
        """Each field of ``FIELDS``: without markup and invisible letters, folded, cut to length."""
        return Fields(
            {
                name: _folded(getattr(self, name), BODY_LIMIT if name == "body" else FIELD_LIMIT)
                for name in FIELDS
            }
        )


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
    return _folded(raw, limit)[0]


def _folded(raw: str | None, limit: int) -> tuple[str, list[str]]:
    """The same, and cut at its spaces."""
    if not raw:
        return "", []
    # Markup takes room; four times the limit is read so that what remains can fill it.
    text = raw[: 4 * limit]
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    pieces = text.split()
    folded = " ".join(pieces)
    if not folded.isprintable():  # far quicker than to look for each invisible letter
        pieces = _INVISIBLE.sub("", text).split()
        folded = " ".join(pieces)
    if len(folded) > limit:
        folded = folded[:limit]
        pieces = folded.split()
    return folded, pieces


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
