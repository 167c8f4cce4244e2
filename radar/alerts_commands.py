"""The commands `radar hooks …` and `radar alerts`: who is told, and what could not be told."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import datetime

import click

from radar.config import Config
from radar.output import json_option, print_json

#: Numbers that SQLite can give.
_NUMBER = click.IntRange(1, 2**63 - 1)


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
    """Every hook, and which were given up; as JSON one object a line."""
    from radar import crawling

    with crawling.open_newsroom(config) as newsroom:
        found = newsroom.hooks()
    if not found:
        click.echo("no hook yet; `radar hooks add URL` makes one", err=True)
    for hook in found:
        if as_json:
            print_json(
                {
                    "id": hook.id, "url": hook.url, "search": hook.query,
                    "stopped_at": hook.stopped_at.isoformat() if hook.stopped_at else None,
                }
            )  # fmt: skip
        else:
            state = f"given up {_clock(hook.stopped_at)}" if hook.stopped_at else "in force"
            click.echo(f"{hook.id:>4}  {state}  {hook.url}  {hook.query or '(everything)'}")


@hooks.command("remove")
@click.argument("number", type=_NUMBER)
@click.pass_obj
def remove(config: Config, number: int) -> None:
    """Call the hook NUMBER no more."""
    _change(config, "remove_hook", number)


@hooks.command("resume")
@click.argument("number", type=_NUMBER)
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
    """The alerts in force, with the mend; as JSON one object a line."""
    from datasette_config.desk.alert_words import told
    from datasette_config.language import language
    from radar import crawling

    with crawling.open_newsroom(config) as newsroom:
        found = newsroom.alerts(resolved=False)
    if not found:
        click.echo("no alert is in force", err=True)
    english = language("en")
    for alert in found:
        line, mend = told(alert.trouble, english)
        if as_json:
            facts = asdict(alert.trouble)
            print_json({"since": alert.since.isoformat(), **facts, "line": line, "mend": mend})
        else:
            click.echo(f"{_clock(alert.since)}  {line}")
            click.echo(f"{'':<22}→ {mend}")


@alerts.command("outbox")
@click.pass_obj
def outbox(config: Config) -> None:
    """Letters and calls that were not taken yet, and why; addresses are not shown."""
    from radar import crawling

    with crawling.open_newsroom(config) as newsroom:
        letters = newsroom.letters()
    if not letters:
        click.echo("nothing waits to be sent", err=True)
    for letter in letters:
        state = "given up" if letter.given_up_at else f"next {_clock(letter.next_at)}"
        said = letter.error or "not tried yet"
        click.echo(f"{letter.id:>5}  {letter.kind:<8} {letter.attempts:>2}×  {state}  {said}")


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
