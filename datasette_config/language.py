"""The languages of the pages: texts stand in the code in German, other tongues in ``locale``.

A page has one :class:`Language`; templates say ``{{ _("Quelle") }}`` or ``{% trans %}``, Python
``language.gettext("Quelle")``. A catalogue is one ``locale/<code>/<domain>.po`` a part of the
site (``site``, ``desk``); ``python -m datasette_config.catalogues`` keeps them in step.
"""

from __future__ import annotations

import gettext
import re
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

import jinja2
from babel.dates import format_date, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from datasette_config import formats
from store.errors import RadarError
from store.types import BERLIN, KINDS, STATES

FOLDER: Final = Path(__file__).parent / "locale"
#: The language the texts are written in.
SOURCE: Final = "de"
#: Every language of the site, by its own name.
LANGUAGES: Final = {"de": "Deutsch", "en": "English"}
#: Where dates and numbers come from (Unicode CLDR, by Babel).
_LOCALES: Final = {"de": "de_DE", "en": "en_GB"}


class LanguageError(RadarError):
    """A language the site does not speak; the message names those it does."""


class Language:
    """One language: texts, numbers and dates as it writes them."""

    def __init__(self, code: str, texts: gettext.NullTranslations) -> None:
        self.code = code
        self.texts = texts
        self._locale = _LOCALES[code]
        self._german = code == SOURCE

    def gettext(self, text: str, /, **values: object) -> str:
        """The German text in this language, ``%(name)s`` filled in if values are given."""
        said = self.texts.gettext(text)
        return said % values if values else said

    def ngettext(self, one: str, many: str, number: int, /, **values: object) -> str:
        """One or many; ``%(num)s`` is the number as this language writes it."""
        said = self.texts.ngettext(one, many, number)
        return said % {"num": self.number(number), **values}

    def number(self, value: float) -> str:
        """``1.234`` and ``1,234``."""
        if isinstance(value, int):  # a page of results has a hundred; Babel takes 50 µs for each
            grouped = f"{value:,}"
            return grouped.replace(",", ".") if self._german else grouped
        return format_decimal(value, locale=self._locale)

    def decimal(self, value: float, places: int = 3) -> str:
        """``0,812`` and ``0.812``."""
        return format_decimal(value, format=f"0.{'0' * places}", locale=self._locale)

    def percent(self, share: float) -> str:
        """A share of 0–1 as whole per cent, never rounded up to a certainty."""
        if self._german:
            return formats.percent(share)
        return format_percent(min(share, 0.99) if share < 1 else share, locale=self._locale)

    def day(self, at: datetime | date) -> str:
        """``12. März 2026``, ``12 March 2026`` (in Berlin)."""
        if self._german:
            return formats.day(at)
        return format_date(formats.local(at), "d MMMM y", locale=self._locale)

    def short_day(self, at: datetime | date) -> str:
        """``Do., 12. März``, ``Thu 12 Mar`` (in Berlin)."""
        pattern = "EEE, d. MMMM" if self._german else "EEE d MMM"
        return format_date(formats.local(at), pattern, locale=self._locale)

    def clock(self, at: datetime) -> str:
        """``9:05 Uhr``, ``09:05`` (in Berlin)."""
        return formats.clock(at) if self._german else f"{at.astimezone(BERLIN):%H:%M}"

    def moment(self, at: datetime) -> str:
        """``12. März 2026, 9:05 Uhr``, ``12 March 2026, 09:05`` (in Berlin)."""
        return f"{self.day(at)}, {self.clock(at)}"

    def ago(self, at: datetime, now: datetime) -> str:
        """``vor 5 Minuten``, ``5 minutes ago``; ``in 2 Stunden`` for what is to come."""
        seconds = (now - at).total_seconds()
        if self._german and seconds >= 0:
            return formats.ago(at, now)
        if abs(seconds) < 90:
            return self.gettext("gerade eben") if seconds >= 0 else self.gettext("gleich")
        if seconds > 14 * 86400:
            return self.day(at)
        return format_timedelta(at - now, add_direction=True, locale=self._locale)

    def span(self, seconds: float) -> str:
        """``3 Stunden``, ``3 hours``: the largest unit alone."""
        return format_timedelta(seconds, locale=self._locale, threshold=1.5)  # type: ignore[arg-type]

    def bytes(self, size: float) -> str:
        """``1,4 GB`` and ``1.4 GB``, by thousands."""
        units = ["B", "kB", "MB", "GB", "TB"]
        while size >= 1000 and len(units) > 1:
            size /= 1000
            del units[0]
        unit = units[0]
        pattern = "0" if size >= 100 or unit == "B" else "0.0"
        return f"{format_decimal(size, format=pattern, locale=self._locale)}{formats.NBSP}{unit}"

    def month(self, on: date) -> str:
        """``März 2026``, ``March 2026``."""
        return format_date(on, "MMMM y", locale=self._locale)

    def short_month(self, on: date) -> str:
        """``Feb``, ``Feb``; narrow enough for an axis."""
        if self._german:
            return formats.SHORT_MONTHS[on.month - 1]
        return format_date(on, "MMM", locale=self._locale)

    def duration(self, seconds: int) -> str:
        """``1 Std. 5 Min.``, ``1 h 5 min``: the length of a video."""
        german = formats.duration(seconds)
        if self._german:
            return german
        return german.replace("Sek.", "s").replace("Std.", "h").replace("Min.", "min")

    def shown_date(self, iso: str) -> str:
        """A date as the archive writes it, day or Berlin time, in words."""
        if len(iso) == len("2026-03-12"):
            return self.day(date.fromisoformat(iso))
        return self.moment(datetime.fromisoformat(iso))

    def day_heading(self, on: date, today: date) -> str:
        """``Heute``, ``Gestern`` or the day."""
        days = (today - on).days
        if days == 0:
            return self.gettext("Heute")
        return self.gettext("Gestern") if days == 1 else self.day(on)

    def listed(self, words: list[str]) -> str:
        """``a, b und c``, ``a, b and c``."""
        last = self.gettext("und")
        return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)

    def kind(self, kind: str, number: int = 1) -> str:
        """What one item is, or so many, as people call it; an unknown kind comes back as it is."""
        return _kinds(self.texts, number).get(kind, kind)

    def state(self, code: str) -> str:
        """A Land's name; they are names in every language, but for the federation."""
        return self.gettext("Bund") if code == "bund" else STATES.get(code, code)


