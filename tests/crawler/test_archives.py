"""Reading web archives: every record once, whatever is damaged between them."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from crawler.archives import MAX_PAGE, Capture, Damage, Passed, is_separable, read_captures
from tests.archive import german_page, packed, record

RECORDS = [record(f"https://a.example/{n}", german_page(n, "Astadt")) for n in range(20)]
GZIP = [gzip.compress(one, mtime=0) for one in RECORDS]


def read(data: bytes) -> list[Capture | Passed | Damage]:
    return list(read_captures(io.BytesIO(data), lambda url, at: True))


def numbers(data: bytes) -> list[int]:
    return [int(c.url.rpartition("/")[2]) for c in read(data) if isinstance(c, Capture)]


def damages(data: bytes) -> int:
    return sum(isinstance(found, Damage) for found in read(data))


@pytest.mark.parametrize(
    "data", [b"".join(GZIP), b"".join(RECORDS), gzip.compress(b"".join(RECORDS))]
)
def test_every_record_comes_once_in_its_order(data: bytes) -> None:
    assert numbers(data) == list(range(20))
    assert damages(data) == 0


def test_a_capture_is_what_the_archive_says() -> None:
    at = datetime(2019, 3, 4, 5, 6, 7, tzinfo=UTC)
    first, second = RECORDS[0], record("https://b.example/x", b"<p>B\xf6</p>", at=at)
    _, found = read(first + second)
    assert isinstance(found, Capture)
    assert (found.url, found.at, found.body) == ("https://b.example/x", at, b"<p>B\xf6</p>")
    assert found.offset == len(first)
    assert found.charset == "utf-8"
    assert found.header("content-type") == "text/html; charset=utf-8"
    assert found.record_id.startswith("<urn:uuid:")


def flipped(parts: list[bytes], which: int, at: int) -> bytes:
    data = bytearray(b"".join(parts))
    data[sum(map(len, parts[:which])) + at] ^= 0xFF
    return bytes(data)


@pytest.mark.parametrize("at", [1, 60, -6])
@pytest.mark.parametrize("which", [0, 10])
def test_a_flipped_bit_costs_one_record(which: int, at: int) -> None:
    data = flipped(GZIP, which, at if at > 0 else len(GZIP[which]) + at)
    if (which, at) == (0, 1):
        # nothing says any more that it was compressed
        data = GZIP[0] + data
    assert set(range(20)) - set(numbers(data)) <= {which}
    assert len(numbers(data)) >= 19
    assert damages(data) == 1


def test_a_broken_plain_head_costs_one_record() -> None:
    data = flipped(RECORDS, 10, 5)
    assert numbers(data) == [n for n in range(20) if n != 10]
    assert damages(data) == 1


@pytest.mark.parametrize("parts", [GZIP, RECORDS])
def test_what_is_cut_off_is_told_and_left_out(parts: list[bytes]) -> None:
    data = b"".join(parts)[: -len(parts[-1]) // 2]
    assert numbers(data) == list(range(19))
    assert damages(data) == 1


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("form", ["members", "plain", "stream"])
def test_a_cut_off_end_is_told_whoever_wants_the_last_record(form: str, wanted: bool) -> None:
    last = RECORDS[2]
    whole = {
        "members": b"".join(GZIP[:3]),
        "plain": b"".join(RECORDS[:3]),
        "stream": gzip.compress(b"".join(RECORDS[:3]), mtime=0),
    }[form]
    # of a plain record only its closing empty lines may be missing
    first = 5 if form == "plain" else 1
    length = {"members": len(GZIP[2]), "plain": len(last), "stream": 400}[form]
    assert _damages(whole, wanted=wanted) == 0
    for cut in {*range(first, length, 41), length - 12, length - 5, length - 1}:
        assert _damages(whole[:-cut], wanted=wanted) == 1, cut


def _damages(data: bytes, *, wanted: bool) -> int:
    found = read_captures(io.BytesIO(data), lambda url, at: wanted or not url.endswith("/2"))
    return sum(isinstance(one, Damage) for one in found)


def test_what_is_no_archive_is_damage() -> None:
    assert [type(found) for found in read(b"<html>" * 500)] == [Damage]
    assert read(b"") == []


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (record("https://a.example/", b"x", status=404), "status"),
        (record("https://a.example/", b"x", content_type="image/png"), "type"),
        (record("https://a.example/", b"x" * (MAX_PAGE + 1)), "size"),
    ],
)
def test_what_is_no_page_is_passed_over(one: bytes, reason: str) -> None:
    assert read(packed([one])) == [Passed(reason)]


def test_transfer_encodings_are_undone() -> None:
    body = gzip.compress(b"<p>Hallo</p>")
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    one = record("https://a.example/", b"").replace(b"Content-Length: 0", b"Content-Encoding: gzip")
    head, _, _ = one.partition(b"\r\n\r\n")
    http = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" + chunked
    )
    head = head.rpartition(b"Content-Length")[0] + b"Content-Length: %d" % len(http)
    (found,) = read(head + b"\r\n\r\n" + http + b"\r\n\r\n")
    assert isinstance(found, Capture)
    assert found.body == b"<p>Hallo</p>"


def test_unwanted_addresses_are_not_unpacked() -> None:
    found = list(read_captures(io.BytesIO(b"".join(GZIP)), lambda url, at: url.endswith("/7")))
    assert [type(one) for one in found].count(Passed) == 19


@pytest.mark.parametrize("damaged", [[], [(10, 1)], [(10, 60)], [(10, -6)], [(9, 60), (10, 1)]])
@pytest.mark.parametrize("cut_off", [0, 200, 1, len(GZIP[-1]) - 12, len(GZIP[-1]) - 2])
def test_pieces_that_meet_hold_everything_once(
    damaged: list[tuple[int, int]], cut_off: int
) -> None:
    data = b"".join(GZIP)
    for which, at in damaged:
        at = at if at > 0 else len(GZIP[which]) + at
        data = flipped([data], 0, sum(map(len, GZIP[:which])) + at)
    data = data[: len(data) - cut_off]
    whole = read(data)
    file, starts = io.BytesIO(data), [sum(map(len, GZIP[:n])) for n in range(8, 13)]
    # in the middle of records, at their beginnings and beside those
    cuts = [start + beside for start in starts for beside in (-1, 0, 1, 300)]
    for cut in [*cuts, *(len(data) - few for few in range(14))]:
        spans = [(0, 500), (500, cut), (cut, None)]
        found = [one for span in spans for one in read_captures(file, lambda *_: True, *span)]
        assert found == whole, cut


def test_only_archives_of_a_member_a_record_are_separable() -> None:
    pairs = b"".join(gzip.compress(a + b) for a, b in pairwise(RECORDS))
    for data in (b"".join(RECORDS), gzip.compress(b"".join(RECORDS)), pairs, b"", b"<html>"):
        assert not is_separable(io.BytesIO(data))
    assert is_separable(io.BytesIO(b"".join(GZIP)))
    assert not is_separable(io.BytesIO(flipped(GZIP, 2, 60)))
