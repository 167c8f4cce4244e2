"""Writes a source as the TOML file that the catalogue reads. Pure but for the two that write."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.catalogue import CatalogueError, load_source
from store.types import Source

#: The order of CONTRIBUTING's example.
_KEYS = (
    "name", "publisher", "homepage", "land", "kind", "url", "licence", "display", "relevance",
    "schedule", "paused", "reference", "checked", "page", "follow", "min_items",
)  # fmt: skip
_ID = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
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


def replace_source(folder: Path, source: Source) -> Path:
    """Write ``ID.toml``, in the place of one that is there. Raises CatalogueError if the catalogue
    refuses it; then all is left as it was."""
    path = folder / f"{source.id}.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder, prefix=".") as aside:
            written = write_source(Path(aside), source)
            written.replace(path)
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be written: {error.strerror}") from error
    return path


def write_source(folder: Path, source: Source, remarks: Mapping[str, str] | None = None) -> Path:
    """Write ``ID.toml`` and read it back as the catalogue would.

    Raises CatalogueError if there is one of that name already, or if the catalogue refuses it;
    then nothing is left behind.
    """
    if not is_id(source.id):
        raise CatalogueError(
            f"{source.id!r} is no id: lower-case letters a-z, digits, single underscores"
        )
    path = folder / f"{source.id}.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(as_toml(source, remarks))
    except FileExistsError:
        raise CatalogueError(f"{path}: exists already; choose another --id") from None
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        load_source(path)
    except CatalogueError:
        path.unlink()
        raise
    return path


def is_id(text: str) -> bool:
    """Whether a text can be a source's id, which is a file's name."""
    return bool(_ID.fullmatch(text))


def source_id(name: str, *, land: str | None = None) -> str:
    """An id made of a name or host: ``nw_koeln`` of ``www.stadt-koeln.de`` and ``DE-NW``."""
    text = name.lower().removeprefix("www.")
    text = re.sub(r"\.(?:de|com|org|net|eu|info|bund|nrw|bayern|berlin|hamburg)$", "", text)
    text = re.sub(r"^(?:stadt|gemeinde|markt|samtgemeinde|verbandsgemeinde)[-. ]", "", text)
    for umlaut, letters in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}.items():
        text = text.replace(umlaut, letters)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    words = "_".join(re.findall(r"[a-z0-9]+", plain)) or "quelle"
    prefix = land.removeprefix("DE-").lower() if land else ""
    return f"{prefix}_{words}" if prefix and not words.startswith(f"{prefix}_") else words
