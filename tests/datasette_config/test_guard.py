"""What must not leave: the private files, the search index, the paths of the machine."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

PATHS = [
    "/search.db", "/search", "/search/keys", "/search.json", "/newsroom.db", "/newsroom",
    "/newsroom/items", "/archive.db", "/_internal", "/_internal/databases.json", "/_memory",
    "/_memory?sql=select+1", "/:memory:", "/-/databases", "/-/databases.json", "/-/metadata",
    "/-/metadata.json", "/-/plugins.json", "/-/settings.json", "/-/config.json", "/-/threads.json",
    "/-/actor.json", "/-/messages", "/-/allow-debug", "/-/permissions", "/-/auth-token",
    "/-/logout", "/-/patterns", "/-/static-plugins/kommunalradar/../metadata.yaml",
    "/-/static/..%2f..%2f..%2f..%2fetc%2fpasswd", "/static/0/..%2Fsite.css", "/archive/search.db",
    "/archive/../search.db", "/archive/~2E~2E~2Fsearch", "/%2e%2e/search.db", "/archive/-/x",
]  # fmt: skip

STATEMENTS = [
    "attach database '{search}' as s",
    "select * from pragma_database_list",
    "select * from pragma_database_list()",
    "select file from pragma_database_list",
    "pragma database_list",
    "select load_extension('{search}')",
    "select readfile('{search}')",
    "select writefile('/tmp/x', 'y')",
    "vacuum into '/tmp/x.db'",
    "with x as (select 1) select * from keys",
    "select * from search.keys",
    "select * from \"{search}\".keys",
    "select * from fsdir('/')",
    "select * from sqlite_dbpage",
    "select * from items; attach database '{search}' as s",
    "explain attach database '{search}' as s",
    "select * from nichts",
    "select",
]  # fmt: skip


def is_silent(answer: httpx.Response, folder: Path) -> bool:
    return str(folder) not in answer.text and "newsroom" not in answer.text.replace(
        # archive.db says of itself which newsroom it came from, by a drawn number
        '"newsroom"', ""
    )  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_to_a_private_file(
    web: httpx.Client, files: tuple[Path, Path], path: str
) -> None:
    answer = web.get(path)
    assert answer.status_code in (301, 302, 400, 403, 404), path
    assert is_silent(answer, files[1].parent)
    assert b"SQLite format" not in answer.content


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("ending", ["", ".json", ".csv"])
def test_no_statement_reaches_another_file(
    web: httpx.Client, files: tuple[Path, Path], statement: str, ending: str
) -> None:
    sql = statement.format(search=files[1])
    answer = web.get(f"/archive{ending}?sql={quote(sql)}")
    # The statement itself is shown again where it was refused; what matters is everything else.
    shown = answer.text.replace(str(files[1]), "").replace(quote(sql), "")
    assert str(files[1].parent) not in shown
    assert "keys_content" not in shown
    if ending == ".json":
        assert not answer.json().get("rows"), statement


def test_the_public_data_is_there(web: httpx.Client) -> None:
    assert web.get("/archive").status_code == 200
    page = web.get("/archive/items")
    assert page.status_code == 200
    assert "Adresse des Originals" in page.text, "columns are described"
    rows = web.get("/archive/items.json?_shape=array&_size=100").json()
    assert len(rows) == 60
    query = web.get("/archive.json", params={"sql": "select count(*) as n from items"}).json()
    assert query["rows"] == [[60]]


@pytest.mark.parametrize(
    "query",
    ["themen_nach_monat", "themen_in_einem_land", "quellen_mit_stoerung", "nachgedruckt"],
)
def test_the_canned_queries_answer(web: httpx.Client, query: str) -> None:
    answer = web.get(f"/archive/{query}.json?_shape=array")
    assert answer.status_code == 200
    assert answer.json()


def test_datasettes_own_pages_wear_the_frame(web: httpx.Client) -> None:
    for path in ("/archive", "/archive/items", "/archive/items/1", "/archive/nachgedruckt"):
        answer = web.get(path)
        assert 'lang="de"' in answer.text
        assert 'class="name" href="/"' in answer.text
        assert "set-cookie" not in answer.headers
        assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_an_answer_in_json_tells_no_more_than_the_page(web: httpx.Client) -> None:
    answer = web.get("/archive/nichts.json")
    assert answer.status_code == 404
    assert answer.json()["ok"] is False
