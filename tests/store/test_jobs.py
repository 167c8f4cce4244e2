"""Jobs, leases and permanent redirects: one worker at a time, and nothing lost when one dies."""

from __future__ import annotations

import multiprocessing
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from store.newsroom import Newsroom
from store.schema import StoreError
from store.types import Job
from tests.store.desk import START, Clock, Desk, make_source


def test_a_job_from_question_to_outcome(desk: Desk) -> None:
    newsroom, clock = desk.newsroom, desk.clock
    first = newsroom.ask_job("crawl", {"sources": ["stadt_a"]}, asked_by="redaktion")
    second = newsroom.ask_job("train", {}, asked_by="leitung")
    assert newsroom.job(first) == Job(
        first, "crawl", {"sources": ["stadt_a"]}, "redaktion", START, "queued"
    )
    clock.move(minutes=1)
    job = newsroom.claim_job("w1", lease_seconds=60)
    assert job is not None
    assert (job.id, job.state, job.owner, job.attempts) == (first, "running", "w1", 1)
    assert (job.started_at, job.expires_at) == (clock.at, clock.at + timedelta(minutes=1))
    clock.move(seconds=50)
    assert newsroom.progress_job(first, "w1", lease_seconds=60, done=2, total=9, line="Stadt A")
    job = newsroom.job(first)
    assert job is not None
    assert (job.done, job.total, job.line) == (2, 9, "Stadt A")
    assert job.expires_at == clock.at + timedelta(minutes=1)
    assert newsroom.finish_job(first, "w1", outcome="3 neue")
    job = newsroom.job(first)
    assert job is not None
    assert (job.state, job.outcome, job.finished_at) == ("done", "3 neue", clock.at)
    assert (job.owner, job.expires_at) == (None, None)
    assert not newsroom.finish_job(first, "w1", outcome="noch einmal")
    claimed = newsroom.claim_job("w1", lease_seconds=60)
    assert claimed is not None
    assert claimed.id == second
    assert newsroom.finish_job(second, "w1", outcome="Kein Platz", failed=True)
    assert [job.state for job in newsroom.jobs()] == ["failed", "done"]
    assert [job.id for job in newsroom.jobs(state="done")] == [first]
    assert [job.id for job in newsroom.jobs(limit=1)] == [second]
    assert newsroom.claim_job("w1", lease_seconds=60) is None
    assert newsroom.job(99) is None
    with pytest.raises(StoreError, match="no state of a job"):
        newsroom.jobs(state="fertig")


def test_a_dead_workers_job_goes_to_the_next(desk: Desk) -> None:
    newsroom, clock = desk.newsroom, desk.clock
    job_id = newsroom.ask_job("crawl", {}, asked_by="redaktion")
    assert newsroom.claim_job("w1", lease_seconds=60)
    clock.move(seconds=59)
    assert newsroom.claim_job("w2", lease_seconds=60) is None
    clock.move(seconds=1)
    job = newsroom.claim_job("w2", lease_seconds=60)
    assert job is not None
    assert (job.id, job.owner, job.attempts, job.started_at) == (job_id, "w2", 2, START)
    assert not newsroom.progress_job(job_id, "w1", lease_seconds=60, done=1)
    assert not newsroom.finish_job(job_id, "w1", outcome="zu spät")
    assert newsroom.finish_job(job_id, "w2", outcome="fertig")


def test_a_cancelled_job_tells_its_worker_to_stop(desk: Desk) -> None:
    newsroom = desk.newsroom
    queued = newsroom.ask_job("crawl", {}, asked_by="redaktion")
    running = newsroom.ask_job("train", {}, asked_by="redaktion")
    assert newsroom.claim_job("w1", lease_seconds=60, kinds=["train"])
    assert newsroom.cancel_job(queued)
    assert newsroom.cancel_job(running)
    assert not newsroom.progress_job(running, "w1", lease_seconds=60)
    assert not newsroom.cancel_job(running)
    assert not newsroom.cancel_job(99)
    assert {job.state for job in newsroom.jobs()} == {"cancelled"}
    assert newsroom.claim_job("w1", lease_seconds=60) is None


def test_a_worker_may_take_only_what_it_can_do(desk: Desk) -> None:
    desk.newsroom.ask_job("crawl", {}, asked_by="redaktion")
    assert desk.newsroom.claim_job("w1", lease_seconds=60, kinds=["train", "erase"]) is None
    assert desk.newsroom.claim_job("w1", lease_seconds=60, kinds=["train", "crawl"]) is not None


