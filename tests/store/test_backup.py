"""Backups: whole or not there at all, and a way back that was walked."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import resource
import signal
import sqlite3
import time
from pathlib import Path
from threading import Event, Thread

import pytest

from store.backup import GAP, BackupError, back_up, backups, restore
from store.disk import DiskFullError
from store.erasure import erase, unfinished
from store.erasure_log import log_beside, read_log
from store.migrations import newsroom_migrations
from store.newsroom import Newsroom
from store.publish import publish
from store.schema import StoreError, connect, migrate
from store.tombstones import ErasedError
from store.types import Saved
from tests.store.desk import Clock, Desk, make_article, make_source, public_content

SECRET = "Quastenflossersee"


def fill(desk: Desk) -> list[int]:
    ids = desk.save(*(make_article(number) for number in range(1, 20)))
    desk.save(make_article(1, body="Berichtigt."))
    desk.tag(ids[0], "ozg", states=["DE-NW"])
    desk.publish()
    return ids


def make_backup(desk: Desk, keep: int = 7) -> Path:
    return back_up(desk.newsroom.path, desk.folder / "b", keep=keep, now=desk.clock).path


def everything(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of a newsroom, but what tells one file from another."""
    connection = sqlite3.connect(path)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master "
              "WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]  # fmt: skip
    rows = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    connection.close()
    rows["counters"] = [row for row in rows["counters"] if row[0] != "identity"]
    return rows


def test_the_drill(desk: Desk, tmp_path: Path) -> None:
    """The machine is lost; on another one the archive comes back from the backup alone."""
    fill(desk)
    made = back_up(desk.newsroom.path, desk.folder / "b", keep=7, now=desk.clock)
    assert (made.items, made.deleted) == (19, ())
    assert made.bytes == made.path.stat().st_size
    assert sorted(path.name for path in made.path.parent.iterdir()) == [
        ".backup.lock", "newsroom-20260310T090000Z.db", "newsroom-20260310T090000Z.db.sha256",
    ]  # fmt: skip
    # As `sha256sum --check` reads it.
    line = f"{hashlib.sha256(made.path.read_bytes()).hexdigest()}  {made.path.name}\n"
    assert made.path.with_name(made.path.name + ".sha256").read_text() == line
    there = tmp_path / "other" / "machine" / "newsroom.db"
    done = restore(made.path, there, now=desk.clock)
    assert (done.items, done.erased, done.aside, done.checksum) == (19, 0, None, True)
    assert everything(there) == everything(desk.newsroom.path)
    assert sorted(path.name for path in there.parent.iterdir()) == ["erasures.jsonl", "newsroom.db"]
    with Newsroom(there, now=desk.clock) as newsroom:
        publish(newsroom, there.with_name("archive.db"), there.with_name("search.db"))
        assert newsroom.save(make_article(2)) is Saved.SAME
        assert newsroom.save(make_article(99)) is Saved.NEW
        new = newsroom.item_by_url(make_article(99).url)
        assert new is not None
        assert new.id == 19 + GAP + 1
    assert public_content(there.with_name("archive.db"))["items"] == public_content(
        desk.archive
    )["items"]  # fmt: skip


def test_public_files_that_know_more_than_the_backup_are_made_anew(desk: Desk) -> None:
    fill(desk)
    backup = make_backup(desk)
    desk.save(*(make_article(number) for number in range(50, 60)))
    desk.publish()
    desk.newsroom.close()
    desk.clock.move(hours=1)
    restore(backup, desk.newsroom.path, now=desk.clock, replace=True)
    with Newsroom(desk.newsroom.path, now=desk.clock) as newsroom:
        newsroom.save(make_article(70))
        published = publish(newsroom, desk.archive, desk.search)
    assert published.rebuilt
    assert published.items == 20


