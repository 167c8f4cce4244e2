"""A day of the live service at sixty times its speed, with everything going wrong in it: JSON.

    python benchmarks/day.py [--hours 24] [--speed 60] [--sources 30]

The real ``radar schedule`` crawls invented press offices on loopback while a second of ours is a
minute of theirs. In the course of the day hosts break off, answer 429 and 503, the network goes,
the machine sleeps, the service is killed and comes back with a clock that jumped forward, then
back. At the end every item that was published must be there once, no source may be blamed for what
was our own outage, and the service must stop within ten seconds. Exits with 1 where that is not so.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.schedule import make_offices  # noqa: E402
from crawler.source_files import write_source  # noqa: E402
from radar.config import Config  # noqa: E402
from radar.crawling import open_newsroom  # noqa: E402
from store.types import Source  # noqa: E402

#: A Tuesday morning: offices publish all day.
BEGIN = datetime(2025, 1, 14, 5, 0, tzinfo=UTC)
#: What processes of the service get as their clock: ``sitecustomize`` runs before all else.
CLOCK = """
import os, time
from datetime import UTC, datetime, timedelta
real, fake = float(os.environ["DAY_REAL"]), datetime.fromisoformat(os.environ["DAY_FAKE"])
speed = float(os.environ["DAY_SPEED"])
def utc_now():
    return fake + timedelta(seconds=(time.time() - real) * speed)
import crawler.clock, radar.crawling
crawler.clock.utc_now = radar.crawling.utc_now = utc_now
import radar.holding, radar.scheduler
radar.holding.LEASE_S *= speed
radar.scheduler.LOOK_S = 1.0
"""


@dataclass
class Day:
    """The clock of the day, which may jump."""

    speed: float
    real: float = field(default_factory=time.time)
    fake: datetime = BEGIN

    def now(self) -> datetime:
        return self.fake + timedelta(seconds=(time.time() - self.real) * self.speed)

    def jump(self, by: timedelta) -> None:
        self.fake, self.real = self.now() + by, time.time()


class Press(ThreadingHTTPServer):
    """All press offices in one server: what each has published by now, and how it fails."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, day: Day, items: dict[str, list[datetime]], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.day, self.items = day, items
        self.failing: dict[str, str] = {}
        self.answered = 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Press

    def do_GET(self) -> None:
        press = self.server
        host = self.headers["Host"].removeprefix("www.").removesuffix(".example")
        failure = press.failing.get(host)
        if failure == "broken":
            self.close_connection = True
            return
        status, body, kind = 200, b"", "text/html; charset=utf-8"
        headers: dict[str, str] = {}
        if self.path == "/robots.txt":
            status = 404
        elif failure == "429":
            status, headers = 429, {"Retry-After": "3600"}
        elif failure == "503":
            status = 503
        elif self.path == "/feed.xml":
            body, kind = self._feed(host), "application/rss+xml"
        elif self.path.startswith("/m/"):
            title = f"Meldung {self.path[3:]} aus {host}"
            text = "Die Stadt stellt einen weiteren Dienst ins Netz. " * 8
            body = (
                f"<html lang=de><title>{title}</title><article><h1>{title}</h1>"
                f"<p>{text}</p></article></html>"
            ).encode()
        else:
            status = 404
        press.answered += 1
        self.send_response(status)
        for name, value in {**headers, "Content-Type": kind}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _feed(self, host: str) -> bytes:
        now = self.server.day.now()
        rows = [
            f"<item><title>Meldung {number} aus {host}</title>"
            f"<link>https://www.{host}.example/m/{number}</link><guid>{host}-{number}</guid>"
            f"<pubDate>{format_datetime(at)}</pubDate>"
            "<description>Ein neuer Dienst.</description></item>"
            for number, at in enumerate(self.server.items[host])
            if at <= now
        ][-30:]
        head = f"<rss version='2.0'><channel><title>{host}</title>"
        return f"{head}{''.join(rows)}</channel></rss>".encode()

    def log_message(self, format: str, *args: object) -> None:
        pass


def serve(day: Day, items: dict[str, list[datetime]], port: int = 0) -> Press:
    press = Press(day, items, port)
    threading.Thread(target=press.serve_forever, args=(0.05,), daemon=True).start()
    return press


