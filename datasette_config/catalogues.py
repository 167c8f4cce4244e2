"""Keeps the gettext catalogues in step with the texts: ``python -m datasette_config.catalogues``.

New texts are added untranslated, those that are gone are dropped, what is translated stays.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from datasette_config.language import FOLDER, LANGUAGES, SOURCE

HERE: Final = Path(__file__).parent
#: Parts of the site, each with a catalogue of its own; ``site`` is whatever is not the desk's.
DOMAINS: Final = ("desk", "site")
_KEYWORDS: Final = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}


def domain_of(path: Path) -> str:
    """Whose texts a file's are."""
    return "desk" if "desk" in path.relative_to(HERE).parts else "site"


def texts(domain: str) -> Catalog:
    """Every text of a domain as the code has it, with the files it stands in."""
    found = Catalog(project="kommunalradar", charset="utf-8")
    for path, method in _files():
        if domain_of(path) != domain:
            continue
        where = path.relative_to(HERE).as_posix()
        for _, message, comments, _context in extract_from_file(
            method, path, keywords=_KEYWORDS, comment_tags=("N:",),
            options={"trimmed": "true", "newstyle_gettext": "true", "silent": "false"},
        ):  # fmt: skip
            found.add(message, locations=[(where, 0)], auto_comments=comments)
    return found


def _files() -> Iterator[tuple[Path, str]]:
    yield from ((path, "python") for path in sorted(HERE.rglob("*.py")))
    templates = sorted((HERE / "templates").rglob("*"))
    yield from ((path, "jinja2.ext:babel_extract") for path in templates if path.is_file())


def catalogue(code: str, domain: str) -> Catalog:
    """What stands in the file; empty where there is none."""
    path = FOLDER / code / f"{domain}.po"
    if not path.exists():
        return Catalog(locale=code, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


def in_step(code: str, domain: str) -> Catalog:
    """The catalogue with every text of the code and no other. Nothing is guessed."""
    held, fresh = catalogue(code, domain), Catalog(locale=code, charset="utf-8")
    for message in sorted(texts(domain), key=lambda message: str(message.id)):
        if message.id:
            old = held.get(message.id if isinstance(message.id, str) else message.id[0])
            # What has got a plural needs to be translated anew.
            fits = old is not None and not old.fuzzy and type(old.id) is type(message.id)
            fresh.add(
                message.id,
                old.string if old is not None and fits else "",
                locations=message.locations,
                auto_comments=message.auto_comments,
                flags=message.flags,
            )
    return fresh


def untranslated(catalog: Catalog) -> list[Message]:
    """Messages that have no text in the catalogue's language, or only some of its plurals."""
    return [message for message in catalog if message.id and not all(_parts(message.string))]


def _parts(text: object) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text) if isinstance(text, tuple) else ("",)


def as_po(catalog: Catalog) -> bytes:
    """The file's bytes: sorted, without line numbers and dates, so that a change is a change."""
    file = BytesIO()
    write_po(file, catalog, width=100, omit_header=True, include_lineno=False)
    return file.getvalue()


def main() -> None:
    """Write every catalogue anew and say what is left to translate."""
    for code in LANGUAGES:
        if code == SOURCE:
            continue
        for domain in DOMAINS:
            catalog = in_step(code, domain)
            (FOLDER / code).mkdir(parents=True, exist_ok=True)
            (FOLDER / code / f"{domain}.po").write_bytes(as_po(catalog))
            sys.stderr.write(
                f"{code}/{domain}: {len(catalog)} texts, {len(untranslated(catalog))} to do\n"
            )


if __name__ == "__main__":
    main()
