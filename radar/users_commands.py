"""The commands below ``radar users``: who may use the desk, and as what."""

from __future__ import annotations

import sys

import click

from radar.config import Config
from radar.output import json_option, print_json
from store.accounts import Account
from store.types import ROLES

#: How the audit trail names what is done by command.
BY = "command"


@click.group()
def users() -> None:
    """The desk's accounts. Roles, each with all that the ones before it may:

    \b
      reader   look at everything
      editor   correct, review and hide items
      chief    change sources, erase, train and promote models
      admin    keep accounts
    """


_role = click.Choice(ROLES)
_password_options = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input's first line."
)


@users.command("add")
@click.argument("name")
@click.option("--role", type=_role, default="editor", show_default=True)
@click.option("--language", type=click.Choice(["de", "en"]), default="de", show_default=True)
@click.option(
    "--no-password", is_flag=True, help="Signs in by the reverse proxy only (desk.proxy_header)."
)
@_password_options
@click.pass_obj
def add(
    config: Config, name: str, role: str, language: str, no_password: bool, password_stdin: bool
) -> None:
    """Make an account NAME; the password is asked for and shown nowhere."""
    from radar import crawling

    password = None if no_password else _password(name, password_stdin)
    with crawling.open_newsroom(config) as newsroom:
        account = newsroom.add_account(name, role, password, by=BY, language=language)
    click.echo(f"{account.name} is {account.role}")


@users.command()
@click.argument("name")
@_password_options
@click.pass_obj
def passwd(config: Config, name: str, password_stdin: bool) -> None:
    """Give the account NAME another password; its sessions end."""
    from radar import crawling

    password = _password(name, password_stdin)
    with crawling.open_newsroom(config) as newsroom:
        newsroom.set_password(name, password, by=BY)
    click.echo(f"{name} has a new password; its sessions have ended")


@users.command()
@click.argument("name")
@click.argument("role", type=_role)
@click.pass_obj
def role(config: Config, name: str, role: str) -> None:
    """Give the account NAME another ROLE, which counts at once."""
    from radar import crawling

    with crawling.open_newsroom(config) as newsroom:
        newsroom.set_role(name, role, by=BY)
    click.echo(f"{name} is {role}")


@users.command()
@click.argument("name")
@click.option("--again", is_flag=True, help="Let it in again instead.")
@click.pass_obj
def disable(config: Config, name: str, again: bool) -> None:
    """Shut the account NAME out; its sessions end at once. What it did stays in the audit trail."""
    from radar import crawling

    with crawling.open_newsroom(config) as newsroom:
        if again:
            newsroom.enable_account(name, by=BY)
        else:
            newsroom.disable_account(name, by=BY)
    click.echo(f"{name} is {'let in again' if again else 'shut out'}")


@users.command("list")
@json_option
@click.pass_obj
def list_users(config: Config, as_json: bool) -> None:
    """Every account with its role and when it was last seen."""
    from radar import crawling

    with crawling.open_newsroom(config) as newsroom:
        accounts = newsroom.accounts()
    if as_json:
        print_json([_as_dict(account) for account in accounts])
        return
    width = max((len(account.name) for account in accounts), default=0)
    for account in accounts:
        told = _as_dict(account)
        state = "shut out" if account.disabled_at else f"seen {told['seen_at'] or 'never'}"
        way = "" if account.has_password else ", by the proxy only"
        click.echo(f"{account.name:<{width}}  {account.role:<6}  {state}{way}")
    if not accounts:
        click.echo("no account yet; `radar users add NAME --role admin` makes one", err=True)


def _as_dict(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "role": account.role,
        "language": account.language,
        "password": account.has_password,
        "disabled": account.disabled_at is not None,
        "seen_at": account.seen_at.isoformat() if account.seen_at else None,
    }


def _password(name: str, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("no terminal to ask at; give the password with --password-stdin")
    asked: str = click.prompt(f"Password of {name}", hide_input=True, confirmation_prompt=True)
    return asked
