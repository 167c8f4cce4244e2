"""Why a source is due when it is, in words: the steps of a plan; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from datasette_config.language import Language
from store.types import Plan


def steps(plan: Plan, spoken: Language) -> list[str]:
    """The steps that led to the plan, one sentence each."""
    return [_step(code, facts, spoken) for code, facts in plan.steps]


def _step(code: str, facts: Mapping[str, Any], spoken: Language) -> str:
    _ = spoken.gettext
    span = length(int(facts["seconds"]), spoken) if "seconds" in facts else ""
    when = spoken.moment(datetime.fromisoformat(facts["at"])) if "at" in facts else ""
    if code == "first":
        return _("Noch nie abgefragt: sofort.")
    if code == "outage":
        return _("Eigener Ausfall: %(span)s nach dem letzten Versuch.", span=span)
    if code == "cut":
        return _("Der letzte Abruf brach ab: %(span)s danach noch einmal.", span=span)
    if code == "rhythm":
        return spoken.ngettext(
            "Ein Eintrag in 28 Tagen: %(span)s nach dem letzten Abruf.",
            "%(num)s Einträge in 28 Tagen: %(span)s nach dem letzten Abruf.",
            int(facts["items"]),
            span=span,
        )
    if code == "cron":
        return _("Fester Plan „%(cron)s“: %(when)s.", cron=facts["cron"], when=when)
    if code == "streak":
        return spoken.ngettext(
            "Ein Fehlschlag, Gewicht %(weight)s: %(span)s nach dem letzten Abruf.",
            "%(num)s Fehlschläge in Folge, Gewicht %(weight)s: %(span)s nach dem letzten Abruf.",
            int(facts["count"]),
            weight=spoken.number(float(facts["weight"])),
            span=span,
        )
    if code == "wish":
        return _("Der Server wünscht %(span)s Abstand.", span=span)
    if code == "skip":
        return _("Stunden oder Tage, die der Feed ausnimmt: %(when)s.", when=when)
    if code == "pause":
        return _("Der Server bat um eine Pause (Retry-After): %(when)s.", when=when)
    return code


def length(seconds: int, spoken: Language) -> str:
    """``45 Min.``, ``3 Std. 20 Min.``: to the minute."""
    minutes = round(seconds / 60)
    if minutes < 60:
        return spoken.gettext("%(minutes)s Min.", minutes=minutes)
    return spoken.gettext("%(hours)s Std. %(minutes)s Min.", hours=minutes // 60,
                          minutes=minutes % 60)  # fmt: skip
