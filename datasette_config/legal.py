"""The operator's own texts (imprint, privacy): text files, read as headings and paragraphs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from store.errors import RadarError

#: Longer is no imprint but a wrong file.
MOST_BYTES: Final = 200_000


class LegalError(RadarError):
    """A text that cannot be shown; the message names the file and the mend."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (``level`` 2) or a paragraph (0) with its lines."""

    level: int
    lines: tuple[str, ...]


def read_legal(path: Path) -> tuple[Block, ...]:
    """The blocks of a UTF-8 file: blank lines part them, a line beginning with ``#`` is a heading.

    Raises :class:`LegalError`.
    """
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise LegalError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise LegalError(f"{path}: is not UTF-8 text: save it as UTF-8") from error
    if len(raw) > MOST_BYTES:
        raise LegalError(f"{path}: has {len(raw)} bytes; {MOST_BYTES} are read at most")
    return tuple(_blocks(text))


def _blocks(text: str) -> Iterator[Block]:
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        stripped = line.strip()
        heading = stripped.startswith("#")
        if lines and (heading or not stripped):
            yield Block(0, tuple(lines))
            lines = []
        if heading:
            yield Block(2, (stripped.lstrip("#").strip(),))
        elif stripped:
            lines.append(stripped)
