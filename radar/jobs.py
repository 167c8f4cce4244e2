"""Carries out what the desk asked for: one process a job, its progress written back.

The desk writes a row into the newsroom's jobs table (`store.jobs`); a worker claims it, starts
``radar job`` for it and holds it by a lease while that process lives. A job whose worker dies is
carried out anew by the next.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from types import FrameType
from typing import Any

from classifier.registry import Registry
from crawler.catalogue import CatalogueError
from crawler.source_files import is_id, replace_source
from radar import checking, crawling, discovering, keeping, learning, rounds, sources_found
from radar.config import Config, environment
from radar.holding import new_owner
from radar.logs import RUN_ID, appended
from store.errors import RadarError
from store.newsroom import Newsroom
from store.types import Job, RunResult, Source

#: Seconds a job is held without a sign of life, between two such signs, and between two looks.
LEASE_S, RENEW_S, LOOK_S = 30.0, 10.0, 0.5
#: How often a job is begun before it counts as one that cannot be done.
ATTEMPTS = 3


class JobError(RadarError):
    """A job that cannot be carried out; the message says why."""


class _CancelledError(RadarError):
    """The job was taken back, or another worker has it: stop."""


@dataclass(frozen=True)
class Work:
    """One job under way: what was asked, the open newsroom, and how to tell how far it is."""

    config: Config
    newsroom: Newsroom
    job: Job
    owner: str

    def tell(self, line: str, done: int = 0, total: int | None = None) -> None:
        """Show the desk how far the job is. Raises when it was taken back."""
        if not self.newsroom.progress_job(
            self.job.id, self.owner, lease_seconds=LEASE_S, done=done, total=total, line=line
        ):
            raise _CancelledError(f"job {self.job.id} was taken back")

    def argument(self, name: str) -> str:
        """A text of the job's argument. Raises `JobError` if it is missing."""
        value = self.job.argument.get(name)
        if not isinstance(value, str) or not value:
            raise JobError(f"job {self.job.id} ({self.job.kind}): {name!r} is missing")
        return value


@dataclass(frozen=True, slots=True)
class Done:
    """How a job ended: one line for people and, where there is more to show, plain data."""

    outcome: str
    result: Mapping[str, Any] | None = None


# -- what can be asked for ------------------------------------------------------------------------


def _crawl(work: Work) -> Done:
    """``source``: crawl it now, tag and publish what came."""
    source = work.argument("source")
    work.tell(f"asking {source}")

    def on_event(event: str, source_id: str, result: RunResult) -> None:
        work.tell(f"{result.new} new, {result.changed} changed, {result.same} same")

    (outcome,) = crawling.crawl(work.config, [source], on_event)
    _tag_and_publish(work)
    result = outcome.result
    told = f": {result.message}" if result.message else ""
    return Done(
        f"{result.status}{told}; {result.new} new, {result.changed} changed", asdict(result)
    )


def _discover(work: Work) -> Done:
    """``url`` of a homepage or list: what it offers, each offer with samples and a draft."""
    work.tell("looking")
    found = discovering.discover(work.config, work.argument("url"))
    offers = []
    for offer in found.offers:
        draft = sources_found.draft(found.site, offer, None, crawling.utc_now())
        same = [one.id for one in crawling.catalogue(work.config) if one.url == draft.url]
        offers.append({**offer, "draft": asdict(draft), "known_as": same})
    return Done(f"{len(offers)} offers", {"offers": offers, "refused": found.refused})


def _check(work: Work) -> Done:
    """``source``: look at its list and judge it; nothing is stored."""
    source = work.argument("source")
    work.tell(f"looking at {source}")
    verdicts = checking.check(work.config, [source])
    if verdicts is None:
        raise JobError("our own line is down: nothing was judged")
    (verdict,) = verdicts
    return Done(verdict.line, checking.as_dict(verdict))


def _save_source(work: Work) -> Done:
    """``facts``: a whole new source (see `store.types.Source`), written to the own folder."""
    source = _source_of(work.job.argument.get("facts"))
    known = {one.id for one in crawling.catalogue(work.config)}
    if source.id in known:
        raise JobError(f"there is a source {source.id!r} already; choose another id")
    return _kept(work, source)


def _edit_source(work: Work) -> Done:
    """``source`` and ``changes`` (facts by name): the whole source is written to the own folder,
    whose files win over the catalogue's of the same name."""
    wanted, changes = work.argument("source"), work.job.argument.get("changes")
    for source in crawling.catalogue(work.config):
        if source.id == wanted:
            facts = {**asdict(source), **(changes if isinstance(changes, dict) else {})}
            return _kept(work, _source_of({**facts, "id": wanted}))
    raise JobError(f"no source {wanted!r}")


def _source_of(facts: object) -> Source:
    if not isinstance(facts, dict):
        raise JobError("the source's facts are missing")
    try:
        return Source(**facts)
    except TypeError as error:
        raise JobError(f"these are no facts of a source: {error}") from error


def _refuse_other_mailbox(work: Work, source: Source) -> None:
    """Only the source's file says which mailbox is read: whose account leads to the desk could
    else have any file of this machine shown, or a password sent to a server of their own."""
    mailboxes = {(one.id, one.url) for one in crawling.catalogue(work.config) if one.kind == "mail"}
    if source.kind == "mail" and (source.id, source.url) not in mailboxes:
        raise JobError(
            f"{source.id}: a mailbox is set up where the program runs, not on the desk: write its "
            f"file into {work.config.own_sources} (docs/mail.md says how)"
        )


