"""Stored responses and exports: kept for a while, whole, and without what was erased."""

from __future__ import annotations

import gzip
import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from store import responses
from store.copies import Forgotten, forget_copies
from store.erasure import erase, replay, unfinished
from store.erasure_log import log_beside, read_log
from store.exports import export
from store.newsroom import Newsroom
from store.responses import Response, ResponseFile, drop_old, files, read
from store.schema import StoreError
from store.tombstones import ErasedError
from store.types import Link, Visit
from tests.store.desk import START, Desk, make_article, make_source

URL = make_article(1).url
LISTED = "https://stadt_a.example/rss/1?a=1&b=2"
SECRET = b"Quastenflossersee"


def page(number: int, text: bytes = b"Text") -> Response:
    return Response(
        f"https://stadt_a.example/{number}",
        START + timedelta(seconds=number),
        200,
        (("Content-Type", "text/html; charset=utf-8"), ("X-Name", "Käse")),
        b"<html><body>" + text + b"\r\n\r\n\xff</body></html>",
    )


def keep(folder: Path, *kept: Response, **by: float) -> Path:
    """A finished file of stored responses."""
    with ResponseFile(folder, now=START + timedelta(**by)) as file:
        for one in kept:
            file.keep(one.url, status=one.status, headers=one.headers, body=one.body, at=one.at)
    return file.path


