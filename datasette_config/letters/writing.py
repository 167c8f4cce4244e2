"""How letters read, plain and as HTML: pure, from what is to be said to subject and bodies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from textwrap import fill
from typing import Final

import jinja2

from datasette_config.archive import Row
from datasette_config.language import Language, install, language
from datasette_config.site import HERE

#: Columns of the plain text (RFC 5322 2.1.1 wants no more than 78).
WIDTH: Final = 72


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under one topic and Land; either may be empty."""

    topic: str
    land: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest says."""

    #: the search in words
    search: str
    #: ``instant``, ``daily`` or ``weekly``
    rhythm: str
    sections: Sequence[Section]
    #: all that is new, shown or not
    total: int
    #: the site's address without a slash at the end
    site: str
    #: the search, and the end of the subscription
    search_url: str
    end_url: str

    @property
    def shown(self) -> int:
        """How many entries stand in it."""
        return sum(len(section.rows) for section in self.sections)


@dataclass(frozen=True, slots=True)
class Written:
    """A letter's words."""

    subject: str
    text: str
    html: str


def rhythms(spoken: Language) -> dict[str, str]:
    """What each rhythm is called."""
    _ = spoken.gettext
    return {"instant": _("sofort"), "daily": _("täglich"), "weekly": _("wöchentlich")}


def write_digest(digest: Digest, spoken: Language) -> Written:
    """A digest in a language."""
    _ = spoken.gettext
    new = spoken.ngettext("%(num)s neuer Eintrag", "%(num)s neue Einträge", digest.total)
    subject = f"{new}: {digest.search}"
    lines = [_wrapped(digest.search), new, ""]
    topic = None
    for section in digest.sections:
        if section.topic != topic:
            topic = section.topic
            heading = topic or _("Ohne Thema")
            lines += ["", heading, "=" * len(heading)]
        if section.land:
            lines += ["", section.land, "-" * len(section.land)]
        for row in section.rows:
            lines += ["", _wrapped(_title(row)), _wrapped(_origin(row, spoken), "  ")]
            if row.teaser:
                lines.append(_wrapped(row.teaser, "  "))
            lines.append(f"  {row.url}")
    if digest.total > digest.shown:
        more = digest.total - digest.shown
        told = spoken.ngettext("und ein weiterer", "und %(num)s weitere", more)
        lines += ["", f"{told}: {digest.search_url}"]
    lines += [
        "", "-- ",
        _wrapped(
            _("Sie bekommen diesen Brief (%(rhythm)s), weil Sie ihn bestellt und das bestätigt "
              "haben.", rhythm=rhythms(spoken)[digest.rhythm])
        ),
        _("Suche ansehen: %(url)s", url=digest.search_url),
        _("Abbestellen: %(url)s", url=digest.end_url),
    ]  # fmt: skip
    html = _templates(spoken.code).get_template("digest.html").render(
        digest=digest, new=new, title=_title, origin=lambda row: _origin(row, spoken),
        rhythm=rhythms(spoken)[digest.rhythm], subject=subject,
    )  # fmt: skip
    return Written(subject, "\n".join(lines) + "\n", html)


def write_confirmation(search: str, rhythm: str, url: str, spoken: Language) -> Written:
    """The letter that asks whether an address really wants to be told."""
    _ = spoken.gettext
    subject = _("Bitte bestätigen: Neues von Kommunalradar")
    said = [
        _("jemand, vermutlich Sie, möchte an diese Adresse Neues aus dem Archiv Kommunalradar "
          "bekommen:"),
        f"{search} ({rhythms(spoken)[rhythm]})",
        _("Wenn Sie das möchten, bestätigen Sie es bitte innerhalb von zwei Tagen hier:"),
        _("Wenn nicht, brauchen Sie nichts zu tun: Es kommt kein weiterer Brief, und die Adresse "
          "wird nach zwei Tagen gelöscht."),
    ]  # fmt: skip
    hello = _("Guten Tag,")
    text = "\n\n".join([hello, *(_wrapped(part) for part in said[:3]), url, _wrapped(said[3])])
    html = _templates(spoken.code).get_template("confirmation.html").render(
        hello=hello, said=said, url=url, subject=subject
    )  # fmt: skip
    return Written(subject, text + "\n", html)


def _title(row: Row) -> str:
    return f"{row.kicker}: {row.title}" if row.kicker else row.title


def _origin(row: Row, spoken: Language) -> str:
    parts = [row.source, spoken.kind(row.kind)]
    if row.published_at is not None:
        parts.append(spoken.day(row.published_at))
    return " · ".join(parts)


def _wrapped(text: str, indent: str = "") -> str:
    return fill(
        " ".join(text.split()), WIDTH, initial_indent=indent, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


@cache
def _templates(code: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates" / "letters"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    install(environment, language(code))
    return environment
