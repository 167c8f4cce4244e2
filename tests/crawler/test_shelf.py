"""What hosts said of their files, from one crawl to the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.middlewares.host_files import LONGEST, SHORTEST, max_age
from crawler.shelf import MAX_BODY, Kept, Shelf

NOW = datetime(2026, 3, 12, 10, 0, tzinfo=UTC)
URL = "https://www.stadt.example/robots.txt"
KEPT = Kept(200, "User-agent: *\nDisallow: /übung/\xff\x00".encode(), NOW + timedelta(hours=1))


def at(path: Path | None, moment: datetime = NOW) -> Shelf:
    return Shelf(path, lambda: moment)


def test_kept_until_its_time_is_over(tmp_path: Path) -> None:
    path = tmp_path / "hosts" / "robots.txt.json"
    shelf = at(path)
    shelf.put(URL, KEPT)
    shelf.save()
    assert at(path).get(URL) == KEPT
    assert at(path, NOW + timedelta(hours=2)).get(URL) is None
    assert [file.name for file in path.parent.iterdir()] == ["robots.txt.json"]


def test_nothing_is_written_without_a_path_or_a_change(tmp_path: Path) -> None:
    shelf = at(None)
    shelf.put(URL, KEPT)
    shelf.save()
    at(tmp_path / "leer.json").save()
    assert list(tmp_path.iterdir()) == []


def test_long_body_is_not_kept(tmp_path: Path) -> None:
    shelf = at(tmp_path / "a.json")
    shelf.put(URL, Kept(200, b"x" * (MAX_BODY + 1), NOW + timedelta(hours=1)))
    assert shelf.get(URL) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', '{"a": [1, 2, 3]}', '{"a": [1]}'])
def test_damaged_file_is_written_anew(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, encoding="ascii")
    shelf = at(path)
    assert shelf.get("a") is None
    assert "written anew" in caplog.text
    shelf.put(URL, KEPT)
    shelf.save()
    assert at(path).get(URL) == KEPT


@pytest.mark.parametrize(
    ("header", "age"),
    [("", LONGEST), ("max-age=7200", timedelta(hours=2)), ("max-age=0", SHORTEST),
     ("public, max-age=999999999", LONGEST), ("max-age=viel", LONGEST)],
)  # fmt: skip
def test_max_age_has_bounds(header: str, age: timedelta) -> None:
    assert max_age(header) == age
