"""One item as its site shows it in one crawl."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from radar.sample.content import SampleItem

_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "&": "und"})
#: RFC 3986 leaves these free to the site; real addresses of this kind look the same
_KEEP = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


def slugify(text: str) -> str:
    """``IT-Sicherheit & Netze`` → ``it-sicherheit-und-netze``."""
    folded = text.lower().translate(_FOLD)
    return "-".join("".join(c if c in _KEEP else " " for c in folded).split())


@dataclass(frozen=True, slots=True)
class Story:
    """An item as its site shows it in one crawl: dated, addressed, corrected."""

    item: SampleItem
    url: str
    path: str
    image: str
    number: int
    video: str
    at: datetime
    revised: datetime | None
    title: str
    teaser: str
    body: tuple[str, ...]
    views: int | None

    @property
    def slug(self) -> str:
        return self.item.slug

    @property
    def kicker(self) -> str | None:
        return self.item.kicker

    @property
    def section(self) -> str | None:
        return self.item.section

    @property
    def section_slug(self) -> str:
        return slugify(self.item.section or "nachrichten")

    @property
    def genre(self) -> str | None:
        return self.item.genre

    @property
    def author(self) -> str | None:
        return self.item.author

    @property
    def duration_s(self) -> int | None:
        return self.item.duration_s

    @property
    def text(self) -> tuple[str, ...]:
        """Lead and body together: the paragraphs of the page."""
        return (self.teaser, *self.body)
