"""What the desk asked for is carried out beside the rounds, told back, and never done twice."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import pytest

from classifier import models
from classifier.models import Model
from classifier.registry import Registry
from crawler.catalogue import load_source
from crawler.source_files import write_source
from radar import holding, jobs
from radar.config import Config, environment
from radar.crawling import crawl, open_newsroom, utc_now
from radar.holding import held
from radar.scheduler import plans
from store.connection import BusyError
from store.newsroom import Newsroom
from store.types import Job, RunResult, Source
from tests.web import Answer, LocalWeb, local_web

SITE = "https://stadt.example"
SOURCE = Source(
    id="stadt", name="Stadt", publisher="Stadt", homepage=f"{SITE}/", kind="feed",
    url=f"{SITE}/feed.xml", licence="official", display="full", relevance="all",
    schedule="adaptive", reference=f"{SITE}/", follow=False,
)  # fmt: skip
FEED = f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Stadt</title>
<item><title>Bauantrag in Kiel nur noch digital</title><link>{SITE}/bauantrag</link>
<description>Die Bauaufsicht nimmt Pläne allein über das Portal an.</description>
<pubDate>Mon, 16 Nov 2026 10:00:00 +0100</pubDate></item></channel></rss>"""


MAILBOX = replace(SOURCE, id="post", kind="mail", url="imaps://radar@mail.example.org/INBOX")


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    with local_web() as running:
        running.answers[SOURCE.url] = Answer(FEED.encode(), "application/rss+xml")
        yield running


@pytest.fixture
def config(tmp_path: Path, web: LocalWeb, model: Model) -> Config:
    config = Config(paths_data=tmp_path / "data", crawl_connect_to=web.address, crawl_delay_s=0)
    models.save(model, config.models)
    Registry(config.models).promote(model.id, by="test", why="first", now=utc_now())
    return config


@pytest.fixture
def newsroom(config: Config) -> Iterator[Newsroom]:
    with open_newsroom(config) as opened:
        opened.set_sources([SOURCE])
        yield opened


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@contextmanager
def working(config: Config) -> Iterator[None]:
    stop = threading.Event()
    worker = threading.Thread(target=jobs.work, args=(config, stop))
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join(20)
        assert not worker.is_alive()


def ended(newsroom: Newsroom, job_id: int) -> Job:
    def over() -> bool:
        job = newsroom.job(job_id)
        return job is not None and job.finished_at is not None

    wait_for(over)
    job = newsroom.job(job_id)
    assert job is not None
    return job


def test_source_is_crawled_tagged_and_published_on_demand(
    config: Config, newsroom: Newsroom
) -> None:
    asked = newsroom.ask_job("crawl", {"source": "stadt"}, asked_by="anna")
    with working(config):
        job = ended(newsroom, asked)
    assert (job.state, job.outcome) == ("done", "ok; 1 new, 0 changed")
    assert job.result is not None
    assert job.result["entries"] == 1
    (item,) = newsroom.items()
    assert {tag.value for tag in newsroom.tags(item.id)} >= {"bauen", "DE-SH"}
    assert config.archive.is_file()
    assert newsroom.leases() == {}


