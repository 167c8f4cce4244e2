"""The command that brings the register of places up to date: places update."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from radar.output import json_option, print_json
from store.errors import RadarError

_DATED = """# The day of the register that places.csv holds; `radar places update` writes it.
register = {}
"""
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
@click.option("--older", is_flag=True, help="Take FILE although a newer release is in force.")
@json_option
def update_places(file: Path, dry_run: bool, older: bool, as_json: bool) -> None:
    """Take over FILE, the text file of a GV100AD release of the Federal Statistical Office.

    Writes the package's places.csv and the release's day into places.toml beside it, and says
    what changed. The next `radar tag` trains the classifier anew, as after every change of its
    data.
    """
    from classifier.models import write_whole
    from classifier.names import DATA
    from classifier.places import GazetteerError, read_places
    from classifier.places_update import as_csv, read_release, update

    target, dated = DATA / "places.csv", DATA / "places.toml"
    try:
        release = read_release(file.read_bytes())
    except OSError as error:
        raise ReleaseError(f"{file}: cannot be read: {error.strerror}") from error
    except GazetteerError as error:
        raise ReleaseError(f"{file}: {error}") from error
    in_force = tomllib.loads(dated.read_text(encoding="utf-8"))["register"]
    if date.fromisoformat(release.day) < in_force and not older:
        raise ReleaseError(
            f"{file}: the register of {release.day}, where that of {in_force} is in force; give a "
            "newer release, or --older to go back"
        )
    found, changes = update(read_places(target), release)
    if not dry_run:
        write_whole(target, as_csv(found).encode())
        write_whole(dated, _DATED.format(release.day).encode())
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
