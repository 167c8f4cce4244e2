"""What the editors' alerts say, and what to do about them, in words; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from datasette_config.desk.condition import field_name
from datasette_config.language import Language
from store.alerts import Trouble

Facts = Mapping[str, Any]


def told(trouble: Trouble, spoken: Language) -> tuple[str, str]:
    """What is so, in one line, and what to do about it."""
    said = _SAID.get(str(trouble.facts.get("what")))
    return said(trouble.facts, spoken) if said else (trouble.kind, "")


def _said(facts: Facts, spoken: Language) -> tuple[str, str]:
    """An older program wrote sentences."""
    return str(facts["line"]), str(facts["mend"])


def _list(facts: Facts, spoken: Language) -> tuple[str, str]:
    _ = spoken.gettext
    return (
        _("%(name)s: Die Liste ist da, aber nicht mehr lesbar", name=facts["name"]),
        _("Die Liste öffnen: Ihr Aufbau hat sich wohl geändert."),
    )


def _fields(facts: Facts, spoken: Language) -> tuple[str, str]:
    _ = spoken.gettext
    fields = spoken.listed([field_name(name, spoken) for name in facts["fields"]])
    return (
        _("%(name)s: Neuen Einträgen fehlt: %(fields)s", name=facts["name"], fields=fields),
        _("Eine Seite ansehen und die Quelle prüfen; vermutlich braucht es eine Seitenklasse."),
    )


def _failed(facts: Facts, spoken: Language) -> tuple[str, str]:
    _ = spoken.gettext
    line = spoken.ngettext(
        "%(name)s: ein Fehlschlag", "%(name)s: %(num)s Fehlschläge in Folge",
        int(facts["count"]), name=facts["name"],
    )  # fmt: skip
    mend = _("Die Quelle in der Redaktion ansehen: Dort steht, woran es liegt.")
    # What the crawl wrote of it is English.
    return line, f"{mend} ({facts['message']})" if facts.get("message") else mend


def _silent(facts: Facts, spoken: Language) -> tuple[str, str]:
    _ = spoken.gettext
    usual = spoken.ngettext(
        "jeden Werktag etwas", "etwa alle %(num)s Werktage etwas", int(facts["usual"])
    )
    line = spoken.ngettext(
        "%(name)s: seit einem Tag nichts Neues; üblich ist %(usual)s",
        "%(name)s: seit %(num)s Tagen nichts Neues; üblich ist %(usual)s",
        int(facts["days"]), name=facts["name"], usual=usual,
    )  # fmt: skip
    return line, _(
        "Die Seite der Quelle öffnen: Erscheint dort Neues, hat sich die Adresse geändert."
    )


def _volume(facts: Facts, spoken: Language) -> tuple[str, str]:
    _ = spoken.gettext
    figures = {
        "name": facts["name"] or _("Alle Quellen"),
        "found": spoken.number(facts["found"]),
        "days": _("an freien Tagen") if facts["free"] else _("an Werktagen"),
        "usual": spoken.number(round(facts["mean"])),
        "spread": spoken.number(round(facts["spread"])),
    }
    if facts["found"] < facts["mean"]:
        return _(
            "%(name)s: ungewöhnlich wenige Einträge, gestern %(found)s, üblich %(days)s "
            "%(usual)s ± %(spread)s", **figures,
        ), _("In der Liste der Quellen nachsehen, welche fehlen.")  # fmt: skip
    return _(
        "%(name)s: ungewöhnlich viele Einträge, gestern %(found)s, üblich %(days)s "
        "%(usual)s ± %(spread)s", **figures,
    ), _("Nachsehen, ob eine Quelle ihr ganzes Archiv neu nennt.")  # fmt: skip


def _drift(facts: Facts, spoken: Language) -> tuple[str, str]:
    _ = spoken.gettext
    if facts["topic"]:
        what = _("Thema %(name)s", name=spoken.gettext(str(facts["topic"])))
    else:
        what = _("unsichere Einordnungen")
    line = _(
        "Modell: %(what)s %(now)s in dieser Woche, %(before)s in den vier Wochen davor",
        what=what, now=spoken.percent(facts["now"]), before=spoken.percent(facts["before"]),
    )  # fmt: skip
    return line, _(
        "Ein paar der neuen Einträge ansehen: Gibt es ein neues Ereignis oder eine neue Quelle, "
        "ist es gut; sonst berichtigen und neu trainieren."
    )


def _disk(facts: Facts, spoken: Language) -> tuple[str, str]:
    _ = spoken.gettext
    return (
        _("Auf der Platte sind noch %(size)s frei", size=spoken.bytes(facts["free"])),
        _("Platz schaffen: Für Sicherungen und Löschungen braucht es %(size)s.",
          size=spoken.bytes(facts["need"])),
    )  # fmt: skip


def _backup(facts: Facts, spoken: Language) -> tuple[str, str]:
    _ = spoken.gettext
    hours = facts["hours"]
    line = (
        _("Es gibt keine Sicherung")
        if hours is None
        else spoken.ngettext(
            "Die letzte Sicherung ist eine Stunde alt",
            "Die letzte Sicherung ist %(num)s Stunden alt",
            int(hours),
        )
    )
    return line, _("`radar backup` von Hand; der Grund steht im Protokoll des Dienstes.")


def _letters(facts: Facts, spoken: Language) -> tuple[str, str]:
    _ = spoken.gettext
    count = int(facts["count"])
    if facts["kind"] == "hook":
        return (
            spoken.ngettext(
                "Ein Aufruf (Webhook) nicht zustellbar",
                "%(num)s Aufrufe (Webhooks) nicht zustellbar",
                count,
            ),
            _("Die Gründe stehen unter Meldungen; `radar hooks resume` nimmt einen wieder auf."),
        )
    return (
        spoken.ngettext("Ein Brief nicht zustellbar", "%(num)s Briefe nicht zustellbar", count),
        _("Die Gründe stehen unter Meldungen; `radar doctor` prüft den Mailserver."),
    )


#: Facts by their code; `radar.editors_alerts` finds them.
_SAID: Final[Mapping[str, Callable[[Facts, Language], tuple[str, str]]]] = {
    "said": _said,
    "list": _list,
    "fields": _fields,
    "failed": _failed,
    "silent": _silent,
    "volume": _volume,
    "drift": _drift,
    "disk": _disk,
    "backup": _backup,
    "letters": _letters,
}
