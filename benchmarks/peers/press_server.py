"""The press that all peers crawl, on loopback: real pages where there are some, and 300 feeds.

    python benchmarks/peers/press_server.py [--pages DIR]

Prints its address. ``/feed/N.xml`` lists N pages of ``https://presse.example``, ``/local/N.xml``
the same under the server's own address; ``/p/K`` is page K. ``/updates/K.xml`` is feed K, every
second one with an ETag; ``/change`` gives every twentieth feed one more entry.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import sys
from datetime import UTC, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.feeds_speed import office, rss, town, wordpress  # noqa: E402
from tests.archive import german_page  # noqa: E402

#: Every so many feeds change: 5 %.
CHANGING = 20
SHAPES = (town, office, wordpress)


def pages_of(folder: Path | None, most: int = 240) -> list[bytes]:
    """The gold pages, or invented ones where they are not at hand."""
    if folder is None or not folder.is_dir():
        return [german_page(number, "Aachen") for number in range(most)]
    return [gzip.decompress(path.read_bytes()) for path in sorted(folder.iterdir())[:most]]


def feed_of_pages(number: int, base: str) -> bytes:
    rows = "".join(
        f"<item><title>Meldung {n}</title><link>{escape(base)}/p/{n}</link>"
        f"<guid>{escape(base)}/p/{n}</guid></item>"
        for n in range(number)
    )
    head = f"<title>Presse</title><link>{escape(base)}/</link><description>x</description>"
    return f'<rss version="2.0"><channel>{head}{rows}</channel></rss>'.encode()


class Press:
    """What is served, by path."""

    def __init__(self, pages: list[bytes]) -> None:
        self.pages = pages
        self.address = ""
        self.changed = 0
        self._made: dict[tuple[int, int], bytes] = {}

    def update_feed(self, number: int) -> bytes:
        """Feed ``number`` with as many entries as its changes gave it."""
        more = self.changed if number % CHANGING == 0 else 0
        if (number, more) not in self._made:
            shape = SHAPES[number % len(SHAPES)]
            made = rss(20 + more, shape, f"feed {number}")
            own = made.replace(b"www.stadt.example", f"stadt{number}.example".encode())
            self._made[number, more] = own
        return self._made[number, more]

    def answer(self, path: str) -> tuple[str, bytes] | None:
        parts = path.strip("/").removesuffix(".xml").split("/")
        match parts:
            case ["change"]:
                self.changed += 1
                return "text/plain", b"changed"
            case ["p", number]:
                return "text/html", self.pages[int(number) % len(self.pages)]
            case ["feed", number]:
                return "application/rss+xml", feed_of_pages(int(number), "https://presse.example")
            case ["local", number]:
                return "application/rss+xml", feed_of_pages(int(number), f"http://{self.address}")
            case ["updates", number]:
                return "application/rss+xml", self.update_feed(int(number))
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path)
    press = Press(pages_of(parser.parse_args().pages))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            found = press.answer(self.path)
            kind, body = found or ("text/plain", b"not here")
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            number = self.path.rpartition("/")[2].removesuffix(".xml")
            tagged = self.path.startswith("/updates/") and int(number) % 2 == 0
            same = tagged and self.headers.get("If-None-Match") == tag
            self.send_response(304 if same else 200 if found else 404)
            if tagged:
                self.send_header("ETag", tag)
            if same:
                body = b""
            else:
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    press.address = f"127.0.0.1:{server.server_port}"
    sys.stdout.write(f"{press.address} {len(press.pages)} {datetime.now(UTC):%Y-%m-%d}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
