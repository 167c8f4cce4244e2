"""What kind of item a page is, by the labels over its headline and by its address."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crawler.text import fold

_PRESS_PATH = re.compile(
    r"/(?:[\w-]*presse-?(?:mitteilung|meldung|information|archiv|dienst)\w*|[\w-]*medien-?(?:mitteilung|information)\w*"
    r"|presse|pressreleases?|press-releases?)(?:[/._-]|$)"
)
_NOTICE_PATH = re.compile(
    r"/(?:[\w-]*bekanntmachung\w*|ausschreibung(?:en)?|stellen(?:angebote|ausschreibungen)?)(?:[/._-]|$)"
)
_EVENT_PATH = re.compile(r"/(?:veranstaltung(?:en|skalender)?|termine?|events?)(?:[/._-]|$)")
_STUDY_PATH = re.compile(r"/(?:studien?|gutachten|whitepapers?)(?:[/._-]|$)")
_KIND_OF_LABEL = {
    "interview": "interview", "im gespräch": "interview", "im interview": "interview",
    "kommentar": "report", "kolumne": "report", "meinung": "report", "gastbeitrag": "report",
    "hintergrund": "report", "bericht": "report", "reportage": "report", "analyse": "report",
    "essay": "report", "leitartikel": "report", "fachbeitrag": "report", "praxisbericht": "report",
    "pressemitteilung": "press_release", "pressemeldung": "press_release",
    "presseinformation": "press_release", "medieninformation": "press_release",
    "bekanntmachung": "notice", "öffentliche bekanntmachung": "notice",
    "amtliche bekanntmachung": "notice", "öffentliche ausschreibung": "notice",
    "stellenausschreibung": "notice", "öffentliche zustellung": "notice",
    "allgemeinverfügung": "notice", "amtsblatt": "notice",
    "veranstaltung": "event", "termin": "event", "veranstaltungstipp": "event",
    "studie": "study", "gutachten": "study", "whitepaper": "study", "forschungsbericht": "study",
}  # fmt: skip


def kind_of_labels(labels: Iterable[str | None]) -> str | None:
    """The kind (of store.types.KINDS) that the first telling label names; None without one."""
    keys = (fold(text) for text in labels if text)
    return next((_KIND_OF_LABEL[key] for key in keys if key in _KIND_OF_LABEL), None)


def kind_of_path(path: str) -> str | None:
    """The kind that the address names (``/pressemitteilungen/``, ``/bekanntmachungen/``)."""
    if _PRESS_PATH.search(path):
        return "press_release"
    if _NOTICE_PATH.search(path):
        return "notice"
    if _EVENT_PATH.search(path):
        return "event"
    return "study" if _STUDY_PATH.search(path) else None
