"""Logs are put aside without losing a line; lines can be JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from radar.config import Config
from radar.doctor import examine
from radar.logs import RUN_ID, appended, as_json, rotate
from radar.progress import say
from tests.radar.post import post_office


def test_who_has_it_open_loses_no_line(tmp_path: Path) -> None:
    path = tmp_path / "crawl.log"
    with path.open("ab", buffering=0) as old:
        old.write(b"first\n")
        assert rotate(path, 3, 2)
        old.write(b"second\n")
    assert not rotate(path, 3, 2)
    assert (tmp_path / "crawl.log.1").read_bytes() == b"first\nsecond\n"


def test_the_oldest_go(tmp_path: Path) -> None:
    config = Config(paths_data=tmp_path, log_size_mb=0.000001, log_keep=2)
    for number in range(5):
        with appended(config.crawl_log, config) as log:
            log.write(f"line {number}\n".encode())
    names = {path.name: path.read_text() for path in config.crawl_log.parent.glob("crawl.log*")}
    assert names == {
        "crawl.log": "line 4\n", "crawl.log.1": "line 3\n", "crawl.log.2": "line 2\n",
    }  # fmt: skip


def test_no_other_user_reads_what_lies_among_the_logs(tmp_path: Path) -> None:
    config = Config(paths_data=tmp_path)
    with appended(config.crawl_log, config):
        pass
    written = [path for path in config.crawl_log.parent.iterdir() if path.is_file()]
    assert len(written) == 2
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    config = Config(paths_data=tmp_path, log_size_mb=0.0001, log_keep=500)

    def write(name: int) -> None:
        for number in range(40):
            with appended(config.jobs_log, config) as log:
                log.write(f"{name}-{number}\n".encode())

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [
        line
        for path in config.jobs_log.parent.glob("jobs.log*")
        for line in path.read_text().splitlines()
    ]
    assert sorted(lines) == sorted(f"{name}-{number}" for name in range(4) for number in range(40))


def test_lines_as_json(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RADAR_LOG_FORMAT", "json")
    say('  3 items "tagged"')
    said = json.loads(capsys.readouterr().err)
    assert (said["message"], said["run"], said["level"]) == ('3 items "tagged"', RUN_ID, "info")
    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert json.loads(as_json("ä\n", at, "r"))["at"] == "2026-03-01T00:00:00.000+00:00"


def test_the_doctor_looks_at_the_mail_server(tmp_path: Path) -> None:
    def mail(config: Config) -> list[tuple[str, str]]:
        now = datetime(2026, 3, 1, tzinfo=UTC)
        return [(one.level, one.says) for one in examine(config, now) if one.what == "mail"]

    catalogue = tmp_path / "none"
    catalogue.mkdir()
    config = Config(paths_data=tmp_path, paths_catalogue=catalogue)
    assert mail(config)[0][0] == "ok"
    with post_office() as post:
        with_mail = Config(
            paths_data=tmp_path, paths_catalogue=catalogue, mail_smtp_host="127.0.0.1",
            mail_smtp_port=post.port, mail_smtp_security="none", mail_sender="a@b.example",
        )  # fmt: skip
        assert mail(with_mail)[0] == ("ok", f"127.0.0.1:{post.port} answers (none)")
        assert mail(with_mail)[1][0] == "warn"
    assert mail(with_mail)[0][0] == "fail"


def test_what_libraries_log_is_json_too(tmp_path: Path) -> None:
    """Nothing on standard error is anything else: here a warning and a line of our own."""
    code = (
        "import logging, os; os.environ['RADAR_LOG_FORMAT'] = 'json';"
        "from radar import logs, progress;"
        "logs.log_json(); logging.getLogger('uvicorn.error').warning('two\\nlines');"
        "progress.say('done')"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "RADAR_RUN_ID": "abc", "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    lines = [json.loads(line) for line in told.stderr.splitlines()]
    assert [line["message"] for line in lines] == ["two\nlines", "done"]
    assert {line["run"] for line in lines} == {"abc"}
