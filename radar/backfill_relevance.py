"""The cheap first look at a page: is it German, and may it be about municipal digitalisation?

A page class takes thirty times as long, so only what passes here is read by one.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from classifier.features import WordFeatures
from classifier.linear import sigmoid
from classifier.models import Model
from classifier.texts import Text
from classifier.vocabulary import load_topics
from classifier.words import words_of

#: A page is read from this probability on that it has any topic at all. In cross-validation over
#: 4,636 training texts (benchmarks/backfill_relevance.py) the thresholds chosen on other texts for
#: a recall of .98 were .19 to .21 and let .979 pass; on all folds it is .202. The bar is .97.
#: Choose it anew when relevance learns something.
LIKELY = 0.2
#: Bytes of a page that are looked at: headline and first paragraphs stand there.
_LOOKED_AT = 500_000
#: The head's metadata, in letters.
_HEAD = 60_000
#: Letters of paragraphs that make the lead.
_LEAD = 1500
#: A paragraph of fewer letters is a caption, a button or a notice.
_PARAGRAPH = 80

_TITLE = re.compile(r"<title[^>]*>([^<]*)", re.IGNORECASE)
_HEADING = re.compile(r"<h1\b[^>]*>(.{1,600}?)</h1", re.IGNORECASE | re.DOTALL)
_META = re.compile(r"<meta\b[^>]{0,1500}>", re.IGNORECASE)
_CONTENT = re.compile(r"""content\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)
_OPENING = re.compile(r"<p\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_LANGUAGE = re.compile(r"""<html\b[^>]*?\blang\s*=\s*["']?([a-zA-Z]{2})""", re.IGNORECASE)

#: Frequent German words that Dutch, English, French and the Nordic languages do not write so.
_GERMAN = frozenset(
    words_of(
        "und der das ist nicht mit für auf dem den des ein eine einer einem eines sich auch wird "
        "werden wurde wurden durch bei über nach zum zur aus oder als sind kann können"
    )
)
#: Every twelfth word at least is one of these in German prose of any length (benchmark).
_GERMAN_SHARE = 1 / 12

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What stands out on a page at first sight."""

    title: str
    description: str
    lead: str
    #: what the page says of its language, two small letters
    language: str | None

    @property
    def is_german(self) -> bool:
        """By its words; where it has too few of them, by what it says of itself."""
        words = words_of(f"{self.title} {self.description} {self.lead}")
        if len(words) < 12:
            return self.language in (None, "de")
        return sum(map(_GERMAN.__contains__, words)) >= len(words) * _GERMAN_SHARE


def glimpse(body: bytes, charset: str | None = None) -> Glimpse:
    """Headline, description and first paragraphs by their tags alone; no tree is built."""
    raw = body[:_LOOKED_AT]
    try:
        page = raw.decode(charset or "utf-8", "strict" if charset is None else "replace")
    except (LookupError, UnicodeDecodeError):
        page = raw.decode("latin-1")
    title = _TITLE.search(page, 0, _HEAD)
    heading = _HEADING.search(page)
    language = _LANGUAGE.search(page, 0, _HEAD)
    return Glimpse(
        title=" ".join(_plain(found[1]) for found in (heading, title) if found),
        description=_description(page),
        lead=_lead(page),
        language=language[1].lower() if language else None,
    )


def _description(page: str) -> str:
    for tag in _META.findall(page, 0, _HEAD):
        if "escription" in tag and (content := _CONTENT.search(tag)):
            return _plain(content[1][1:-1])
    return ""


def _lead(page: str) -> str:
    found: list[str] = []
    length = 0
    for opening in _OPENING.finditer(page):
        end = page.find("</p", opening.end(), opening.end() + 20_000)
        text = _plain(page[opening.end() : end if end >= 0 else opening.end() + _LEAD])
        if len(text) >= _PARAGRAPH:
            found.append(text)
            length += len(text)
            if length >= _LEAD:
                break
    return " ".join(found)


def _plain(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", markup)).split())


@dataclass(frozen=True, slots=True, eq=False)
class Relevance:
    """The model's decision on "any topic at all", small enough to send to other machines."""

    model_id: str
    terms: tuple[str, ...]
    parts: frozenset[str]
    idf: Floats
    weights: Floats
    intercept: float
    slope: float
    shift: float

    @classmethod
    def of(cls, model: Model) -> Relevance:
        """That part of a trained model."""
        at = model.topics.labels.index("any")
        return cls(
            model_id=model.id,
            terms=model.words.terms,
            parts=model.words.parts,
            idf=model.words.idf,
            weights=np.ascontiguousarray(model.topics.weights[:, at]),
            intercept=float(model.topics.intercept[at]),
            slope=float(model.topics.slope[at]),
            shift=float(model.topics.shift[at]),
        )

    def of_text(self, text: Text) -> float:
        """Probability that the text has a topic, 0–1."""
        row = _words(self).row(text.cleaned())
        margin = float(row.values @ self.weights[row.columns]) + self.intercept
        return float(sigmoid(np.array([self.slope * margin + self.shift]))[0])

    def may_have_topic(self, seen: Glimpse) -> bool:
        """Whether the page is worth reading; one that shows nothing at first sight is."""
        if not seen.lead and not seen.description:
            return True
        text = Text(title=seen.title, teaser=seen.description, body=seen.lead)
        return self.of_text(text) >= LIKELY


@lru_cache(maxsize=2)
def _words(relevance: Relevance) -> WordFeatures:
    return WordFeatures(load_topics(), relevance.terms, relevance.idf, relevance.parts)
