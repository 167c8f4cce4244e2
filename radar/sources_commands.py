"""The commands below ``radar sources``: the catalogue as an editor works with it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from radar.config import Config
from radar.output import json_option, print_json

IN_TROUBLE = 3


@click.group()
def sources() -> None:
    """The catalogue of sources: list, check, find new ones, exchange with feed readers."""


@sources.command("list")
@click.option("--markdown", is_flag=True, help="Print the page docs/sources.md.")
@json_option
@click.pass_obj
def list_sources(config: Config, markdown: bool, as_json: bool) -> None:
    """Every source of the catalogue with how its last run went."""
    from crawler.catalogue import load_catalogue
    from crawler.catalogue_page import as_markdown
    from radar import crawling, listing

    if markdown and as_json:
        raise click.UsageError("--markdown and --json exclude each other")
    if markdown:
        click.echo(as_markdown(load_catalogue(crawling.catalogue_dir(config))), nl=False)
        return
    with crawling.open_newsroom(config) as newsroom:
        crawling.load_sources(config, newsroom)
        statuses = [status for status in newsroom.sources() if status.active]
    if as_json:
        print_json([listing.as_dict(status) for status in statuses])
    else:
        click.echo(listing.as_table(statuses))


@sources.command(short_help="Fetch and judge sources; say what to set.")
@click.argument("ids", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--items",
    "shown",
    type=click.IntRange(0, 5),
    default=5,
    show_default=True,
    help="Show so many of the newest items of each.",
)
@json_option
@click.pass_obj
def check(config: Config, ids: tuple[str, ...], shown: int, as_json: bool) -> None:
    """Fetch the list of each SOURCE (default: all) once and judge it.

    Says in one line whether it is reachable, readable, dated, fresh, moved or reserved, and how to
    mend it; then how often its fields are filled, and the newest items with date, kind, title and
    address, as the list alone gives them. Changes nothing. Exit code 3 if a source fails; one on
    probation counts only if it is named.
    """
    from radar import checking

    verdicts = checking.check(config, ids)
    if verdicts is None:
        click.echo("No network: no host answered, so no source was judged.", err=True)
        sys.exit(1)
    if as_json:
        print_json([checking.as_dict(verdict) for verdict in verdicts])
    else:
        click.echo(checking.as_text(verdicts, shown))
    if checking.in_trouble(verdicts, ids):
        sys.exit(IN_TROUBLE)


@sources.command(short_help="Find the feeds, sitemaps and lists of a homepage.")
@click.argument("url")
@click.option(
    "--write",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the best offer as a source file into this folder.",
)
@click.option("--id", "source_id", help="The id of the source to write (default: from the host).")
@click.option("--pick", type=click.IntRange(1), help="Write this offer instead of the best.")
@json_option
@click.pass_obj
def discover(
    config: Config,
    url: str,
    folder: Path | None,
    source_id: str | None,
    pick: int | None,
    as_json: bool,
) -> None:
    """Find what the homepage URL offers: feeds, WordPress, sitemaps, pages of news.

    Looks at what the page names, at robots.txt, at its pages of news and at usual addresses,
    politely and only as far as robots.txt allows. Shows five items of each, the best offer first
    and why.
    """
    from crawler.source_files import is_id
    from radar import discovering

    if folder is None and (source_id or pick):
        raise click.UsageError("--id and --pick go with --write DIR")
    if source_id and not is_id(source_id):
        raise click.UsageError(
            f"--id {source_id!r}: an id has lower-case letters a-z, digits and single underscores"
        )
    found = discovering.discover(config, url)
    if as_json:
        print_json(found.as_dict())
    else:
        click.echo(found.as_text())
    if folder is not None:
        path = discovering.write(found, folder, source_id, pick or 1)
        click.echo(f"{path} written; go through its remarks, then: radar sources check", err=True)
    if not found.offers:
        sys.exit(IN_TROUBLE)


@sources.command("import", short_help="Take over the feeds of an OPML file.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--write",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the source files (default: the catalogue).",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be written.")
@json_option
@click.pass_obj
def import_opml(
    config: Config, file: Path, folder: Path | None, dry_run: bool, as_json: bool
) -> None:
    """Write a source file for each feed of the OPML FILE that the catalogue does not have.

    A category that names a Land gives the Land. What OPML does not know is set so that least is
    shown; the sources are on probation until their first success.
    """
    from radar import exchanging

    result = exchanging.import_opml(config, file, folder, dry_run=dry_run)
    if as_json:
        print_json(result.as_dict())
    else:
        click.echo(result.as_text())


@sources.command("export", short_help="Write the catalogue as OPML for feed readers.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.pass_obj
def export_opml(config: Config, file: Path) -> None:
    """Write the catalogue to the OPML FILE (- for standard output), a category a Land.

    Feed readers such as Miniflux and FreshRSS read it; `radar sources import` gets everything
    back. An existing file is replaced. Mail sources are left out.
    """
    from radar import exchanging

    count = exchanging.export_opml(config, file)
    click.echo(f"{count} sources written", err=True)
