"""The world that ``benchmarks/day.py`` lets the service live in: its clock, press and post."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parent.parent
#: A Tuesday, 10:00 in Berlin: the faults fall into working hours, the recovery into the next
#: morning.
BEGIN = datetime(2025, 1, 14, 9, 0, tzinfo=UTC)

#: What every process of the service runs before all else: its clock is the file beside it, read
#: anew each time, so that it can jump under a running process.
CLOCK = """
import os, sys, time
from datetime import datetime, timedelta
from pathlib import Path
file = Path(os.environ["DAY_CLOCK"])
speed = float(os.environ["DAY_SPEED"])
def utc_now():
    real, fake = file.read_text("ascii").split()
    return datetime.fromisoformat(fake) + timedelta(seconds=(time.time() - float(real)) * speed)
import crawler.clock
crawler.clock.utc_now = utc_now
if "scrapy" in sys.orig_argv:
    import socket
    import crawler.line
    host, port = os.environ["RADAR_CRAWL_CONNECT_TO"].split(":")
    crawler.line._opens = lambda door: socket.socket().connect_ex((host, int(port))) == 0
else:
    import radar.crawling
    radar.crawling.utc_now = utc_now
    import radar.alerts, radar.holding, radar.jobs, radar.scheduler
    # Leases run by the newsroom's clock, their renewal by the machine's.
    radar.holding.LEASE_S *= speed
    radar.jobs.LEASE_S *= speed
    radar.scheduler.LOOK_S = radar.alerts.LOOK_S = 1.0
"""

WORDS = (
    "Dienst Antrag Verwaltung Rathaus Bürger Plattform Schule Netz Sensor Karte Akte Portal Kreis "
    "Termin Haushalt Gesetz Förderung Projekt Beratung Stelle Ausbau Leitung Ausweis Verfahren "
    "Register Daten Dialog Umfrage Verkehr Ampel Pegel Wald Bücherei Museum Messe Vertrag"
)


class Day:
    """The clock of the day, which may jump; its processes read it from a file."""

    def __init__(self, folder: Path, speed: float) -> None:
        self.speed, self.file = speed, folder / "now"
        self.start, self.real, self.fake = time.time(), time.time(), BEGIN
        self._write()

    def _write(self) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(f"{self.real!r} {self.fake.isoformat()}", "ascii")
        new.replace(self.file)

    def now(self) -> datetime:
        return self.fake + timedelta(seconds=(time.time() - self.real) * self.speed)

    def hour(self) -> float:
        """Hours of the day that have passed, whatever the clock says."""
        return (time.time() - self.start) * self.speed / 3600

    def jump(self, by: timedelta) -> None:
        self.fake, self.real = self.now() + by, time.time()
        self._write()


class Press(ThreadingHTTPServer):
    """All press offices in one server: what each has published by now, and how it fails."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, day: Day, items: dict[str, list[datetime]], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.day, self.items = day, items
        #: host → ``broken``, ``429`` or ``503``
        self.failing: dict[str, str] = {}
        self.answered: Counter[str] = Counter()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Press

    def do_GET(self) -> None:
        press = self.server
        host = self.headers["Host"].removeprefix("www.").removesuffix(".example")
        failure = press.failing.get(host, "")
        press.answered[failure or "fine"] += 1
        if failure == "broken":
            self.close_connection = True
            return
        status, body, kind = 200, b"", "text/html; charset=utf-8"
        headers: dict[str, str] = {}
        if failure == "429":
            status, headers = 429, {"Retry-After": "3600"}
        elif failure == "503":
            status = 503
        elif self.path == "/feed.xml":
            body, kind = self._feed(host), "application/rss+xml"
        elif self.path.startswith("/m/"):
            body = _page(host, int(self.path[3:]))
        else:
            status = 404
        self.send_response(status)
        for name, value in {**headers, "Content-Type": kind}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _feed(self, host: str) -> bytes:
        now = self.server.day.now()
        rows = [
            f"<item><title>{title_of(host, number)}</title>"
            f"<link>{url_of(host, number)}</link><guid>{host}-{number}</guid>"
            f"<pubDate>{format_datetime(at)}</pubDate>"
            f"<description>{_words(host, number, 12)}.</description></item>"
            for number, at in enumerate(self.server.items[host])
            if at <= now
        ]
        head = f"<rss version='2.0'><channel><title>{host}</title>"
        return f"{head}{''.join(rows)}</channel></rss>".encode()

    def log_message(self, format: str, *args: object) -> None:
        pass


