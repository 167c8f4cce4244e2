"""A saved search: the parameters of ``/suche`` in one fixed form, in words, and as a query."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qs

from datasette_config.addresses import Address, read_address
from datasette_config.archive import Archive
from datasette_config.language import Language
from datasette_config.wording import describe, names_in

#: Characters of the search words that a letter to an address not yet confirmed may show: who asks
#: could otherwise let us send a text of their own to anybody.
_SHOWN: Final = 60
_HARMLESS: Final = re.compile(r"[\w\s„“\"*-]+")


def read_saved(
    arguments: Mapping[str, Sequence[str]], archive: Archive, spoken: Language
) -> Address:
    """The search that the parameters ask for; what names nothing in the archive is left out."""
    names = names_in(archive, spoken, tuple(arguments.get("ort", ()))[:30])
    address = read_address(arguments, names, spoken).address
    return replace(address, page=1, order="date")


def parse_saved(query: str, archive: Archive, spoken: Language) -> Address | None:
    """The search that ``as_query`` wrote; None if part of it names nothing any more.

    To leave that part out would make the search wider than anybody asked for.
    """
    address = read_saved(parse_qs(query, errors="replace"), archive, spoken)
    return address if as_query(address) == query else None


def as_query(address: Address) -> str:
    """The search as parameters in a fixed order; empty for the whole archive."""
    return address.url("").removeprefix("?")


def in_words(address: Address, archive: Archive, spoken: Language) -> str:
    """The search as a title: ``„Breitband“, Hessen``, or that it is the whole archive."""
    names = names_in(archive, spoken, address.towns)
    return describe(address, names, spoken) or spoken.gettext("alle Einträge")


def in_harmless_words(address: Address, archive: Archive, spoken: Language) -> str:
    """As ``in_words``; search words that look like an address or a message are left out."""
    text = address.text if _HARMLESS.fullmatch(address.text) else ""
    return in_words(replace(address, text=text[:_SHOWN]), archive, spoken)
