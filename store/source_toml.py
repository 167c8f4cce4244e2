"""Owns how a source is written as the TOML file that the catalogue reads; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields

from store.types import Source

#: The order of CONTRIBUTING's example.
_KEYS = (
    "name", "publisher", "homepage", "land", "kind", "url", "licence", "display", "relevance",
    "schedule", "paused", "reference", "checked", "page", "follow", "min_items",
    "paths",
)  # fmt: skip
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DEFAULTS = {field.name: field.default for field in fields(Source)}


def as_toml(source: Source, remarks: Mapping[str, str] | None = None) -> str:
    """The file's text; a fact that is at its default is left out. ``remarks``: by key."""
    lines = []
    for key in _KEYS:
        value = getattr(source, key)
        if value == _DEFAULTS.get(key) or value is None:
            continue
        if isinstance(value, bool):
            text = str(value).lower()
        elif isinstance(value, int) or (key == "checked" and _DAY.fullmatch(value)):
            text = str(value)
        else:
            # JSON's strings are TOML's, but for DEL, which no address or name holds
            text = json.dumps(value, ensure_ascii=False)
        remark = (remarks or {}).get(key)
        lines.append(f"{key} = {text}" + (f"  # {remark}" if remark else ""))
    return "\n".join(lines) + "\n"