def test_source_is_added_edited_and_paused_on_demand(
    config: Config, newsroom: Newsroom, tmp_path: Path
) -> None:
    folder = tmp_path / "catalogue"
    config = replace(config, paths_catalogue=folder)
    write_source(folder, SOURCE)
    other = replace(SOURCE, id="kreis", url=f"{SITE}/kreis.xml", name="Kreis")
    with working(config):
        added = newsroom.ask_job("save_source", {"facts": asdict(other)}, asked_by="anna")
        same = newsroom.ask_job("save_source", {"facts": asdict(other)}, asked_by="anna")
        taken = {"facts": asdict(replace(other, id="dorf"))}
        double = newsroom.ask_job("save_source", taken, asked_by="anna")
        changes = {"schedule": "0 7 * * *", "display": "teaser", "paused": True}
        edited = newsroom.ask_job(
            "edit_source", {"source": "stadt", "changes": changes}, asked_by="anna"
        )
        wrong = newsroom.ask_job(
            "edit_source", {"source": "stadt", "changes": {"schedule": "bald"}}, asked_by="anna"
        )
        stolen = newsroom.ask_job(
            "edit_source", {"source": "kreis", "changes": {"url": SOURCE.url}}, asked_by="anna"
        )
        asked = (added, same, double, edited, wrong, stolen)
        jobs_ended = [ended(newsroom, one) for one in asked]
    assert [job.state for job in jobs_ended[:5]] == ["done", "failed", "failed", "done", "failed"]
    assert jobs_ended[5].state == "failed", "and leaves the file as it was"
    assert load_source(config.own_sources / "kreis.toml") == other
    assert "its url" in (jobs_ended[2].outcome or "")
    assert "schedule" in (jobs_ended[4].outcome or "")
    assert sorted(path.name for path in config.own_sources.iterdir()) == [
        "kreis.toml",
        "stadt.toml",
    ]
    stadt = newsroom.source("stadt")
    assert (stadt.schedule, stadt.display, stadt.paused) == ("0 7 * * *", "teaser", True)
    assert set(plans(newsroom, utc_now())) == {"kreis"}
    assert newsroom.source("stadt") == load_source(config.own_sources / "stadt.toml")


def test_source_is_looked_at_on_demand_and_nothing_stored(
    config: Config, newsroom: Newsroom, web: LocalWeb, tmp_path: Path
) -> None:
    folder = tmp_path / "catalogue"
    config = replace(config, paths_catalogue=folder)
    write_source(folder, SOURCE)
    link = f'<link rel="alternate" type="application/rss+xml" href="{SOURCE.url}">'
    web.answers[f"{SITE}/"] = Answer(f"<html><head>{link}</head><h1>Stadt</h1></html>".encode())
    with working(config):
        looked = newsroom.ask_job("check", {"source": "stadt"}, asked_by="anna")
        found = newsroom.ask_job("discover", {"url": f"{SITE}/"}, asked_by="anna")
        check, discovered = ended(newsroom, looked), ended(newsroom, found)
    assert check.state == discovered.state == "done", (check.outcome, discovered.outcome)
    assert check.result is not None
    assert check.result["entries"] == 1
    assert discovered.result is not None
    (offer,) = discovered.result["offers"]
    assert offer["samples"][0]["title"] == "Bauantrag in Kiel nur noch digital"
    assert (offer["draft"]["url"], offer["known_as"]) == (SOURCE.url, ["stadt"])
    assert list(newsroom.items()) == []


@pytest.mark.parametrize(
    ("kind", "argument"),
    [
        ("save_source", {"facts": asdict(replace(MAILBOX, id="neu"))}),
        ("save_source", {"facts": asdict(replace(MAILBOX, id="neu", url="file:///etc/passwd"))}),
        ("edit_source", {"source": "post", "changes": {"url": "imaps://a@mail.example.net/INBOX"}}),
        ("edit_source", {"source": "post", "changes": {"url": "file:///etc/passwd"}}),
        ("edit_source", {"source": "stadt", "changes": {"kind": "mail", "url": MAILBOX.url}}),
    ],
)
def test_no_mailbox_is_chosen_on_the_desk(
    config: Config, newsroom: Newsroom, tmp_path: Path, kind: str, argument: dict[str, object]
) -> None:
    folder = tmp_path / "catalogue"
    config = replace(config, paths_catalogue=folder)
    for known in (SOURCE, MAILBOX):
        write_source(folder, known)
    job = newsroom.job(newsroom.ask_job(kind, argument, asked_by="anna"))
    assert job is not None
    with pytest.raises(jobs.JobError, match="a mailbox is set up where the program runs"):
        jobs.KINDS[kind](jobs.Work(config, newsroom, job, "worker"))
    assert not config.own_sources.exists()


