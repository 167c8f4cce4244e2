"""Serves the sample press over real HTTP on loopback, all hosts at one address."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from radar.sample.content import STAGES
from radar.sample.press import SamplePress


class SampleServer:
    """A running server; requests are told apart by their Host header alone."""

    def __init__(self, press: SamplePress, port: int) -> None:
        self.press = press
        self._stage = 1
        self._requests: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._http = _Listener(("127.0.0.1", port), self)

    @property
    def address(self) -> str:
        """``127.0.0.1:PORT``, the port that was really bound."""
        return f"127.0.0.1:{self._http.server_port}"

    @property
    def stage(self) -> int:
        """Which crawl the press is prepared for: 1 or 2."""
        return self._stage

    @stage.setter
    def stage(self, stage: int) -> None:
        if stage not in STAGES:
            raise ValueError(f"stage {stage!r} is none of {STAGES}")
        self._stage = stage

    @property
    def requests(self) -> Counter[str]:
        """Requests so far by host name (a copy)."""
        with self._lock:
            return Counter(self._requests)

    def _count(self, host: str) -> None:
        with self._lock:
            self._requests[host] += 1


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], sample: SampleServer) -> None:
        self.sample = sample
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Beispielpresse"
    sys_version = ""
    #: seconds after which an idle kept-alive connection gives its thread back
    timeout = 30
    # Headers and body leave in one write; two would meet Nagle and the delayed ACK (40 ms).
    wbufsize = -1

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        assert isinstance(self.server, _Listener)
        sample = self.server.sample
        # RFC 9112, section 3.2.2: the absolute form of a proxy outranks the Host header.
        target = urlsplit(self.path)
        host = (target.netloc or self.headers.get("Host", "")).partition(":")[0].lower()
        path = target.path + (f"?{target.query}" if target.query else "")
        sample._count(host)
        response = sample.press.respond(host, path, dict(self.headers.items()), sample.stage)
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 304:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if with_body:
            self.wfile.write(response.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the crawler's own log says what was fetched."""


@contextmanager
def serve(press: SamplePress, port: int = 0) -> Iterator[SampleServer]:
    """Serves ``press`` on 127.0.0.1 until the block ends; port 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """
    server = SampleServer(press, port)
    thread = threading.Thread(target=server._http.serve_forever, name="sample-press", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server._http.shutdown()
        server._http.server_close()
        thread.join()
