"""The command that brings the register of places up to date: places update."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from radar.output import json_option, print_json
from store.errors import RadarError

#: Lines shown of each kind of change.
_SHOWN = 20


class ReleaseError(RadarError):
    """A file that cannot be read as a release of the register; the message says what to give."""


@click.group()
def places() -> None:
    """The register of municipalities and counties."""


@places.command("update", short_help="Take over a newer release of the official register.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@json_option
def update_places(file: Path, dry_run: bool, as_json: bool) -> None:
    """Take over FILE, the text file of a GV100AD release of the Federal Statistical Office.

    Writes the package's places.csv and says what changed. The next `radar tag` trains the
    classifier anew, as after every change of its data.
    """
    from classifier.models import write_whole
    from classifier.names import DATA
    from classifier.places import GazetteerError, read_places
    from classifier.places_update import as_csv, read_release, update

    target = DATA / "places.csv"
    try:
        release = read_release(file.read_bytes())
    except OSError as error:
        raise ReleaseError(f"{file}: cannot be read: {error.strerror}") from error
    except GazetteerError as error:
        raise ReleaseError(f"{file}: {error}") from error
    found, changes = update(read_places(target), release)
    if not dry_run:
        write_whole(target, as_csv(found).encode())
    if as_json:
        print_json({"day": release.day, "places": len(found), **asdict(changes)})
        return
    click.echo(f"register of {release.day}: {len(found)} places")
    for title, lines in (
        ("renamed", [f"{ags} {was} → {now}" for ags, was, now in changes.renamed]),
        ("other key", [f"{was} → {now} {name}" for was, now, name in changes.moved]),
        ("new", [f"{ags} {name}" for ags, name in changes.new]),
        (
            "gone",
            [
                f"{ags} {name}" + (f" (merged into {into})" if into else "")
                for ags, name, into in changes.gone
            ],
        ),
    ):
        click.echo(f"{title}: {len(lines)}")
        for line in lines[:_SHOWN]:
            click.echo(f"  {line}")
        if len(lines) > _SHOWN:
            click.echo(f"  … and {len(lines) - _SHOWN} more; --json lists them all")
    old, new = changes.inhabitants
    click.echo(f"inhabitants: {changes.population} municipalities differ; {old:,} → {new:,} in all")
    if not dry_run:
        click.echo(f"written to {target}; name the release in {target.with_name('README.md')}")
