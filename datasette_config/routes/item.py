"""The page of one item: the way to the original first, then what the archive knows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from datasette_config import citing, country
from datasette_config.archive import Item
from datasette_config.language import Language, language
from datasette_config.listing import entries_of
from datasette_config.site import Site
from datasette_config.web import N_, Ask, MissingPageError, Page, safe_url
from datasette_config.wording import LICENCES

#: Entries on the same subject that are offered.
SIMILAR: Final = 5

#: Where a date was found (``Article.date_source``), told to a reader.
DATE_SOURCES: Final = {
    "entry": N_("Datum laut Meldungsliste der Quelle"),
    "entry-updated": N_("Datum der letzten Änderung laut Meldungsliste der Quelle"),
    "json-ld": N_("Datum laut Metadaten der Seite"),
    "meta": N_("Datum laut Metadaten der Seite"),
    "microdata": N_("Datum laut Metadaten der Seite"),
    "headline": N_("Datum an der Überschrift der Seite"),
    "lead": N_("Datum am Anfang des Textes"),
    "label": N_("Datumszeile auf der Seite"),
    "htmldate": N_("Datum auf der Seite erschlossen"),
    "changed": N_("Datum der letzten Änderung laut Seite"),
    "page": N_("Datum auf der Seite"),
    "url": N_("Datum aus der Adresse der Seite"),
}
#: What a source's display policy means for the reader.
DISPLAY_NOTES: Final = {
    "link": N_("Von dieser Quelle zeigt das Archiv nur den Verweis."),
    "headline": N_(
        "Von dieser Quelle zeigt das Archiv nur die Überschrift. Den Text gibt es bei der Quelle."
    ),
    "teaser": N_(
        "Von dieser Quelle zeigt das Archiv nur den Anriss. Den ganzen Text gibt es bei der Quelle."
    ),
}
#: Fields of a version (``Article``), told to a reader.
FIELDS: Final = {
    "kind": N_("Art"), "kicker": N_("Dachzeile"), "title": N_("Überschrift"),
    "teaser": N_("Anriss"), "section": N_("Rubrik"), "body": N_("Text"),
    "author": N_("Autor"), "published": N_("Datum"),
    "duration_s": N_("Dauer"),
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
    item = _item(site, ask)
    spoken = language(ask.language)
    siblings = [] if item.cluster_id is None else archive.siblings(item.cluster_id, item.row.id)
    near = {row.id for row in siblings}
    similar = site.search.similar(item.row.id, SIMILAR + len(near))
    other = [hit for hit in similar if hit.item_id not in near][:SIMILAR]
    permanent = f"{ask.origin}/eintrag/{item.row.id}"
    return site.page(
        "item.html",
        ask,
        item=item,
        row=item.row,
        original=safe_url(item.row.url),
        links=[link for link in item.links if safe_url(link.url)],
        paragraphs=_paragraphs(item),
        siblings=siblings,
        similar=entries_of(site, other, spoken),
        country=country,
        mapped=[town for town in item.towns if town.lat is not None and town.lon is not None],
        date_source=DATE_SOURCES.get(item.date_source or "", N_("Datum laut Quelle")),
        display_note=DISPLAY_NOTES.get(item.display, ""),
        licence=LICENCES.get(item.licence, item.licence),
        schema_type=SCHEMA_TYPES.get(item.row.kind, "CreativeWork"),
        fields=FIELDS,
        shown=lambda field, value: _shown(field, value, spoken),
        quoted=lambda words: spoken.listed(
            [spoken.gettext("„%(words)s“", words=word) for word in words]
        ),
        citation=citing.plain(item, spoken),
        permanent=permanent,
        share=_mail("", item.row.title, f"{item.row.title}\n{permanent}\n"),
        report=_report(site, item, permanent, spoken),
    )


def download(site: Site, ask: Ask) -> Page:
    """The item's citation as a file: ``.bib`` or ``.ris``."""
    item, form = _item(site, ask), ask.parts["form"]
    text = {"bib": citing.bibtex, "ris": citing.ris}[form](item)
    name = f'attachment; filename="kommunalradar-{item.row.id}.{form}"'
    headers = {"Content-Disposition": name}
    return Page(text.encode(), content_type=citing.FORMS[form], headers=headers)


def _item(site: Site, ask: Ask) -> Item:
    item = site.archive().item(int(ask.parts["id"]))
    if item is None:
        raise MissingPageError(N_("Diesen Eintrag gibt es im Archiv nicht oder nicht mehr."))
    return item


def _report(site: Site, item: Item, permanent: str, spoken: Language) -> str | None:
    """A letter to the operator that names the item; None where nobody takes letters.

    A letter and no form: the public site has no way to write anything, wherever it is hosted.
    """
    if not site.config.contact:
        return None
    subject = spoken.gettext("Hinweis zu Eintrag %(number)s", number=item.row.id)
    body = spoken.gettext(
        "%(title)s\n%(url)s\n\nFalsch ist (Thema, Land, Ort, Datum, Text …):\n\nRichtig wäre:\n",
        title=item.row.title,
        url=permanent,
    )
    return _mail(site.config.contact, subject, body)


def _mail(to: str, subject: str, body: str) -> str:
    """A mailto address (RFC 6068; line breaks are CRLF)."""
    lines = body.replace("\n", "\r\n")
    return f"mailto:{quote(to, safe='@')}?subject={quote(subject)}&body={quote(lines)}"


def _paragraphs(item: Item) -> list[str]:
    """The body's paragraphs; a lead that the page shows above them is not repeated."""
    paragraphs = [line.strip() for line in (item.body or "").split("\n") if line.strip()]
    if paragraphs and item.row.teaser and paragraphs[0] == item.row.teaser.strip():
        return paragraphs[1:]
    return paragraphs


def _shown(field: str, value: str | None, spoken: Language) -> str | None:
    """A changed field as a reader knows it: a date or kind in words, texts as they are."""
    if not value:
        return None
    readings: dict[str, Callable[[str], str]] = {
        "published": spoken.shown_date,
        "kind": spoken.kind,
        "duration_s": lambda seconds: spoken.duration(int(seconds)),
    }
    return readings.get(field, str)(value)
