"""The dated files of the archive: offered, checked, sent in parts; nothing else is."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from datetime import date
from pathlib import Path

import httpx
import pytest
from datasette.app import Datasette

from datasette_config import downloads
from datasette_config.app import make_datasette
from datasette_config.downloads import span
from datasette_config.dumps import Dump, dumps
from store.exports import export

DAYS = (date(2026, 3, 2), date(2026, 3, 9))


@pytest.fixture(scope="module")
def folder(files: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days' files, one that is being written, and one that is none of ours."""
    made = tmp_path_factory.mktemp("dumps")
    export(files[0], made, format="csv", day=DAYS[0])
    for format in ("csv", "sqlite", "parquet"):
        export(files[0], made, format=format, day=DAYS[1])
    (made / "archive-2026-03-16-items.csv").write_text("not in a list")
    (made / "secret.txt").write_text("secret")
    (made / "archive-2026-03-16-csv.sha256").write_text(
        "".join(
            f"{'0' * 64}  {name}\n"
            for name in ("../secret.txt", "secret.txt", "archive-2026-03-16-gone.csv")
        )
    )
    return made


@pytest.fixture(scope="module")
def offering(files: tuple[Path, Path], folder: Path) -> Datasette:
    return make_datasette(*files, dumps=folder)


def get(
    datasette: Datasette, path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=datasette.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://radar") as client:
            return await client.request(method, path, headers=headers or {})

    return asyncio.run(ask())


ITEMS = "/daten/archive-2026-03-09-items.csv"


def test_the_page_lists_what_is_complete(offering: Datasette, folder: Path) -> None:
    page = get(offering, "/daten").text
    for dump in dumps(folder):
        assert f'href="/daten/{dump.name}"' in page
    assert "2026-03-16" not in page
    assert page.index("9. März 2026") < page.index("2. März 2026")
    assert "Data and interface" in get(offering, "/en/daten").text
    assert "secret" not in page


def test_checksums_are_of_what_is_sent(offering: Datasette, folder: Path) -> None:
    lines = get(offering, "/daten/SHA256SUMS").text.splitlines()
    assert len(lines) == len(dumps(folder)) > 20
    for line in lines:
        sum, name = line.split("  ")
        answer = get(offering, f"/daten/{name}")
        assert hashlib.sha256(answer.content).hexdigest() == sum
        assert answer.content == (folder / name).read_bytes()
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'


def test_a_broken_download_goes_on(offering: Datasette, folder: Path) -> None:
    whole = (folder / ITEMS.rsplit("/", 1)[1]).read_bytes()
    first = get(offering, ITEMS, {"Range": "bytes=0-99"})
    assert (first.status_code, first.content) == (206, whole[:100])
    assert first.headers["content-range"] == f"bytes 0-99/{len(whole)}"
    tag = first.headers["etag"]
    rest = get(offering, ITEMS, {"Range": "bytes=100-", "If-Range": tag})
    assert (rest.status_code, rest.content) == (206, whole[100:])
    assert get(offering, ITEMS, {"Range": "bytes=-7"}).content == whole[-7:]
    made_anew = get(offering, ITEMS, {"Range": "bytes=100-", "If-Range": '"other"'})
    assert (made_anew.status_code, made_anew.content) == (200, whole)
    beyond = get(offering, ITEMS, {"Range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond.content) == (416, b"")
    assert beyond.headers["content-range"] == f"bytes */{len(whole)}"


@pytest.mark.parametrize(
    ("asked", "found"),
    [(None, None), ("bytes=0-0", (0, 1)), ("bytes=5-", (5, 10)), ("bytes=-3", (7, 10)),
     ("bytes=-30", (0, 10)), ("bytes=3-99", (3, 10)), ("bytes=5-3", None), ("bytes=-", None),
     ("bytes=0-1,4-5", None), ("items=0-5", None), ("bytes=x-y", None),
     ("bytes=" + "9" * 99, None)],
)  # fmt: skip
def test_a_range_is_read(asked: str | None, found: tuple[int, int] | None) -> None:
    assert span(asked, 10) == found


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_beyond_the_file_is_refused(asked: str) -> None:
    with pytest.raises(ValueError, match="bytes"):
        span(asked, 10)


def test_what_is_known_is_not_sent_again(offering: Datasette) -> None:
    first = get(offering, ITEMS)
    for condition in (
        {"If-None-Match": first.headers["etag"]},
        {"If-None-Match": f'"x", W/{first.headers["etag"]}'},
        {"If-Modified-Since": first.headers["last-modified"]},
    ):
        again = get(offering, ITEMS, condition)
        assert (again.status_code, again.content) == (304, b"")
    assert get(offering, ITEMS, {"If-None-Match": '"x"'}).status_code == 200
    head = get(offering, ITEMS, method="HEAD")
    assert (head.content, head.headers["content-length"]) == (b"", str(len(first.content)))
    assert head.headers["content-security-policy"]
    assert head.headers["access-control-allow-origin"] == "*"


def test_the_newest_have_permanent_addresses(offering: Datasette, tmp_path: Path) -> None:
    for path, target in (
        ("neueste/items.csv", "archive-2026-03-09-items.csv"),
        ("neueste/items.parquet", "archive-2026-03-09-items.parquet"),
        ("neueste/archive.sqlite", "archive-2026-03-09.sqlite"),
    ):
        answer = get(offering, f"/daten/{path}")
        assert (answer.status_code, answer.headers["location"]) == (302, f"/daten/{target}")
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(get(offering, "/daten/archive-2026-03-09.sqlite").content)
    with sqlite3.connect(copy) as opened:
        assert opened.execute("select count(*) from items").fetchone() == (60,)


@pytest.mark.parametrize(
    "path",
    ["secret.txt", "../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "neueste/secret.txt",
     "neueste/../secret.txt", "neueste/items.exe", "archive-2026-03-16-items.csv", "",
     "archive-2026-03-16-gone.csv", "archive-2026-03-09-csv.sha256", "SHA256SUMS/", "%00",
     "archive-2026-03-09-items.csv%00", "archive-2026-03-09-items.csv/"],
)  # fmt: skip
def test_nothing_else_of_the_folder_is_sent(offering: Datasette, folder: Path, path: str) -> None:
    answer = get(offering, f"/daten/{path}")
    assert answer.status_code in (301, 302, 404)
    assert answer.content != b"secret"
    assert str(folder) not in answer.text


def test_a_file_that_is_erased_is_no_longer_offered(
    offering: Datasette, files: tuple[Path, Path], folder: Path
) -> None:
    export(files[0], folder, format="ndjson", day=DAYS[0])
    path = "/daten/archive-2026-03-02-items.ndjson"
    assert get(offering, path).status_code == 200
    (folder / path.rsplit("/", 1)[1]).unlink()
    assert get(offering, path).status_code == 404
    for left in folder.glob("*2026-03-02*ndjson*"):
        left.unlink()


def test_a_file_that_goes_while_it_is_looked_for_is_not_there(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(files[0], tmp_path, format="sqlite", day=DAYS[0])
    offering = make_datasette(*files, dumps=tmp_path)

    def then_erased(folder: Path | None) -> list[Dump]:
        found = dumps(folder)
        for dump in found:
            dump.path.unlink()
        return found

    monkeypatch.setattr(downloads, "dumps", then_erased)
    assert get(offering, "/daten/archive-2026-03-02.sqlite").status_code == 404


def test_without_a_folder_the_page_tells_of_the_rest(datasette: Datasette) -> None:
    page = get(datasette, "/daten").text
    assert "keine Dateien" in page
    assert "/api/v1/openapi.json" in page
    assert get(datasette, "/daten/SHA256SUMS").status_code == 404
