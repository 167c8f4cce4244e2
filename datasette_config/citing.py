"""How to cite an item: BibTeX, RIS and plain text. What is cited is the original."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from datasette_config.archive import Item
from datasette_config.formats import local
from datasette_config.language import Language
from datasette_config.web import safe_url

#: Content type of each form that can be downloaded, and its file's ending.
FORMS: Final = {
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
}
#: Signs with a meaning for BibTeX.
_SPECIAL: Final = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def bibtex(item: Item) -> str:
    """An ``@online`` entry (biblatex 3.19, section 2.1.1); ``urldate`` is the day it was found."""
    row = item.row
    fields: list[tuple[str, str]] = [
        ("title", f"{{{_tex(_line(row.title))}}}"),
        ("organization", f"{{{_tex(_line(item.publisher))}}}"),
    ]
    if item.author:
        fields.insert(0, ("author", f"{{{_tex(_line(item.author))}}}"))
    if row.published_at:
        fields.append(("date", row.day.isoformat()))
    url = safe_url(row.url)
    if url:
        fields.append(("url", re.sub(r"[{}\\\s]", lambda m: f"%{ord(m[0]):02X}", url)))
    fields.append(("urldate", local(row.first_seen).isoformat()))
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields)
    return f"@online{{kommunalradar-{row.id},\n{lines},\n}}\n"


def ris(item: Item) -> str:
    """An ELEC record (RIS format specification, Thomson Reuters, 2011)."""
    row = item.row
    lines = [("TY", "ELEC"), ("TI", _line(row.title))]
    if item.author:
        lines.append(("AU", _line(item.author)))
    lines.append(("PB", _line(item.publisher)))
    if row.published_at:
        lines += [("PY", f"{row.day:%Y}"), ("DA", f"{row.day:%Y/%m/%d}")]
    url = safe_url(row.url)
    if url:
        lines.append(("UR", _line(url)))
    lines += [("Y2", f"{local(row.first_seen):%Y/%m/%d}"), ("LA", row_language(item)), ("ER", "")]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines)


def row_language(item: Item) -> str:
    """The language the item says it is in; German where it says nothing."""
    return item.language or "de"


def plain(item: Item, spoken: Language) -> str:
    """``Stadt Köln: Titel. 12. März 2026. https://… (gefunden am …).``"""
    row = item.row
    who = _line(item.author or item.publisher)
    parts = [f"{who}: {_line(row.title).rstrip('.')}."]
    if item.author and item.author != item.publisher:
        parts.append(f"{_line(item.publisher)}.")
    day: Callable[[datetime | date], str] = spoken.day
    parts.append(f"{day(row.day)}." if row.published_at else spoken.gettext("Ohne Datum."))
    url = safe_url(row.url)
    if url:
        parts.append(url)
    found = spoken.gettext("gefunden am %(day)s", day=day(row.first_seen))
    return f"{' '.join(parts)} ({found})"


def _line(text: str) -> str:
    """One line without control characters: a line break would begin another field."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f\u2028\u2029]", " ", text).split())


def _tex(text: str) -> str:
    return "".join(_SPECIAL.get(sign, sign) for sign in text)
