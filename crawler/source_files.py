"""Writes a source as the TOML file that the catalogue reads. Pure but for the two that write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.catalogue import CatalogueError, load_source
from store.source_toml import as_toml as as_toml
from store.types import Source

_ID = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")


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
