"""Tags the items of a JSON Lines file without storing them, for ``radar classify``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from classifier.models import load_or_train
from classifier.texts import Text
from radar.config import Config
from store.errors import RadarError

#: Items classified together: large enough for the matrix work to pay, small enough to stream.
CHUNK = 256
FIELDS = ("url", "publisher_land", "kicker", "title", "teaser", "body")


class ClassifyError(RadarError):
    """A line that is no item; the message names file, line and mend."""


def classify_file(config: Config, file: Path) -> Iterator[dict[str, Any]]:
    """One result for each line, in order (see ``radar classify --help``).

    Raises `ClassifyError` at the first line that is no item.
    """
    model = load_or_train(config.models)
    with _opened(file) as lines:
        items = _items(lines, str(file))
        while chunk := list(islice(items, CHUNK)):
            predictions = model.classify([text for _, text in chunk])
            for (item_id, _), prediction in zip(chunk, predictions, strict=True):
                yield {
                    "id": item_id,
                    "topics": prediction.topics,
                    "states": prediction.states,
                    "review": prediction.review,
                    "candidates": prediction.candidates,
                }


def _opened(file: Path) -> TextIO:
    if str(file) == "-":
        sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        return sys.stdin
    try:
        return file.open(encoding="utf-8")
    except OSError as error:
        raise ClassifyError(f"{file}: cannot be read: {error.strerror}") from error


def _items(lines: TextIO, name: str) -> Iterator[tuple[Any, Text]]:
    number = 0
    try:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _item(line, f"{name}:{number}")
    except UnicodeDecodeError as error:
        raise ClassifyError(f"{name}:{number + 1}: not UTF-8: save the file as UTF-8") from error


def _item(line: str, where: str) -> tuple[Any, Text]:
    try:
        given = json.loads(line)
    except json.JSONDecodeError as error:
        raise ClassifyError(f"{where}: not JSON: {error.msg}") from error
    if not isinstance(given, dict):
        raise ClassifyError(f'{where}: not an object like {{"title": "…", "body": "…"}}')
    values = {name: given.get(name) for name in FIELDS}
    # Annotated sets call the editor's short text a summary; it takes the teaser's place.
    values["teaser"] = values["teaser"] or given.get("summary")
    for name, value in values.items():
        if value is not None and not isinstance(value, str):
            raise ClassifyError(f"{where}: {name}: {value!r} is not a text")
    return given.get("id"), Text(**values)
