"""Pages of one video: schema.org VideoObject in microdata or JSON-LD, whatever the platform."""

from __future__ import annotations

import re
from dataclasses import replace

from crawler.durations import parse_duration
from crawler.pages.base import Page
from crawler.pages.document import Document
from crawler.pages.reading import Reading
from crawler.pages.structured import Structured
from crawler.text import fold
from crawler.types import PageData

_CUT = re.compile(r"\s*(?:\.\.\.|…)\s*$")


class VideoPage(Page):
    """A video: its text is its description."""

    name = "video"
    kind = "video"

    def detects(self, doc: Document, facts: Structured) -> bool:
        """By VideoObject or og:type, unless the page says that it is an article."""
        return facts.is_video

    def is_list(self, reading: Reading) -> bool:
        """A page of one video is none, however many others it shows."""
        return not reading.facts.is_video and super().is_list(reading)

    def item_page(self, reading: Reading) -> PageData:
        """The page with length and views."""
        data = super().item_page(reading)
        facts, doc = reading.facts, reading.doc
        duration = facts.duration_s or parse_duration(
            doc.meta("og:video:duration", "video:duration", "duration") or ""
        )
        return replace(data, duration_s=duration, views=facts.views, links=())

    def body(self, reading: Reading) -> tuple[list[str], str]:
        """The whole description: of the VideoObject, or as the page shows it."""
        text, where = reading.facts.description, "structured"
        if text is None:
            text, where = self._shown(reading), "description"
        return (text.split("\n") if text else []), where

    def description(self, reading: Reading, lines: object = ()) -> str | None:
        """The same on one line."""
        text = reading.facts.description or self._shown(reading)
        return " ".join(text.split("\n")) if text else None

    def _shown(self, reading: Reading) -> str | None:
        """og:description, or the block that it was cut from."""
        short = next((fact.value for fact in reading.facts.teaser), None)
        if short is None or not _CUT.search(short):
            return short
        stem = fold(_CUT.sub("", short))
        shown = (block.text for block in reading.blocks if fold(block.text).startswith(stem))
        return max(shown, key=len, default=short)
