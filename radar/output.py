"""Owns how commands print for programs: the option ``--json`` and one JSON object."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_json(value: Any) -> None:
    """One JSON value on one line of standard output; paths become their text."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_text))


def _text(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{value!r} is nothing that JSON knows")
