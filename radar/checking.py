"""Carries out `radar sources check`: a look at each list, and a verdict on each source."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.catalogue import CatalogueError
from crawler.verdicts import Verdict
from radar import crawling, listing
from radar.config import Config
from radar.probing import probe
from radar.sources_checked import as_dict, as_text, in_trouble, is_offline, judge_all, read_look

__all__ = ["as_dict", "as_text", "check", "in_trouble"]


def check(config: Config, ids: Sequence[str]) -> list[Verdict] | None:
    """Look at the sources (empty: all); None if it was our own line that was down.

    Raises CatalogueError for an unknown id.
    """
    folder = crawling.catalogue_dir(config)
    catalogue = crawling.catalogue(config)
    unknown = sorted(set(ids) - {source.id for source in catalogue})
    if unknown:
        raise CatalogueError(
            f"no source {', '.join(unknown)} in {folder}; `radar sources list` names them all"
        )
    wanted = [source for source in catalogue if not ids or source.id in ids]
    with crawling.open_newsroom(config) as newsroom:
        crawling.load_sources(config, newsroom)
        on_probation = listing.on_probation(newsroom.sources())
    looks = [
        read_look(row)
        for row in probe(
            config,
            "check",
            {"source": ",".join(ids)},
            {"CATALOGUE": folder.resolve(), "OWN_SOURCES": config.own_sources.resolve()},
        )
    ]
    if is_offline(looks):
        return None
    by_id = {look.source_id: look for look in looks}
    return judge_all(wanted, by_id, on_probation, now=crawling.utc_now())
