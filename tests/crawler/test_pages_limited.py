"""The time limit for one page: a real worker, stopped, killed and replaced."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from crawler.pages import PageError, parse_page
from crawler.pages.limited import LimitedParser, PageFaultError, PageTimeoutError, _standing

NOW = datetime(2025, 6, 18, 12, tzinfo=UTC)
URL = "https://www.musterfeld.example/rathaus/plan"
PAGE = (
    '<html lang="de"><head><title>Plan ist beschlossen</title>'
    '<meta property="article:published_time" content="2025-06-03T09:05:00+02:00"></head>'
    "<body><h1>Plan ist beschlossen</h1><p>"
    + "Der Rat hat den Plan beraten und beschlossen. " * 9
    + "</p></body></html>"
).encode()


@pytest.fixture(scope="module")
def parser() -> Iterator[LimitedParser]:
    with LimitedParser(10) as parser:
        yield parser


def worker_pid(parser: LimitedParser) -> int:
    """The worker's process, started if there is none."""
    parser.parse(PAGE, URL, now=NOW)
    assert parser._worker is not None
    return parser._worker.process.pid


def test_says_what_parse_page_says(parser: LimitedParser) -> None:
    assert parser.parse(PAGE, URL, now=NOW) == parse_page(PAGE, URL, now=NOW)


def test_one_worker_serves_all_pages_and_threads(parser: LimitedParser) -> None:
    before = worker_pid(parser)
    titles: list[str | None] = []

    def read() -> None:
        titles.append(parser.parse(PAGE, URL, now=NOW).title)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert titles == ["Plan ist beschlossen"] * 8
    assert worker_pid(parser) == before


def test_refusals_cross_as_they_are(parser: LimitedParser) -> None:
    with pytest.raises(PageError, match="no page class 'kommune12'"):
        parser.parse(PAGE, URL, now=NOW, page="kommune12")


@pytest.mark.parametrize("how", [signal.SIGSTOP, signal.SIGKILL])
def test_a_worker_that_hangs_or_dies_is_replaced(
    how: signal.Signals, caplog: pytest.LogCaptureFixture
) -> None:
    with LimitedParser(10) as parser:
        lost = worker_pid(parser)
        parser.seconds = 0.5 if how is signal.SIGSTOP else 10
        os.kill(lost, how)
        with caplog.at_level(logging.WARNING):
            data = parser.parse(PAGE, URL, now=NOW)
        assert URL in caplog.text
        assert (data.title, data.body) == ("Plan ist beschlossen", None)
        assert data.published is not None
        assert data.found["body"] == "timeout"
        parser.seconds = 10
        assert worker_pid(parser) != lost
        with pytest.raises(ProcessLookupError):
            os.kill(lost, 0)


def test_a_worker_that_gets_no_processor_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with LimitedParser(10) as parser:
        pid = worker_pid(parser)
        # stopped for longer than the limit, as far as anybody can tell for want of a processor
        parser.seconds = 2
        monkeypatch.setattr("crawler.pages.limited._standing", lambda pid: (True, 0.0))
        os.kill(pid, signal.SIGSTOP)
        timer = threading.Timer(2.5, os.kill, (pid, signal.SIGCONT))
        timer.start()
        data = parser.parse(PAGE, URL, now=NOW)
        timer.join()
        assert data == parse_page(PAGE, URL, now=NOW)
        assert worker_pid(parser) == pid


def test_a_page_that_takes_its_time_in_work_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    used = iter([5.0, 5.1, 5.2, 5.3])
    with LimitedParser(10) as parser:
        pid = worker_pid(parser)
        parser.seconds = 0.2
        monkeypatch.setattr("crawler.pages.limited._standing", lambda pid: (True, next(used, 9.0)))
        os.kill(pid, signal.SIGSTOP)
        assert parser._worker is not None
        assert parser._worker.answer(0.2) is None
        assert list(used) == [5.3]  # at first, after 0.2 s and after 0.1 s more


def test_how_a_process_stands() -> None:
    wants_to_run, used = _standing(os.getpid())
    assert wants_to_run
    assert 0 < used <= time.process_time() + 0.02
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        assert child.stdin is not None
        os.kill(child.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, child.pid, os.WSTOPPED)
        assert not _standing(child.pid)[0]
        os.kill(child.pid, signal.SIGCONT)
    assert _standing(child.pid) == (False, 0.0)


def test_not_even_the_metadata_in_time() -> None:
    with LimitedParser(10) as parser:
        worker_pid(parser)
        parser.seconds = 0
        with pytest.raises(PageTimeoutError, match=URL):
            parser.parse(PAGE * 3000, URL, now=NOW)


def test_a_fault_of_ours_costs_one_page_and_its_worker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with LimitedParser(10) as parser:
        lost = worker_pid(parser)
        with (
            caplog.at_level(logging.ERROR),
            pytest.raises(PageFaultError, match=rf"^{URL}: a fault of ours .*\(TypeError: .*\)"),
        ):
            parser.parse(None, URL, now=NOW)  # type: ignore[arg-type]
        assert "Traceback" in caplog.text
        assert worker_pid(parser) != lost


def test_what_the_worker_logs_is_logged_here(
    parser: LimitedParser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        parser.parse(PAGE.replace(b"</body>", b"<p>x</p>" * 31_000), URL, now=NOW)
    assert "elements; read without trafilatura" in caplog.text


def test_no_worker_outlives_its_parent() -> None:
    code = (
        "import sys; from datetime import datetime, UTC; from crawler.pages.limited import "
        "LimitedParser; parser = LimitedParser(5); "
        "parser.parse('<h1>Plan ist da</h1><p>x', 'https://a.example/', now=datetime.now(UTC)); "
        "print(parser._worker.process.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    for _ in range(100):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail(f"worker {worker} is still there")
