"""What a source's state means to an editor: one word, one line, and the mend; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from datasette_config.language import Language
from store.desk import Filling
from store.health import public_status, silence
from store.types import SourceStatus

#: A field counts as lost when so great a share of the items before had it, and of the newest
#: hardly any, over at least so many of each.
HAD, HAS, LEAST = 0.6, 0.2, 5


@dataclass(frozen=True, slots=True)
class Condition:
    """One source's state. ``tone``: ``good``, ``wait`` or ``bad``, which sorts the list."""

    #: a code: ``failed silent layout postponed offline paused retired probation never ok``
    code: str
    tone: str
    word: str
    line: str = ""
    mend: str = ""
    #: what the crawl wrote of it, in English
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a source beside its status."""

    #: newest first
    published: Sequence[datetime] = ()
    #: its newest items' fields, and those of the ones before
    filling: tuple[Filling, Filling] | None = None
    #: evidence of a reservation of text and data mining
    reservation: str | None = None


def condition(status: SourceStatus, known: Known, now: datetime, spoken: Language) -> Condition:
    """The state of a source as an editor wants it: what is wrong and what to do about it."""
    _ = spoken.gettext
    run = status.last_run
    detail = run.result.message or "" if run and run.result else ""
    if not status.active:
        return Condition(
            "retired", "wait", _("eingestellt"),
            _("Steht nicht mehr im Katalog; ihre Einträge bleiben."),
        )  # fmt: skip
    if status.source.paused:
        return Condition(
            "paused", "wait", _("angehalten"), _("Wird nicht abgefragt, bis sie fortgesetzt wird.")
        )
    code, _told = public_status(status, known.published, now)
    if code == "failed":
        return _failed(status, detail, spoken)
    if code == "postponed":
        until = status.retry_after
        line = (
            _("Der Server bat um eine Pause bis %(when)s.", when=spoken.moment(until))
            if until
            else _("Der Server bat um eine Pause.")
        )
        return Condition(
            "postponed", "wait", _("vertagt"), line, _("Nichts zu tun: Danach geht es weiter."),
            detail,
        )  # fmt: skip
    if code == "offline":
        return Condition(
            "offline", "wait", _("lag an uns"),
            _("Beim letzten Versuch fehlte uns die Verbindung, oder er wurde angehalten."),
            _("Nichts an der Quelle ändern: In fünf Minuten ist sie wieder an der Reihe."), detail,
        )  # fmt: skip
    lost = lost_fields(known.filling)
    if lost:
        return Condition(
            "layout", "bad", _("Aufbau geändert?"),
            _("Den neuesten Einträgen fehlt, was frühere hatten: %(fields)s.",
              fields=spoken.listed([field_name(name, spoken) for name in lost])),
            _("Eine Seite ansehen und die Quelle prüfen; vermutlich braucht es eine Seitenklasse."),
            detail,
        )  # fmt: skip
    quiet = silence(known.published, status.source.land, now) if code == "silent" else None
    if quiet is not None:
        usual = spoken.ngettext(
            "jeden Werktag etwas", "etwa alle %(num)s Werktage etwas", quiet.usual
        )
        return Condition(
            "silent", "wait", _("verstummt"),
            spoken.ngettext(
                "Seit einem Tag nichts Neues; üblich ist %(usual)s.",
                "Seit %(num)s Tagen nichts Neues; üblich ist %(usual)s.", quiet.days, usual=usual,
            ),
            _("Die Seite der Quelle öffnen: Erscheint dort Neues, hat sich die Adresse geändert."),
        )  # fmt: skip
    if status.on_probation and status.error_streak:
        return Condition(
            "probation", "wait", _("auf Probe"), _("Noch nie mit Erfolg abgefragt."),
            _("Die Quelle prüfen und die Adresse richtigstellen."), detail,
        )  # fmt: skip
    if code == "never":
        return Condition("never", "wait", _("neu"), _("Noch nicht abgefragt."))
    return Condition("ok", "good", _("liefert"))


def _failed(status: SourceStatus, detail: str, spoken: Language) -> Condition:
    _ = spoken.gettext
    result = status.last_run.result if status.last_run else None
    http = result.http_status if result else None
    streak = status.error_streak
    if http in (401, 403):
        line = _("Der Server verweigert den Zugang (HTTP %(status)s).", status=http)
        mend = _("Beim Herausgeber nachfragen; bis dahin anhalten.")
    elif http in (404, 410):
        line = _("Die Adresse gibt es nicht mehr (HTTP %(status)s).", status=http)
        mend = _("Auf der Homepage nach der neuen Adresse suchen lassen und sie eintragen.")
    elif http is not None and http >= 500:
        line = _("Der Server der Quelle ist gestört (HTTP %(status)s).", status=http)
        mend = _("Abwarten; der Abstand der Versuche wächst von selbst.")
    elif http == 200:
        line = _("Die Liste ist da, aber nicht mehr lesbar.")
        mend = _("Die Liste öffnen: Ihr Aufbau hat sich wohl geändert. Dann Adresse oder Art der "
                 "Quelle anpassen.")  # fmt: skip
    elif "DNS" in detail:
        line = _("Der Name des Servers ist nicht aufzulösen.")
        mend = _("Schreibweise der Adresse prüfen; die Homepage kann umgezogen sein.")
    elif "robots" in detail.lower():
        line = _("Die Quelle erlaubt den Abruf nicht (robots.txt).")
        mend = _("Anhalten oder beim Herausgeber um Erlaubnis bitten.")
    elif http is not None:
        line = _("Der Abruf ist gescheitert (HTTP %(status)s).", status=http)
        mend = _("Die Quelle prüfen: Dann steht hier, woran es liegt.")
    else:
        line = _("Die Quelle war nicht erreichbar.")
        mend = _("Die Quelle prüfen; bleibt es dabei, auf der Homepage nachsehen.")
    if streak > 1:
        line += " " + spoken.ngettext(
            "Einmal in Folge.", "%(num)s Fehlschläge in Folge.", streak
        )  # fmt: skip
    return Condition("failed", "bad", _("gestört"), line, mend, detail)


def lost_fields(filling: tuple[Filling, Filling] | None) -> list[str]:
    """Fields that the newest items lack and those before them had: the layout has changed."""
    if filling is None:
        return []
    new, old = filling
    if new.items < LEAST or old.items < LEAST:
        return []
    return [
        name
        for name, count in old.filled.items()
        if count / old.items >= HAD and new.filled[name] / new.items <= HAS
    ]


def field_name(name: str, spoken: Language) -> str:
    """A field as an editor calls it."""
    _ = spoken.gettext
    names: Mapping[str, str] = {
        "teaser": _("Anriss"), "body": _("Text"), "published": _("Datum"),
        "author": _("Verfasser"), "section": _("Rubrik"), "image": _("Bild"),
    }  # fmt: skip
    return names.get(name, name)


#: How conditions sort: what needs a hand first.
RANK: Final = {"bad": 0, "wait": 1, "good": 2}
