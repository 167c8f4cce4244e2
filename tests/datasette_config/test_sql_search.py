"""SQL can search the archive as readers do, and reaches nothing by it that they do not."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from datasette_config import sql_search
from datasette_config.site import Site


def ask(web: httpx.Client, sql: str) -> list[list[object]]:
    answer = web.get("/archive.json", params={"sql": sql})
    assert answer.status_code == 200, answer.text
    rows: list[list[object]] = answer.json()["rows"]
    return rows


@pytest.mark.parametrize("words", ["Stadt", '"digitale Bauantrag"', "Glasfaser ODER Wohngeld", ""])
def test_sql_finds_what_readers_find(web: httpx.Client, words: str) -> None:
    [[found]] = ask(web, f"select archiv_match('{words}')")
    told = web.get("/api/v1/suche", params={"q": words, "anzahl": 100}).json()
    assert json.loads(str(found)) == [item["id"] for item in told["items"]]


def test_a_search_can_be_bound_to_days(web: httpx.Client) -> None:
    [[one, other, none, free]] = ask(
        web,
        "select archiv_match('Stadt', '2026-01-01', '2026-03-31'), "
        "archiv_match('Stadt', '2026-03-31', '2026-01-01'), "
        "archiv_match('Stadt', '1950-01-01', '1950-12-31'), "
        "archiv_match('Stadt', 'gestern', '0001-01-01')",
    )
    told = web.get("/api/v1/suche?q=Stadt&von=2026-01-01&bis=2026-03-31&anzahl=100").json()
    assert json.loads(str(one)) == [item["id"] for item in told["items"]]
    assert (other, none) == (one, "[]")
    assert len(json.loads(str(free))) > len(told["items"])


def test_a_snippet_marks_the_match(web: httpx.Client) -> None:
    sql = (
        "select i.title, archiv_snippet(i.id, 'Wohngeldantrag') from "
        "json_each(archiv_match('Wohngeldantrag')) m join items i on i.id = m.value"
    )
    rows = ask(web, sql)
    assert rows
    assert any("[Wohngeldanträge]" in str(snippet) for _, snippet in rows)
    assert ask(web, "select archiv_snippet(-1, 'Stadt'), archiv_snippet('x', 'y')") == [
        [None, None]
    ]


def test_a_snippet_tells_no_private_text(
    web: httpx.Client, files: tuple[Path, Path], ids: dict[str, int]
) -> None:
    with sqlite3.connect(files[0].with_name("newsroom.db")) as newsroom:
        bodies = newsroom.execute(
            "select n.body from items n join sources s on s.id = n.source_id "
            "where s.display = 'headline' and n.body is not null"
        ).fetchall()
    word = max(bodies[0][0].split(), key=len).strip(".,:;„“")
    rows = ask(
        web,
        f"select i.title, archiv_snippet(i.id, '{word}') from json_each(archiv_match('{word}')) m "
        "join items i on i.id = m.value join sources s on s.id = i.source_id "
        "where s.display = 'headline'",
    )
    assert rows, "the body is searched"
    for title, snippet in rows:
        assert str(snippet).replace("[", "").replace("]", "") == title


@pytest.mark.parametrize(
    "argument",
    ["null", "1", "1.5", "x'00ff'", "char(0)", "printf('%.*c', 100000, 'x')", "'\"'", "'a\" OR b:'",
     "'rowid:1'", "'keys MATCH x'", "'{'", "''';select 1;--'", "'*'", "'-'", "'a NEAR b'",
     "'../search.db'"],
)  # fmt: skip
def test_any_argument_is_answered(web: httpx.Client, argument: str) -> None:
    answer = web.get(f"/archive.json?sql={quote(f'select archiv_match({argument}) as m')}")
    assert answer.status_code == 200, answer.text
    assert isinstance(json.loads(answer.json()["rows"][0][0]), list)


def test_the_engine_is_no_way_to_the_index(web: httpx.Client) -> None:
    for statement in (
        "select * from archiv_match('x')",
        "select * from json_each(archiv_match('x')) m join keys on keys.rowid = m.value",
        "select archiv_match('x', 'keys')",
        "select archiv_snippet()",
    ):
        assert web.get("/archive.json", params={"sql": statement}).status_code == 400


def test_what_searches_too_long_is_stopped(web: httpx.Client) -> None:
    endless = (
        "with recursive n(x) as (select 1 union all select x + 1 from n) "
        "select max(length(archiv_match('Stadt ' || x))) from n"
    )
    answer = web.get("/archive.json", params={"sql": endless})
    assert (answer.status_code, answer.json()["ok"]) == (400, False)


def test_what_is_published_is_found_at_once(site: Site) -> None:
    sql = sql_search.SqlSearch(site.search)
    whole = json.loads(sql.match(""))
    for number in range(sql_search.HELD + 5):
        assert sql.match(f"gibtesnicht{number}") == "[]"
    assert sql.snippet(whole[0], "") is not None
    assert len(sql._held) == sql_search.HELD


def test_the_ready_queries_search(web: httpx.Client) -> None:
    rows = web.get("/archive/volltextsuche.json?wort=Glasfaser&_shape=array").json()
    assert rows
    assert all("[" in row["ausschnitt"] for row in rows if "lasfaser" in row["titel"])
    assert web.get("/archive/laender_eines_wortes.json?wort=Stadt&_shape=array").json()
    page = web.get("/archive/volltextsuche?wort=%3Cscript%3E").text
    assert "<script>" not in page.replace('<script src="/static', "")