def test_nothing_is_overwritten_unasked(desk: Desk) -> None:
    fill(desk)
    backup = make_backup(desk)
    desk.save(make_article(80))
    before = everything(desk.newsroom.path)
    with pytest.raises(BackupError, match="exists and is not overwritten"):
        restore(backup, desk.newsroom.path, now=desk.clock)
    assert everything(desk.newsroom.path) == before
    desk.newsroom.close()
    done = restore(backup, desk.newsroom.path, now=desk.clock, replace=True)
    assert done.aside is not None
    assert everything(done.aside) == before
    assert done.items == 19


@pytest.mark.parametrize("part", ["-wal", "-shm", "-journal"])
def test_a_log_left_behind_counts_as_a_newsroom(desk: Desk, tmp_path: Path, part: str) -> None:
    """SQLite would apply a stray log to the restored file."""
    fill(desk)
    target = tmp_path / "leer" / "newsroom.db"
    target.parent.mkdir()
    target.with_name(target.name + part).write_bytes(b"alt")
    with pytest.raises(BackupError, match="not overwritten"):
        restore(make_backup(desk), target, now=desk.clock)
    done = restore(backups(desk.folder / "b")[0], target, now=desk.clock, replace=True)
    assert done.items == 19
    assert not target.with_name(target.name + part).exists()


def test_erasures_are_repeated_after_a_restoration(desk: Desk) -> None:
    ids = fill(desk)
    (secret,) = desk.save(make_article(40, body=f"Am {SECRET}."))
    backup = make_backup(desk)
    assert SECRET.encode() in backup.read_bytes()
    desk.clock.move(days=1)
    erase(desk.newsroom, secret, reason="Antrag")
    erase(desk.newsroom, ids[3], reason="Antrag zwei")
    desk.publish()
    desk.newsroom.close()
    done = restore(backup, desk.newsroom.path, now=desk.clock, replace=True)
    assert (done.items, done.erased) == (18, 2)
    assert SECRET.encode() not in desk.newsroom.path.read_bytes()
    with Newsroom(desk.newsroom.path, now=desk.clock) as newsroom:
        assert newsroom.item(secret) is None
        with pytest.raises(ErasedError):
            newsroom.save(make_article(40))
        publish(newsroom, desk.archive, desk.search)
        assert unfinished(newsroom) == 0
    for path in (desk.newsroom.path, desk.archive, desk.search):
        content = path.read_bytes()
        assert SECRET.encode() not in content
        assert SECRET.lower().encode() not in content


def test_the_log_travels_with_backups_and_by_hand(desk: Desk, tmp_path: Path) -> None:
    ids = fill(desk)
    old = make_backup(desk)
    desk.clock.move(hours=1)
    erase(desk.newsroom, ids[0], reason="eins")
    desk.clock.move(hours=1)
    new = make_backup(desk)
    assert [entry.reason for entry in read_log(log_beside(new))] == ["eins"]
    desk.clock.move(hours=1)
    erase(desk.newsroom, ids[1], reason="zwei")
    # The older backup learns of the first from its folder, of the second from the log it is told.
    there = tmp_path / "neu" / "newsroom.db"
    logs = [log_beside(desk.newsroom.path)]
    assert restore(old, there, now=desk.clock, logs=logs).erased == 2
    assert [entry.reason for entry in read_log(log_beside(there))] == ["eins", "zwei"]
    other = tmp_path / "neuer" / "newsroom.db"
    assert restore(new, other, now=desk.clock).erased == 0
    # A lost log is written anew from what the backup remembers.
    log_beside(new).unlink()
    third = tmp_path / "dritter" / "newsroom.db"
    restore(new, third, now=desk.clock)
    assert [entry.reason for entry in read_log(log_beside(third))] == ["eins"]


def test_a_damaged_log_stops_the_restoration(desk: Desk, tmp_path: Path) -> None:
    fill(desk)
    backup = make_backup(desk)
    log_beside(backup).write_text("{\n", encoding="utf-8")
    target = tmp_path / "neu" / "newsroom.db"
    with pytest.raises(StoreError, match=r"erasures\.jsonl:1"):
        restore(backup, target, now=desk.clock)
    assert not target.exists()


