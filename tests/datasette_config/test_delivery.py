"""How answers go out: remembered, compressed, conditional, limited, with their headers."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

import httpx
import pytest

from datasette_config import limits
from datasette_config.app import make_datasette
from datasette_config.delivery import Pages, answer, ready
from datasette_config.guard import Message
from datasette_config.limits import Buckets, cost_of, group, is_own, limited
from datasette_config.web import Page

LONG = Page(b"<p>Digitalisierung</p>" * 200)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_page_is_kept_until_the_files_change_or_it_ages() -> None:
    clock, version = Clock(), [1]
    pages = Pages(lambda: (version[0],), clock=clock)
    key, made = ("/suche", "q=a", "http://a"), ready(LONG)
    assert pages.find(key) is None
    pages.keep(key, made, pages.seen)
    assert pages.find(key) is made
    assert pages.find(("/suche", "q=a", "http://b")) is None, "links name the host that was asked"
    clock.now += LONG.max_age
    assert pages.find(key) is None
    pages.keep(key, made, pages.seen)
    version[0] = 2
    assert pages.find(key) is None


def test_a_page_begun_before_the_files_changed_is_not_kept() -> None:
    version = [1]
    pages = Pages(lambda: (version[0],), clock=Clock())
    key = ("/eintrag/1", "", "")
    assert pages.find(key) is None
    begun = pages.seen
    version[0] = 2
    assert pages.find(("/", "", "")) is None, "another reader sees the new state first"
    pages.keep(key, ready(LONG), begun)
    assert pages.find(key) is None


def test_only_whole_public_pages_are_kept() -> None:
    pages = Pages(lambda: (1,), clock=Clock())
    for number, page in enumerate((
        Page(b"x", status=404), Page(b"x", max_age=0), Page(b"x", headers={"Set-Cookie": "a=b"}),
        Page(b"x", headers={"cache-control": "no-store"}), Page(b"x" * 2_000_000),
    )):  # fmt: skip
        pages.find((str(number), "", ""))
        pages.keep((str(number), "", ""), ready(page), pages.seen)
        assert pages.find((str(number), "", "")) is None


def test_the_room_is_bounded_and_the_longest_unasked_goes() -> None:
    pages = Pages(lambda: (1,), clock=Clock(), room=3000)
    keys = [(str(number), "", "") for number in range(4)]
    pages.find(keys[0])
    for key in keys[:2]:
        pages.keep(key, ready(Page(bytes(1200), content_type="image/png")), pages.seen)
    pages.find(keys[0])
    pages.keep(keys[2], ready(Page(bytes(1200), content_type="image/png")), pages.seen)
    assert [pages.find(key) is not None for key in keys] == [True, False, True, False]


def test_conditions_are_read_as_the_standard_has_them() -> None:
    made = ready(LONG)
    for tags in (made.etag, f'"a", {made.etag}', "*"):
        assert answer(made, {"if-none-match": tags}).status == 304
    for tags in ('"a"', "", made.etag[:-3]):
        assert answer(made, {"if-none-match": tags}).status == 200
    dated = ready(Page(b"x", headers={"Last-Modified": "Thu, 12 Mar 2026 09:00:00 GMT"}))
    assert answer(dated, {"if-modified-since": "Thu, 12 Mar 2026 09:00:00 GMT"}).status == 304
    far = "Thu, 12 Mar 99999999999 09:00:00 GMT"
    for since in ("Thu, 12 Mar 2026 08:59:59 GMT", "gestern", "Thu, 99 Mar 2026 09:00:00 GMT", far):
        assert answer(dated, {"if-modified-since": since}).status == 200
    assert answer(ready(Page(b"x", status=404)), {"if-none-match": "*"}).status == 404


def test_only_who_takes_gzip_gets_it() -> None:
    made = ready(LONG)
    for accepted in ("gzip", "br, gzip;q=0.5", "*"):
        given = answer(made, {"accept-encoding": accepted})
        assert given.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(given.body) == LONG.body
    for accepted in ("", "br", "gzip;q=0", "identity"):
        given = answer(made, {"accept-encoding": accepted})
        assert "Content-Encoding" not in given.headers
        assert given.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path",
    ["/", "/suche?q=Stadt", "/suche.atom", "/archive", "/archive/items", "/archive/items.json",
     "/archive/items.csv?_stream=on", "/archive.csv?sql=select+*+from+items", "/robots.txt"],
)  # fmt: skip
def test_every_answer_is_whole_with_and_without_compression(web: httpx.Client, path: str) -> None:
    plain = web.get(path, headers={"Accept-Encoding": "identity"})
    small = web.get(path, headers={"Accept-Encoding": "gzip"})
    assert plain.status_code == small.status_code == 200
    assert "content-encoding" not in plain.headers
    if len(plain.content) > 2000:
        assert small.headers["content-encoding"] == "gzip"
        assert "Accept-Encoding" in small.headers["vary"]
    if ".json" not in path and path != "/archive":  # they tell how long the query took
        assert small.content == plain.content
    head = web.head(path, headers={"Accept-Encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == plain.headers["content-type"]


def test_every_answer_carries_the_security_headers(web: httpx.Client) -> None:
    for path in (
        "/", "/suche", "/suche.atom", "/archive", "/archive/items.json", "/robots.txt",
        "/archive/items.csv", "/gibt-es-nicht", "/archive?sql=select+x", "/-/x",
    ):  # fmt: skip
        headers = web.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] in ("same-origin", "no-referrer")
        assert "server-timing" not in headers
        assert "set-cookie" not in headers
    assert "strict-transport-security" not in web.get("/").headers


def test_a_site_with_a_public_address_stays_with_https(files: tuple[Path, Path]) -> None:
    datasette = make_datasette(*files, address="https://radar.example")

    async def home() -> httpx.Response:
        found: httpx.Response = await datasette.client.get("/")
        return found

    assert asyncio.run(home()).headers["strict-transport-security"] == "max-age=63072000"


def test_buckets_fill_again() -> None:
    clock = Clock()
    buckets = Buckets(clock=clock, burst=3, a_second=0.5)
    assert [buckets.take("192.0.2.1", 1) for _ in range(4)] == [0, 0, 0, 2]
    assert buckets.take("192.0.2.2", 1) == 0, "everyone has a bucket"
    clock.now += 2
    assert [buckets.take("192.0.2.1", 1) for _ in range(2)] == [0, 2]
    clock.now += 1000
    assert [buckets.take("192.0.2.1", 1) for _ in range(4)] == [0, 0, 0, 2], "no more than full"


def test_addresses_are_forgotten_in_the_end() -> None:
    buckets = Buckets(clock=Clock(), burst=1, most=2)
    assert [buckets.take(f"192.0.2.{n}", 1) for n in (1, 2, 3)] == [0, 0, 0]
    assert buckets.take("192.0.2.3", 1) > 0
    assert buckets.take("192.0.2.1", 1) == 0, "the longest unasked was forgotten"


def test_an_address_stands_for_its_line() -> None:
    assert group("2001:db8:1:2:3::4") == group("2001:db8:1:2:ffff::1")
    assert group("2001:db8:1:2::1") != group("2001:db8:1:3::1")
    assert group("::ffff:192.0.2.1") == "192.0.2.1"
    assert group("unix:") == "unix:"
    assert [is_own(a) for a in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "192.0.2.1", "x")] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_only_what_is_dear_costs() -> None:
    for path in ("/", "/suche", "/suche.json", "/archiv", "/archives", "/static/0/site.css"):
        assert cost_of(path, b"", "/archive") == 0
    for path in ("/archive", "/archive.json", "/archive/items.csv", "/api/v1/suche"):
        assert cost_of(path, b"sql=select", "/archive") == 1
    assert cost_of("/archive/items.csv", b"_stream=on", "/archive") == limits.STREAM


def test_too_many_questions_are_put_off() -> None:
    sent: list[Message] = []

    async def app(scope: Message, receive: object, send: object) -> None:
        sent.append({"type": "passed"})

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    wrapped = limited(app, Buckets(clock=Clock(), burst=2, a_second=0.1), "/archive")

    def ask(address: str, path: str = "/archive") -> str:
        sent.clear()
        scope = {"type": "http", "path": path, "query_string": b"", "client": (address, 1)}

        async def once() -> None:
            await wrapped(scope, receive, send)

        asyncio.run(once())
        return str(sent[0].get("status", "passed"))

    assert [ask("192.0.2.9") for _ in range(3)] == ["passed", "passed", "429"]
    headers = dict(sent[0]["headers"])
    assert headers[b"retry-after"] == b"10"
    assert "in 10 Sekunden" in sent[1]["body"].decode()
    assert ask("192.0.2.9", "/suche") == "passed", "readers are spared"
    assert [ask("127.0.0.1") for _ in range(5)] == ["passed"] * 5, "this machine asks at will"
