"""The parts of the sample press: reading content, writing dates, serving over HTTP."""

from __future__ import annotations

import http.client
import json
from datetime import datetime
from pathlib import Path

import pytest

from radar.sample import notation
from radar.sample.content import SampleContentError, load_items
from radar.sample.press import SamplePress
from radar.sample.server import serve
from store.types import BERLIN

NOW = datetime(2026, 3, 9, 14, 5, tzinfo=BERLIN)
PRESS = SamplePress(NOW)


def body_of(host: str, path: str, stage: int) -> bytes:
    return PRESS.respond(host, path, {}, stage).body


def test_now_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        SamplePress(datetime(2026, 3, 9))


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"slug": "a"}', "missing body"),
        ("[1]", "not a JSON object"),
        ('{"slug": ', "not a JSON object"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    (tmp_path / "quelle.jsonl").write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(SampleContentError, match=rf"quelle\.jsonl:2: .*{complaint}"):
        load_items(tmp_path, ["quelle"])


def test_a_slug_twice_in_one_source_is_named(tmp_path: Path) -> None:
    line = json.dumps(
        {"slug": "a", "days_ago": 1, "time": "09:00", "kind": "article", "title": "T",
         "teaser": "L", "body": []}
    )  # fmt: skip
    (tmp_path / "quelle.jsonl").write_text(f"{line}\n{line}\n", encoding="utf-8")
    with pytest.raises(SampleContentError, match=r"'a' already stands in quelle\.jsonl:1"):
        load_items(tmp_path, ["quelle"])


def test_notations() -> None:
    winter, summer = NOW.replace(hour=9, minute=5), datetime(2026, 7, 1, 14, 30, tzinfo=BERLIN)
    assert notation.rfc822(winter) == "Mon, 09 Mar 2026 09:05:00 +0100"
    assert notation.rss_german(winter) == "Mo, 09 Mär 2026 09:05:00 +0100"
    assert notation.rss_mez(winter) == "Mo, 09 Mär 2026 09:05:00 MEZ"
    assert notation.rss_mez(summer) == "Mi, 01 Jul 2026 14:30:00 MESZ"
    assert notation.short_time(winter) == "Mo, 9. Mär 2026, 09.05 Uhr"
    assert notation.short_day(summer) == "Mi, 01 Jul 2026"
    assert notation.weekday(summer) == "Mittwoch, 1. Juli 2026"
    assert notation.dotted_time(summer) == "01.07.2026 14:30 Uhr"
    assert notation.http_date(summer) == "Wed, 01 Jul 2026 12:30:00 GMT"
    assert notation.local_utc(summer) == "2026-07-01T12:30:00"
    assert (notation.iso_duration(5540), notation.clock(5540)) == ("PT1H32M20S", "1:32:20")
    assert (notation.iso_duration(2710), notation.clock(2710)) == ("PT45M10S", "45:10")


def test_server_dispatches_by_host() -> None:
    with serve(PRESS) as server:
        connection = http.client.HTTPConnection(server.address, timeout=5)

        def fetch(method: str, path: str, host: str, **headers: str) -> http.client.HTTPResponse:
            connection.request(method, path, headers={"Host": host, **headers})
            return connection.getresponse()

        jena, saar = "presse.jena.example", "www.it-verbund-saar.example"
        answer = fetch("GET", "/de/aktuelles.atom", jena)
        body = answer.read()
        assert (answer.status, body) == (200, body_of(jena, "/de/aktuelles.atom", 1))
        head = fetch("HEAD", "/de/aktuelles.atom", f"{jena}:443")
        assert (head.read(), head.getheader("Content-Length")) == (b"", str(len(body)))
        etag = str(answer.getheader("ETag"))
        unchanged = fetch("GET", "/de/aktuelles.atom", jena, **{"If-None-Match": etag})
        assert (unchanged.status, unchanged.read()) == (304, b"")
        proxied = fetch("GET", f"https://{saar}/aktuelles/rss.xml", "127.0.0.1")
        assert proxied.status == 200
        proxied.read()
        assert server.requests == {jena: 3, saar: 1}
        server.stage = 2
        changed = fetch("GET", "/de/aktuelles.atom", jena)
        assert changed.read() == body_of(jena, "/de/aktuelles.atom", 2)
        with pytest.raises(ValueError, match="stage 3"):
            server.stage = 3
        connection.close()


def test_a_taken_port_is_an_error() -> None:
    with serve(PRESS) as server:
        port = int(server.address.rpartition(":")[2])
        with pytest.raises(OSError, match="use"):
            serve(PRESS, port).__enter__()
