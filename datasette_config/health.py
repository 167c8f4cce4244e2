"""How the sources are doing, told to a reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from datasette_config.archive import SourceHealth
from datasette_config.language import Language
from datasette_config.web import N_

#: A status in words, and how much it matters: ``good``, ``wait`` or ``bad``.
STATUSES: Final = {
    "ok": (N_("liefert"), "good"),
    "silent": (N_("verstummt"), "wait"),
    "postponed": (N_("vertagt"), "wait"),
    "offline": (N_("vertagt"), "wait"),
    "never": (N_("noch nicht besucht"), "wait"),
    "retired": (N_("eingestellt"), "wait"),
    "failed": (N_("gestört"), "bad"),
}
_RANK: Final = {"bad": 0, "wait": 1, "good": 2}


@dataclass(frozen=True, slots=True)
class Health:
    """A source with its status in words."""

    source: SourceHealth
    word: str
    tone: str


@dataclass(frozen=True, slots=True)
class Summary:
    """All sources in one sentence and by word."""

    total: int
    delivering: int
    troubled: tuple[Health, ...]
    sentence: str


def health(source: SourceHealth) -> Health:
    """One source; a status that this module does not know is shown by its own name."""
    word, tone = STATUSES.get(source.status, (source.status, "wait"))
    return Health(source, word, tone)


def ordered(sources: Iterable[SourceHealth]) -> list[Health]:
    """The sources in trouble first, then by name."""
    found = [health(source) for source in sources]
    return sorted(found, key=lambda h: (_RANK[h.tone], h.source.name.casefold()))


def summary(sources: Iterable[SourceHealth], spoken: Language) -> Summary:
    """``14 von 16 Quellen liefern.``, and those that do not."""
    found = ordered(sources)
    troubled = tuple(h for h in found if h.tone != "good")
    delivering = len(found) - len(troubled)
    if not found:
        sentence = spoken.gettext("Noch keine Quelle wurde besucht.")
    elif not troubled:
        sentence = spoken.ngettext(
            "Die eine Quelle liefert.", "Alle %(num)s Quellen liefern.", len(found)
        )
    else:
        total = spoken.ngettext("%(num)s Quelle", "%(num)s Quellen", len(found))
        sentence = spoken.ngettext(
            "%(num)s von %(total)s liefert.", "%(num)s von %(total)s liefern.", delivering,
            total=total,
        )  # fmt: skip
    return Summary(len(found), delivering, troubled, sentence)
