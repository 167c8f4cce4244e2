"""Tags the items of a JSON Lines file without storing them, for ``radar classify``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from classifier.tagging import classify_lines
from classifier.texts import TextError
from radar import crawling, learning
from radar.config import Config
from store.errors import RadarError


class ClassifyError(RadarError):
    """A file or line that cannot be classified; the message names it and the mend."""


def classify_file(config: Config, file: Path) -> Iterator[dict[str, object]]:
    """One answer for each line, in order (see `classifier.tagging.classify_lines`).

    Raises `ClassifyError` at the first line that is no item.
    """
    with _opened(file) as lines:
        model = learning.model_in_force(config, None, crawling.utc_now)
        try:
            yield from classify_lines(lines, model)
        except TextError as error:
            raise ClassifyError(f"{file}: {error}") from error
        except UnicodeDecodeError as error:
            raise ClassifyError(f"{file}: not UTF-8 ({error.reason}): save it as UTF-8") from error


def _opened(file: Path) -> TextIO:
    if str(file) == "-":
        sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        return sys.stdin
    try:
        return file.open(encoding="utf-8")
    except OSError as error:
        raise ClassifyError(f"{file}: cannot be read: {error.strerror}") from error
