"""Publication dates: German and English notations read as one moment, or not at all.

Nothing is guessed: a notation that leaves the day open (``12. März``, ``2025-03``, ``gestern``)
gives no date. Numeric dates are day before month throughout, and a time without a zone is Berlin
time, because both hold for every German source and the opposite readings cannot be told apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from store.types import BERLIN, PublicationDate

#: The first German municipal sites date from 1995: an older date is a default value or a typo.
EARLIEST_YEAR = 1995

#: Scheduled posts and clocks that run fast; beyond this a date is an event's, not a publication's.
FUTURE_TOLERANCE = timedelta(days=1)

#: A date with weekday, time and a commented zone stays under 80 characters; longer is prose.
_MAX_LENGTH = 160

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar jänner jaenner january jan jän",
            "februar feber february feb",
            # the last three are März after a wrong decoding: no other month can come of them
            "märz maerz march mar mär mrz maer m\ufffdrz mã¤rz m?rz",
            "april apr",
            "mai may",
            "juni june juno jun",
            "juli july julei jul",
            "august aug",
            "september sept sep",
            "oktober october okt oct",
            "november nov",
            "dezember december dez dec",
        ),
        start=1,
    )
    for name in names.split()
}

_WEEKDAYS = [
    "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend", "sonntag",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "mon", "die", "mit", "don", "fre", "sam", "son", "mo", "di", "mi", "do", "fr", "sa", "so",
    "tues", "tue", "wed", "thurs", "thur", "thu", "fri", "sat", "sun",
]  # fmt: skip

#: RFC 822 names, the German ones beside them (MEZ = CET, MESZ = CEST), and Europe's others.
_ZONE_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 1, "west": 1,
    "cet": 1, "mez": 1, "met": 1, "cest": 2, "mesz": 2, "mest": 2, "eet": 2, "eest": 3, "msk": 3,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip


def _any_of(words: Iterator[str] | list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_WEEKDAY = rf"(?:(?<!\w)(?:{_any_of(_WEEKDAYS)})\b\.?\s*,?\s*(?:(?:den|der|the)\s+)?)?"
_MONTH = rf"(?P<month>{_any_of(list(_MONTHS))})(?!\w)\.?"
_CLOCK = (
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?(?!\d)"
    r"(?:\s*(?:uhr|h)\b)?"
    r"|(?P<hour_dot>\d{1,2})\.(?P<minute_dot>\d{2})\s*(?:uhr|h)\b"
    r"|(?P<hour_only>\d{1,2})(?=\s*(?:uhr|h|[ap]\.?m)\b)(?:\s*(?:uhr|h)\b)?)"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
)
_NAMED = rf"(?:{_any_of([name for name in _ZONE_HOURS if len(name) > 1])})"
_ZONE = (
    r"(?:\s*(?P<zone>(?:(?:gmt|utc)\s*)?[+-]\d{2}(?::?\d{2})?(?!\d)"
    r"|(?:gmt|utc)[+-]\d(?![\d:])|[+-]\d:\d{2}(?!\d)"
    r"|(?:europe|africa|america|asia|atlantic|australia|pacific|indian)(?:/[a-z_]+){1,2}"
    rf"|(?:(?<=\d)|(?<=\d\s))z\b|\({_NAMED}\)|{_NAMED}\b)"
    rf"(?:\s*[(\[][a-zäöüß /_+:\d]{{2,40}}[)\]]|\s+{_NAMED}\b)?)?"
)
_TIME = rf"(?:(?:\s*[,;|/–—-]\s*|\s+)(?:(?:um|at)\s+)?{_CLOCK}{_ZONE})?"

#: Tried in this order; the first that fits wins. ``year`` alone decides two against four digits.
_NOTATIONS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2025-03-10T14:30:00+01:00, 2025-03-10 14:30, 2025/03/10, 20250310T143000Z
        r"(?<![\w.])(?P<year>\d{4})(?P<sep>[-/.])(?P<number>\d{1,2})(?P=sep)(?P<day>\d{1,2})"
        rf"(?:(?:t|\s*,?\s+){_CLOCK}{_ZONE}|(?![\d:]))",
        r"(?<![\w.])(?P<year>\d{4})(?P<number>\d{2})(?P<day>\d{2})t(?P<hour>\d{2}):?"
        rf"(?P<minute>\d{{2}})(?::?(?P<second>\d{{2}}))?{_ZONE}(?!\d)",
        # Do, 31 Okt 2019 14:30:00 MEZ; 10. März 2025, 14.30 Uhr; 10-Mar-25 14:30 GMT
        rf"{_WEEKDAY}(?<![\w.–-])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[.\s/-]+{_MONTH}[,\s/-]*"
        rf"(?P<year>\d{{4}}(?![\d:])|\d{{2}}(?=\s+\d{{1,2}}:\d)){_TIME}",
        # March 10, 2025 2:30 PM; Mon Mar 10 2025 14:30:00 GMT+0100 (Mitteleuropäische Zeit)
        rf"{_WEEKDAY}(?<!\w){_MONTH}\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+"
        rf"(?P<year>\d{{4}})(?![\d:]){_TIME}",
        # asctime: Mon Mar 10 14:30:00 CET 2025
        rf"{_WEEKDAY}(?<!\w){_MONTH}\s+(?P<day>\d{{1,2}})\s+{_CLOCK}{_ZONE}\s+(?P<year>\d{{4}})(?!\d)",
        # 10.03.2025, 10. 3. 2025, 10/03/2025, 10-03-2025; then 10.03.25
        rf"{_WEEKDAY}(?<![\w.–-])(?P<day>\d{{1,2}})(?:\.\s?(?P<number>\d{{1,2}})\.\s?"
        rf"|(?P<sep>[/-])(?P<number_sep>\d{{1,2}})(?P=sep))(?P<year>\d{{4}})(?![\d:]){_TIME}",
        rf"{_WEEKDAY}(?<![\w.–-])(?P<day>\d{{2}})\.(?P<number>\d{{2}})\.(?P<year>\d{{2}})"
        rf"(?![\d:]|\.\d){_TIME}",
    )
)

#: ``14:30 Uhr, 10.03.2025``, and ``10.03.2025 14.30``: clear only where nothing else stands by.
_TIME_FIRST = re.compile(r"(\d{1,2}[:.]\d{2}(?:\s*uhr)?)[\s,;|–-]+(?=\D*\d.*\d{4}$)", re.IGNORECASE)
_DOTTED_TIME = re.compile(r"(?<=\d{4})(,?\s+\d{1,2})\.(?=\d{2}$)")

_LABEL = re.compile(
    r"(?:(?:pub)?date|datum|stand|veröffentlicht|veröffentlichung|veröffentlichungsdatum|erstellt"
    r"|erschienen|eingestellt|publiziert|pressemitteilung|pressemeldung|meldung|published|posted"
    r"|vom|am|den|der|on)\b[\s:,]*",
    re.IGNORECASE,
)


_YEAR = re.compile(r"\d\d")


def parse_date(raw: str, *, now: datetime, default_zone: tzinfo = BERLIN) -> PublicationDate | None:
    """Read a string that is a date and nothing else.

    A weekday, brackets and a label (``Stand:``, ``Veröffentlicht am``) may stand around it. Returns
    None if anything else is left over, if no day follows from it, or if the day lies before
    ``EARLIEST_YEAR`` or more than ``FUTURE_TOLERANCE`` after ``now``; the caller says so.
    ``raw`` is kept in the result without its outer white space.
    """
    # no notation has a year of one digit
    if not _YEAR.search(raw):
        return None
    kept = raw.strip()
    text = " ".join(unicodedata.normalize("NFC", kept[: _MAX_LENGTH + 1]).split())
    if len(text) > _MAX_LENGTH:
        return None
    if text[:1] in "[(" and text[-1:] in "])":
        text = text[1:-1]
    text = text.strip(" ,;:|–—").removesuffix(".").rstrip()
    while label := _LABEL.match(text):
        text = text[label.end() :]
    text = _DOTTED_TIME.sub(r"\1:", text)
    if first := _TIME_FIRST.match(text):
        text = f"{text[first.end() :]} {first[1]}"
    for notation in _NOTATIONS:
        if match := notation.fullmatch(text):
            return _read(match, kept, now, default_zone)
    return None


def find_dates(
    text: str, *, now: datetime, default_zone: tzinfo = BERLIN
) -> Iterator[PublicationDate]:
    """Yield the dates of a running text in its order, as far as ``parse_date`` would take them.

    ``raw`` is the piece of text that was read. Parts of a range (``10.–12. März 2025``) are left
    out, since a range is an event's date.
    """
    text = unicodedata.normalize("NFC", text).replace("\xa0", " ")
    found: list[re.Match[str]] = []
    for notation in _NOTATIONS:
        for match in notation.finditer(text):
            overlaps = any(m.start() < match.end() and match.start() < m.end() for m in found)
            if not overlaps:
                found.append(match)
    for match in sorted(found, key=lambda m: m.start()):
        if date := _read(match, match.group().strip(), now, default_zone):
            yield date


def find_date(text: str, *, now: datetime, default_zone: tzinfo = BERLIN) -> PublicationDate | None:
    """Return the first date of a running text, or None. See ``find_dates``."""
    return next(find_dates(text, now=now, default_zone=default_zone), None)


def better_date(
    first: PublicationDate | None, second: PublicationDate | None
) -> PublicationDate | None:
    """Return the first date, but with the second's time if it is the same day told more exactly."""
    if first is None or second is None:
        return first or second
    same_day = first.at.astimezone(BERLIN).date() == second.at.astimezone(BERLIN).date()
    return second if first.day_only and not second.day_only and same_day else first


