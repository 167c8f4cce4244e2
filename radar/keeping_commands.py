"""The commands that treat kept data: erase, prune, backup, restore, export."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import click

from radar.config import Config
from radar.config_limits import CENTURY_DAYS, SHORTEST_RETENTION
from radar.output import json_option, print_json


@click.command()
@click.argument("which", metavar="URL|ID")
@click.option("--reason", required=True, help="Why; kept in the log, so name no person in it.")
@json_option
@click.pass_obj
def erase(config: Config, which: str, reason: str, as_json: bool) -> None:
    """Erase an item from all three files for good; publish.

    URL is the original's address, ID the last part of its address on the site. Copies of the
    same content go with it, and so do teasers of it on other pages, stored responses and
    exports that hold it. It is refused when it is crawled again, and erased again when a backup
    is restored. Backups made before still hold it.
    """
    from radar import keeping

    erased = keeping.erase(config, which, reason)
    if as_json:
        print_json(asdict(erased))
        return
    click.echo(
        f"{len(erased.items)} items erased ({', '.join(map(str, erased.items))}), traces of them "
        f"on {erased.traces} others"
        if erased.items
        else "It was erased before; nothing of it was left"
    )
    if erased.similar:
        click.echo(
            "Similar items stay, look at them: " + ", ".join(map(str, erased.similar)), err=True
        )
    if erased.responses:
        click.echo(f"{erased.responses} stored responses are deleted", err=True)
    if erased.exports:
        folders = sorted({str(path.parent) for path in erased.exports})
        click.echo(
            f"{len(erased.exports)} files of exports that held it are deleted, export anew: "
            + ", ".join(folders),
            err=True,
        )


@click.command()
@click.option(
    "--days",
    type=click.IntRange(SHORTEST_RETENTION, CENTURY_DAYS),
    help="Instead of retention.days of the configuration.",
)
@json_option
@click.pass_obj
def prune(config: Config, days: int | None, as_json: bool) -> None:
    """Drop the text of old items without a topic.

    They were never public. Only of sources whose news is mostly something else (relevance
    "topic"). The hash stays, so that crawling them again changes nothing. `radar run` does it
    after each round.
    """
    from radar import keeping

    pruned = keeping.prune(replace(config, retention_days=days or config.retention_days))
    if as_json:
        print_json({"pruned": pruned})
    else:
        click.echo(f"{pruned} items lost their text")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--keep", type=click.IntRange(1), default=14, show_default=True, help="Backups kept in DIR."
)
@json_option
@click.pass_obj
def backup(config: Config, folder: Path, keep: int, as_json: bool) -> None:
    """Copy the newsroom into DIR while it is in use.

    The copy is checked, then older ones are deleted. The archive and the index are not copied:
    `radar publish` makes them from the newsroom.
    """
    from radar import keeping

    made = keeping.back_up(config, folder, keep=keep)
    if as_json:
        print_json(asdict(made))
    else:
        click.echo(
            f"{made.path}: {made.items} items, {made.bytes / 1e6:.1f} MB, checked; "
            f"{len(made.deleted)} older ones deleted"
        )


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", type=click.Path(path_type=Path), help="Instead of the newsroom's own place.")
@click.option(
    "--replace",
    "replacing",
    is_flag=True,
    help="Move a newsroom that is there aside. Stop `radar run` first.",
)
@json_option
@click.pass_obj
def restore(config: Config, file: Path, to: Path | None, replacing: bool, as_json: bool) -> None:
    """Put the backup FILE in the newsroom's place.

    Nothing is overwritten. Afterwards `radar publish` makes the public files anew. Erasures
    since then are repeated from the log beside the data and beside the backup.
    """
    from radar import keeping

    done = keeping.restore(config, file, to=to, replace=replacing)
    if as_json:
        print_json(asdict(done))
        return
    click.echo(f"{done.path}: {done.items} items; {done.erased} erased again")
    if not done.checksum:
        click.echo("There was no checksum beside the backup to compare with.", err=True)
    if done.aside:
        click.echo(f"What was there lies in {done.aside}; delete it when all is well.", err=True)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "ndjson", "parquet", "parquet-by-year", "sqlite"]),
    required=True,
    help="One file a table; sqlite: one file; parquet-by-year: a folder a year, for DuckDB.",
)
@json_option
@click.pass_obj
def export(config: Config, folder: Path, format_: str, as_json: bool) -> None:
    """Write the public archive into DIR as dated files."""
    from radar import keeping

    done = keeping.export(config, folder, format=format_)
    if as_json:
        print_json(asdict(done))
    else:
        last = "views" if format_ == "parquet-by-year" else "checksums"
        click.echo(f"{done.rows} rows in {len(done.files) - 1} files; {last}: {done.files[-1]}")


KEEPING = (erase, prune, backup, restore, export)
