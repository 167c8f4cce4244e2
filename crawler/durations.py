"""How long a recording is: ISO 8601, clock notations, and the malformed ones seen in the wild."""

from __future__ import annotations

import re

#: A length of more than a week was never measured.
LONGEST_S = 7 * 86400

#: With or without P and T, with spaces, with words for the units; a number without a unit at the
#: end is seconds. Years and months appear as zeros only, written by systems that print every field.
_PARTS = re.compile(
    r"P?(?:0+Y)?(?:0+M(?=\d+(?:D|T)|T|\d+Y))?(?:(?P<d>\d+)(?:D|TAGE?|DAYS?))?T?"
    r"(?:(?P<h>\d+)(?:H(?:OURS?|RS?)?|STD|STUNDEN?))?"
    r"(?:(?P<m>\d+)(?:M(?:INS?|INUTES?|INUTEN?)?))?"
    r"(?:(?P<s>\d+)(?:[.,]\d*)?(?:S(?:ECS?|ECONDS?|EK|EKUNDEN?)?)?)?"
)
_CLOCK = re.compile(
    r"(?:PT?)?(?:(?P<h>\d{1,3}):)?(?P<m>\d{1,3}):(?P<s>\d{1,2})(?:[.,]\d+)?"
    r"(?:H|STD|STUNDEN?|M|MIN|MINUTEN?|UHR)?"
)


def parse_duration(text: str | None) -> int | None:
    """Return the whole seconds of a duration, or None if it is none.

    Reads ``PT1H32M20S``, ``PT156S``, ``PT00H02M22S``, ``P0Y0M0DT0H2M36S``, ``1:32:20``, ``2:36``,
    ``156``, ``156.4``, ``2 Min. 36 Sek.`` and the like. None too for nothing (``PT0S`` is how
    players say that they do not know), and for more than ``LONGEST_S``.
    """
    said = re.sub(r"\s+|\.(?!\d)", "", (text or "")[:60]).upper()
    if not any(letter.isdigit() for letter in said):
        return None
    match = _CLOCK.fullmatch(said) or _PARTS.fullmatch(said)
    if match is None:
        return None
    part = {unit: int(number or 0) for unit, number in match.groupdict().items()}
    hours = part.get("d", 0) * 24 + part["h"]
    seconds = (hours * 60 + part["m"]) * 60 + part["s"]
    return seconds if 0 < seconds <= LONGEST_S else None
