"""What an editor's browser asks and what it is answered, apart from the server that carries it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from datasette_config.web import HTML

#: Seconds, or None for as long as the browser is open.
Age = int | None

JSON: Final = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``form`` is empty unless the method is POST."""

    method: str
    path: str
    query: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, Sequence[str]] = field(default_factory=dict)
    form: Mapping[str, Sequence[str]] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    #: names in lower case
    headers: Mapping[str, str] = field(default_factory=dict)
    #: who asks, and who opened the connection (a proxy, perhaps)
    address: str = ""
    peer: str = ""
    #: scheme and host as the browser sees them
    origin: str = "http://localhost"

    def argument(self, name: str, default: str = "") -> str:
        """The first value in the address, without blanks around it."""
        return (self.arguments.get(name) or [default])[0].strip()

    def value(self, name: str, default: str = "") -> str:
        """The first value of the form, without blanks around it."""
        return (self.form.get(name) or [default])[0].strip()

    def values(self, name: str) -> list[str]:
        """Every value of the form."""
        return list(self.form.get(name, ()))

    @property
    def secure(self) -> bool:
        """Whether the browser speaks https."""
        return self.origin.startswith("https:")


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie to set; always HttpOnly, and Secure where the page came over https."""

    name: str
    value: str
    max_age: Age = None
    same_site: str = "lax"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. Nothing of the desk is kept by any cache."""

    body: bytes
    status: int = 200
    content_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[Cookie, ...] = ()


def whole(text: str) -> int | None:
    """The number that a form or an address holds; None for none, or one larger than any of ours."""
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text, re.ASCII) else None


def redirect(path: str, *cookies: Cookie) -> Answer:
    """After a form: see the result there, and a reload repeats nothing (RFC 9110, 303)."""
    return Answer(b"", status=303, headers={"Location": path}, cookies=cookies)