def test_a_backup_of_the_earlier_shape_is_brought_up(tmp_path: Path) -> None:
    path = tmp_path / "alt" / "newsroom.db"
    path.parent.mkdir()
    connection = connect(path)
    migrate(connection, newsroom_migrations, stop_before="m005_erasures_and_retention")
    connection.execute(
        "INSERT INTO sources VALUES ('stadt_a', 'n', 'p', 'h', 'feed', 'u', 'official', 'full', "
        "'all', 'adaptive', 'r', 'DE-NW', NULL, 1, 1, NULL, 1)"
    )
    connection.close()
    backup = back_up(path, tmp_path / "b", keep=1, now=Clock())
    target = tmp_path / "neu" / "newsroom.db"
    restore(backup.path, target, now=Clock())
    with Newsroom(target, now=Clock()) as newsroom:
        assert newsroom.save(make_article(1)) is Saved.NEW


def test_what_is_damaged_is_refused(desk: Desk, tmp_path: Path) -> None:
    fill(desk)
    backup = make_backup(desk)
    target = tmp_path / "neu" / "newsroom.db"
    content = bytearray(backup.read_bytes())
    content[len(content) // 2] ^= 0xFF
    backup.write_bytes(content)
    with pytest.raises(BackupError, match="checksum differs"):
        restore(backup, target, now=desk.clock)
    text = tmp_path / "text.db"
    text.write_text("kein Backup " * 500, encoding="utf-8")
    with pytest.raises(BackupError, match="no usable newsroom"):
        restore(text, target, now=desk.clock)
    broken = tmp_path / "broken.db"
    broken.write_bytes(bytes(content[: len(content) // 2]))
    with pytest.raises(BackupError, match=r"broken\.db"):
        restore(broken, target, now=desk.clock)
    archive = tmp_path / "archive-copy.db"
    archive.write_bytes(desk.archive.read_bytes())
    with pytest.raises(BackupError, match="no usable newsroom"):
        restore(archive, target, now=desk.clock)
    with pytest.raises(BackupError, match="no such file"):
        restore(tmp_path / "nichts.db", target, now=desk.clock)
    assert not target.exists()


def test_a_copy_without_its_checksum_is_still_examined(desk: Desk, tmp_path: Path) -> None:
    fill(desk)
    backup = make_backup(desk)
    backup.with_name(backup.name + ".sha256").unlink()
    done = restore(backup, tmp_path / "neu" / "newsroom.db", now=desk.clock)
    assert (done.items, done.checksum) == (19, False)


def test_the_newest_stay(desk: Desk) -> None:
    fill(desk)
    made = []
    for _ in range(4):
        made.append(make_backup(desk, keep=2))
        desk.clock.move(hours=1)
    assert backups(desk.folder / "b") == made[2:]
    assert len(list((desk.folder / "b").glob("*.sha256"))) == 2
    stranger = desk.folder / "b" / "newsroom-eigene-kopie.db"
    stranger.write_bytes(b"")
    make_backup(desk, keep=1)
    assert len(backups(desk.folder / "b")) == 1
    assert stranger.exists()
    with pytest.raises(BackupError, match="At least the new one"):
        make_backup(desk, keep=0)
    with pytest.raises(BackupError, match="this very second"):
        make_backup(desk)


def test_no_newsroom_no_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no newsroom yet"):
        back_up(tmp_path / "newsroom.db", tmp_path / "b", keep=1, now=Clock())
    (tmp_path / "datei").write_text("x")
    (tmp_path / "newsroom.db").write_text("x")
    with pytest.raises(BackupError, match="cannot be written"):
        back_up(tmp_path / "newsroom.db", tmp_path / "datei", keep=1, now=Clock())


def large(path: Path, items: int = 1500) -> Path:
    """A newsroom of some megabytes."""
    with Newsroom(path, now=Clock()) as newsroom:
        newsroom.set_sources([make_source()])
        with newsroom.batch():
            for number in range(items):
                newsroom.save(make_article(number, body=f"Absatz {number}. " * 200))
    return path


def test_others_write_meanwhile(tmp_path: Path) -> None:
    path = large(tmp_path / "newsroom.db", 500)
    stop, saved = Event(), []

    def write() -> None:
        with Newsroom(path, now=Clock()) as newsroom:
            number = 10_000
            while not stop.is_set():
                newsroom.save(make_article(number))
                saved.append(number)
                number += 1

    thread = Thread(target=write)
    thread.start()
    clock = Clock()
    try:
        counts = []
        for _ in range(5):
            before = len(saved)
            counts.append(back_up(path, tmp_path / "b", keep=9, now=clock).items)
            # What was committed before is in it.
            assert 500 + before <= counts[-1] <= 500 + len(saved) + 1
            clock.move(seconds=1)
    finally:
        stop.set()
        thread.join()
    assert counts == sorted(counts)


def _child(path: Path, folder: Path, number: int) -> None:
    clock = Clock()
    clock.move(minutes=number)
    back_up(path, folder, keep=100, now=clock)


def test_kill_at_any_moment_leaves_whole_backups_only(tmp_path: Path) -> None:
    path = large(tmp_path / "newsroom.db")
    folder = tmp_path / "b"
    context = multiprocessing.get_context("fork")
    began = time.perf_counter()
    _child(path, folder, 0)
    usual = time.perf_counter() - began
    moments = random.Random(7)
    unfinished_ones = 0
    for number in range(1, 21):
        process = context.Process(target=_child, args=(path, folder, number))
        process.start()
        time.sleep(moments.uniform(0, 1.3 * usual))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        unfinished_ones += process.exitcode == -signal.SIGKILL
        for backup in backups(folder):
            line = backup.with_name(backup.name + ".sha256").read_text().split()
            assert line == [hashlib.sha256(backup.read_bytes()).hexdigest(), backup.name]
    assert unfinished_ones >= 3, "the kills came too late to show anything"
    _child(path, folder, 99)
    names = {path.name for path in folder.iterdir()}
    finished = {path.name for path in backups(folder)}
    assert names == finished | {f"{name}.sha256" for name in finished} | {".backup.lock"}
    target = tmp_path / "neu" / "newsroom.db"
    assert restore(backups(folder)[-1], target, now=Clock()).items == 1500


def _limited(path: Path, folder: Path, found: multiprocessing.Queue[str]) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    try:
        back_up(path, folder, keep=1, now=Clock())
    except DiskFullError as error:
        found.put(str(error))


def test_a_full_disk_is_told_in_one_line(tmp_path: Path) -> None:
    path = large(tmp_path / "newsroom.db", 1000)
    clock = Clock()
    clock.move(hours=-1)
    kept = back_up(path, tmp_path / "b", keep=1, now=clock).path
    context = multiprocessing.get_context("fork")
    found = context.Queue()
    process = context.Process(target=_limited, args=(path, tmp_path / "b", found))
    process.start()
    message = found.get(timeout=30)
    process.join()
    assert str(tmp_path / "b") in message
    assert "\n" not in message
    assert backups(tmp_path / "b") == [kept]


def test_one_at_a_time(desk: Desk) -> None:
    import fcntl

    fill(desk)
    make_backup(desk)
    desk.clock.move(hours=1)
    with (desk.folder / "b" / ".backup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BackupError, match="under way"):
            make_backup(desk)


def test_backup_and_restored_newsroom_are_their_owners_alone(desk: Desk, tmp_path: Path) -> None:
    fill(desk)
    backup = make_backup(desk)
    restored = restore(backup, tmp_path / "again" / "newsroom.db", now=desk.clock)
    assert [path.stat().st_mode & 0o077 for path in (backup, restored.path)] == [0, 0]
