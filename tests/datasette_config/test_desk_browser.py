"""An editor's morning in a real browser: by keyboard, two at once, without JavaScript, by axe."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.datasette_config.looking import too_wide, violations
from tests.datasette_config.newsroom_desk import PASSWORD, Place, served

ROOMS = (
    "/desk", "/desk/konto", "/desk/konten", "/desk/quellen", "/desk/quellen/neu",
    "/desk/quellen/neu/1", "/desk/quellen/augsburg", "/desk/durchsicht", "/desk/durchsicht/stapel",
    "/desk/eintraege", "/desk/eintraege/3", "/desk/modell?mit=0123456789ab", "/desk/auftraege",
    "/desk/auftraege/2", "/desk/protokoll", "/desk/meldungen", "/desk/quellen/gibt_es_nicht",
)  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One desk for the tests that only look."""
    with served(tmp_path_factory.mktemp("redaktion")) as found:
        with found.newsroom as newsroom:
            number = newsroom.ask_job("discover", {"url": "https://a.example"}, asked_by="leitung")
            newsroom.claim_job("w", lease_seconds=60)
            sample = {"title": "Eine Meldung", "url": "https://a.example/1", "date": None}
            draft = {
                "id": "a", "name": "A", "publisher": "A", "homepage": "https://a.example/",
                "kind": "feed", "url": "https://a.example/feed", "licence": "press", "land": None,
                "display": "headline", "relevance": "topic", "schedule": "adaptive",
                "reference": "https://a.example/",
            }  # fmt: skip
            offer = {"kind": "feed", "url": draft["url"], "title": "A", "reason": "is named",
                     "samples": [sample] * 5, "draft": draft}  # fmt: skip
            refused = [{"url": "https://a.example/x", "error": "HTTP 404"}]
            newsroom.finish_job(
                number, "w", outcome="1 offer", result={"offers": [offer], "refused": refused}
            )
            newsroom.ask_job("train", {}, asked_by="leitung")
        yield found


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Place]:
    """A desk of one's own, for a test that changes things."""
    with served(tmp_path) as found:
        yield found


@contextmanager
def opened(
    browser: Browser, place: Place, name: str | None = "verwaltung", **options: object
) -> Iterator[Page]:
    """A page of somebody signed in; fails when it asks elsewhere or complains on its console."""
    asked: list[str] = []
    said: list[str] = []
    context = browser.new_context(base_url=place.address, locale="de-DE", **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    if name:
        sign_in(page, name)
    yield page
    assert {urlsplit(url).netloc for url in asked} <= {urlsplit(place.address).netloc}
    assert [line for line in said if "Failed to load resource" not in line] == []
    context.close()


def sign_in(page: Page, name: str) -> None:
    page.goto("/desk")
    page.fill("[name=name]", name)
    page.fill("[name=passwort]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/desk")


def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, place: Place
) -> None:
    found: dict[str, list[object]] = {}

    def look(page: Page, name: str) -> None:
        found[name] = [*violations(page), *too_wide(page)]

    with opened(browser, place, None) as page:
        page.goto("/desk/anmelden")
        look(page, "sign in")
        page.fill("[name=name]", "niemand")
        page.fill("[name=passwort]", "falsch falsch")
        page.click("main button")
        page.wait_for_selector("#warum")
        look(page, "refused")
    with opened(browser, place) as page:
        for path in ROOMS:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == (404 if "gibt_es_nicht" in path else 200), path
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            look(page, path)
    assert not any(found.values()), {name: wrong for name, wrong in found.items() if wrong}


def test_twenty_reviews_by_keyboard_and_the_change_is_public(browser: Browser, own: Place) -> None:
    with own.newsroom as newsroom:
        before = newsroom.review_count()
        first = newsroom.review_queue(1)[0].item_id
    with opened(browser, own, "redaktion", viewport={"width": 1280, "height": 900}) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.goto("/desk/durchsicht")
        assert page.locator("[name=topic][value=ozg]").is_checked()
        page.keyboard.press("1")
        page.keyboard.press("2")
        assert not page.locator("[name=topic][value=ozg]").is_checked()
        assert page.locator("[name=topic][value=ki]").is_checked()
        begun = time.monotonic()
        for number in range(20):
            with page.expect_navigation():
                page.keyboard.press("j" if number != 4 else "0")
        seconds = time.monotonic() - begun
        expect(page.locator(".rooms .badge")).to_contain_text(str(before - 20))
        page.goto(f"/desk/eintraege/{first}")
        page.click("text=auf der Website")
        page.wait_for_url("**/eintrag/*")
        assert page.locator(".labels a[href$='/thema/ki']").count() == 1
        assert page.locator(".labels a[href$='/thema/ozg']").count() == 0
    assert seconds < 60, "work of one key a decision"
    with own.newsroom as newsroom:
        assert newsroom.review_count() == before - 20
        assert len(newsroom.audit(action="item.correct", limit=1000)) == 20


def test_one_key_takes_the_last_decision_back(browser: Browser, own: Place) -> None:
    with opened(browser, own, "redaktion") as page:
        page.goto("/desk/durchsicht")
        title = page.locator("#titel").inner_text()
        page.keyboard.press("v")
        page.wait_for_url("**getan=**")
        assert page.locator("#titel").inner_text() != title
        page.keyboard.press("u")
        page.wait_for_url("**ok=undone**")
        assert page.locator("#titel").inner_text() == title
        page.keyboard.press("w")
        page.wait_for_url("**ab=1**")
        assert page.locator("#titel").inner_text() != title
    with own.newsroom as newsroom:
        assert newsroom.decisions() == {}