class Service:
    """``radar schedule`` as a process, started, killed and started again."""

    def __init__(self, day: Day, folder: Path, address: str) -> None:
        self.day, self.folder, self.address = day, folder, address
        (folder / "clock").mkdir()
        (folder / "clock" / "sitecustomize.py").write_text(CLOCK, "utf-8")

    def start(self) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(self.folder / "clock"), str(ROOT)]),
            "DAY_REAL": repr(self.day.real), "DAY_FAKE": self.day.fake.isoformat(),
            "DAY_SPEED": repr(self.day.speed),
            "RADAR_PATHS_DATA": str(self.folder / "data"),
            "RADAR_PATHS_CATALOGUE": str(self.folder / "catalogue"),
            "RADAR_CRAWL_CONNECT_TO": self.address, "RADAR_CRAWL_DELAY_S": "0.02",
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "radar", "schedule"], env=environment, cwd=self.folder,
            stdout=(self.folder / "log").open("ab"), stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip

    def alive(self) -> bool:
        return self.process.poll() is None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--speed", type=float, default=60)
    parser.add_argument("--sources", type=int, default=30)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    random_ = random.Random(options.seed)
    day = Day(options.speed)
    offices = make_offices(options.sources, 21, options.seed)
    end = BEGIN + timedelta(hours=options.hours)
    items = {
        f"amt{number}": [at for at in office.items if at < end + timedelta(hours=3)][-60:]
        for number, office in enumerate(offices)
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
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
        press = serve(day, items)
        port = press.server_port
        service = Service(day, folder, f"127.0.0.1:{port}")
        day.real, day.fake = time.time(), BEGIN
        service.start()
        told: list[str] = []
        hosts = list(items)

        def until(hour: float) -> None:
            while day.now() < BEGIN + timedelta(hours=hour * options.hours / 24):
                if not service.alive():
                    told.append(f"the service died before hour {hour}")
                    service.start()
                time.sleep(0.2)

        until(3)
        press.failing = dict.fromkeys(hosts[:5], "broken")
        until(5)
        press.failing = dict.fromkeys(hosts[5:8], "429") | dict.fromkeys(hosts[8:10], "503")
        until(7)
        press.failing = {}
        until(8)
        press.shutdown()
        press.server_close()
        gone = (day.now(), day.now() + timedelta(hours=options.hours / 24 * 1.5))
        until(9.5)
        press = serve(day, items, port)
        until(11)
        os.killpg(service.process.pid, signal.SIGSTOP)
        time.sleep(3600 / options.speed * options.hours / 24)
        os.killpg(service.process.pid, signal.SIGCONT)
        until(14)
        os.kill(service.process.pid, signal.SIGKILL)
        service.process.wait()
        day.jump(timedelta(hours=options.hours / 24 * 2))
        service.start()
        until(19)
        os.kill(service.process.pid, signal.SIGKILL)
        service.process.wait()
        day.jump(-timedelta(hours=options.hours / 24))
        service.start()
        until(24)
        begun = time.monotonic()
        service.process.terminate()
        service.process.wait(60)
        stopped_s = time.monotonic() - begun
        press.shutdown()
        report = judge(folder, items, day, gone, service.process.returncode, stopped_s, told)
        report["requests"] = press.answered
    print(json.dumps(report, indent=1))  # noqa: T201
    sys.exit(0 if report["fine"] else 1)


def judge(
    folder: Path,
    items: dict[str, list[datetime]],
    day: Day,
    gone: tuple[datetime, datetime],
    code: int,
    stopped_s: float,
    told: list[str],
) -> dict[str, object]:
    """What is there, held against what was published."""
    now = day.now()
    with open_newsroom(Config(paths_data=folder / "data")) as newsroom:
        stored = [item.article.url for item in newsroom.items()]
        counts = newsroom.counts()
        # A day is the longest interval: what came later may be found tomorrow.
        late = {
            f"https://www.{host}.example/m/{number}": (now - at) / timedelta(hours=1)
            for host, times in items.items()
            for number, at in enumerate(times)
            if at <= now and f"https://www.{host}.example/m/{number}" not in set(stored)
        }
        runs = newsroom.runs(limit=100_000)
        streaks = {s.source.id: s.error_streak for s in newsroom.sources() if s.error_streak}
        leases = newsroom.leases()
    blamed = [
        run.id
        for run in runs
        if run.result and run.result.status == "failed"
        and gone[0] + timedelta(minutes=5) < run.started_at < gone[1]
    ]  # fmt: skip
    checks = {
        file.name: sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone()[0]
        for file in sorted((folder / "data").glob("*.db"))
    }
    public = sqlite3.connect(folder / "data" / "archive.db")
    shown = public.execute("SELECT count(*), count(DISTINCT url) FROM items").fetchone()
    log = (folder / "log").read_text("utf-8")
    lost = {url: round(hours, 1) for url, hours in late.items() if hours > 24}
    fine = (
        not told and not lost and not blamed and not streaks and code == 0 and stopped_s <= 10
        and len(stored) == len(set(stored)) and counts["versions"] == 0
        and shown == (len(stored), len(stored)) and set(checks.values()) == {"ok"}
        and "Traceback" not in log
    )  # fmt: skip
    return {
        "fine": fine,
        "published": sum(at <= now for times in items.values() for at in times),
        "stored": len(stored), "stored_once": len(set(stored)), "public": shown[0],
        "not_yet_found": len(late), "lost": lost, "versions": counts["versions"],
        "runs": len(runs),
        "by_status": {
            status: sum(bool(run.result) and run.result.status == status for run in runs)  # type: ignore[union-attr]
            for status in ("ok", "unchanged", "failed", "postponed", "offline")
        },
        "runs_cut_off": sum(run.result is None for run in runs),
        "blamed_for_our_outage": blamed, "error_streaks_at_the_end": streaks,
        "leases_left": leases, "integrity": checks, "exit_code": code,
        "stopped_after_s": round(stopped_s, 2), "died": told, "traceback": "Traceback" in log,
    }  # fmt: skip


if __name__ == "__main__":
    main()