def plain(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def test_responses_come_back_as_they_were_sent(tmp_path: Path) -> None:
    odd = Response("https://a.example/ü?x=1", START, 799, (), b"")
    path = keep(tmp_path / "responses", page(1), odd, page(2))
    first, second, third = read(path)
    assert first.headers == (*page(1).headers, ("Content-Length", str(len(page(1).body))))
    assert [one.body for one in (first, second, third)] == [page(1).body, b"", page(2).body]
    assert [one.status for one in (first, second)] == [200, 799]
    assert [one.url for one in (first, second, third)] == [page(1).url, odd.url, page(2).url]
    assert first.at == page(1).at
    assert files(tmp_path / "responses") == [path]


def test_sessions_and_encodings_are_not_kept(tmp_path: Path) -> None:
    headers = (("Set-Cookie", "sid=7"), ("Content-Encoding", "gzip"), ("ETag", '"v1"'))
    path = keep(tmp_path, Response(URL, START, 200, headers, b"Text"))
    assert [name for name, _ in next(read(path)).headers] == ["ETag", "Content-Length"]
    assert b"sid=7" not in plain(path)


def test_a_record_that_a_kill_cut_off_is_left_out(tmp_path: Path) -> None:
    path = keep(tmp_path, page(1), page(2))
    whole = path.read_bytes()
    for cut in range(1, len(whole) // 2, 7):
        path.write_bytes(whole[:-cut])
        first, *rest = read(path)
        assert first.body == page(1).body
        # Its last bytes are checksums of what is there already.
        assert [one.body for one in rest] in ([], [page(2).body])
        assert cut < 12 or rest == []
    for nothing in (b"", b"no WARC at all", whole[:20]):
        path.write_bytes(nothing)
        assert list(read(path)) == []


def test_what_is_damaged_goes_with_an_erasure(desk: Desk) -> None:
    item_id, path = stored(desk)
    damaged = keep(path.parent, page(2), page(3), page(5, SECRET))
    content = damaged.read_bytes()
    second = content.index(b"\x1f\x8b", 2)
    damaged.write_bytes(content[:second] + b"\0" * 60 + content[second + 60 :])
    erase(desk.newsroom, item_id, reason="Antrag")
    forget_copies(desk.newsroom, [1])
    assert [one.url for one in read(damaged)] == [page(2).url]
    assert SECRET not in plain(damaged)


def test_old_rounds_are_dropped_by_age_and_nothing_else(tmp_path: Path) -> None:
    for days in (0, 10, 20):
        keep(tmp_path, page(1), days=days)
    other = tmp_path / "responses-notes.txt"
    other.write_text("mine")
    assert drop_old(tmp_path, before=START + timedelta(days=10)) == 1
    assert drop_old(tmp_path, before=START + timedelta(days=10)) == 0
    assert len(files(tmp_path)) == 2
    assert other.exists()
    assert drop_old(tmp_path / "nowhere", before=START) == 0


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file.*cannot be written"):
        ResponseFile(tmp_path / "file", now=START)


def stored(desk: Desk) -> tuple[int, Path]:
    """An item whose page, list and mentions are stored; its number and the file."""
    desk.newsroom.save(make_article(1), visit=Visit(LISTED, item_url=URL))
    desk.save(make_article(2))
    folder = desk.folder / "responses"
    desk.newsroom.note_copies("responses", folder)
    html = b'<a href="/rss/1?a=1&amp;b=2">' + SECRET + b"</a>"
    feed = b"<item><link> " + URL.encode() + b"</link><p>" + SECRET + b"</p></item>"
    path = keep(
        folder, page(1, SECRET), page(2), page(7, html), page(8, feed),
        page(9, b'<a href="http://[">x</a> https://stadt_a.example/11'),
    )  # fmt: skip
    item = desk.newsroom.item_by_url(URL)
    assert item is not None
    return item.id, path


def test_an_erasure_takes_what_was_stored_of_it(desk: Desk) -> None:
    item_id, path = stored(desk)
    untouched = keep(path.parent, page(2))
    before = untouched.read_bytes()
    erase(desk.newsroom, item_id, reason="Antrag")
    desk.publish()
    assert unfinished(desk.newsroom) == 0
    assert [one.url for one in read(path)] == [page(2).url, page(9).url]
    assert next(read(path)).body == page(2).body
    assert SECRET not in plain(path)
    assert untouched.read_bytes() == before
    assert sorted(path.parent.iterdir()) == sorted([path, untouched])


@pytest.mark.parametrize(
    "body",
    [
        json.dumps([{"link": LISTED, "text": SECRET.decode()}]).replace("/", "\\/").encode(),
        b"<link>" + URL.encode() + b"?utm_source=rss&amp;utm_medium=feed</link>" + SECRET,
        b"<link>"
        + LISTED.replace("&", "&amp;").encode()
        + b"&amp;pk_campaign=x#top</link>"
        + SECRET,
    ],
    ids=["wordpress", "counted", "counted after parameters"],
)
def test_an_erasure_finds_addresses_in_other_spellings(desk: Desk, body: bytes) -> None:
    item_id, path = stored(desk)
    other = keep(path.parent, Response("https://stadt_a.example/list", START, 200, (), body))
    erase(desk.newsroom, item_id, reason="Antrag")
    desk.publish()
    assert list(read(other)) == []
    assert [one.url for one in read(path)] == [page(2).url, page(9).url]


def test_a_round_under_way_delays_the_end_of_an_erasure(desk: Desk) -> None:
    item_id, path = stored(desk)
    with ResponseFile(path.parent, now=START) as file:
        one = page(1, SECRET)
        file.keep(one.url, status=200, headers=(), body=one.body, at=START)
        erase(desk.newsroom, item_id, reason="Antrag")
        desk.publish()
        assert unfinished(desk.newsroom) == 1
        assert forget_copies(desk.newsroom, [1]) == Forgotten((), 0, (file.path,))
        assert SECRET not in plain(path)
    desk.publish()
    assert unfinished(desk.newsroom) == 0
    assert list(read(file.path)) == []


def test_a_killed_rewriting_is_done_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class PowerCut(Exception):
        pass

    def cut(*_: object) -> None:
        raise PowerCut

    item_id, path = stored(desk)
    before = path.read_bytes()
    erase(desk.newsroom, item_id, reason="Antrag")
    monkeypatch.setattr(Path, "replace", cut)
    with pytest.raises(PowerCut):
        forget_copies(desk.newsroom, [1])
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 2
    assert forget_copies(desk.newsroom, [1]).responses == 3
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("format", ["csv", "ndjson", "parquet", "sqlite"])
def test_exports_that_hold_an_erased_item_are_deleted(desk: Desk, format: str) -> None:
    if format == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is an extra of its own")
    folder = desk.folder / "exports"
    desk.newsroom.note_copies("exports", folder)
    (item_id, other) = desk.save(
        make_article(1, body="Quastenflossersee " * 20_000), make_article(2)
    )
    desk.publish()
    held = export(desk.archive, folder, format=format, day=START.date()).files
    desk.newsroom.withdraw("stadt_a", URL, reason="HTTP 410")
    desk.newsroom.correct(item_id, "hidden", True, editor="anna", expected=None)
    desk.publish()
    free = export(desk.archive, folder, format=format, day=START.date() + timedelta(days=1)).files
    desk.save(make_article(2, links=(Link(URL, "Verweis"),), body="Neu"))
    desk.publish()
    linked = export(desk.archive, folder, format=format, day=START.date() + timedelta(days=2)).files
    (folder / "notes.txt").write_text("mine")
    (folder / "archive-2026-03-10-items.csv.partial").write_text("cut off")
    erase(desk.newsroom, item_id, reason="Antrag")
    gone = forget_copies(desk.newsroom, [1]).exports
    assert set(gone) == {*held, *linked, folder / "archive-2026-03-10-items.csv.partial"}
    assert set(folder.iterdir()) == {*free, folder / "notes.txt"}
    assert desk.newsroom.item(other) is not None


def test_an_export_that_cannot_be_read_may_hold_it(desk: Desk) -> None:
    folder = desk.folder / "exports"
    desk.newsroom.note_copies("exports", folder)
    desk.newsroom.note_copies("exports", desk.folder / "gone")
    ids = desk.save(make_article(1), make_article(2))
    folder.mkdir()
    for name, content in (
        ("archive-2026-01-01-items.ndjson", "{"),
        ("archive-2026-01-02.sqlite", "no database"),
        ("archive-2026-01-03-topics.csv", "id,label\n"),
    ):
        (folder / name).write_text(content)
    erase(desk.newsroom, ids[0], reason="Antrag")
    desk.publish()
    assert unfinished(desk.newsroom) == 0
    assert list(folder.iterdir()) == []


def test_folders_are_remembered_once(desk: Desk, tmp_path: Path) -> None:
    for _ in range(2):
        desk.newsroom.note_copies("exports", tmp_path / "a")
    desk.newsroom.note_copies("responses", tmp_path / "a")
    assert desk.newsroom.copies("exports") == [tmp_path / "a"]
    with pytest.raises(sqlite3.IntegrityError):
        desk.newsroom.note_copies("backups", tmp_path)


def test_a_fresh_newsroom_learns_from_the_log_beside_it(desk: Desk, tmp_path: Path) -> None:
    item_id, path = stored(desk)
    erase(desk.newsroom, item_id, reason="Antrag")
    entries = list(read_log(log_beside(desk.newsroom.path)))
    desk.newsroom.close()
    for file in desk.folder.glob("newsroom.db*"):
        file.unlink()
    for _ in range(2):
        with Newsroom(desk.newsroom.path, now=desk.clock) as fresh:
            fresh.set_sources([make_source()])
            with pytest.raises(ErasedError):
                fresh.save(make_article(1))
            assert fresh.unchanged("stadt_a", {LISTED: "h", "https://b.example/": "h"}) == {LISTED}
            assert fresh.connection.execute("SELECT count(*) FROM erasures").fetchone()[0] == 1
            assert replay(fresh, entries) == 0
    with Newsroom(desk.newsroom.path, now=desk.clock) as fresh:
        fresh.save(make_article(2))
        fresh.connection.execute("DELETE FROM tombstones")
    with Newsroom(desk.newsroom.path, now=desk.clock) as fresh:
        assert fresh.connection.execute("SELECT count(*) FROM tombstones").fetchone()[0] == 0
    (tmp_path / "neu").mkdir()
    log_beside(tmp_path / "neu" / "n.db").write_text("{\n")
    with pytest.raises(StoreError, match=r"erasures\.jsonl:1"):
        Newsroom(tmp_path / "neu" / "n.db", now=desk.clock)
    assert json.loads(log_beside(desk.newsroom.path).read_text())["reason"] == "Antrag"
    assert responses.files(path.parent) == [path]
