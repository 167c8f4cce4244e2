"""What a route of the desk is: its address, what it shows and does, and who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from datasette_config.desk.request import Answer
from datasette_config.desk.visit import Visit

Handler = Callable[[Visit], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One address. A role of None: open to everybody, as the sign-in page must be."""

    pattern: str
    show: Handler | None = None
    do: Handler | None = None
    #: the least role to see it, and to send its form
    see: str | None = "reader"
    change: str | None = "editor"
