"""What an operator does to the kept data: erase, back up, restore, export."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from crawler.urls import canonical_url
from radar import rounds
from radar.config import Config
from radar.crawling import open_newsroom, utc_now
from store import backup, erasure, erasure_log, exports, partitions, removal
from store.copies import forget_copies
from store.errors import RadarError
from store.types import BERLIN


class KeepingError(RadarError):
    """The data could not be treated as asked; the message says what is left to do."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased: item numbers, traces on other items, near-duplicates that stay.

    ``exports``: files that held it and are deleted; ``responses``: stored ones that are.
    """

    items: tuple[int, ...]
    traces: int
    similar: tuple[int, ...]
    exports: tuple[Path, ...]
    responses: int


def erase(config: Config, which: str, reason: str) -> Erasure:
    """Erase an item by number or address from all three files and what was copied; publish.

    What was erased before is only finished, should the first attempt have been interrupted; its
    ``items`` are empty. Raises `StoreError` when no such item is held, `KeepingError` when another
    program reads or writes so long that a file cannot be wiped.
    """
    _check_newsroom(config)
    is_number = which.isdecimal() and len(which) < 19  # SQLite's integers
    wanted = int(which) if is_number else [which, canonical_url(which)]
    with open_newsroom(config) as newsroom:
        if erasure.erased_before(newsroom, wanted) and not erasure.holds(newsroom, wanted):
            erased = erasure.Erased((), 0, ())
        else:
            erased = erasure.erase(newsroom, wanted, reason=reason)
        forgotten = forget_copies(newsroom, removal.waiting(newsroom))
        rounds.publish_all(config, newsroom)
        if erasure.unfinished(newsroom):
            raise KeepingError(
                f"{which} is erased, but another program reads {config.paths_data} all the time or "
                "is crawling, so that free pages or stored responses could not be wiped; run "
                "`radar publish` again when it is done"
            )
    return Erasure(
        erased.items, erased.traces, erased.similar, forgotten.exports, forgotten.responses
    )


def back_up(config: Config, folder: Path, *, keep: int) -> backup.Backup:
    """Copy the newsroom into ``folder``. Raises `BackupError`."""
    return backup.back_up(config.newsroom, folder, keep=keep, now=utc_now)


def restore(config: Config, file: Path, *, to: Path | None, replace: bool) -> backup.Restored:
    """Put a backup in the newsroom's place, or at ``to``. Raises `BackupError`."""
    return backup.restore(
        file,
        to or config.newsroom,
        now=utc_now,
        logs=[erasure_log.log_beside(config.newsroom)],
        replace=replace,
    )


def export(config: Config, folder: Path, *, format: str) -> exports.Exported:
    """Write the public archive into ``folder``, dated by today in Berlin. Raises `ExportError`.

    The newsroom remembers the folder: what is erased later is deleted there, too.
    """
    if config.newsroom.is_file():  # an archive may be all that is there
        with open_newsroom(config) as newsroom:
            newsroom.note_copies("exports", folder)
    day = utc_now().astimezone(BERLIN).date()
    if format == partitions.FORMAT:
        return partitions.export_by_year(config.archive, folder, day=day)
    return exports.export(config.archive, folder, format=format, day=day)


def prune(config: Config) -> int:
    """Drop the text of old items without a topic. Returns how many."""
    _check_newsroom(config)
    with open_newsroom(config) as newsroom:
        return rounds.prune_old(config, newsroom)


def _check_newsroom(config: Config) -> None:
    if not config.newsroom.is_file():
        raise KeepingError(f"{config.newsroom}: there is no newsroom yet; crawl something first")
