"""A day of the live service at sixty times its speed, with everything going wrong in it: JSON.

    python benchmarks/day.py [--hours 24] [--speed 60] [--sources 40] [--seed 5]

The real ``radar schedule`` crawls invented press offices on loopback, and writes to a reader and to
the editors, while a second of ours is a minute of theirs. In the course of the day hosts break off,
answer 429 and 503, the line goes for web and mail, the clock jumps forward and back under the
running service, the machine sleeps, and three times something is killed in the middle of its work:
all of it while crawling, the service alone while crawling, all of it while a job runs. Every fault
must have struck something, or the day counts for nothing. Exits with 1 where a promise was broken:

- what a list named when it was last read with success is stored and public, once, in one version;
- the reader was told of each item once; every job ended, once;
- no source was crawled twice at once, or blamed for what was our own doing;
- it stopped within ten seconds in the middle of a crawl, and the databases are whole.

``--hours 2`` squeezes the same day into two minutes: for looking at the benchmark itself.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.day_world import (  # noqa: E402
    BEGIN,
    CRAWLING,
    OFFLINE,
    PATIENCE_S,
    WAITING,
    WORKING,
    Day,
    Post,
    Press,
    Service,
    serve,
    url_of,
    wait_for,
)
from benchmarks.schedule import make_offices  # noqa: E402
from crawler.source_files import write_source  # noqa: E402
from radar import learning, rounds  # noqa: E402
from radar.config import Config  # noqa: E402
from radar.crawling import open_newsroom  # noqa: E402
from store.newsroom import Newsroom  # noqa: E402
from store.types import Job, Run, Source  # noqa: E402


@dataclass
class Course:
    """One day's course: the world, and what was done to it when."""

    day: Day
    folder: Path
    items: dict[str, list[datetime]]
    press: Press
    post: Post
    service: Service
    #: hours of the day are this much shorter where only a part of it is run
    scale: float
    #: what happened when, on the clock of the day
    happened: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    jobs: list[int] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    token: str = ""
    upto: int = 0

    def until(self, hour: float) -> None:
        """Wait; a service that died by itself is told of and started again."""
        while self.day.hour() < hour * self.scale:
            if self.service.process.poll() is not None:
                self.told.append(f"the service died by itself before hour {hour:g}")
                self.service.start()
            time.sleep(0.1)

    def ask(self, *hosts: str) -> None:
        """What an editor would do: ask for the sources to be crawled now."""
        with Newsroom(self.folder / "data" / "newsroom.db", now=self.day.now) as newsroom:
            self.jobs += [
                newsroom.ask_job("crawl", {"source": host}, asked_by="day") for host in hosts
            ]

    def subscribe(self) -> None:
        """A reader who wants everything at once, as soon as the past is in the archive."""
        with Newsroom(self.folder / "data" / "newsroom.db", now=self.day.now) as newsroom:
            newsroom.subscribe("leser@example.org", "", "instant", language="de", client="day")
            (letter,) = [one for one in newsroom.letters() if one.kind == "confirm"]
            assert letter.subscription_id is not None
            asked = newsroom.subscription_of(letter.subscription_id)
            assert asked is not None
            confirmed = newsroom.confirm(asked.token)
            assert confirmed is not None
            self.token, self.upto = confirmed.token, confirmed.upto

    def fault(self, name: str, failing: dict[str, str], hour: float) -> None:
        """Hosts that fail until an hour; two of each kind are asked for by hand meanwhile."""
        begun, self.press.failing = self.day.now(), failing
        before = Counter(self.press.answered)
        for kind in set(failing.values()):
            self.ask(next(host for host, how in failing.items() if how == kind))
        self.until(hour)
        # On a busy machine a round may take longer than the fault was to last.
        wait_for(lambda: all(self.press.answered[how] > before[how] for how in failing.values()))
        self.press.failing = {}
        self.happened[name] = (begun, self.day.now())

    def kill(self, name: str, query: str, number: int, *, all_of_it: bool) -> None:
        """Send a signal in the very moment in which the newsroom answers yes to the query."""
        with closing(sqlite3.connect(self.folder / "data" / "newsroom.db", timeout=30)) as file:
            newest = file.execute("SELECT coalesce(max(id), 0) FROM runs").fetchone()[0]
        begun = self.day.now()
        self.ask(random.Random(name).choice(sorted(self.items)))
        if not self.service.seen(query.format(newest=newest), PATIENCE_S):
            self.told.append(f"{name}: nothing was under way")
        self.service.signal(number, all_of_it=all_of_it)
        if number == signal.SIGKILL:
            self.service.process.wait()
            time.sleep(0.5)
            self.service.start()
            self.happened[name] = (begun, self.day.now())

    def run(self) -> tuple[int, float]:
        """The day; returns the exit code and the seconds the service took to stop."""
        busiest = sorted(self.items, key=lambda host: -len(self.items[host]))
        self.service.start()
        self.until(1)
        self.subscribe()
        self.ask(*busiest[:2])
        self.until(2)
        self.fault("broken", dict.fromkeys(busiest[:6], "broken"), 3.25)
        self.fault(
            "429", dict.fromkeys(busiest[6:11], "429") | dict.fromkeys(busiest[11:15], "503"), 4.5
        )
        self.until(5)
        begun, port, answered = self.day.now(), self.press.server_port, self.press.answered
        self.press.shutdown()
        self.press.server_close()
        self.post.shut = True
        self.ask(busiest[0])
        with Newsroom(self.folder / "data" / "newsroom.db", now=self.day.now) as newsroom:
            newsroom.subscribe("zweite@example.org", "", "daily", language="de", client="day")
        self.until(6.25)
        wait_for(lambda: self.service.seen(OFFLINE, 1) and self.post.refused > 0)
        self.press, self.post.shut = serve(self.day, self.items, port), False
        self.press.answered = answered
        self.happened["gone"] = (begun, self.day.now())
        self.until(7)
        self.kill("kill all", CRAWLING, signal.SIGKILL, all_of_it=True)
        self.until(8)
        self.kill("kill one", CRAWLING, signal.SIGKILL, all_of_it=False)
        self.until(9)
        begun = self.day.now()
        self.service.signal(signal.SIGSTOP, all_of_it=True)
        time.sleep(3600 / self.day.speed * self.scale)
        self.happened["asleep"] = (begun, self.day.now())
        self.service.signal(signal.SIGCONT, all_of_it=True)
        self.until(11)
        begun = self.day.now()
        self.day.jump(timedelta(hours=2 * self.scale))
        self.happened["forward"] = (begun, self.day.now())
        self.until(12)
        self.kill("kill job", WORKING, signal.SIGKILL, all_of_it=True)
        self.until(14)
        begun = self.day.now()
        self.day.jump(-timedelta(hours=self.scale))
        self.happened["back"] = (self.day.now(), begun)
        self.until(21)
        self.fault("again", dict.fromkeys(busiest[:6], "broken"), 22)
        self.until(24)
        wait_for(lambda: not self.service.seen(WAITING, 0.1))
        self.kill("stop", CRAWLING, signal.SIGTERM, all_of_it=False)
        begun_s = time.monotonic()
        code = self.service.process.wait(60)
        return code, time.monotonic() - begun_s


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--speed", type=float, default=60)
    parser.add_argument("--sources", type=int, default=40)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="copy newsroom and logs to this folder")
    options = parser.parse_args()
    offices = make_offices(options.sources, 21, options.seed)
    end = BEGIN + timedelta(hours=30)
    items = {
        f"amt{number}": [at for at in office.items if at < end][-60:]
        for number, office in enumerate(offices)
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        random_ = random.Random(options.seed)
        for host, office in zip(items, offices, strict=True):
            home = f"https://www.{host}.example/"
            write_source(
                folder / "catalogue",
                Source(
                    host, host.title(), host.title(), home, "feed", f"{home}feed.xml", "official",
                    "full", "all", "adaptive", home, land=office.land,
                    follow=random_.random() < 0.5, min_items=0,
                ),
            )  # fmt: skip
        # The first training takes minutes, an hour or two of this day: it is no part of it.
        learning.model_in_force(Config(paths_data=folder / "data"), None, lambda: BEGIN)
        post = Post(_free_port())
        day = Day(folder, options.speed)
        press = serve(day, items)
        service = Service(day, folder, press.server_port, post.port)
        course = Course(day, folder, items, press, post, service, options.hours / 24)
        try:
            code, stopped_s = course.run()
        finally:
            if service.process.poll() is None:
                service.signal(signal.SIGKILL, all_of_it=True)
        report = judge(course, code, stopped_s)
        course.press.shutdown()
        post.close()
        if options.keep:
            keep(folder, options.keep)
    print(json.dumps(report, indent=1))  # noqa: T201
    sys.exit(1 if report["broken_promises"] else 0)


def judge(course: Course, code: int, stopped_s: float) -> dict[str, Any]:
    """What is there, held against what was published and what was done to the service."""
    data = course.folder / "data"
    config = Config(paths_data=data)
    with open_newsroom(config) as newsroom:
        # What came in its last moments is published by the next start, first of all.
        rounds.publish_all(config, newsroom)
        stored = {item.article.url: item for item in newsroom.items()}
        counts = newsroom.counts()
        runs = newsroom.runs(limit=1_000_000)[::-1]
        jobs = {job.id: job for job in newsroom.jobs(limit=10_000)}
        news = newsroom.news_after(course.upto)
        leases = [name for name in newsroom.leases() if name.startswith("source:")]
        titles = {item.id: item.article.title for item in stored.values()}
    read = {run.source_id: run.started_at for run in runs if _status(run) in ("ok", "unchanged")}
    named = [
        (host, number)
        for host, times in course.items.items()
        for number, at in enumerate(times)
        if host in read and at <= read[host]
    ]
    delays = sorted(
        (stored[url_of(host, number)].first_seen - at) / timedelta(hours=1)
        for host, times in course.items.items()
        for number, at in enumerate(times)
        if at > BEGIN and url_of(host, number) in stored
    )
    letters = {letter["Message-ID"]: letter for letter in course.post.letters}
    told = Counter(
        title
        for letter in letters.values()
        if "leser@" in letter["To"]
        for title in set(
            re.findall(
                r"Meldung \d+ aus amt\d+(?=:)",
                letter.get_body(("plain",)).get_content().replace("\n", " "),
            )
        )
    )
    # What came in the last two hours may still wait for a quiet moment, or for the mail server.
    awaited = course.day.now() - timedelta(hours=2)
    expected = {titles[one.item_id].partition(":")[0] for one in news if one.at <= awaited}
    with closing(sqlite3.connect(data / "archive.db")) as public:
        shown = public.execute("SELECT count(*), count(DISTINCT url) FROM items").fetchone()
    checks = {}
    for file in sorted(data.glob("*.db")):
        with closing(sqlite3.connect(file)) as connection:
            checks[file.name] = connection.execute("PRAGMA integrity_check").fetchone()[0]
    log = (course.folder / "log").read_text("utf-8")
    bites = bitten(course, runs, jobs.values())
    broken = {
        "died": course.told,
        "faults that struck nothing": [name for name, struck in bites.items() if not struck],
        "lost": [url_of(*one) for one in named if url_of(*one) not in stored],
        "not public": sorted(set(stored) - _public(data)) if shown[0] != len(stored) else [],
        "doubled": [] if shown[0] == shown[1] and not counts["versions"] else [shown, counts],
        "never told": sorted(expected - told.keys()),
        "told twice": [title for title, times in told.items() if times > 1],
        "jobs that did not end": [
            f"{number}: {jobs[number].state} {jobs[number].outcome}"
            for number in course.jobs
            if jobs[number].state not in ("done", "queued")
        ],
        "jobs lost": [
            number
            for number in course.jobs[:-1]  # the last one was asked for as it stopped
            if jobs[number].state == "queued"
        ],
        "twice at once": overlaps(course, runs),
        "blamed without cause": blamed(course, runs),
        "leases left": leases,
        "databases": [name for name, said in checks.items() if said != "ok"],
        "stop": [] if code == 0 and stopped_s <= 10 else [code, stopped_s],
        "traceback": re.findall(r"Traceback.*(?:\n[ \t].*)*\n.*", log),
    }
    return {
        "broken_promises": {name: found for name, found in broken.items() if found},
        "fake_hours": round((course.day.now() - BEGIN) / timedelta(hours=1), 1),
        "named_by_lists_read": len(named), "stored": len(stored), "public": shown[0],
        "published_in_the_day_and_found": len(delays),
        "found_after_h": {
            "median": round(delays[len(delays) // 2], 2),
            "p90": round(delays[int(len(delays) * 0.9)], 2), "most": round(delays[-1], 2),
        } if delays else {},
        "news_told_to_the_reader": [sum(told.values()), "of", len(expected)],
        "letters": {
            "confirmation": sum("zweite@" in one["To"] for one in letters.values()),
            "reader": sum("leser@" in one["To"] for one in letters.values()),
            "editors": sum("pult@" in one["To"] for one in letters.values()),
            "repeated_under_the_same_id": len(course.post.letters) - len(letters),
            "refused_while_the_line_was_gone": course.post.refused,
        },
        "runs": dict(Counter(_status(run) for run in runs)),
        "jobs": dict(Counter(jobs[number].state for number in course.jobs)),
        "jobs_begun_again": sum(jobs[number].attempts > 1 for number in course.jobs),
        "requests": dict(course.press.answered),
        "struck": bites,
        "backups": len(list((data / "backups").glob("*.db*"))),
        "stopped_after_s": round(stopped_s, 2),
    }  # fmt: skip


def _public(data: Path) -> set[str]:
    with closing(sqlite3.connect(data / "archive.db")) as public:
        return {row[0] for row in public.execute("SELECT url FROM items")}


def _status(run: Run) -> str:
    return run.result.status if run.result else "cut off"


def _within(course: Course, name: str, runs: list[Run], *statuses: str) -> int:
    begun, ended = course.happened[name]
    return sum(begun <= run.started_at <= ended and _status(run) in statuses for run in runs)


def bitten(course: Course, runs: list[Run], jobs: Collection[Job]) -> dict[str, int]:
    """How much each fault struck: runs that ended as it made them end."""
    answered = course.press.answered
    asleep = course.happened["asleep"]
    woken = [run.started_at for run in runs if run.started_at > asleep[1]]
    return {
        "hosts that break off": min(
            answered["broken"], _within(course, "broken", runs, "failed", "offline")
        ),
        "hosts that break off again": _within(course, "again", runs, "failed", "offline"),
        "429": min(answered["429"], _within(course, "429", runs, "postponed", "failed")),
        "503": answered["503"],
        "line gone": _within(course, "gone", runs, "offline"),
        "mail gone": course.post.refused,
        "slept, then went on": len(woken),
        "all killed while crawling": _within(course, "kill all", runs, "cut off"),
        # Its crawl may have come to an end in that very moment; the job that asked for it has not.
        "service killed while crawling": _within(course, "kill one", runs, "cut off")
        + sum(
            job.attempts > 1
            # Moments are kept to the second.
            and course.happened["kill one"][0] - timedelta(seconds=1) < job.asked_at
            and job.asked_at <= course.happened["kill one"][1]
            for job in jobs
        ),
        "runs after the clock went forward": sum(
            run.started_at >= course.happened["forward"][1] for run in runs
        ),
        "runs after the clock went back": sum(
            course.happened["back"][0] <= run.started_at for run in runs[len(runs) // 2 :]
        ),
    }


def overlaps(course: Course, runs: list[Run]) -> list[str]:
    """Runs of a source that began before its last one had ended; the hour that the clock went
    through twice says nothing of that."""
    found = []
    last: dict[str, Run] = {}
    back = course.happened["back"]
    for run in runs:
        before = last.get(run.source_id)
        twice = back[0] <= run.started_at <= back[1]
        if before and before.finished_at and before.finished_at > run.started_at and not twice:
            found.append(f"{run.source_id}: runs {before.id} and {run.id}")
        last[run.source_id] = run
    return found


def blamed(course: Course, runs: list[Run]) -> list[str]:
    """Failed runs of hosts that were fine."""
    found = []
    faults = [course.happened[name] for name in ("broken", "429", "again")]
    for run in runs:
        if _status(run) == "failed" and not any(
            begun - timedelta(minutes=2) <= run.started_at <= ended for begun, ended in faults
        ):
            assert run.result is not None
            found.append(f"{run.source_id} at {run.started_at:%H:%M}: {run.result.message}")
    return found


def keep(folder: Path, to: Path) -> None:
    """Copy newsroom and logs away, to look into."""
    to.mkdir(parents=True, exist_ok=True)
    for file in [folder / "log", folder / "data" / "newsroom.db",
                 *(folder / "data" / "logs").glob("*.log")]:  # fmt: skip
        if file.is_file():
            (to / file.name).write_bytes(file.read_bytes())


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
