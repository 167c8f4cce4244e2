"""The municipalities and counties of Germany: reading them, and how their names are written."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from store.errors import RadarError

#: A word, with its hyphens: ``Sachsen-Anhalt`` is one token, so ``Sachsen`` is not found in it.
TOKEN = re.compile(r"[^\W\d_][^\W_]*(?:[-’'][^\W_]+)*")
#: Official suffixes are split off at the comma; these words open the part that readers leave out.
_QUALIFIER = re.compile(r"\s+(?:(?:am|an|im|in|bei|auf|ob|unter|vor|von)\s|[abioOuv]\.)|\s*[(/]")
_ABBREVIATED = {
    "a.d.": ("an der ",), "a.": ("am ", "an "), "i.d.": ("in der ",), "i.": ("im ", "in "),
    "b.": ("bei ",), "v.d.": ("vor der ",), "v.": ("von ", "vor "), "OPf.": ("Oberpfalz",),
    "o.d.": ("ob der ",),
}  # fmt: skip


#: Titles in front of a name that readers leave out.
_TITLES = ("Heilbad", "Lutherstadt", "Hansestadt", "Ostseebad", "Ostseeheilbad", "Seebad", "Markt")


class GazetteerError(RadarError):
    """The files of names cannot be used; the message names file, entry and mend."""


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """One municipality or county of ``data/places.csv``; columns: the README beside it."""

    ags: str
    name: str
    land: str
    kind: str
    population: int
    lat: float | None
    lon: float | None

    @property
    def plain_name(self) -> str:
        """The name without official suffix: ``Kiel``, ``Frankfurt (Oder)``."""
        return self.name.split(",")[0].strip()

    @property
    def base_name(self) -> str:
        """The name as readers shorten it: ``Frankfurt``."""
        return _QUALIFIER.split(self.plain_name)[0].strip()


def read_places(path: Path) -> Iterator[PlaceRecord]:
    """The rows of a places file. Raises ``GazetteerError``."""
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                yield PlaceRecord(
                    ags=row["ags"],
                    name=row["name"],
                    land=row["land"],
                    kind=row["kind"],
                    population=int(row["population"]),
                    lat=float(row["lat"]) if row["lat"] else None,
                    lon=float(row["lon"]) if row["lon"] else None,
                )
            except (KeyError, ValueError) as error:
                raise GazetteerError(
                    f"{path.name}, line {number}: {error!r}; mend the line"
                ) from error


def spellings(record: PlaceRecord) -> set[tuple[str, ...]]:
    """The full name in the ways it is written, each as its words (``a.d.`` → ``an der``)."""
    forms = {record.plain_name, re.split(r"\s*/\s*(?=[^/]*[ŚśćźóěłŁČčŠšńř])", record.plain_name)[0]}
    for short, longs in _ABBREVIATED.items():
        for form in list(forms):
            if f" {short}" in form or f"({short}" in form:
                forms |= {form.replace(short, long) for long in longs}
    for form in list(forms):
        # "Frankfurt am Main" is also written "Frankfurt/Main"
        forms.add(re.sub(r"\s(?:am|an der)\s", " ", form))
        if record.kind == "county":
            # "im Märkischen Kreis", "der Mecklenburgischen Seenplatte"
            forms.add(re.sub(r"isch(?:er|e)\b", "ischen", form))
            forms.add(re.sub(r"ischer\b", "ische", form))
            forms.add(re.sub(r"\A(?:Landkreis|Region) ", "", form))
            # "Hochsauerland", "Spree-Neiße-Kreis"
            if (short := re.sub(r"-?[Kk]reis\Z", "", form)) != form and len(short) > 6:
                forms.add(short)
            elif "-" in form:
                forms.add(form + "-Kreis")
    words = {tuple(TOKEN.findall(form)) for form in forms}
    words |= {form[1:] for form in words if len(form) > 1 and form[0] in _TITLES}
    return words | {("Sankt", *form[1:]) for form in words if form[0] == "St" and len(form) > 1}


def demonyms(town: str) -> set[str]:
    """The words for a town's people and their things, formed by rule: ``Köln`` → ``Kölner``."""
    if town.endswith("hausen"):
        words = {town + "er", town[:-6] + "häuser"}
    elif town.endswith("ingen"):
        words = {town[:-2] + "er"}
    elif town.endswith("en"):
        words = {town + "er", town[:-2] + "ner"}
    elif town.endswith("stadt"):
        words = {town + "er", town[:-5] + "städter"}
    else:
        words = {town + ("r" if town.endswith("e") else "er")}
    return words | {word + "innen" for word in words}
