"""Any page of no known system: its metadata, trafilatura, and what German pages share."""

from __future__ import annotations

from crawler.pages.base import Page


class GenericPage(Page):
    """The page class that fits everything; asked last."""

    name = "generic"