def _kept(work: Work, source: Source) -> Done:
    _refuse_other_mailbox(work, source)
    held = work.config.own_sources / f"{source.id}.toml"
    before = held.read_bytes() if is_id(source.id) and held.is_file() else None
    path = replace_source(work.config.own_sources, source)
    try:
        crawling.load_sources(work.config, work.newsroom)
    except CatalogueError:  # such as an address that another source has
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)
        raise
    _publish_all(work)
    return Done(f"{source.id} is kept in {path.parent.name}/{path.name}", asdict(source))


def _train(work: Work) -> Done:
    """Train with the corrections; promote what is not worse; tag and publish."""
    work.tell("training")
    trained = learning.train_again(
        work.config, work.newsroom, by=work.job.asked_by, now=crawling.utc_now
    )
    if trained.promotion is not None:
        _tag_and_publish(work)
    return Done(trained.verdict, json.loads(json.dumps(asdict(trained))))


def _promote(work: Work) -> Done:
    """``model``: put it in force; tag and publish."""
    model_id = work.argument("model")
    Registry(work.config.models).promote(
        model_id, by=work.job.asked_by, why="from the desk", now=crawling.utc_now()
    )
    _tag_and_publish(work)
    return Done(f"{model_id} is in force")


def _roll_back(work: Work) -> Done:
    """Put the model in force that was so before; tag and publish."""
    promotion = Registry(work.config.models).roll_back(by=work.job.asked_by, now=crawling.utc_now())
    _tag_and_publish(work)
    return Done(f"{promotion.model_id} is in force again")


def _erase(work: Work) -> Done:
    """``item`` (a number) and ``reason``: erase it for good."""
    which = str(work.job.argument.get("item") or "")
    erased = keeping.erase(work.config, which, work.argument("reason"))
    return Done(f"{len(erased.items)} items erased")


def _publish(work: Work) -> Done:
    """Bring the public files up to date."""
    _tag_and_publish(work)
    return Done("published")


def _tag_and_publish(work: Work) -> None:
    model = learning.model_in_force(work.config, work.newsroom, crawling.utc_now)
    work.tell("tagging")
    rounds.tag(work.newsroom, model)
    _publish_all(work)


def _publish_all(work: Work) -> None:
    rounds.publish_all(
        work.config,
        work.newsroom,
        progress=lambda done, total: work.tell("publishing", done, total),
    )


#: Kinds of jobs; the first line of each function says what its argument holds.
KINDS: dict[str, Callable[[Work], Done]] = {
    "crawl": _crawl,
    "discover": _discover,
    "check": _check,
    "save_source": _save_source,
    "edit_source": _edit_source,
    "train": _train,
    "promote": _promote,
    "rollback": _roll_back,
    "erase": _erase,
    "publish": _publish,
}


# -- carrying out ---------------------------------------------------------------------------------


def carry_out(config: Config, job_id: int, owner: str) -> bool:
    """Carry out a job that ``owner`` has claimed, in this process. Returns whether it succeeded.

    SIGTERM ends it as if it had been taken back: a crawl of its own ends, too, and holds nothing.
    """
    signal.signal(signal.SIGTERM, _stopped)
    with crawling.open_newsroom(config) as newsroom:
        job = newsroom.job(job_id)
        if job is None or job.owner != owner or job.kind not in KINDS:
            raise JobError(f"job {job_id} is not {owner}'s to carry out")
        try:
            done = KINDS[job.kind](Work(config, newsroom, job, owner))
        except _CancelledError:
            return False
        except RadarError as error:
            newsroom.finish_job(job_id, owner, outcome=str(error), failed=True)
            return False
        return newsroom.finish_job(job_id, owner, outcome=done.outcome, result=done.result)


def _stopped(number: int, frame: FrameType | None) -> None:
    raise _CancelledError("the job was told to stop")


def work(config: Config, stop: threading.Event) -> None:
    """Carry out jobs, oldest first, one at a time, until ``stop`` is set."""
    owner = new_owner()
    with crawling.open_newsroom(config) as newsroom:
        while not stop.wait(LOOK_S):
            job = newsroom.claim_job(owner, lease_seconds=LEASE_S, kinds=KINDS)
            if job is None:
                continue
            if job.attempts > ATTEMPTS:
                newsroom.finish_job(
                    job.id, owner, outcome=f"gave up: it crashed {ATTEMPTS} times", failed=True
                )
                continue
            _supervise(config, newsroom, job, owner, stop)


def _supervise(
    config: Config, newsroom: Newsroom, job: Job, owner: str, stop: threading.Event
) -> None:
    """Let a process of its own do the job; hold it as long as that lives."""
    command = [sys.executable, "-m", "radar", "job", str(job.id), "--owner", owner,
               "--until-stdin-ends"]  # fmt: skip
    with (
        appended(config.jobs_log, config) as log,
        subprocess.Popen(
            command,
            env={**os.environ, **environment(config), "RADAR_RUN_ID": RUN_ID},
            stdin=subprocess.PIPE,  # it ends when we are gone
            stdout=log,
            stderr=log,
        ) as process,
    ):
        renewed = time.monotonic()
        while process.poll() is None:
            if stop.wait(0.1):
                process.terminate()
                try:
                    process.wait(crawling.STOP_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                newsroom.return_job(job.id, owner)
                return
            if time.monotonic() - renewed > RENEW_S:
                renewed = time.monotonic()
                held = newsroom.renew_job(job.id, owner, lease_seconds=LEASE_S)
                if not held and process.poll() is None:
                    process.terminate()
    # Of a job that has told how it ended we are no longer the owner.
    newsroom.finish_job(
        job.id,
        owner,
        outcome=f"the job crashed (code {process.returncode}); see the end of jobs.log",
        failed=True,
    )
