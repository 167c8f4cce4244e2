"""Council information systems: notices in ALLRIS, SessionNet (Somacos) and more! rubin.

Their pages are tables of labels and values. The day of a meeting is never the day of publication.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from crawler.pages.blocks import Block
from crawler.pages.body import trim
from crawler.pages.document import Document
from crawler.pages.labelled_date import date_of_labels
from crawler.pages.published import date_of_facts
from crawler.pages.reading import Reading
from crawler.pages.structured import Structured
from crawler.pages.system import SystemPage, SystemReading
from store.types import PublicationDate

#: Addresses: ALLRIS ``/bi/to010.asp?SILFDNR=``, ``/public/vo020?VOLFDNR=``; SessionNet
#: ``si0057.asp?__ksinr=``; more! rubin ``more-rubin1.de``, ``/ratsinfo/town/Meeting.html?select=``.
_ALLRIS = re.compile(r"/(?:bi|public)/[a-z]{2}\d{3}(?:_\w)?(?:\.asp)?$")
_SESSIONNET = re.compile(r"/[a-z]{2}\d{4}(?:_\w)?\.(?:asp|php)$")
_RUBIN_PATH = re.compile(r"/ratsinfo/[\w-]+/(?:meeting|proposal|agenda|bekanntmachung)\w*\.html$")
_ROW_CLASSES = frozenset({"smc-table-row", "smc-row", "row"})
_CELL = 45


class RatsinfoPage(SystemPage):
    """A notice: what, when and where a council meets or decides."""

    name = "ratsinfo"
    kind = "notice"
    places = (
        "#smcpagecontent", ".smc-page-content", "#rismain", "#risinhalt", "#allriscontainer",
        "#mainContent", "#content", "main", "article",
    )  # fmt: skip
    outside = frozenset({
        "smc-nav", "smc-breadcrumb", "smc-toolbar", "smc-documents", "risnav", "breadcrumb",
        "toolbar",
    })  # fmt: skip

    def detects(self, doc: Document, facts: Structured) -> bool:
        """By the shape of the address, or by the names the three systems give themselves."""
        path, query = doc.path, doc.query
        if _ALLRIS.search(path) and ("lfdnr=" in query or "allris" in doc.files):
            return True
        if _SESSIONNET.search(path) and ("__k" in query or b"smc" in doc.html):
            return True
        return (
            doc.host.endswith(("more-rubin1.de", "sitzung-online.de", "sitzung-online.com"))
            or bool(_RUBIN_PATH.search(path))
            or any(name in doc.generator for name in ("sessionnet", "allris", "more! rubin"))
        )

    def body(self, reading: Reading) -> tuple[list[str], str]:
        """One line a row of the tables: „Gremium: Rat der Stadt“."""
        if not isinstance(reading, SystemReading):
            return super().body(reading)
        inside = set(reading.container.iter())
        lines = _rows([block for block in reading.blocks if block.element in inside])
        lines = trim(lines, reading.headline, (reading.doc.title_tag,))
        return (lines, "container") if lines else super().body(reading)

    def published(self, reading: Reading) -> tuple[PublicationDate | None, str]:
        """Metadata's date, or a line that says when it was published; never a meeting's day."""
        doc = reading.doc
        date, where = date_of_facts(reading.facts.published, now=doc.now)
        if date is None:
            date, where = date_of_labels(doc, reading.blocks), "label"
        return date, where if date else ""


def _rows(blocks: list[Block]) -> list[str]:
    lines: list[str] = []
    last: HtmlElement | None = None
    for block in blocks:
        row = _row_of(block.element)
        if row is not None and row is last and lines:
            label = lines[-1].rstrip(":")
            lines[-1] = (
                f"{label}: {block.text}" if _is_label(lines[-1]) else f"{lines[-1]} {block.text}"
            )
        elif not block.is_heading or last is not None or lines:
            lines.append(block.text)
        last = row
    return lines


def _row_of(element: HtmlElement) -> HtmlElement | None:
    for one in (element, *element.iterancestors()):
        if one.tag == "tr" or not _ROW_CLASSES.isdisjoint((one.get("class") or "").split()):
            return one
    return None


def _is_label(text: str) -> bool:
    return len(text) <= _CELL and ":" not in text.rstrip(":") and not text[:1].isdigit()
