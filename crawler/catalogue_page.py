"""Writes the catalogue as one Markdown page, which is docs/sources.md."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from crawler.catalogue import load_catalogue
from crawler.urls import is_home, same_site
from store.types import SOURCE_KINDS, STATES, Source

_INTRODUCTION = """\
# Sources

The catalogue that comes with the project, one file a source in `crawler/sources/`. This page is
made from those files by `python -m crawler.catalogue_page > docs/sources.md`; a test holds it
current.

Each address is one that a public page names: the link under "named by" leads there. "its site" is a
page of the publisher's own; "others" is one elsewhere, such as a list of feeds that somebody keeps
in public; "its home page" is the weakest, for nothing but the site's front page could be found. Of
some lists only a release that lies below the list was found; their files say so in a comment. A
source without a day under "checked" was never fetched by us: it is on probation until its first
success.
"""
#: The heading of the sources that speak for no Land.
_NO_LAND = "Of no Land: press, podcasts, providers"


def as_markdown(sources: Iterable[Source]) -> str:
    """The whole page: how many sources of which kind each Land has, then a table a Land."""
    by_land: dict[str | None, list[Source]] = {land: [] for land in (None, "bund", *STATES)}
    for source in sorted(sources, key=lambda source: source.id):
        by_land[source.land].append(source)
    parts = [_INTRODUCTION, _summary(by_land)]
    for land, members in by_land.items():
        if members:
            parts.append(f"## {_heading(land)}\n\n{_table(members)}")
    return "\n".join(parts)


def _summary(by_land: dict[str | None, list[Source]]) -> str:
    everything = [source for members in by_land.values() for source in members]
    kinds = [kind for kind in SOURCE_KINDS if any(source.kind == kind for source in everything)]
    lines = [_row("", *kinds, "all"), _row("---", *["--:"] * (len(kinds) + 1))]
    for name, members in [(_heading(land), by_land[land]) for land in by_land] + [
        ("**all**", everything)
    ]:
        counts = [sum(source.kind == kind for source in members) for kind in kinds]
        lines.append(_row(name, *(str(count) for count in [*counts, len(members)])))
    return "\n".join(lines) + "\n"


def _table(sources: Sequence[Source]) -> str:
    lines = [
        _row("id", "source", "kind", "shown", "named by", "checked"),
        _row(*["---"] * 6),
    ]
    for source in sources:
        lines.append(
            _row(
                f"`{source.id}`",
                f"[{_text(source.name)}]({_address(source.url)})",
                source.kind,
                source.display,
                f"[{_backing(source)}]({_address(source.reference)})",
                source.checked or "",
            )
        )
    return "\n".join(lines) + "\n"


def _backing(source: Source) -> str:
    if not same_site(source.reference, source.homepage):
        return "others"
    return "its home page" if is_home(source.reference) else "its site"


def _heading(land: str | None) -> str:
    return STATES[land] if land else _NO_LAND


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _text(text: str) -> str:
    for mark in "\\|[]*_`<":
        text = text.replace(mark, "\\" + mark)
    return text


def _address(url: str) -> str:
    # what would end the link or the table's cell
    for mark, escape in ((" ", "%20"), ("(", "%28"), (")", "%29"), ("|", "%7C")):
        url = url.replace(mark, escape)
    return url


if __name__ == "__main__":
    sys.stdout.write(as_markdown(load_catalogue()))
