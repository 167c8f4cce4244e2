"""The lines of a run are found in the crawl's log, as text and as JSON, put aside or not."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.log_lines import JsonLines
from datasette_config.desk.crawl_log import read_log

BEGIN = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
END = BEGIN + timedelta(minutes=1)


def text(at: datetime, said: str, level: str = "WARNING") -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S} [crawler.runs] {level}: {said}\n"


def said(log: Path, *names: str) -> list[str]:
    return [line.said for line in read_log(log, names, BEGIN, END)]


def test_of_its_time_and_source_with_the_lines_that_follow(tmp_path: Path) -> None:
    log = tmp_path / "crawl.log"
    log.write_text(
        text(BEGIN - timedelta(hours=1), "stadt: an hour ago")
        + text(BEGIN, "stadt: broken", "ERROR") + "Traceback\n  File\nValueError\n"
        + text(BEGIN, "stadt_b: another")
        + text(BEGIN, "GET https://www.stadt.example/x 500")
        + text(END + timedelta(minutes=1), "stadt: later")
    )  # fmt: skip
    assert said(log, "stadt", "www.stadt.example") == [
        "stadt: broken\nTraceback\n  File\nValueError", "GET https://www.stadt.example/x 500",
    ]  # fmt: skip
    assert [line.level for line in read_log(log, ("stadt",), BEGIN, END)] == ["error"]


def test_put_aside_and_json(tmp_path: Path) -> None:
    log = tmp_path / "crawl.log"
    record = logging.LogRecord("crawler.runs", logging.ERROR, "", 0, "stadt: %s", ("ä",), None)
    record.created = BEGIN.timestamp()
    line = JsonLines("abc").format(record)
    log.write_text(line + "\n")
    log.with_name("crawl.log.1").write_text(text(BEGIN, "stadt: before"))
    assert said(log, "stadt") == ["stadt: before", "stadt: ä"]
    told = json.loads(line)
    assert (told["run"], told["level"], told["logger"]) == ("abc", "error", "crawler.runs")


def test_no_log_is_no_line(tmp_path: Path) -> None:
    assert said(tmp_path / "crawl.log", "stadt") == []


def test_a_traceback_stays_one_json_line() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "it broke", (), sys.exc_info())
    line = JsonLines("abc").format(record)
    assert "\n" not in line
    assert "ValueError: two" in json.loads(line)["message"]