@cache
def _kinds(texts: gettext.NullTranslations, number: int) -> dict[str, str]:
    names = (
        texts.ngettext("Artikel", "Artikel", number),
        texts.ngettext("Pressemitteilung", "Pressemitteilungen", number),
        texts.ngettext("Interview", "Interviews", number),
        texts.ngettext("Bericht", "Berichte", number),
        texts.ngettext("Studie", "Studien", number),
        texts.ngettext("Video", "Videos", number),
        texts.ngettext("Veranstaltung", "Veranstaltungen", number),
        texts.ngettext("Hinweis", "Hinweise", number),
    )
    return dict(zip(KINDS, names, strict=True))


@cache
def language(code: str) -> Language:
    """The language of that code. Raises :class:`LanguageError` for one the site does not speak."""
    if code not in LANGUAGES:
        raise LanguageError(f"language {code!r}: there are {', '.join(LANGUAGES)}")
    texts = gettext.NullTranslations()
    for path in sorted((FOLDER / code).glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=code)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        part = gettext.GNUTranslations(compiled)
        part.add_fallback(texts)
        texts = part
    return Language(code, texts)


def preferred(accepted: str) -> str:
    """The site's language that a browser likes best (header Accept-Language, RFC 9110 12.5.4)."""
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:20]):
        match = re.fullmatch(
            r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9]{1,8})*\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?", part
        )
        if match and match[1].lower() in LANGUAGES and float(match[2] or 1) > 0:
            wishes.append((-float(match[2] or 1), place, match[1].lower()))
    return min(wishes)[2] if wishes else SOURCE


def install(environment: jinja2.Environment, spoken: Language) -> None:
    """Let templates say ``_()``, ``ngettext()`` and ``{% trans %}`` in this language.

    Values are passed by name and escaped: ``_("Quelle %(name)s", name=source.name)``.
    """
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(spoken.texts, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["language"] = spoken
    for name in (
        "number", "decimal", "percent", "day", "short_day", "clock", "moment", "span", "bytes",
        "listed", "kind", "state", "month", "duration", "shown_date",
    ):  # fmt: skip
        environment.filters[name] = getattr(spoken, name)
