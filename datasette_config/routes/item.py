"""The page of one item: the way to the original first, then what the archive knows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from datasette_config.archive import Item
from datasette_config.formats import duration, kind_label, listed, shown_date
from datasette_config.site import Site
from datasette_config.web import Ask, MissingPageError, Page, safe_url

#: Where a date was found (``Article.date_source``), told to a reader.
DATE_SOURCES: Final = {
    "entry": "Datum laut Meldungsliste der Quelle",
    "entry-updated": "Datum der letzten Änderung laut Meldungsliste der Quelle",
    "json-ld": "Datum laut Metadaten der Seite",
    "meta": "Datum laut Metadaten der Seite",
    "microdata": "Datum laut Metadaten der Seite",
    "headline": "Datum an der Überschrift der Seite",
    "lead": "Datum am Anfang des Textes",
    "label": "Datumszeile auf der Seite",
    "htmldate": "Datum auf der Seite erschlossen",
    "page": "Datum auf der Seite",
    "url": "Datum aus der Adresse der Seite",
}
#: What a source's display policy means for the reader.
DISPLAY_NOTES: Final = {
    "link": "Von dieser Quelle zeigt das Archiv nur den Verweis.",
    "headline": "Von dieser Quelle zeigt das Archiv nur die Überschrift. "
    "Den Text gibt es bei der Quelle.",
    "teaser": "Von dieser Quelle zeigt das Archiv nur den Anriss. "
    "Den ganzen Text gibt es bei der Quelle.",
}
#: Fields of a version (``Article``), told to a reader.
FIELDS: Final = {
    "kind": "Art", "kicker": "Dachzeile", "title": "Überschrift", "teaser": "Anriss",
    "section": "Rubrik", "body": "Text", "author": "Autor", "published": "Datum",
    "duration_s": "Dauer",
}  # fmt: skip
#: schema.org's type for each kind (https://schema.org/CreativeWork).
SCHEMA_TYPES: Final = {
    "video": "VideoObject", "study": "Report", "event": "Event", "interview": "NewsArticle",
    "report": "NewsArticle", "article": "NewsArticle", "press_release": "NewsArticle",
    "notice": "CreativeWork",
}  # fmt: skip


def page(site: Site, ask: Ask) -> Page:
    """The item; raises :class:`MissingPageError` where there is none."""
    archive = site.archive()
    item = archive.item(int(ask.parts["id"]))
    if item is None:
        raise MissingPageError("Diesen Eintrag gibt es im Archiv nicht oder nicht mehr.")
    siblings = [] if item.cluster_id is None else archive.siblings(item.cluster_id, item.row.id)
    return site.page(
        "item.html",
        item=item,
        row=item.row,
        original=safe_url(item.row.url),
        links=[link for link in item.links if safe_url(link.url)],
        paragraphs=_paragraphs(item),
        siblings=siblings,
        date_source=DATE_SOURCES.get(item.date_source or "", "Datum laut Quelle"),
        display_note=DISPLAY_NOTES.get(item.display, ""),
        schema_type=SCHEMA_TYPES.get(item.row.kind, "CreativeWork"),
        fields=FIELDS,
        shown=_shown,
        quoted=_quoted,
    )


def _paragraphs(item: Item) -> list[str]:
    """The body's paragraphs; a lead that the page shows above them is not repeated."""
    paragraphs = [line.strip() for line in (item.body or "").split("\n") if line.strip()]
    if paragraphs and item.row.teaser and paragraphs[0] == item.row.teaser.strip():
        return paragraphs[1:]
    return paragraphs


def _shown(field: str, value: str | None) -> str | None:
    """A changed field as a reader knows it: a date or kind in words, texts as they are."""
    if not value:
        return None
    readings: dict[str, Callable[[str], str]] = {
        "published": shown_date,
        "kind": kind_label,
        "duration_s": lambda seconds: duration(int(seconds)),
    }
    return readings.get(field, str)(value)


def _quoted(words: tuple[str, ...]) -> str:
    """``„Antrag“, „online“ und „Portal“``."""
    return listed([f"„{word}“" for word in words])
