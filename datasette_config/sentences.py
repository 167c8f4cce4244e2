"""German sentences that are data, of the search engine and of crawls, in the reader's language."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import Final

from datasette_config.language import SOURCE, Language
from datasette_config.web import N_
from store.types import BERLIN

#: What ``store.search`` says to a query (``Results.note``); several follow one another.
_NOTES: Final = (
    N_("Zu „%(words)s“ gibt es nichts."),
    N_("Meinten Sie „%(words)s“?"),
    N_("Dazu gibt es nichts."),
    N_("In diesem Zeitraum gibt es nichts."),
    N_("Das Archiv ist leer."),
    N_("Nur die ersten %(number)s Zeichen der Anfrage zählen."),
    N_("Nur die ersten %(number)s Suchwörter zählen."),
    N_("Ein Anführungszeichen blieb offen; es gilt bis zum Ende."),
    N_("Vor dem * müssen mindestens zwei Buchstaben stehen."),
    N_("%(facet)s „%(words)s“ ist unbekannt."),
)
#: How a source is doing (``store.health``).
_STATES: Final = (
    N_("Diese Quelle wird nicht mehr gelesen; ihre Einträge bleiben."),
    N_("Diese Quelle ist neu und wurde noch nicht mit Erfolg gelesen."),
    N_("Die Quelle war nicht erreichbar oder erlaubt den Abruf nicht"),
    N_("Die Liste der Quelle ist nicht mehr lesbar, vermutlich hat sich ihr Aufbau geändert"),
    N_("Der letzte Abruf ist gescheitert (HTTP %(number)s)"),
    N_(", %(number)s-mal in Folge"),
    N_("Die Quelle bat um Aufschub bis %(moment)s."),
    N_("Die Quelle bat um Aufschub."),
    N_("Der letzte Versuch brach auf unserer Seite ab."),
    N_("Seit %(number)s Tagen nichts Neues; üblich ist täglich etwas."),
    N_("Seit %(number)s Tagen nichts Neues; üblich ist etwa alle %(other)s Werktage etwas."),
)
#: What may stand in a gap of a sentence.
_GAPS: Final = {
    "words": "[^„“]*",
    "number": r"\d+",
    "other": r"\d+",
    "facet": r"\w+",
    "moment": r"\d{1,2}\.\d{1,2}\.\d{4}, \d\d:\d\d Uhr",
}


def in_their_tongue(text: str, spoken: Language) -> str:
    """The sentences in the reader's language; what is none of ours stays as it is."""
    if spoken.code == SOURCE:
        return text
    for sentence in (*_NOTES, *_STATES):

        def told(match: re.Match[str], sentence: str = sentence) -> str:
            gaps = {name: _filled(name, found, spoken) for name, found in match.groupdict().items()}
            return spoken.gettext(sentence, **gaps) if gaps else spoken.gettext(sentence)

        text = _pattern(sentence).sub(told, text)
    return text


def is_german(text: str) -> bool:
    """Whether a sentence is still one that no catalogue knows."""
    rest = text
    for sentence in (*_NOTES, *_STATES):
        rest = _pattern(sentence).sub("", rest)
    return bool(rest.strip(" ."))


def _filled(gap: str, found: str, spoken: Language) -> str:
    """What stands in a gap, as the language writes it."""
    if gap == "moment":
        at = datetime.strptime(found, "%d.%m.%Y, %H:%M Uhr").replace(tzinfo=BERLIN)
        return spoken.moment(at)
    return spoken.gettext(found)


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    written = re.escape(sentence)
    for name, gap in _GAPS.items():
        written = written.replace(re.escape(f"%({name})s"), f"(?P<{name}>{gap})")
    return re.compile(written)
