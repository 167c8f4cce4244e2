"""Reading stored responses again: shown first, written only when asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from radar.replaying import Change, ReplayError, as_dict, as_text, replay, span_of_run
from store.erasure import erase
from store.newsroom import Newsroom
from store.responses import ResponseFile, files
from store.types import Article, RunResult, Source, Visit
from tests.archive import german_page

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SOURCE = Source(
    id="stadt", name="Stadt", publisher="Stadt", homepage="https://stadt.example/", kind="feed",
    url="https://stadt.example/feed", licence="official", display="full", relevance="all",
    schedule="adaptive", reference="https://stadt.example/",
)  # fmt: skip
URL = "https://stadt.example/presse/1"
FEED = f"""<rss version="2.0"><channel><title>Presse</title><item><title>Glasfaserausbau Nummer 1
</title><link>{URL}</link><guid isPermaLink="false">g1</guid></item></channel></rss>"""


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    """An item that an earlier page class cut short, and the responses it was read from."""
    with Newsroom(tmp_path / "newsroom.db", now=lambda: NOW) as newsroom:
        newsroom.set_sources([SOURCE])
        run = newsroom.start_run("stadt")
        kept = Article(
            "stadt", URL, "press_release", "Glasfaserausbau", NOW, guid="g1", body="Nur ein Satz."
        )
        newsroom.save(kept, visit=Visit(URL, "h", NOW, item_url=URL), run_id=run)
        newsroom.finish_run(run, RunResult("ok", new=1))
        headers = [("Content-Type", "text/html; charset=utf-8")]
        with ResponseFile(tmp_path / "responses", now=NOW) as file:
            file.keep(
                SOURCE.url,
                status=200,
                headers=[("Content-Type", "application/rss+xml")],
                body=FEED.encode(),
                at=NOW,
            )
            file.keep(URL, status=200, headers=headers, body=german_page(1, "Stadt"), at=NOW)
        yield newsroom


def changes(
    newsroom: Newsroom, *, write: bool = False, begin: datetime = NOW, source: str | None = None
) -> list[Change]:
    folder = newsroom.path.parent / "responses"
    end = NOW + timedelta(hours=1)
    found = replay(newsroom, folder, begin=begin, end=end, source_id=source, write=write)
    return list(found.changes)


def test_what_would_change_is_shown_and_nothing_written(newsroom: Newsroom) -> None:
    (change,) = changes(newsroom)
    assert change.fields["title"] == ("Glasfaserausbau", "Stadt: Glasfaserausbau Nummer 1")
    assert change.fields["body"][0] == "Nur ein Satz."
    assert "author" not in change.fields
    assert not change.written
    item = newsroom.item_by_url(URL)
    assert item is not None
    assert item.version == 1
    text = as_text(change)
    assert "  - title: Glasfaserausbau\n  + title: Stadt: Glasfaserausbau Nummer 1" in text
    assert as_dict(change)["fields"]["published"]["after"].startswith("2021-02-11")


def test_writing_makes_a_version_and_then_there_is_nothing_to_change(newsroom: Newsroom) -> None:
    (change,) = changes(newsroom, write=True)
    assert change.written
    item = newsroom.item_by_url(URL)
    assert item is not None
    assert item.version == 2
    assert item.article.guid == "g1"
    assert "schnelles Internet" in (item.article.teaser or "") + (item.article.body or "")
    assert changes(newsroom) == []


def test_what_a_save_would_not_write_is_no_change(newsroom: Newsroom) -> None:
    changes(newsroom, write=True)
    item = newsroom.item_by_url(URL)
    assert item is not None
    erase(newsroom, [URL], reason="Antrag")
    newsroom.connection.execute("DELETE FROM tombstones")
    newsroom.save(replace(item.article, image="https://stadt.example/x.jpg", place="Bonn"))
    (change,) = changes(newsroom, write=True)
    assert change.fields == {"place": ("Bonn", None)}
    assert changes(newsroom) == []


def test_the_run_of_any_number_is_found(newsroom: Newsroom) -> None:
    for _ in range(3):
        newsroom.finish_run(newsroom.start_run("stadt"), RunResult("unchanged"))
    under_way = newsroom.start_run("stadt")
    assert [span_of_run(newsroom, number)[2] for number in (1, 2, 4)] == ["stadt"] * 3
    with pytest.raises(ReplayError, match="no run of that number has ended"):
        span_of_run(newsroom, under_way)


@pytest.mark.parametrize("damage", ["flipped", "cut", "cut in its head", "no archive"])
def test_damaged_responses_are_told_and_the_others_read(newsroom: Newsroom, damage: str) -> None:
    folder = newsroom.path.parent / "responses"
    (path,) = files(folder)
    data = bytearray(path.read_bytes())
    with ResponseFile(folder, now=NOW + timedelta(minutes=1)) as file:
        file.keep(URL, status=200, headers=[], body=german_page(2, "Stadt"), at=NOW)
    if damage == "flipped":
        data[100] ^= 0xFF
    path.write_bytes(
        bytes(
            {"cut": data[:-9], "cut in its head": data[:30], "no archive": b"<html>"}.get(
                damage, data
            )
        )
    )
    found = replay(newsroom, folder, begin=NOW, end=NOW, source_id=None, write=False)
    assert found.damaged == (path,)
    assert found.items == 1
    (change,) = found.changes
    assert change.fields["title"][1] == "Stadt: E-Akte Nummer 2"


def test_what_is_kept_from_a_later_fetch_stays(newsroom: Newsroom) -> None:
    item = newsroom.item_by_url(URL)
    assert item is not None
    newsroom.save(replace(item.article, body="Heute.", fetched_at=NOW + timedelta(hours=2)))
    assert changes(newsroom) == []


def test_only_the_span_and_the_source_that_were_asked_for(newsroom: Newsroom) -> None:
    assert changes(newsroom, begin=NOW + timedelta(minutes=5)) == []
    assert changes(newsroom, source="andere") == []
    assert span_of_run(newsroom, 1) == (NOW, NOW, "stadt")
    with pytest.raises(ReplayError, match="no run of that number"):
        span_of_run(newsroom, 7)


def test_a_page_that_cannot_be_read_any_more_is_told_and_never_written(
    newsroom: Newsroom,
) -> None:
    later = NOW + timedelta(minutes=10)
    with ResponseFile(newsroom.path.parent / "responses", now=later) as file:
        file.keep(URL, status=200, headers=[("Content-Type", "text/html")], body=b"", at=later)
    (change,) = changes(newsroom, write=True)
    assert change.lost
    assert not change.written
    assert "lost:" in as_text(change)


def test_without_stored_responses_the_mend_is_told(tmp_path: Path) -> None:
    with (
        Newsroom(tmp_path / "n.db", now=lambda: NOW) as newsroom,
        pytest.raises(ReplayError, match="keep_responses_days"),
    ):
        changes(newsroom)
