"""Carries out `radar sources import` and `export`: OPML files to source files and back."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.catalogue import CatalogueError, load_catalogue
from crawler.opml import OpmlError, as_opml, read_opml
from crawler.source_files import write_source
from radar.config import Config
from radar.crawling import catalogue, catalogue_dir, utc_now
from radar.sources_found import REMARKS
from store.types import Source


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import."""

    folder: Path
    written: list[Source]
    skipped: list[str]
    dry_run: bool

    def as_text(self) -> str:
        """For people: what was written, what was left out and why."""
        verb = "would be written" if self.dry_run else "written"
        lines = [f"{source.id}.toml: {source.name} <{source.url}>" for source in self.written]
        lines += [f"left out: {reason}" for reason in self.skipped]
        return "\n".join(
            [*lines, f"{len(self.written)} sources {verb} to {self.folder}; "
             f"{len(self.skipped)} left out"]
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "folder": str(self.folder),
            "written": [{"id": s.id, "name": s.name, "url": s.url} for s in self.written],
            "skipped": self.skipped,
            "dry_run": self.dry_run,
        }


def import_opml(config: Config, file: Path, folder: Path | None, *, dry_run: bool) -> Imported:
    """Write the OPML file's new feeds as source files. Raises OpmlError, CatalogueError."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise OpmlError(f"{file}: cannot be read: {error.strerror}") from error
    target = folder or catalogue_dir(config)
    known = _known(config, target)
    try:
        found = read_opml(data, known=known)
    except OpmlError as error:
        raise OpmlError(f"{file}: {error}") from error
    written: list[Source] = []
    skipped = list(found.skipped)
    for source in found.sources:
        try:
            if not dry_run:
                write_source(target, source, REMARKS if _is_guessed(source) else None)
        except CatalogueError as error:
            skipped.append(str(error))
            continue
        written.append(source)
    return Imported(target, written, skipped, dry_run)


def _known(config: Config, target: Path) -> list[Source]:
    """The sources beside which those of a folder will be read, if it is one that is read at all."""
    ours = (catalogue_dir(config), config.own_sources)
    together = target.resolve() in [folder.resolve() for folder in ours]
    folders = [folder for folder in (ours if together else (target,)) if any(folder.glob("*.toml"))]
    # a file of the own folder stands for the catalogue's of the same name
    return list({one.id: one for folder in folders for one in load_catalogue(folder)}.values())


def _is_guessed(source: Source) -> bool:
    """Whether the file said nothing of how the source may be shown."""
    return (source.licence, source.display, source.relevance) == ("press", "headline", "topic")


def export_opml(config: Config, file: Path) -> int:
    """Write the catalogue as OPML; how many sources. Raises OpmlError, CatalogueError."""
    listed = [source for source in catalogue(config) if source.kind != "mail"]
    data = as_opml(listed, now=utc_now())
    try:
        if str(file) == "-":
            sys.stdout.buffer.write(data)
        else:
            file.write_bytes(data)
    except OSError as error:
        raise OpmlError(f"{file}: cannot be written: {error.strerror}") from error
    return len(listed)
