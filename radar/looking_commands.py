"""The commands that only look: search the archive, parse a saved file, tag the items of a file."""

from __future__ import annotations

import json
from pathlib import Path

import click

from radar.config import Config
from radar.output import json_option, print_json


@click.command()
@click.argument("query")
@click.option("--topic", "topics", multiple=True, help="Only this topic id (repeatable).")
@click.option("--state", "states", multiple=True, help="Only this Land, e.g. DE-NW, or bund.")
@click.option("--order", type=click.Choice(["date", "relevance"]), default="date")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
@click.pass_obj
def search(
    config: Config,
    query: str,
    topics: tuple[str, ...],
    states: tuple[str, ...],
    order: str,
    limit: int,
    as_json: bool,
) -> None:
    """Search the public archive, newest first."""
    from radar import searching

    results = searching.find(config, query, topics=topics, states=states, order=order, limit=limit)
    if as_json:
        print_json(searching.as_dict(results))
    else:
        click.echo(searching.as_text(results))


@click.command(short_help="Show what the extractor sees in a file; stores nothing.")
@click.argument("what", type=click.Choice(["page", "feed", "sitemap", "mail"]))
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--url", help="The address the file came from (needed for links and page class).")
@click.option("--source", help="Read a page with the page class of this source.")
@click.option(
    "--list",
    "listing",
    type=click.Path(path_type=Path),
    help='JSON Lines of {"file", "url"} (.gz too); prints one JSON line each, in order.',
)
@json_option
@click.pass_obj
def parse(
    config: Config,
    what: str,
    file: Path | None,
    url: str | None,
    source: str | None,
    listing: Path | None,
    as_json: bool,
) -> None:
    """Show what the extractor sees in a page, feed, sitemap or letter, without storing it.

    A page may be a PDF. A letter (an .eml file) needs no --url.
    """
    from radar import crawling, inspection

    if (file is None) == (listing is None):
        raise click.UsageError("name either FILE with --url, or --list FILE.jsonl")
    if what == "mail":
        url = url or inspection.NO_ADDRESS
    elif url:
        inspection.check_address(url)
    if source and what != "page":
        raise click.UsageError("--source goes with page: it names the page class")
    if file is not None and not url:
        raise click.UsageError("--url is missing: the address that the file came from")
    parser = inspection.parser_for(
        what, now=crawling.utc_now(), page=crawling.page_of(config, source) if source else None
    )
    if file is not None and url:
        seen = inspection.inspect_file(file, url, parser)
        click.echo(json.dumps(seen, ensure_ascii=False, indent=None if as_json else 2))
    if listing is not None:
        failed = 0
        for seen in inspection.inspect_list(listing, parser):
            failed += "error" in seen
            print_json(seen)
        if failed:
            raise inspection.InspectionError(f"{failed} files could not be read, see their lines")


@click.command(short_help="Tag the items of a JSON Lines file; stores nothing.")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.pass_obj
def classify(config: Config, file: Path) -> None:
    """Tag the items of FILE (JSON Lines, - for standard input) without storing them.

    Lines hold any of: id url publisher_land kicker title teaser summary body. For each one JSON
    line comes out: id, topics and states with scores (only what would be tagged), review (a
    person should look) and candidates (what came close).
    """
    from radar import classifying

    for result in classifying.classify_file(config, file):
        print_json(result)


LOOKING = (search, parse, classify)
