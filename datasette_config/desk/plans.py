"""Why a source is due when it is, in the editor's language; pure.

The scheduler writes each step as a code and an English sentence (``store.types.Plan``). What it
says is put into words here; a sentence of another form is shown as it is.
"""

from __future__ import annotations

import re
from typing import Final

from datasette_config.language import SOURCE, Language
from store.types import Plan

_LENGTH = r"(?:(?P<hours>\d+) h )?(?P<minutes>\d+) min"
_MOMENT = r"(?P<moment>\d{4}-\d\d-\d\d \d\d:\d\d) \w+"
_FORMS: Final = {
    "first": re.compile("never asked: at once"),
    "outage": re.compile(f"our own outage: {_LENGTH} after the last"),
    "rhythm": re.compile(rf"(?P<items>\d+) items in 28 days: {_LENGTH} after the last run"),
    "cron": re.compile(rf"cron (?P<cron>.+), Europe/Berlin: {_MOMENT}"),
    "streak": re.compile(
        rf"(?P<count>\d+) failures in a row, weight (?P<weight>[\d.]+): {_LENGTH} after the last "
        "run"
    ),
    "wish": re.compile(f"the server asks for {_LENGTH} between requests"),
    "skip": re.compile(f"hours or days that the feed says to skip: {_MOMENT}"),
    "pause": re.compile(f"Retry-After of the server: {_MOMENT}"),
}


def steps(plan: Plan, spoken: Language) -> list[str]:
    """The steps that led to the plan, one sentence each."""
    return [_step(code, text, spoken) for code, text in plan.steps]


def _step(code: str, text: str, spoken: Language) -> str:
    form = _FORMS.get(code)
    match = form.fullmatch(text) if form and spoken.code == SOURCE else None
    if match is None:
        return text
    found = match.groupdict()
    minutes = int(found.get("hours") or 0) * 60 + int(found.get("minutes") or 0)
    length = f"{minutes // 60} Std. {minutes % 60} Min." if minutes >= 60 else f"{minutes} Min."
    when = _german(found.get("moment") or "")
    return {
        "first": "Noch nie abgefragt: sofort.",
        "outage": f"Eigener Ausfall: {length} nach dem letzten Versuch.",
        "rhythm": f"{found.get('items')} Einträge in 28 Tagen: {length} nach dem letzten Abruf.",
        "cron": f"Fester Plan „{found.get('cron')}“: {when}.",
        "streak": f"{found.get('count')} Fehlschläge in Folge, Gewicht {found.get('weight')}: "
        f"{length} nach dem letzten Abruf.",
        "wish": f"Der Server wünscht {length} Abstand.",
        "skip": f"Stunden oder Tage, die der Feed ausnimmt: {when}.",
        "pause": f"Der Server bat um eine Pause (Retry-After): {when}.",
    }[code]


def _german(moment: str) -> str:
    """``2026-03-12 09:40`` → ``12.3.2026, 09:40 Uhr``."""
    if not moment:
        return ""
    year, month, rest = moment.split("-")
    day, clock = rest.split(" ")
    return f"{int(day)}.{int(month)}.{year}, {clock} Uhr"
