"""The archive as JSON: what it answers, what it refuses."""

from __future__ import annotations

import asyncio
from datetime import date

import httpx
import pytest
from datasette.app import Datasette

from datasette_config import limits
from datasette_config.addresses import Address
from datasette_config.api.parameters import filters, read
from tests.datasette_config import newsdesk


def test_a_search_answers_what_the_page_shows(web: httpx.Client, address: str) -> None:
    query = "q=Stadt&land=DE-SN&land=DE-TH&von=2025-01-01"
    told = web.get(f"/api/v1/suche?{query}").json()
    page = web.get(f"/suche?{query}").text
    assert 0 < told["total"] == len(told["items"])
    for item in told["items"]:
        assert f'href="/eintrag/{item["id"]}"' in page
        assert item["page"] == f"{address}/eintrag/{item['id']}"
        assert {state["id"] for state in item["states"]} & {"DE-SN", "DE-TH"}
    assert any("<mark>Stadt</mark>" in (item["marked"]["teaser"] or "") for item in told["items"])


def test_pages_follow_one_another(web: httpx.Client) -> None:
    seen: list[int] = []
    following: str | None = "/api/v1/suche?anzahl=25&q="
    while following:
        answer = web.get(following)
        told = answer.json()
        seen += [item["id"] for item in told["items"]]
        following = told["next"]
        assert answer.headers.get("link") == (f'<{following}>; rel="next"' if following else None)
    assert len(seen) == len(set(seen)) == told["total"]
    assert told["page"] == told["pages"] == 3
    assert web.get("/api/v1/suche?seite=400").json()["items"] == []


def test_facets_count_what_the_search_finds(web: httpx.Client) -> None:
    told = web.get("/api/v1/facets?land=DE-SN").json()
    for counted in told["topics"]:
        found = web.get(f"/api/v1/suche?land=DE-SN&thema={counted['id']}").json()
        assert found["total"] == counted["count"], counted
    assert {"id": "14713000", "label": "Leipzig", "count": 6} in told["places"]
    assert sum(month["count"] for month in told["months"]) <= told["total"]


