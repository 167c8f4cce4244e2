"""The commands that read what others, or we, have fetched before: web archives and responses."""

from __future__ import annotations

import math
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from radar.config import Config
from radar.output import json_option, print_json
from store.types import BERLIN

#: Exit code: done, but some archives were left out (as a round with sources in trouble).
_IN_TROUBLE = 3
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(short_help="Read web archives (WARC) into the newsroom.")
@click.argument("archives", nargs=-1, required=True, metavar="PATH|GLOB|URL|LIST...")
@click.option("--cluster", metavar="tcp://…", help="Dask scheduler to work on (extra `dask`).")
@click.option(
    "--hosts",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Lines of a host (or * for all others) and the source its pages go to.",
)
@click.option("--since", type=_DAY, help="Only what was published on this day or later.")
@click.option("--until", type=_DAY, help="Only what was published before this day.")
@click.option("--limit", type=click.IntRange(1), help="Stop after the archive with this item.")
@click.option("--workers", type=click.IntRange(1), help="Processes (default: one a core).")
@click.option(
    "--part-hours",
    type=click.FloatRange(0, min_open=True),
    default=2.0,
    show_default=True,
    help="An archive that takes longer is left out.",
)
@click.option("--everything", is_flag=True, help="Also pages that seem to have no topic.")
@click.option("--retry", is_flag=True, help="Try archives again that were left out.")
@click.option("--dry-run", is_flag=True, help="Read a sample, say what the whole would take.")
@json_option
@click.pass_obj
def backfill(
    config: Config,
    archives: tuple[str, ...],
    cluster: str | None,
    hosts: Path | None,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    workers: int | None,
    part_hours: float,
    everything: bool,
    retry: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Read web archives into the newsroom: WARC files, patterns, addresses, lists of them.

    Pages of the catalogue's hosts go to their sources, others where --hosts says; pages of sources
    that keep only items with a topic are looked at briefly first. An archive that was read is
    never read again, a command that was broken off goes on. Then `radar tag` and `radar publish`.

    \b
      radar backfill 'archive/*.warc.gz' --dry-run
      radar backfill warc.paths.gz --hosts hosts.txt --since 2016-01-01
    """
    from radar import backfill_run as running
    from radar import crawling, learning
    from radar.backfill import Options
    from radar.backfill_hosts import hosts_of
    from radar.backfill_manifest import Manifest
    from radar.backfill_parts import parts_of
    from radar.backfill_pool import prepare, run_here
    from radar.backfill_relevance import Relevance
    from radar.progress import say

    if since is not None and until is not None and since >= until:
        raise click.UsageError("--since must be before --until")
    if not math.isfinite(part_hours):
        raise click.UsageError("--part-hours must be a number of hours")
    parts = parts_of(archives)
    cores = workers or len(os.sched_getaffinity(0))
    if not cluster:
        prepare()
    with crawling.open_newsroom(config) as newsroom:
        crawling.load_sources(config, newsroom)
        relevance = None
        if not everything:
            model = learning.model_in_force(config, newsroom, crawling.utc_now)
            relevance = Relevance.of(model)
        options = Options(
            hosts=hosts_of(crawling.catalogue(config), hosts),
            relevance=relevance,
            since=_begin(since),
            until=_begin(until),
            part_s=part_hours * 3600,
        )
        if dry_run:
            told = running.estimate(parts, options, cores)
            print_json(asdict(told)) if as_json else click.echo(_estimate_text(told))
            return
        run: running.Run = partial(run_here, workers=cores)
        if cluster:
            from radar.backfill_cluster import run_there

            run = partial(run_there, address=cluster, tell=say)
        manifest = Manifest.of(config.paths_data / "backfill", options)
        if retry:
            manifest.forget(lambda result: result.failed is not None)
        report = running.backfill(
            newsroom,
            parts,
            options,
            manifest,
            run,
            limit=limit,
            on_progress=lambda progress: say(progress.as_text()),
        )
    if as_json:
        print_json(asdict(report))
    else:
        click.echo(
            f"{report.read} archives read, {report.done_before} were done before; "
            f"{report.records:,} records{_told(report.counts)}; "
            f"newsroom: {_listed(report.stored) or 'nothing'}"
        )
        if report.again:
            say(f"  {report.again} times something was tried again")
        for line in report.troubles:
            say(f"  {line}")
    for location, reason in report.quarantined.items():
        say(f"  left out: {location}: {reason} (--retry tries again)")
    if report.quarantined:
        sys.exit(_IN_TROUBLE)


@click.command(short_help="Read stored responses again after a page class improved.")
@click.argument("run", required=False, type=click.IntRange(1, 2**63 - 1))
@click.option("--since", type=_DAY, help="Instead of RUN: what was fetched on this day or later.")
@click.option("--write", is_flag=True, help="Save what changed; what was there becomes a version.")
@json_option
@click.pass_obj
def replay(
    config: Config, run: int | None, since: datetime | None, write: bool, as_json: bool
) -> None:
    """Read the stored responses of RUN again; show field by field what would change.

    Responses are kept where [crawl] keep_responses_days says so. Nothing is written without
    --write. Afterwards `radar tag` and `radar publish`.
    """
    from radar import crawling, replaying
    from radar.progress import say

    if (run is None) == (since is None):
        raise click.UsageError("name either a RUN or --since")
    changed = lost = 0
    with crawling.open_newsroom(config) as newsroom:
        # a page class that a source's file names since the crawl counts
        crawling.load_sources(config, newsroom)
        begin, end = _begin(since) or crawling.utc_now(), crawling.utc_now()
        source_id = None
        if run is not None:
            begin, end, source_id = replaying.span_of_run(newsroom, run)
        found = replaying.replay(
            newsroom,
            config.paths_data / "responses",
            begin=begin,
            end=end,
            source_id=source_id,
            write=write,
        )
        for path in found.damaged:
            say(f"  {path}: damaged, or cut off by a kill; read as far as that")
        for change in found.changes:
            changed += change.lost is None
            lost += change.lost is not None
            print_json(replaying.as_dict(change)) if as_json else click.echo(
                replaying.as_text(change)
            )
    if found.items == 0:
        say("  no response of that span is stored that is as new as the item read from it")
    if not as_json:
        click.echo(
            f"{found.items} items read again: "
            f"{changed} {'changed' if write else 'would change (--write saves them)'}; "
            f"{lost} can no longer be read and stay as they are"
        )


def _begin(day: datetime | None) -> datetime | None:
    """Midnight in Berlin, as UTC."""
    return None if day is None else day.replace(tzinfo=BERLIN).astimezone(UTC)


def _told(counts: dict[str, int]) -> str:
    return f": {_listed(counts)}" if counts else ""


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in counts.items())


def _estimate_text(told: object) -> str:
    from radar.backfill_run import Estimate, span

    assert isinstance(told, Estimate)
    lines = [
        f"Sample: {told.sampled_records:,} records of {told.sampled} of {told.archives} archives: "
        + _listed(told.counts)
    ]
    lines += [f"  cannot be read: {name}: {reason}" for name, reason in told.failed.items()]
    if told.bytes is None or told.records is None:
        return "\n".join([*lines, "How large the whole is, no server says."])
    lines.append(
        f"The whole: {_size(told.bytes)}, {told.records:,} records, {told.items:,} items, "
        f"{span((told.cpu_hours or 0) * 3600)} of processor time ({span((told.hours or 0) * 3600)} "
        f"here), the newsroom grows by {_size(told.newsroom_bytes or 0)}. Nothing was stored."
    )
    return "\n".join(lines)


def _size(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"