def test_a_job_outside_the_schema_is_refused(desk: Desk) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        desk.newsroom.ask_job("", {}, asked_by="redaktion")
    with pytest.raises(TypeError):
        desk.newsroom.ask_job("crawl", {"at": START}, asked_by="redaktion")
    assert desk.newsroom.jobs() == []


def _claim_all(path: Path, owner: str, taken: Any) -> None:
    with Newsroom(path, now=Clock()) as newsroom:
        while job := newsroom.claim_job(owner, lease_seconds=60):
            taken.put((job.id, newsroom.take_lease(f"job {job.id}", owner, 60)))
            newsroom.finish_job(job.id, owner, outcome="fertig")


def test_workers_at_the_same_time_never_share_a_job(desk: Desk) -> None:
    ids = [desk.newsroom.ask_job("crawl", {}, asked_by="redaktion") for _ in range(60)]
    context = multiprocessing.get_context("fork")
    taken: Any = context.Queue()
    workers = [
        context.Process(target=_claim_all, args=(desk.newsroom.path, f"w{number}", taken))
        for number in range(3)
    ]
    for worker in workers:
        worker.start()
    found = [taken.get(timeout=60) for _ in ids]
    for worker in workers:
        worker.join()
    assert sorted(found) == [(job_id, True) for job_id in ids]
    assert taken.empty()


def test_a_lease_is_held_by_one_until_it_runs_out(desk: Desk) -> None:
    newsroom, clock = desk.newsroom, desk.clock
    assert newsroom.take_lease("source stadt_a", "one", 60)
    assert not newsroom.take_lease("source stadt_a", "two", 60)
    assert not newsroom.take_lease("source stadt_a", "one", 60)
    assert newsroom.take_lease("source zeitung", "two", 60)
    assert newsroom.leases() == {"source stadt_a": "one", "source zeitung": "two"}
    clock.move(seconds=30)
    assert newsroom.renew_lease("source stadt_a", "one", 60)
    assert not newsroom.renew_lease("source stadt_a", "two", 60)
    clock.move(seconds=59)
    assert newsroom.leases() == {"source stadt_a": "one"}
    assert not newsroom.take_lease("source stadt_a", "two", 60)
    clock.move(seconds=1)
    assert newsroom.take_lease("source stadt_a", "two", 60)
    assert not newsroom.renew_lease("source stadt_a", "one", 60)
    assert not newsroom.release_lease("source stadt_a", "one")
    assert newsroom.release_lease("source stadt_a", "two")
    assert newsroom.take_lease("source stadt_a", "one", 60)


def test_a_permanent_redirect_counts_while_it_leads_to_the_same_place(desk: Desk) -> None:
    newsroom = desk.newsroom
    old, new = "https://stadt_a.example/feed", "https://www.stadt_a.example/feed"
    assert [newsroom.seen_redirect("stadt_a", old, new) for _ in range(3)] == [1, 2, 3]
    assert newsroom.redirects("stadt_a") == {old: (new, 3)}
    assert newsroom.seen_redirect("stadt_a", old, "https://anders.example/") == 1
    assert newsroom.seen_redirect("stadt_a", old, new) == 1
    assert newsroom.redirects("zeitung") == {}
    assert newsroom.forget_redirect("stadt_a", old)
    assert not newsroom.forget_redirect("stadt_a", old)
    assert newsroom.seen_redirect("stadt_a", old, new) == 1


def test_sources_redirect_apart(desk: Desk) -> None:
    desk.newsroom.set_sources([make_source("eins"), make_source("zwei")])
    for source_id in ("eins", "zwei", "zwei"):
        desk.newsroom.seen_redirect(source_id, "https://a.example/", "https://b.example/")
    assert desk.newsroom.redirects("zwei") == {"https://a.example/": ("https://b.example/", 2)}


def test_a_job_given_back_waits_as_if_never_begun(desk: Desk) -> None:
    newsroom = desk.newsroom
    asked = newsroom.ask_job("publish", {}, asked_by="anna")
    for _ in range(5):
        claimed = newsroom.claim_job("w", lease_seconds=60)
        assert claimed is not None
        assert claimed.attempts == 1
        assert newsroom.return_job(asked, "w")
    assert not newsroom.return_job(asked, "w")
    job = newsroom.job(asked)
    assert job is not None
    assert (job.state, job.owner, job.attempts) == ("queued", None, 0)