def test_an_item_tells_no_more_than_its_source_allows(
    web: httpx.Client, ids: dict[str, int]
) -> None:
    hidden = web.get(f"/api/v1/items/{ids['headline']}").json()
    assert (hidden["display"], hidden["teaser"], hidden["body"]) == ("headline", None, None)
    shown = web.get(f"/api/v1/items/{ids['corrected']}").json()
    assert shown["versions"][0]["changes"]
    assert shown["evidence"].keys() <= {one["id"] for one in shown["topics"] + shown["states"]}
    withdrawn = web.get(f"/api/v1/items/{ids['withdrawn']}").json()
    assert withdrawn["withdrawn_at"].endswith("Z")
    assert withdrawn["body"] is None
    assert withdrawn["topics"]
    assert withdrawn["evidence"] == {}
    hostile = web.get(f"/api/v1/items/{ids['hostile']}")
    assert hostile.json()["title"] == newsdesk.HOSTILE
    assert hostile.headers["x-content-type-options"] == "nosniff"
    found = web.get("/api/v1/suche?q=Zitat").json()["items"]
    assert all("<script" not in item["marked"]["title"] for item in found)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("thema=nichts", "thema"), ("land=DE", "land"), ("ort=123", "ort"), ("quelle=", "quelle"),
        ("von=2026-02-30", "von"), ("bis=12.03.2026", "bis"), ("von=0001-01-01", "von"),
        ("seite=0", "seite"), ("seite=501", "seite"), ("seite=1&seite=2", "seite"),
        ("seite=٣", "seite"), ("anzahl=101", "anzahl"), ("anzahl=1e1", "anzahl"),
        ("q=" + "x" * 301, "q"), ("q=a&q=b", "q"), ("sortierung=name", "sortierung"),
        ("suche=x", "suche"), ("=x", ""), ("art=" + "&art=".join(["video"] * 31), "art"),
        ("&".join(["q=x"] * 400), ""),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_one_line(web: httpx.Client, query: str, parameter: str) -> None:
    answer = web.get(f"/api/v1/suche?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["type"], told["status"]) == ("about:blank", 400)
    assert [error["parameter"] for error in told["errors"]] == [parameter]
    assert "\n" not in told["errors"][0]["detail"]


def test_a_request_is_read_as_the_search_it_means() -> None:
    known = {"topics": ["ki"], "states": ["bund"], "sources": [], "kinds": [], "licences": []}
    query = "q=a%00+b&thema=ki&thema=ki&von=2026-01-31&bis=2026-01-01&ort=03454"
    asked, mistakes = read(query, filters(known))
    assert mistakes == []
    assert asked.address == Address(
        text="a b", topics=("ki",), towns=("03454",),
        since=date(2026, 1, 1), until=date(2026, 1, 31),
    )  # fmt: skip


def test_every_error_is_json(web: httpx.Client) -> None:
    for path, status in (
        ("/api/v1/items/999999", 404), ("/api/v1/items/x", 404), ("/api/v1/items/-1", 404),
        ("/api/v1/", 404), ("/api/v1/items/%2e%2e/%2e%2e/etc/passwd", 404), ("/api/v2/suche", 404),
        ("/api", 404),
    ):  # fmt: skip
        answer = web.get(path)
        assert (answer.status_code, answer.json()["status"]) == (status, status), path
        assert answer.headers["content-type"] == "application/problem+json"
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = web.request(method, "/api/v1/suche", content=b"{}")
        assert answer.status_code in (403, 405)
    assert web.request("PUT", "/api/v1/suche").headers["allow"] == "GET, HEAD, OPTIONS"


def test_a_fault_of_ours_tells_nothing(
    web: httpx.Client, monkeypatch: pytest.MonkeyPatch, site: object
) -> None:
    def broken() -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(site, "archive", broken)
    answer = web.get("/api/v1/suche")
    assert (answer.status_code, answer.json()["title"]) == (500, "Da ist etwas schiefgegangen")
    assert "secret" not in answer.text


def test_pages_of_every_origin_may_read_it(web: httpx.Client) -> None:
    asked = web.options(
        "/api/v1/suche",
        headers={"Origin": "https://amt.example", "Access-Control-Request-Method": "GET"},
    )
    assert (asked.status_code, asked.content) == (204, b"")
    assert "GET" in asked.headers["access-control-allow-methods"]
    for path in ("/api/v1/suche", "/api/v1/suche?seite=0", "/api/v1/items/99999"):
        answer = web.get(path, headers={"Origin": "https://amt.example"})
        assert answer.headers["access-control-allow-origin"] == "*", path
        assert "access-control-allow-credentials" not in answer.headers
    assert "access-control-allow-origin" not in web.get("/suche").headers
    assert "access-control-allow-origin" not in web.get("/desk").headers


def test_what_is_known_is_not_sent_again(web: httpx.Client) -> None:
    first = web.get("/api/v1/suche?q=Wohngeld")
    again = web.get("/api/v1/suche?q=Wohngeld", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["access-control-allow-origin"] == "*"
    assert first.headers["cache-control"] == "public, max-age=60"
    head = web.head("/api/v1/suche?q=Wohngeld")
    assert (head.headers["etag"], head.content) == (first.headers["etag"], b"")


def test_who_asks_too_often_is_told_in_json(datasette: Datasette) -> None:
    app = datasette.app()

    async def ask_often() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, client=("198.51.100.7", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://radar") as client:
            for _ in range(int(limits.BURST) + 20):
                answer = await client.get("/api/v1/items/1")
                if answer.status_code == 429:
                    return answer
        return answer

    answer = asyncio.run(ask_often())
    assert answer.status_code == 429
    assert answer.json()["status"] == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["access-control-allow-origin"] == "*"
