"""The crawl's log as JSON, one object a line, for programs that collect logs."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """``at`` (UTC), ``level``, ``run`` (the same for all that one command started), ``logger``,
    ``message`` (with its traceback, if there is one)."""

    def __init__(self, run: str) -> None:
        super().__init__("%(message)s")
        self._run = run

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the message holds."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {"at": at, "level": record.levelname.lower(), "run": self._run}
        return json.dumps(
            {**said, "logger": record.name, "message": super().format(record)}, ensure_ascii=False
        )


def write_json(run: str) -> None:
    """From now on this process's log is JSON, wherever Scrapy lets it go."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(JsonLines(run))