def test_keys_that_are_typed_decide_nothing(browser: Browser, own: Place) -> None:
    with opened(browser, own, "redaktion") as page:
        page.goto("/desk/eintraege/3")
        page.locator("[name=mit]").focus()
        page.keyboard.type("js0v")
        assert page.input_value("[name=mit]") == "js0v"
        assert page.url.endswith("/desk/eintraege/3")
        page.goto("/desk/durchsicht")
        page.keyboard.press("Control+j")
        page.wait_for_timeout(300)
        assert page.url.endswith("/desk/durchsicht")
    with own.newsroom as newsroom:
        assert newsroom.decisions() == {}


def test_two_editors_at_the_same_item(browser: Browser, own: Place) -> None:
    with (
        opened(browser, own, "redaktion") as one,
        opened(browser, own, "kollegin") as two,
    ):
        for page in (one, two):
            page.goto("/desk/durchsicht")
        assert one.locator("#titel").inner_text() == two.locator("#titel").inner_text()
        two.keyboard.press("2")
        two.keyboard.press("j")
        two.wait_for_url("**getan=**")
        one.keyboard.press("0")
        expect(one.locator("h1")).to_have_text("Jemand war schneller")
        assert "kollegin" in one.locator("main").inner_text()
        one.click("text=Meine Entscheidung trotzdem")
        one.wait_for_url("**getan=**")
    with own.newsroom as newsroom:
        (item,) = newsroom.decisions()
        assert newsroom.word(item, "topic") == ()
        assert [made.editor for made in newsroom.corrections(item)] == ["kollegin", "redaktion"]


def test_a_broken_source_is_mended_with_live_progress(browser: Browser, own: Place) -> None:
    def carry_out() -> None:
        with own.newsroom as newsroom:
            for line in ("asking augsburg", "3 new, 0 changed, 0 same"):
                time.sleep(0.7)
                if line.startswith("asking"):
                    job = newsroom.claim_job("w", lease_seconds=60)
                    assert job is not None
                newsroom.progress_job(1, "w", lease_seconds=60, done=1, total=2, line=line)
            time.sleep(1.5)
            newsroom.finish_job(1, "w", outcome="ok; 3 new, 0 changed")

    with opened(browser, own, "leitung") as page:
        page.click("text=Stadt Augsburg")
        page.wait_for_url("**/desk/quellen/augsburg")
        assert "nicht mehr lesbar" in page.locator(".verdict").inner_text()
        worker = threading.Thread(target=carry_out)
        worker.start()
        page.click("text=Jetzt abfragen")
        page.wait_for_url("**/desk/auftraege/1")
        expect(page.locator(".progress-box .line")).to_have_text("3 new, 0 changed, 0 same")
        assert page.locator("progress").get_attribute("max") == "2"
        expect(page.locator(".log")).to_have_text("ok; 3 new, 0 changed")
        worker.join()
        expect(page.locator(".progress-box .state")).to_have_text("erledigt")
        page.click("text=Zur Quelle")
        page.wait_for_url("**/desk/quellen/augsburg")


def test_everything_works_without_javascript(browser: Browser, own: Place) -> None:
    viewport = {"width": 390, "height": 800}
    with opened(browser, own, "leitung", java_script_enabled=False, viewport=viewport) as page:
        page.click("text=Durchsicht")
        title = page.locator("#titel").inner_text()
        page.click("details:has-text('Andere Themen') > summary")
        page.check("[name=topic][value=breitband]")
        page.click("text=So stimmt es")
        page.wait_for_url("**getan=**")
        assert page.locator("#titel").inner_text() != title
        page.click("text=Rückgängig")
        page.wait_for_url("**ok=undone**")
        assert page.locator("#titel").inner_text() == title
        page.goto("/desk/quellen/leipzig")
        page.select_option("[name=display]", "teaser")
        page.click("text=Speichern")
        page.wait_for_url("**/desk/auftraege/1")
        with own.newsroom as newsroom:
            newsroom.claim_job("w", lease_seconds=60)
            newsroom.finish_job(1, "w", outcome="leipzig is kept in sources/leipzig.toml")
        # The page asks by itself every two seconds.
        expect(page.locator(".log")).to_have_text("leipzig is kept in sources/leipzig.toml")


def test_signing_out_by_the_button(browser: Browser, own: Place) -> None:
    with opened(browser, own, "leserin") as page:
        page.click("text=Abmelden")
        page.wait_for_url("**/desk/anmelden?ok=signed-out")
        assert "Sie sind abgemeldet" in page.locator("main").inner_text()
        page.go_back()
        page.reload()
        assert re.search(r"/desk/anmelden\?weiter=", page.url)


def test_the_desk_in_english(browser: Browser, own: Place) -> None:
    with opened(browser, own, "leserin") as page:
        page.goto("/desk/konto")
        page.select_option("[name=sprache]", "en")
        page.click("main button >> nth=0")
        page.wait_for_url("**ok=saved")
        assert page.locator("html").get_attribute("lang") == "en"
        german = re.compile(r"\b(und|oder|nicht|keine|Quellen|Einträge|Durchsicht|Speichern)\b")
        for path in (
            "/desk",
            "/desk/quellen",
            "/desk/durchsicht",
            "/desk/modell",
            "/desk/protokoll",
        ):
            page.goto(path)
            frame = page.locator("h1, header, legend, label:not(.label), button, th, dt").all()
            words = " ".join(part.inner_text() for part in frame)
            assert not german.search(words.replace("Kommunalradar", "")), (path, words)
