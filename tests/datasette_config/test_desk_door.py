"""The desk's door: every role at every route, forged forms, the throttle, the proxy's header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from datasette_config.desk.routes import ROUTES
from store.accounts import ATTEMPTS_OF_NAME
from store.types import ROLES
from tests.datasette_config.newsroom_desk import PASSWORD, PEOPLE, Place, key_of, served

#: Every route with an example, and who may see it and send its form: "all" needs no account, None
#: has no such method.
ROOMS: dict[str, tuple[str | None, str | None]] = {
    "/desk": ("reader", None),
    "/desk/anmelden": ("all", "all"),
    "/desk/abmelden": (None, "reader"),
    "/desk/konto": ("reader", "reader"),
    "/desk/konten": ("admin", "admin"),
    "/desk/quellen": ("reader", None),
    "/desk/quellen/neu": ("chief", "chief"),
    "/desk/quellen/neu/1": ("chief", "chief"),
    "/desk/quellen/leipzig": ("reader", "chief"),
    "/desk/quellen/leipzig.toml": ("reader", None),
    "/desk/quellen/leipzig/abrufen": (None, "chief"),
    "/desk/durchsicht": ("reader", "editor"),
    "/desk/durchsicht/stapel": ("reader", "editor"),
    "/desk/rueckgaengig": (None, "editor"),
    "/desk/eintraege": ("reader", None),
    "/desk/eintraege/3": ("reader", "editor"),
    "/desk/eintraege/3/gruppe": (None, "editor"),
    "/desk/eintraege/3/loeschen": (None, "chief"),
    "/desk/modell": ("reader", "chief"),
    "/desk/quellen/leipzig/abrufe/1": ("reader", None),
    "/desk/meldungen": ("reader", None),
    "/desk/auftraege": ("reader", None),
    "/desk/auftraege/1": ("reader", "chief"),
    "/desk/auftraege/1.json": ("reader", None),
    "/desk/protokoll": ("reader", None),
    "/desk/protokoll.csv": ("reader", None),
    "/desk/protokoll.json": ("reader", None),
}
WHO = ("leserin", "redaktion", "leitung", "verwaltung")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("tuer")
    with served(folder, proxy_header="X-Remote-User", proxies=["127.0.0.2"]) as found:
        with found.newsroom as newsroom:
            newsroom.ask_job("crawl", {"source": "leipzig"}, asked_by="leitung")
        yield found


@pytest.fixture(scope="module")
def signed_in(place: Place) -> Iterator[dict[str, httpx.Client]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(place.client(name)) for name in WHO}


def test_every_route_is_in_the_table() -> None:
    missing = [
        route.pattern
        for route in ROUTES
        if not any(re.match(route.pattern, path) for path in ROOMS)
    ]
    assert missing == []


@pytest.mark.parametrize("name", WHO)
@pytest.mark.parametrize("path", ROOMS)
def test_who_may_see(signed_in: dict[str, httpx.Client], path: str, name: str) -> None:
    see, _ = ROOMS[path]
    answer = signed_in[name].get(path)
    if see is None:
        assert answer.status_code == 405
        assert answer.headers["allow"] == "POST"
    elif see == "all":
        assert answer.status_code == 303, "who is in goes on"
    elif ROLES.index(PEOPLE[name]) >= ROLES.index(see):
        assert answer.status_code in (200, 404), answer.text
    else:
        assert answer.status_code == 403


@pytest.mark.parametrize("name", WHO)
@pytest.mark.parametrize("path", [path for path in ROOMS if path != "/desk/abmelden"])
def test_who_may_send_its_form(
    place: Place, signed_in: dict[str, httpx.Client], path: str, name: str
) -> None:
    change = ROOMS[path][1]
    client = signed_in[name]
    key = key_of(client.get("/desk/konto"))
    answer = client.post(path, data={"schluessel": key})
    if change is None:
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET"
    elif change == "all" or ROLES.index(PEOPLE[name]) >= ROLES.index(change):
        # An empty form may be refused for what it lacks, never for who sent it.
        assert answer.status_code not in (401, 403, 405, 500) or path == "/desk/anmelden"
    else:
        assert answer.status_code == 403
        assert "Rolle" in answer.text


@pytest.mark.parametrize("path", ROOMS)
def test_who_is_not_signed_in_gets_nowhere(place: Place, path: str) -> None:
    with place.client() as client:
        see, change = ROOMS[path]
        key = key_of(client.get("/desk/anmelden"))
        answer = client.get(path)
        if see is None:
            assert answer.status_code == 405
        elif see != "all":
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/desk/anmelden?weiter=/desk")
            assert answer.content == b""
        answer = client.post(path, data={"schluessel": key})
        if change is None:
            assert answer.status_code == 405
        else:
            assert answer.status_code == 401


@pytest.mark.parametrize("path", [path for path, (_, change) in ROOMS.items() if change])
def test_a_forged_form_does_nothing(
    place: Place, signed_in: dict[str, httpx.Client], path: str
) -> None:
    client = signed_in["verwaltung"]
    key = key_of(client.get("/desk/konto"))
    others = key_of(signed_in["leitung"].get("/desk/konto"))
    before = _changes(place)
    forged: list[tuple[dict[str, str], dict[str, str]]] = [
        ({}, {}),
        ({"schluessel": ""}, {}),
        ({"schluessel": others}, {}),
        ({"schluessel": key}, {"Origin": "https://boese.example"}),
        ({"schluessel": key}, {"Origin": "null"}),
        ({"schluessel": key}, {"Sec-Fetch-Site": "cross-site"}),
        ({"schluessel": key}, {"Sec-Fetch-Site": "same-site"}),
    ]
    for form, headers in forged:
        answer = client.post(path, data=form, headers=headers)
        assert answer.status_code == 403, (form, headers)
    assert client.post(path, json={"schluessel": key}).status_code == 403
    assert _changes(place) == before


def test_our_own_origin_is_believed(signed_in: dict[str, httpx.Client], place: Place) -> None:
    client = signed_in["redaktion"]
    form = {"schluessel": key_of(client.get("/desk/konto")), "sprache": "de"}
    headers = {"Origin": place.address, "Sec-Fetch-Site": "same-origin"}
    assert client.post("/desk/konto", data=form, headers=headers).status_code == 303


def _changes(place: Place) -> tuple[int, int, int]:
    with place.newsroom as newsroom:
        return (
            len(newsroom.audit(limit=10_000)),
            len(newsroom.jobs(10_000)),
            len(list(newsroom.corrections())),
        )


@pytest.mark.parametrize("path", ["/desk", "/desk/anmelden", "/desk/quellen", "/desk/konten"])
def test_no_cache_keeps_it_and_no_search_engine_lists_it(
    signed_in: dict[str, httpx.Client], place: Place, path: str
) -> None:
    with place.client() as stranger:
        for client in (signed_in["verwaltung"], signed_in["leserin"], stranger):
            answer = client.get(path)
            assert "no-store" in answer.headers["cache-control"]
            assert answer.headers["x-robots-tag"] == "noindex, nofollow"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert "script-src 'self';" in answer.headers["content-security-policy"]
            assert "etag" not in answer.headers


def test_readers_never_get_a_cookie(place: Place, signed_in: dict[str, httpx.Client]) -> None:
    with place.client() as reader:
        for path in ("/", "/suche?q=Stadt", "/eintrag/3", "/quellen", "/archive", "/suche.atom"):
            assert "set-cookie" not in reader.get(path).headers
        assert not reader.cookies
    editors = {cookie.path for cookie in signed_in["redaktion"].cookies.jar}
    assert editors == {"/desk"}, "the public pages never see the desk's cookies"


def test_the_session_cookie_is_out_of_reach(place: Place) -> None:
    for headers, secure in (({}, False), ({"X-Forwarded-Proto": "https"}, False)):
        with place.client() as client:
            key = key_of(client.get("/desk/anmelden"))
            form = {"schluessel": key, "name": "leserin", "passwort": PASSWORD}
            answer = client.post("/desk/anmelden", data=form, headers=headers)
            cookie = answer.headers["set-cookie"].lower()
            assert "httponly" in cookie
            assert "samesite=lax" in cookie
            assert "path=/desk" in cookie
            # 127.0.0.1 is none of the configured proxies here: its word does not count.
            assert ("secure" in cookie) is secure


def test_sign_out_ends_the_session_everywhere(place: Place) -> None:
    with place.client("leserin") as client:
        kept = dict(client.cookies)
        form = {"schluessel": key_of(client.get("/desk/konto"))}
        assert client.post("/desk/abmelden", data=form).status_code == 303
        assert client.get("/desk").status_code == 303
        with httpx.Client(base_url=place.address, cookies=kept) as thief:
            assert thief.get("/desk").status_code == 303


def test_a_disabled_account_is_out_at_once(place: Place) -> None:
    with place.newsroom as newsroom:
        newsroom.add_account("aushilfe", "editor", PASSWORD, by="command")
    with place.client("aushilfe") as client:
        assert client.get("/desk").status_code == 200
        with place.newsroom as newsroom:
            newsroom.disable_account("aushilfe", by="command")
        assert client.get("/desk").status_code == 303
        key = key_of(client.get("/desk/anmelden"))
        form = {"schluessel": key, "name": "aushilfe", "passwort": PASSWORD}
        assert client.post("/desk/anmelden", data=form).status_code == 401


def test_unknown_wrong_and_disabled_look_the_same(place: Place) -> None:
    pages = []
    for name in ("kollegin", "niemand", "gesperrt"):
        with place.client() as client:
            key = key_of(client.get("/desk/anmelden"))
            form = {"schluessel": key, "name": name, "passwort": "nicht das Wort"}
            answer = client.post("/desk/anmelden", data=form)
            assert answer.status_code == 401
            assert "radar-desk" not in answer.headers.get("set-cookie", "")
            pages.append(answer.text.replace(name, "").replace(key, ""))
    assert len(set(pages)) == 1


def test_too_many_attempts_are_told_to_wait(place: Place) -> None:
    with place.client() as client:
        key = key_of(client.get("/desk/anmelden"))
        form = {"schluessel": key, "name": "opfer", "passwort": "geraten geraten"}
        codes = [client.post("/desk/anmelden", data=form) for _ in range(ATTEMPTS_OF_NAME + 1)]
    assert [answer.status_code for answer in codes] == [401] * ATTEMPTS_OF_NAME + [429]
    assert int(codes[-1].headers["retry-after"]) > 60
    assert "Zu viele Versuche" in codes[-1].text


@pytest.mark.parametrize(
    ("onto", "where"),
    [
        ("/desk/quellen?zustand=bad", "/desk/quellen?zustand=bad"),
        ("https://boese.example/", "/desk"),
        ("//boese.example/desk", "/desk"),
        ("/desk/../", "/desk/../"),
        ("/deskbose", "/desk"),
        ("/desk\\@boese.example", "/desk"),
        ("javascript:alert(1)", "/desk"),
        ("/desk?x\r\nSet-Cookie: a=b", "/desk"),
    ],
)
def test_after_signing_in_it_goes_on_within_the_desk(place: Place, onto: str, where: str) -> None:
    with place.client() as client:
        key = key_of(client.get("/desk/anmelden"))
        form = {"schluessel": key, "name": "leserin", "passwort": PASSWORD, "weiter": onto}
        answer = client.post("/desk/anmelden", data=form)
        assert answer.headers["location"] == where


def test_the_proxys_header_counts_from_the_proxy_alone(place: Place, tmp_path: Path) -> None:
    headers = {"X-Remote-User": "verwaltung"}
    with place.client() as client:
        assert client.get("/desk", headers=headers).status_code == 303
        forged = {**headers, "X-Forwarded-For": "127.0.0.2"}
        assert client.get("/desk", headers=forged).status_code == 303
    transport = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(base_url=place.address, transport=transport) as proxy:
        through = {**headers, "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
        answer = proxy.get("/desk", headers=through)
        assert answer.status_code == 200
        assert "verwaltung" in answer.text
        assert "; secure" in answer.headers["set-cookie"].lower()
        for name in ("gesperrt", "niemand", ""):
            assert proxy.get("/desk", headers={"X-Remote-User": name}).status_code == 303
        own = {**through, "Origin": place.address.replace("http:", "https:")}
        key = key_of(proxy.get("/desk/konto", headers=through))
        cookies = {"radar-form": proxy.cookies["radar-form"]} if proxy.cookies else {}
        assert proxy.post("/desk/konto", data={"schluessel": "x"}, headers=own).status_code == 403
        form = httpx.Client(base_url=place.address, cookies=cookies, transport=transport)
        cookie = answer.headers["set-cookie"].split(";")[0]
        page = form.get("/desk/konto", headers={**through, "Cookie": cookie})
        sent = {"schluessel": key_of(page), "sprache": "de"}
        done = form.post("/desk/konto", data=sent, headers={**own, "Cookie": cookie})
        assert done.status_code == 303, key


def test_a_header_alone_is_nothing_where_none_is_configured(tmp_path: Path) -> None:
    with served(tmp_path) as plain, plain.client() as client:
        answer = client.get("/desk", headers={"X-Remote-User": "verwaltung"})
        assert answer.status_code == 303


def test_a_form_that_is_too_long_is_not_read(signed_in: dict[str, httpx.Client]) -> None:
    answer = signed_in["redaktion"].post("/desk/durchsicht", data={"x": "y" * 300_000})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "cookie", ["radar-desk=", "radar-desk=%00", "radar-desk=a; radar-desk=b", 'radar-desk="x']
)
def test_a_strange_cookie_is_no_session(place: Place, cookie: str) -> None:
    with place.client() as client:
        assert client.get("/desk", headers={"Cookie": cookie}).status_code == 303


def test_without_a_newsroom_there_is_no_desk(web: httpx.Client) -> None:
    for path in ("/desk", "/desk/anmelden", "/desk/quellen"):
        assert web.get(path).status_code == 404
        assert web.post(path).status_code in (404, 405)
