"""The command that makes the dated files of the archive."""

from __future__ import annotations

from dataclasses import asdict

import click

from radar.config import Config
from radar.output import json_option, print_json


@click.command(short_help="Make the archive's dated files that the site offers.")
@json_option
@click.pass_obj
def dumps(config: Config, as_json: bool) -> None:
    """Write the public archive as dated CSV, Parquet and SQLite files with checksums.

    They go to dumps.folder, where the site offers them under /daten; the newest dumps.keep days
    stay. `radar run` does the same every dumps.days days.
    """
    from radar import dumps as making

    made = making.dump(config)
    if as_json:
        print_json(asdict(made))
        return
    click.echo(f"{made.folder}: {made.rows} rows as {', '.join(made.formats)}")
    if made.dropped:
        click.echo(f"{len(made.dropped)} files of older days are dropped.")