def url_of(host: str, number: int) -> str:
    return f"https://www.{host}.example/m/{number}"


def title_of(host: str, number: int) -> str:
    return f"Meldung {number} aus {host}: {_words(host, number, 3)}"


def _words(host: str, number: int, count: int) -> str:
    return " ".join(random.Random(f"{host} {number}").choices(WORDS.split(), k=count))


def _page(host: str, number: int) -> bytes:
    title, text = title_of(host, number), _words(host, number, 150)
    return (
        f"<html lang=de><title>{title}</title><article><h1>{title}</h1><p>{text}.</p></article>"
        "</html>"
    ).encode()


def serve(day: Day, items: dict[str, list[datetime]], port: int = 0) -> Press:
    press = Press(day, items, port)
    threading.Thread(target=press.serve_forever, args=(0.05,), daemon=True).start()
    return press


class Post:
    """A mail server that keeps the letters it took; one that is ``shut`` takes none."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.letters: list[Any] = []
        self.shut, self.refused = False, 0
        self._controller = Controller(self, hostname="127.0.0.1", port=port)
        self._controller.start()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.shut:
            self.refused += 1
            return "451 no line"
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    def close(self) -> None:
        self._controller.stop()


class Service:
    """``radar schedule`` as a process, started, killed and started again."""

    def __init__(self, day: Day, folder: Path, press: int, post: int) -> None:
        self.folder, self.deaths = folder, 0
        (folder / "clock").mkdir()
        (folder / "clock" / "sitecustomize.py").write_text(CLOCK, "utf-8")
        self._environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(folder / "clock"), str(ROOT)]),
            "DAY_CLOCK": str(day.file), "DAY_SPEED": repr(day.speed),
            "RADAR_PATHS_DATA": str(folder / "data"),
            "RADAR_PATHS_CATALOGUE": str(folder / "catalogue"),
            "RADAR_CRAWL_CONNECT_TO": f"127.0.0.1:{press}", "RADAR_CRAWL_DELAY_S": "0.02",
            "RADAR_BACKUP_HOURS": "6", "RADAR_SITE_ADDRESS": "https://radar.example",
            "RADAR_MAIL_SMTP_HOST": "127.0.0.1", "RADAR_MAIL_SMTP_PORT": str(post),
            "RADAR_MAIL_SMTP_SECURITY": "none", "RADAR_MAIL_SENDER": "radar@radar.example",
            "RADAR_ALERTS_TO": "pult@radar.example",
        }  # fmt: skip

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "radar", "schedule"], env=self._environment,
                cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def signal(self, number: int, *, all_of_it: bool) -> None:
        """Send a signal to the service alone, or to everything it started, too."""
        if all_of_it:
            os.killpg(self.process.pid, number)
        else:
            os.kill(self.process.pid, number)

    def seen(self, query: str, patience_s: float) -> bool:
        """Whether the newsroom answered yes to a query within so many seconds."""
        end = time.monotonic() + patience_s
        with closing(sqlite3.connect(self.folder / "data" / "newsroom.db", timeout=30)) as file:
            while time.monotonic() < end:
                if file.execute(query).fetchone()[0]:
                    return True
                time.sleep(0.02)
        return False


#: What is asked of the newsroom to strike while something is under way.
CRAWLING = "SELECT count(*) FROM runs WHERE finished_at IS NULL AND id > {newest}"
WORKING = "SELECT count(*) FROM jobs WHERE state = 'running'"
WAITING = "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"
OFFLINE = "SELECT count(*) FROM runs WHERE status = 'offline'"
#: So long is waited for something that a busy machine does late.
PATIENCE_S = 300.0


def wait_for(condition: Callable[[], bool]) -> bool:
    """Whether the condition held within `PATIENCE_S`."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False
