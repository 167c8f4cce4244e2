"""The command ``radar``: one function a command, no logic of its own.

Exit codes: 0 done; 1 it could not be done (the reason stands on stderr in one line); 2 wrong
use of the command; 3 done, but at least one source is in trouble.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType

import click

from radar.alerts_commands import alerts, hooks
from radar.backfill_commands import backfill, replay
from radar.config import Config, load_config
from radar.dumps_commands import dumps
from radar.keeping_commands import KEEPING
from radar.looking_commands import LOOKING
from radar.model_commands import MODEL_COMMANDS
from radar.output import json_option, print_json
from radar.places_commands import places
from radar.sources_commands import sources
from radar.users_commands import users
from store.errors import RadarError

IN_TROUBLE = 3


class _Group(click.Group):
    """Lists the commands in the order of the work, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration file (default: radar.toml in this folder, if there is one).",
)
@click.version_option(package_name="kommunalradar")
@click.pass_context
def radar(ctx: click.Context, config_file: Path | None) -> None:
    """News on the digitalisation of German towns and counties: collected, tagged, searchable.

    A round has three stages, each of which can be run by itself and repeated without harm:

    \b
      radar crawl      ask the sources for news, keep every version
      radar tag        give new items their topics and Länder
      radar publish    bring the public archive and its search up to date

    `radar run` does all three on schedule and serves the site; `radar demo` shows everything
    with an invented press and needs no network. Data is kept in the folder `data`, settings
    in radar.toml. Commands with --json print JSON on standard output and everything meant for
    people on standard error.

    Exit codes: 0 done, 1 could not be done, 2 wrong use, 3 done but a source is in trouble.
    """
    ctx.obj = load_config(config_file, os.environ)
    # What is said on standard error is formed where no configuration is at hand.
    os.environ["RADAR_LOG_FORMAT"] = ctx.obj.log_format
    if ctx.obj.log_format == "json":
        from radar import logs

        logs.log_json()


# --- the demo and the live service ---------------------------------------------------------


@radar.command(short_help="Crawl the bundled sample press, tag, publish, serve.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("demo-data"),
    show_default=True,
    help="Folder for the demo's databases; an earlier demo in it is replaced.",
)
@click.option("--host", help="Address to serve on (default: 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to serve on (default: 8001).")
@click.option("--serve/--no-serve", default=True, help="Serve the site afterwards.")
@json_option
@click.pass_obj
def demo(
    config: Config, data: Path, host: str | None, port: int | None, serve: bool, as_json: bool
) -> None:
    """Crawl the bundled sample press twice, tag, publish and serve it.

    Every text of the sample press is invented. Nothing leaves this machine.
    """
    from radar import demo as demonstration
    from radar import serve as site

    config = replace(
        config,
        paths_data=data,
        site_host=host or config.site_host,
        site_port=port or config.site_port,
    )
    if serve:
        site.check_port(config.site_host, config.site_port)
    with demonstration.claimed(data):
        report = demonstration.build(config)
        if as_json:
            print_json(report.as_dict())
        else:
            click.echo(demonstration.summary(report))
        if serve:
            password = demonstration.add_editor(config)
            click.echo(
                f"The editors' desk: http://{config.site_host}:{config.site_port}/desk\n"
                f"  name {demonstration.EDITOR}, password {password} (for this demo alone)",
                err=as_json,
            )
            _serve(config, demonstration.BANNER)


@radar.command(short_help="Rounds over the live catalogue on schedule, and the site.")
@click.option("--host", help="Address to serve on (default: site.host of the configuration).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to serve on.")
@click.pass_obj
def run(config: Config, host: str | None, port: int | None) -> None:
    """Run rounds over the live catalogue on schedule, and serve the site, until stopped."""
    from radar import crawling, rounds, scheduler
    from radar import serve as site

    config = replace(config, site_host=host or config.site_host, site_port=port or config.site_port)
    site.check_port(config.site_host, config.site_port)
    with crawling.open_newsroom(config) as newsroom:
        crawling.load_sources(config, newsroom)
        rounds.publish_all(config, newsroom)
    stop = _stopped_by_signals()
    with site.site_process(config, stop):
        scheduler.run(config, stop, crawling.utc_now)


@radar.command(short_help="The rounds alone, without the site.")
@click.option("--explain", "explained", metavar="SOURCE", help="Say when SOURCE is due, and why.")
@click.option("--cluster", metavar="tcp://…", help="Dask scheduler to crawl on (extra `dask`).")
@json_option
@click.pass_obj
def schedule(config: Config, explained: str | None, cluster: str | None, as_json: bool) -> None:
    """Run rounds over the live catalogue on schedule, and the desk's jobs, until stopped."""
    from radar import crawling, fleet, planning, scheduler

    if explained:
        told = planning.explain(config, explained)
        if as_json:
            print_json(planning.as_dict(told))
        else:
            click.echo(planning.as_text(told))
        return
    crawl_them = fleet.crawl_on(cluster)
    scheduler.run(config, _stopped_by_signals(), crawling.utc_now, crawl_them)


@radar.command(hidden=True)
@click.argument("number", type=int)
@click.option("--owner", required=True)
@click.option("--until-stdin-ends", is_flag=True)
@click.pass_obj
def job(config: Config, number: int, owner: str, until_stdin_ends: bool) -> None:
    """Carry out the job NUMBER, which OWNER has claimed (what `radar schedule` starts)."""
    from crawler.orphans import end_with_stdin
    from radar import jobs

    if until_stdin_ends:
        end_with_stdin()
    if not jobs.carry_out(config, number, owner):
        sys.exit(1)