def _read(
    match: re.Match[str], raw: str, now: datetime, default_zone: tzinfo
) -> PublicationDate | None:
    parts = match.groupdict()
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 2000 if year + 2000 <= now.year + 1 else 1900
    name = parts.get("month")
    number = parts.get("number") or parts.get("number_sep")
    month = _MONTHS[name.lower()] if name else int(number or 0)
    clock = _clock(parts)
    zone_name = parts.get("zone")
    if clock is None:
        return None
    hour, minute, second, day_only = clock
    # a bare day is the German day, whatever zone the times of that source are in
    zone = _zone(zone_name) if zone_name else BERLIN if day_only else default_zone
    if zone is None:
        return None
    try:
        # 24:00 is the end of the day (ISO 8601), which is the next day's midnight
        local = datetime(year, month, int(parts["day"]), hour % 24, minute, second)
        local += timedelta(days=hour // 24)
        at = local.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if local.year < EARLIEST_YEAR or at > now + FUTURE_TOLERANCE:
        return None
    return PublicationDate(at, day_only, raw, "given" if zone_name else "berlin")


def _clock(parts: dict[str, str | None]) -> tuple[int, int, int, bool] | None:
    """Return hour, minute, second and whether there was no time; None if it is no time of day."""
    hour_text = parts.get("hour") or parts.get("hour_dot") or parts.get("hour_only")
    if hour_text is None:
        return 0, 0, 0, True
    hour = int(hour_text)
    minute = int(parts.get("minute") or parts.get("minute_dot") or 0)
    second = min(int(parts.get("second") or 0), 60)
    if half := parts.get("half"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    if hour > 24 or minute > 59 or (hour == 24 and (minute or second)):
        return None
    # a leap second (RFC 3339, 5.6) is not representable; the one before it is
    return hour, minute, min(second, 59), False


def _zone(name: str) -> tzinfo | None:
    if "/" in name:
        try:
            return ZoneInfo("/".join(part.title() for part in name.split("/")))
        except (ZoneInfoNotFoundError, ValueError):
            return None
    if named := _ZONE_HOURS.get(name.strip("()").lower()):
        return timezone(timedelta(hours=named))
    sign = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", name)
    if sign is None:
        return UTC
    hours, minutes = int(sign[2]), int(sign[3] or 0)
    # the widest offset in use is +14:00 (Kiritimati)
    if hours > 14 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if sign[1] == "-" else offset)
