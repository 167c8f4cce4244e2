"""The commands `radar hooks …` and `radar alerts`: who is told, and what could not be told."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from radar.config import Config
from radar.output import json_option, print_json


@click.group(short_help="Programs of others that are told of what a search finds.")
def hooks() -> None:
    """Programs of others that are told of what a search finds anew (docs/operation.md)."""


@hooks.command("add")
@click.argument("url")
@click.argument("search", default="")
@click.pass_obj
def add(config: Config, url: str, search: str) -> None:
    """Call URL (https) with what SEARCH finds from now on; prints the secret, this once.

    SEARCH is the address of a search on the site, or its parameters; without it everything.
    """
    from radar import crawling, telling, webhooks

    webhooks.check_url(url)
    query = telling.saved_query(config, search)
    with crawling.open_newsroom(config) as newsroom:
        hook = newsroom.add_hook(url, query, by="radar hooks")
    click.echo(f"hook {hook.id}; its secret, which signs each call: ", err=True, nl=False)
    click.echo(webhooks.shown_secret(hook.secret))


@hooks.command("list")
@json_option
@click.pass_obj
def show(config: Config, as_json: bool) -> None:
    """Every hook, and which were given up."""
    from radar import crawling

    with crawling.open_newsroom(config) as newsroom:
        found = newsroom.hooks()
    for hook in found:
        stopped = f"given up {hook.stopped_at:%Y-%m-%d %H:%M}" if hook.stopped_at else "in force"
        if as_json:
            print_json(
                {
                    "id": hook.id, "url": hook.url, "search": hook.query,
                    "stopped_at": hook.stopped_at.isoformat() if hook.stopped_at else None,
                }
            )  # fmt: skip
        else:
            click.echo(f"{hook.id:>4}  {stopped}  {hook.url}  {hook.query or '(everything)'}")


@hooks.command("remove")
@click.argument("number", type=int)
@click.pass_obj
def remove(config: Config, number: int) -> None:
    """Call the hook NUMBER no more."""
    _change(config, "remove_hook", number)


@hooks.command("resume")
@click.argument("number", type=int)
@click.pass_obj
def resume(config: Config, number: int) -> None:
    """Call the hook NUMBER again, which was given up, with what comes from now on."""
    _change(config, "resume_hook", number)


def _change(config: Config, name: str, number: int) -> None:
    from radar import crawling

    with crawling.open_newsroom(config) as newsroom:
        done = newsroom.remove_hook(number) if name == "remove_hook" else newsroom.resume_hook(
            number
        )  # fmt: skip
    if not done:
        click.echo(f"no such hook to change: {number}; `radar hooks list` names them", err=True)
        sys.exit(1)


@click.group(short_help="What editors should know, and letters that nobody took.")
def alerts() -> None:
    """What editors should know, and letters that nobody took."""


@alerts.command("list")
@json_option
@click.pass_obj
def in_force(config: Config, as_json: bool) -> None:
    """The alerts in force, with the mend."""
    from datasette_config.desk.alert_words import told
    from datasette_config.language import language
    from radar import crawling

    with crawling.open_newsroom(config) as newsroom:
        found = newsroom.alerts(resolved=False)
    english = language("en")
    for alert in found:
        line, mend = told(alert.trouble, english)
        if as_json:
            facts = asdict(alert.trouble)
            print_json({"since": alert.since.isoformat(), **facts, "line": line, "mend": mend})
        else:
            click.echo(f"{alert.since:%Y-%m-%d %H:%M}  {line}")
            click.echo(f"{'':<18}→ {mend}")


@alerts.command("outbox")
@click.pass_obj
def outbox(config: Config) -> None:
    """Letters and calls that were not taken yet, and why; addresses are not shown."""
    from radar import crawling

    with crawling.open_newsroom(config) as newsroom:
        for letter in newsroom.letters():
            state = "given up" if letter.given_up_at else f"next {letter.next_at:%m-%d %H:%M}"
            said = letter.error or "not tried yet"
            click.echo(f"{letter.id:>5}  {letter.kind:<8} {letter.attempts:>2}×  {state}  {said}")
