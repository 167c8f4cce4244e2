"""Subscriptions, health and metrics over real HTTP: who may see and change what."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from prometheus_client.parser import text_string_to_metric_families

from datasette_config.app import make_datasette
from datasette_config.around import around
from datasette_config.measuring import route_of
from datasette_config.plugin import site_of
from datasette_config.service import Service, ServiceConfig
from store.newsroom import Newsroom
from store.subscriptions import REQUESTS_A_DAY
from store.types import RunResult
from tests.datasette_config import newsdesk

ADDRESS = "leserin@post.example"
#: as a reverse proxy says it of somebody on the internet
OUTSIDE = {"X-Forwarded-For": "203.0.113.7"}


class House:
    """The served site with its newsroom."""

    def __init__(self, folder: Path, web: httpx.Client, service: Service) -> None:
        self.folder, self.web, self.service = folder, web, service
        self.newsroom = Newsroom(folder / "newsroom.db", now=lambda: newsdesk.NOW)

    def order(self, **changes: str) -> httpx.Response:
        form = {"adresse": ADDRESS, "rhythmus": "weekly", "suche": "thema=ozg", **changes}
        return self.web.post("/abo", data=form)

    def tokens(self) -> list[str]:
        rows = self.newsroom.connection.execute("SELECT token FROM subscriptions ORDER BY id")
        return [row["token"] for row in rows]

    def forget(self) -> None:
        for table in ("subscriptions", "sign_ups"):
            self.newsroom.connection.execute(f"DELETE FROM {table}")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("dienst")
    datasette = make_datasette(*newsdesk.build(folder))
    site = site_of(datasette)
    assert site is not None
    site.now = lambda: newsdesk.NOW
    service = Service(site, ServiceConfig(newsroom=folder / "newsroom.db", letters=True))
    config = uvicorn.Config(
        around(datasette.app(), service), host="127.0.0.1", port=0, log_level="error",
        proxy_headers=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        house = House(folder, client, service)
        yield house
        house.newsroom.close()
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def home(served: House) -> House:
    served.forget()
    return served


# -- ordering -----------------------------------------------------------------------------------


def test_the_form_shows_the_search_and_keeps_it(home: House) -> None:
    page = home.web.get("/abo?thema=ozg&q=Wohngeld&land=DE-SN")
    assert page.status_code == 200
    assert "„Wohngeld“, OZG &amp; Online-Dienste, Sachsen" in page.text
    assert 'name="suche" value="q=Wohngeld&amp;thema=ozg&amp;land=DE-SN"' in page.text
    assert "set-cookie" not in page.headers
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    english = home.web.get("/en/abo?thema=ozg")
    assert '<html lang="en">' in english.text


def test_the_whole_way_from_order_to_end(home: House) -> None:
    answer = home.order()
    assert answer.status_code == 200
    assert "Postfach" in answer.text
    (token,) = home.tokens()
    for path in (f"/abo/{token}", f"/abo/{token}/ende"):
        assert home.web.get(path).status_code == 200
    assert home.newsroom.subscriptions() == []  # looking at it changed nothing
    confirmed = home.web.post(f"/abo/{token}")
    assert "Bestellt" in confirmed.text
    (subscription,) = home.newsroom.subscriptions()
    assert (subscription.address, subscription.query) == (ADDRESS, "thema=ozg")
    assert "OZG" in home.web.get(f"/abo/{token}").text
    ended = home.web.post(f"/abo/{token}/ende")
    assert "Abbestellt" in ended.text
    assert home.tokens() == []
    assert home.web.get(f"/abo/{token}").status_code == 404


def test_one_click_needs_no_page_and_may_be_repeated(home: House) -> None:
    """As RFC 8058 3.2 says the mail program sends it: no cookie, no referrer, this one field."""
    home.order()
    (token,) = home.tokens()
    home.newsroom.confirm(token)
    for _ in range(2):
        answer = home.web.post(
            f"/abo/{token}/ende",
            content=b"List-Unsubscribe=One-Click",
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": "https://mail.example",
                "Sec-Fetch-Site": "cross-site",
            },
        )
        assert answer.status_code == 200
        assert home.tokens() == []


def test_nobody_learns_whether_an_address_is_known(home: House) -> None:
    first = home.order()
    (token,) = home.tokens()
    home.newsroom.confirm(token)
    again, other = home.order(), home.order(adresse="andere@post.example")
    assert first.text == again.text == other.text
    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 200)


@pytest.mark.parametrize(
    "address",
    [
        "", "x", "a@b", "a b@c.example", "a@c.example\nBcc: b@c.example", "<a@c.example>",
        "a@c.example, b@c.example", "a@-c.example", "ä@c.example", f"{'a' * 65}@c.example", "a@c.1",
    ],
)  # fmt: skip
def test_what_is_no_address_is_said_at_once(home: House, address: str) -> None:
    answer = home.order(adresse=address)
    assert answer.status_code == 400
    assert "keine E-Mail-Adresse" in answer.text
    assert home.tokens() == []


def test_another_site_cannot_order_with_a_readers_browser(home: House) -> None:
    form = {"adresse": ADDRESS, "rhythmus": "daily", "suche": ""}
    for headers in (
        {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://boese.example"}, {"Origin": "null"},
    ):  # fmt: skip
        assert home.web.post("/abo", data=form, headers=headers).status_code == 403
    assert home.tokens() == []
    own = {"Sec-Fetch-Site": "same-origin", "Origin": str(home.web.base_url).rstrip("/")}
    assert home.web.post("/abo", data=form, headers=own).status_code == 200


def test_many_orders_from_one_place_wait_till_tomorrow(home: House) -> None:
    for number in range(REQUESTS_A_DAY):
        assert home.order(adresse=f"a{number}@post.example").status_code == 200
    assert home.order().status_code == 429
    elsewhere = home.web.post("/abo", data={"adresse": ADDRESS}, headers=OUTSIDE)
    assert elsewhere.status_code == 200


def test_a_search_that_is_none_is_left_out(home: House) -> None:
    home.order(suche="thema=gibtesnicht&q=Wohngeld&seite=7")
    query = home.newsroom.connection.execute("SELECT query FROM subscriptions").fetchone()["query"]
    assert query == "q=Wohngeld"


def test_wrong_methods_and_long_forms(home: House) -> None:
    assert home.web.put("/abo").status_code == 405
    assert home.web.post("/abo", content=b"x" * 9000).status_code == 413
    assert home.web.post("/abo", content=b"a=1&" * 20).status_code == 413
    assert home.web.post("/-/health").status_code == 405
    head = home.web.head("/-/health")
    assert (head.status_code, head.content) == (200, b"")


# -- health and metrics -------------------------------------------------------------------------


def finish_a_run(home: House) -> None:
    number = home.newsroom.start_run("leipzig")
    home.newsroom.finish_run(number, RunResult("ok"))


def test_everybody_learns_whether_it_is_well_and_no_more(home: House) -> None:
    finish_a_run(home)
    answer = home.web.get("/-/health", headers=OUTSIDE)
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    inside = home.web.get("/-/health").json()
    assert set(inside["checks"]) == {"archive", "search", "newsroom", "rounds", "model"}
    assert inside["checks"]["rounds"]["age_s"] == 0
    assert inside["checks"]["model"]["id"]


def test_no_rounds_for_long_is_not_well(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    finish_a_run(home)
    late = newsdesk.NOW + timedelta(hours=27)
    monkeypatch.setattr(home.service.site, "now", lambda: late)
    answer = home.web.get("/-/health", headers=OUTSIDE)
    assert (answer.status_code, answer.json()) == (503, {"ok": False})
    assert home.web.get("/-/health").json()["checks"]["rounds"]["ok"] is False


def test_a_lost_newsroom_is_not_well(home: House) -> None:
    path = home.folder / "newsroom.db"
    aside = path.rename(path.with_name("aside.db"))
    try:
        assert home.web.get("/-/health").status_code == 503
    finally:
        aside.rename(path)
    assert home.web.get("/-/health").status_code == 200


def test_metrics_are_for_monitors_alone(home: House) -> None:
    assert home.web.get("/-/metrics").status_code == 200
    for headers in (
        OUTSIDE,
        # what stands before the proxy's own word anyone can write
        {"X-Forwarded-For": "127.0.0.1, 203.0.113.7"},
        # a proxy that says nothing of who asks, of a request to the public name
        {"Host": "radar.example"},
    ):
        answer = home.web.get("/-/metrics", headers=headers)
        assert (answer.status_code, answer.content) == (404, b"")
        assert set(home.web.get("/-/health", headers=headers).json()) == {"ok"}


def test_metrics_are_what_prometheus_reads(home: House) -> None:
    home.order()
    home.web.get("/suche?q=Wohngeld")
    home.web.get("/en/suche")
    home.web.get("/gibt/es/nicht")
    answer = home.web.get("/-/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = {family.name: family for family in text_string_to_metric_families(answer.text)}
    samples = {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in found.values()
        for sample in family.samples
    }
    assert samples["radar_http_requests_total", "GET", "suche", "2xx"] >= 2
    assert samples["radar_http_requests_total", "GET", "other", "4xx"] >= 1
    assert samples["radar_http_request_seconds_count", "suche"] >= 2
    assert samples["radar_outbox", "confirm"] == 1
    assert samples[("radar_review_queue",)] >= 0
    assert samples["radar_sources", "postponed"] == 1
    assert samples[("radar_public_items",)] > 0
    # nobody is named
    assert ADDRESS not in answer.text
    assert not re.search(r"leipzig|augsburg", answer.text)


def test_invented_addresses_make_no_labels() -> None:
    assert {route_of(f"/{name}") for name in ("x", "y/z", "suche.php", "Ä")} == {"other"}
    assert [route_of(path) for path in ("/", "/suche", "/eintrag/7", "/-/metrics", "/-/x")] == [
        "home", "suche", "eintrag", "/-/metrics", "other",
    ]  # fmt: skip


def test_without_a_newsroom_the_site_is_well(tmp_path: Path) -> None:
    archive, search = newsdesk.build(tmp_path)
    datasette = make_datasette(archive, search)
    site = site_of(datasette)
    assert site is not None
    app = around(datasette.app(), Service(site, ServiceConfig()))
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))

    async def ask(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as web:
            return await web.get(path)

    assert asyncio.run(ask("/-/health")).json()["ok"] is True
    assert "radar_public_items" in asyncio.run(ask("/-/metrics")).text
    assert asyncio.run(ask("/abo")).status_code == 404