def _stopped_by_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop


# --- the stages of a round -----------------------------------------------------------------


@radar.command(short_help="Ask sources for news and store it.")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--cluster", metavar="tcp://…", help="Dask scheduler to crawl on (extra `dask`).")
@json_option
@click.pass_obj
def crawl(config: Config, sources: tuple[str, ...], cluster: str | None, as_json: bool) -> None:
    """Ask SOURCEs (ids of the catalogue; default: all) for news and store it.

    A source that was never fetched with success is on probation: its failures are listed apart,
    and exit code 3 only tells of them if it is named.
    """
    from radar import crawling, fleet, listing
    from radar.progress import TROUBLE, crawl_bar, report_crawl

    with crawling.open_newsroom(config) as newsroom:
        known = crawling.load_sources(config, newsroom)
    for source in sources:
        if source not in known:
            raise click.UsageError(
                f"no source {source!r} in {crawling.catalogue_dir(config)}; "
                "`radar sources list` names them all"
            )
    wanted = list(sources) or known
    with crawl_bar("Crawl", len(wanted)) as on_event:
        outcomes = fleet.crawl_on(cluster)(config, wanted, on_event)
    with crawling.open_newsroom(config) as newsroom:
        on_probation = listing.on_probation(newsroom.sources()) - set(sources)
    report_crawl(outcomes, on_probation)
    if as_json:
        print_json([{"source": o.source_id, **asdict(o.result)} for o in outcomes])
    troubled = {o.source_id for o in outcomes if o.result.status in TROUBLE}
    if troubled - on_probation:
        sys.exit(IN_TROUBLE)
    if any(outcome.result.status == "offline" for outcome in outcomes):
        sys.exit(1)


@radar.command(short_help="Give topics and Länder to new items.")
@click.option("--all", "everything", is_flag=True, help="Also items it has tagged before.")
@json_option
@click.pass_obj
def tag(config: Config, everything: bool, as_json: bool) -> None:
    """Give topics and Länder to items that the model in force has not seen."""
    from radar import crawling, learning, rounds

    with crawling.open_newsroom(config) as newsroom:
        model = learning.model_in_force(config, newsroom, crawling.utc_now)
        tagged = rounds.tag(newsroom, model, everything=everything)
    if as_json:
        print_json({"tagged": tagged})
    else:
        click.echo(f"{tagged} items tagged")


@radar.command(short_help="Bring the public archive and its search up to date.")
@click.option("--rebuild", is_flag=True, help="Make both public files anew from the newsroom.")
@json_option
@click.pass_obj
def publish(config: Config, rebuild: bool, as_json: bool) -> None:
    """Bring the public archive and its search index up to date."""
    from radar import crawling, rounds
    from radar.progress import count_bar

    with crawling.open_newsroom(config) as newsroom, count_bar("Publish") as progress:
        published = rounds.publish_all(config, newsroom, rebuild=rebuild, progress=progress)
    if as_json:
        print_json(asdict(published))
    else:
        told = {name: n for name, n in asdict(published).items() if name != "rebuilt"}
        anew = "; both files were made anew" if published.rebuilt else ""
        click.echo(", ".join(f"{count} {name}" for name, count in told.items()) + anew)


@radar.command()
@click.option("--host", help="Address to serve on (default: site.host of the configuration).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to serve on.")
@click.option("--until-stdin-ends", is_flag=True, hidden=True)
@click.pass_obj
def serve(config: Config, host: str | None, port: int | None, until_stdin_ends: bool) -> None:
    """Serve the published archive with Datasette until stopped."""
    from radar import serve as site

    if until_stdin_ends:
        site.stop_when_stdin_ends()
    config = replace(config, site_host=host or config.site_host, site_port=port or config.site_port)
    _serve(config, config.site_banner or None)


def _serve(config: Config, banner: str | None) -> None:
    from radar import serve as site

    def announce() -> None:
        click.echo(
            f"Kommunalradar: http://{config.site_host}:{config.site_port}/ (Ctrl-C stops)", err=True
        )

    site.serve(config, banner=banner, on_ready=announce)


for command in (*MODEL_COMMANDS, *KEEPING, places):
    radar.add_command(command)


@radar.command()
@json_option
@click.pass_obj
def doctor(config: Config, as_json: bool) -> None:
    """Examine this installation; for each thing that is wrong, say how it is mended.

    Looks at versions, configuration, permissions, disk, databases, clock, model, backups and DNS;
    changes nothing. Ends with 1 if something does not work; warnings alone are no failure.
    """
    from radar import crawling
    from radar import doctor as examination

    findings = examination.examine(config, crawling.utc_now())
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        click.echo(examination.as_text(findings))
    if any(finding.level == "fail" for finding in findings):
        sys.exit(1)


for command in (*LOOKING, backfill, replay, sources, users, alerts, hooks, dumps):
    radar.add_command(command)


def main() -> None:
    """Run the command; every expected error becomes one line on stderr and exit code 1."""
    # German text must survive whatever the locale says.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    arguments = [os.fsencode(argument).decode("utf-8", "replace") for argument in sys.argv[1:]]
    try:
        radar.main(args=arguments, prog_name="radar")
    except RadarError as error:
        click.echo(f"radar: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # The reader of our output (`| head`) has gone; Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
