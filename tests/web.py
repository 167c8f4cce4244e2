"""A real HTTP server on loopback that answers for any host name, and a newsroom to crawl it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from radar.config import Config
from radar.crawling import open_newsroom
from store.newsroom import Newsroom
from store.types import Source


@dataclass(frozen=True)
class Answer:
    """What one address answers. With an ``ETag`` header a fitting condition gets 304."""

    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class LocalWeb:
    """Answers by URL, changeable while it runs; ``asked`` lists (URL, status) in order."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, int]] = []
        #: (seconds of a clock that only goes forward, URL) of each request in order
        self.moments: list[tuple[float, str]] = []
        self.user_agents: set[str] = set()
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self) -> None:
                url = f"https://{self.headers['Host']}{self.path}"
                answer = web.answers.get(url, Answer(b"not here", "text/plain", 404))
                etag = answer.headers.get("ETag")
                fresh = etag is not None and self.headers.get("If-None-Match") == etag
                status = 304 if fresh else answer.status
                web.asked.append((url, status))
                web.moments.append((time.monotonic(), url))
                web.user_agents.add(self.headers.get("User-Agent", ""))
                self.send_response(status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if not fresh:
                    self.send_header("Content-Type", answer.content_type)
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                if not fresh:
                    self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def times(self, url: str) -> int:
        return sum(asked == url for asked, _ in self.asked)

    def hosts(self) -> set[str]:
        return {urlsplit(url).netloc for url, _ in self.asked}


@contextmanager
def local_web() -> Iterator[LocalWeb]:
    web = LocalWeb()
    thread = threading.Thread(target=web._server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield web
    finally:
        web._server.shutdown()
        web._server.server_close()
        thread.join()


@contextmanager
def newsroom_of(config: Config, sources: Iterable[Source]) -> Iterator[Newsroom]:
    """A newsroom that knows just these sources."""
    with open_newsroom(config) as newsroom:
        newsroom.set_sources(sources)
        yield newsroom
