"""The filters of a search as lists to choose from, each value with what choosing it would find."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from datasette_config.addresses import FILTERS, Address
from datasette_config.archive import Archive
from datasette_config.language import Language
from datasette_config.listing import query_of
from datasette_config.site import Site
from datasette_config.wording import TITLES, Names
from store.search import Results

#: Values of a filter shown at once, those that fold away, and no more: a page has its limits, and
#: whoever looks for one of three hundred sources finds it on the page of sources.
SHOWN: Final = 7
MOST: Final = 24
#: The search engine's facet of each filter; rights follow from the sources.
FACETS: Final = {
    "topics": "topic",
    "states": "state",
    "towns": "town",
    "sources": "source",
    "kinds": "kind",
    "licences": "source",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter. ``count``: entries, if it were chosen beside the other filters."""

    value: str
    label: str
    count: int
    active: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter with its values: the chosen first, then by count."""

    name: str
    title: str
    choices: tuple[Choice, ...]

    @property
    def shown(self) -> tuple[Choice, ...]:
        """What stands there at once; everything, if only one or two would fold away."""
        return self.choices if len(self.choices) <= SHOWN + 2 else self.choices[: self._fold]

    @property
    def folded(self) -> tuple[Choice, ...]:
        """What folds away."""
        return self.choices[len(self.shown) :]

    @property
    def _fold(self) -> int:
        return max(SHOWN, sum(choice.active for choice in self.choices))


def filters(
    site: Site, address: Address, results: Results, names: Names, spoken: Language
) -> tuple[Filter, ...]:
    """Every filter. Values of one filter add up, so each is counted as if it alone were not set."""
    archive = site.archive()
    made: list[Filter] = []
    for name, field in FILTERS.items():
        active: tuple[str, ...] = getattr(address, field)
        facets = results.facets
        if active:
            others = query_of(address.without(field), archive, limit=0)
            facets = site.search.run(others).facets
        counts = _counts(facets, field, archive)
        chosen = sorted(
            {*(value for value, count in counts.items() if count), *active},
            key=lambda value: (value not in active, -counts.get(value, 0), value),
        )[: max(MOST, len(active))]
        labels = dict(names[field])
        if field == "towns":
            labels |= {ags: town.name for ags, town in archive.towns(chosen).items()}
        made.append(
            Filter(
                name,
                spoken.gettext(TITLES[field]),
                tuple(
                    Choice(value, labels.get(value, value), counts.get(value, 0), value in active)
                    for value in chosen
                ),
            )
        )
    return tuple(made)


def _counts(
    facets: dict[str, tuple[tuple[str, int], ...]], field: str, archive: Archive
) -> dict[str, int]:
    found = dict(facets[FACETS[field]])
    if field != "licences":
        return found
    licence_of = {source.id: source.licence for source in archive.sources().values()}
    counted: Counter[str] = Counter()
    for source, count in found.items():
        if source in licence_of:
            counted[licence_of[source]] += count
    return dict(counted)


def periods(address: Address, today: date, spoken: Language) -> list[tuple[str, str, bool]]:
    """Spans to choose from: (name, address of the search in it, whether it is chosen)."""
    spans = (
        (spoken.gettext("letzte 7 Tage"), 7),
        (spoken.gettext("letzte 30 Tage"), 30),
        (spoken.gettext("letzte 12 Monate"), 365),
    )
    found = []
    for label, days in spans:
        since = today - timedelta(days=days - 1)
        active = address.since == since and address.until is None
        found.append((label, address.in_period(since, None).url(), active))
    return found