def test_other_facts_of_a_mailbox_are_edited_on_the_desk(
    config: Config, newsroom: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "catalogue"
    config = replace(config, paths_catalogue=folder)
    write_source(folder, MAILBOX)
    monkeypatch.setattr(jobs, "_publish_all", lambda work: None)
    changes = {"source": "post", "changes": {"paused": True}}
    job = newsroom.job(newsroom.ask_job("edit_source", changes, asked_by="anna"))
    assert job is not None
    jobs.KINDS["edit_source"](jobs.Work(config, newsroom, job, "worker"))
    assert load_source(config.own_sources / "post.toml") == replace(MAILBOX, paused=True)


def test_what_cannot_be_done_says_why(config: Config, newsroom: Newsroom) -> None:
    wrong_model = newsroom.ask_job("promote", {"model": "nope"}, asked_by="anna")
    no_source = newsroom.ask_job("crawl", {}, asked_by="anna")
    nothing_before = newsroom.ask_job("rollback", {}, asked_by="anna")
    with working(config):
        found = [ended(newsroom, one) for one in (wrong_model, no_source, nothing_before)]
    assert [job.state for job in found] == ["failed"] * 3
    assert "no model 'nope'" in (found[0].outcome or "")
    assert "'source' is missing" in (found[1].outcome or "")
    assert "there is no model" in (found[2].outcome or "")


def test_item_is_erased_on_demand(config: Config, newsroom: Newsroom) -> None:
    crawled = newsroom.ask_job("crawl", {"source": "stadt"}, asked_by="anna")
    with working(config):
        ended(newsroom, crawled)
        (item,) = newsroom.items()
        asked = newsroom.ask_job("erase", {"item": item.id, "reason": "Antrag"}, asked_by="berta")
        job = ended(newsroom, asked)
    assert (job.state, job.outcome) == ("done", "1 items erased")
    assert list(newsroom.items()) == []


@pytest.mark.parametrize("code", [1, 70])
def test_crash_of_a_job_is_told_and_the_next_is_done(
    config: Config,
    newsroom: Newsroom,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
) -> None:
    crashing = tmp_path / "crashing"
    crashing.write_text(f"#!/bin/sh\nexit {code}\n", "utf-8")
    crashing.chmod(0o755)
    asked = newsroom.ask_job("publish", {}, asked_by="anna")
    with monkeypatch.context() as patched, working(config):
        patched.setattr(jobs.sys, "executable", str(crashing))
        job = ended(newsroom, asked)
    assert (job.state, job.outcome) == (
        "failed", f"the job crashed (code {code}); see the end of jobs.log",
    )  # fmt: skip
    again = newsroom.ask_job("publish", {}, asked_by="anna")
    with working(config):
        assert ended(newsroom, again).state == "done"


def test_job_that_always_takes_its_worker_down_is_given_up(
    config: Config, newsroom: Newsroom
) -> None:
    asked = newsroom.ask_job("publish", {}, asked_by="anna")
    for _ in range(jobs.ATTEMPTS):
        assert newsroom.claim_job("dead", lease_seconds=-1)
    with working(config):
        job = ended(newsroom, asked)
    assert (job.state, job.outcome) == ("failed", "gave up: it crashed 3 times")


def test_job_that_was_taken_back_stops(config: Config, newsroom: Newsroom) -> None:
    asked = newsroom.ask_job("crawl", {"source": "stadt"}, asked_by="anna")
    claimed = newsroom.claim_job("me", lease_seconds=60)
    assert claimed is not None
    newsroom.cancel_job(asked)
    with pytest.raises(jobs.JobError, match="not me's to carry out"):
        jobs.carry_out(config, asked, "me")
    work = jobs.Work(config, newsroom, claimed, "me")
    with pytest.raises(jobs._CancelledError):
        work.tell("on my way")


def test_job_that_is_told_to_stop_takes_its_crawl_along(
    config: Config, newsroom: Newsroom, web: LocalWeb
) -> None:
    asked = newsroom.ask_job("crawl", {"source": "stadt"}, asked_by="anna")
    newsroom.claim_job("me", lease_seconds=60)
    newsroom.set_sources([replace(SOURCE, follow=True)])
    slow = environment(replace(config, crawl_delay_s=3.0))
    command = [sys.executable, "-m", "radar", "job", str(asked), "--owner", "me"]
    with subprocess.Popen(command, env={**os.environ, **slow}) as job:
        wait_for(lambda: web.asked, 60)
        job.terminate()
        job.wait(60)
    assert newsroom.leases() == {}
    assert newsroom.runs("stadt")[0].finished_at is not None, "the crawl ended before the job"


# -- held while it is crawled ---------------------------------------------------------------------


def test_source_that_another_crawl_has_is_left_to_it(config: Config, newsroom: Newsroom) -> None:
    seen: list[tuple[str, str, RunResult]] = []
    with held(config.newsroom, ["stadt"], utc_now) as (mine, others):
        assert (mine, others) == (["stadt"], {})
        (outcome,) = crawl(config, ["stadt"], lambda *event: seen.append(event))
    assert outcome.result.status == "busy"
    assert "is being crawled by " in (outcome.result.message or "")
    assert [event for event, _, _ in seen] == ["finish"]
    assert newsroom.runs("stadt") == []
    (outcome,) = crawl(config, ["stadt"], lambda *_: None)
    assert outcome.result.status == "ok"


def test_long_crawl_keeps_its_sources_and_a_dead_one_loses_them(
    config: Config, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "RENEW_S", 0.05)
    later = timedelta()
    newsroom.take_lease("source:dead", "gone", 60)
    with held(config.newsroom, ["stadt"], lambda: utc_now() + later):
        later = timedelta(seconds=60)
        time.sleep(0.5)
        later = timedelta(seconds=120)
        with held(config.newsroom, ["stadt", "dead"], lambda: utc_now() + later) as (mine, others):
            assert mine == ["dead"]
            assert set(others) == {"stadt"}


def test_one_that_lost_a_source_to_another_is_told_and_a_held_up_beat_costs_nothing(
    config: Config, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "RENEW_S", 0.05)
    locked = [True]
    renew = Newsroom.renew_lease

    def once_locked(self: Newsroom, name: str, owner: str, seconds: float) -> bool:
        if locked:
            locked.pop()
            raise BusyError("another program has been writing")
        return renew(self, name, owner, seconds)

    monkeypatch.setattr(Newsroom, "renew_lease", once_locked)
    lost = threading.Event()
    with held(config.newsroom, ["stadt"], utc_now, lost):
        wait_for(lambda: not locked, 10)
        assert not lost.wait(0.3), "the beat after it was in time"
        newsroom.connection.execute("UPDATE leases SET owner = 'another'")
        assert lost.wait(10)
    assert newsroom.leases() == {"source:stadt": "another"}, "it is not ours to release"


def test_crawl_ends_soon_when_told_and_keeps_what_it_has(
    config: Config, newsroom: Newsroom, web: LocalWeb
) -> None:
    """Sixty pages with a second between two requests: it would take a minute."""
    items = "".join(
        f"<item><title>Meldung {k}</title><link>{SITE}/m/{k}</link></item>" for k in range(60)
    )
    web.answers[SOURCE.url] = Answer(
        f'<rss version="2.0"><channel><title>S</title>{items}</channel></rss>'.encode(),
        "application/rss+xml",
    )
    for k in range(60):
        page = f"<html><title>Meldung {k}</title><h1>Meldung {k}</h1><p>{'Text. ' * 50}</p></html>"
        web.answers[f"{SITE}/m/{k}"] = Answer(page.encode())
    newsroom.set_sources([replace(SOURCE, follow=True)])
    stop = threading.Event()
    slow = replace(config, crawl_delay_s=1.0)
    crawling = threading.Thread(target=crawl, args=(slow, ["stadt"], lambda *_: None, stop))
    crawling.start()
    wait_for(lambda: web.times(SOURCE.url), 60)
    begun = time.monotonic()
    stop.set()
    crawling.join(30)
    assert time.monotonic() - begun < 10
    assert newsroom.leases() == {}
