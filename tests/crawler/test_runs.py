"""The book of a crawl: when a run is over and who is to blame."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler import line
from crawler.runs import RunBook
from store.types import RunResult, Source, SourceStatus


class Store:
    def __init__(self) -> None:
        self.finished: dict[int, RunResult] = {}
        self.started: list[str] = []

    def start_run(self, source_id: str) -> int:
        self.started.append(source_id)
        return len(self.started)

    def finish_run(self, run_id: int, result: RunResult) -> None:
        assert run_id not in self.finished
        self.finished[run_id] = result


def source(source_id: str) -> Source:
    url = f"https://{source_id}.example/"
    return Source(source_id, source_id, source_id, url, "feed", url, "press", "teaser", "all",
                  "adaptive", url)  # fmt: skip


def book(*names: str) -> tuple[RunBook, Store, list[tuple[str, str]]]:
    store, events = Store(), list[tuple[str, str]]()
    kept = RunBook(store, lambda event, source_id, _: events.append((event, source_id)))
    for name in names:
        kept.start(source(name))
    return kept, store, events


def test_run_is_over_with_its_last_request() -> None:
    kept, store, events = book("a")
    kept.answered()
    kept.expect("a")
    kept.count("a", "new")
    kept.settle("a")
    assert store.finished == {}
    kept.settle("a")
    assert store.finished == {1: RunResult("ok", new=1)}
    assert events == [("start", "a"), ("count", "a"), ("finish", "a")]


def test_nobody_is_blamed_when_the_line_is_down() -> None:
    kept, store, _ = book("a", "b")
    for name in ("a", "b"):
        kept.unreachable(name, "no such host")
        kept.settle(name)
    kept.close(line_is_down=lambda: True)
    assert [result.status for result in store.finished.values()] == ["offline", "offline"]


def test_unreachable_host_is_blamed_when_another_answered() -> None:
    kept, store, _ = book("a", "b")
    kept.unreachable("a", "no such host")
    kept.settle("a")
    assert store.finished == {}
    kept.answered()
    kept.settle("b")
    kept.close(line_is_down=lambda: True)
    assert {run: result.status for run, result in store.finished.items()} == {2: "ok", 1: "failed"}
    assert store.finished[1].message == "no such host"


def test_unreachable_host_is_blamed_when_others_resolve() -> None:
    kept, store, _ = book("a")
    kept.unreachable("a", "no such host")
    kept.settle("a")
    kept.close(line_is_down=lambda: False)
    assert store.finished[1].status == "failed"


def test_stopped_crawl_says_so_and_blames_nobody() -> None:
    kept, store, _ = book("a")
    kept.close(line_is_down=lambda: False)
    assert store.finished[1].status == "offline"
    assert "stopped" in (store.finished[1].message or "")


def test_first_failure_stands() -> None:
    kept, store, _ = book("a")
    kept.answered()
    kept.judge("a", "failed", "first", 500)
    kept.judge("a", "unchanged", None)
    kept.settle("a")
    assert store.finished[1] == RunResult("failed", "first", 500)


def test_line_that_breaks_in_the_middle_blames_only_those_before() -> None:
    kept, store, _ = book("a", "b", "c")
    kept.unreachable("a", "no such host")
    kept.settle("a")
    kept.answered()  # so the line was up when a failed
    kept.settle("b")
    kept.unreachable("c", "no answer in time")
    kept.settle("c")
    assert {run: result.status for run, result in store.finished.items()} == {1: "failed", 2: "ok"}
    kept.close(line_is_down=lambda: True)
    assert store.finished[3].status == "offline"


def test_line_is_tried_only_if_there_is_a_doubt() -> None:
    kept, store, _ = book("a")
    kept.answered()
    kept.settle("a")

    def never() -> bool:
        raise AssertionError("nobody was unreachable")

    kept.close(line_is_down=never)
    assert store.finished[1].status == "ok"


class Door:
    """Hosts that take connections, and who was tried."""

    def __init__(self, *open_hosts: str) -> None:
        self.open, self.tried = set(open_hosts), list[tuple[str, int]]()

    def __call__(self, address: tuple[str, int], timeout: float) -> Door:
        self.tried.append(address)
        if address[0] not in self.open:
            raise OSError("unreachable")
        return self

    def close(self) -> None:
        pass


def status(source_id: str, days: int | None, url: str) -> SourceStatus:
    success = datetime(2026, 3, days, tzinfo=UTC) if days else None
    known = replace(source(source_id), url=url)
    return SourceStatus(known, True, 0, None, success, None, 0, None, False)


def test_line_is_tried_at_the_hosts_that_answered_last(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [
        status("nie", None, "https://nie.example/feed"),
        status("alt", 1, "http://alt.example/feed"),
        status("neu", 9, "https://neu.example:8443/feed"),
        status("neu2", 8, "https://neu.example:8443/zwei"),
        status("mittel", 5, "https://mittel.example/feed"),
    ]
    door = Door("alt.example")
    monkeypatch.setattr(line.socket, "create_connection", door)
    assert line.line_is_down(sources) is False
    assert door.tried == [("neu.example", 8443), ("mittel.example", 443), ("alt.example", 80)]
    door.open.clear()
    assert line.line_is_down(sources) is True
    assert line.line_is_down([]) is True


def test_an_ok_run_that_stored_nothing_of_what_there_was_says_why() -> None:
    kept, store, _ = book("leer", "halb", "ruhig")
    for name in ("leer", "halb"):
        kept.skip(name, f"https://{name}.example/1: not read within 20 s")
        kept.skip(name, "something else")
    kept.count("halb", "new")
    for name in ("leer", "halb", "ruhig"):
        kept.settle(name)
    assert [store.finished[number].message for number in (1, 2, 3)] == [
        "nothing stored, 2 left out: https://leer.example/1: not read within 20 s", None, None,
    ]  # fmt: skip
    assert {result.status for result in store.finished.values()} == {"ok"}
