"""An editor's morning at a running service, in a real browser: from what broke to what readers see.

``radar run`` is the real one: site, desk, scheduler, crawls and jobs as processes; the press is a
server on loopback.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from classifier import models
from classifier.models import Model
from classifier.registry import Registry
from crawler.source_files import write_source
from radar import crawling, rounds
from radar.config import Config, environment
from store.newsroom import Newsroom
from store.types import Article, PublicationDate, Source, Tag, Tagging
from tests.radar.test_run import free_port, wait_for
from tests.web import Answer, LocalWeb, local_web

PASSWORD = "Glasfaser im Rathaus"
REVIEWS = 20
#: So long may a job take on a machine that is busy with other things.
PATIENCE_MS = 600_000


@dataclass(frozen=True)
class Service:
    """The running service and what it answers from."""

    address: str
    config: Config
    web: LocalWeb


def source(name: str, **facts: object) -> Source:
    home = f"https://www.{name}.example/"
    known = {
        "id": name, "name": f"Stadt {name.title()}", "publisher": f"Stadt {name.title()}",
        "homepage": home, "kind": "feed", "url": f"{home}feed.xml", "licence": "official",
        "display": "full", "relevance": "all", "schedule": "adaptive", "reference": home,
        "follow": False, "land": "DE-NW", "checked": "2026-01-01",
    }  # fmt: skip
    return Source(**{**known, **facts})  # type: ignore[arg-type]


def feed(name: str, count: int) -> Answer:
    rows = "".join(
        f"<item><title>{name.title()} {number}: Anträge gehen jetzt online</title>"
        f"<link>https://www.{name}.example/m/{number}</link>"
        "<description>Wer einen Ausweis braucht, stellt den Antrag im Portal.</description></item>"
        for number in range(count)
    )
    text = f"<rss version='2.0'><channel><title>{name.title()}</title>{rows}</channel></rss>"
    return Answer(text.encode(), "application/rss+xml")


def fill(config: Config, model: Model) -> None:
    """Twenty items and more of which the model is unsure, published; an account for the chief."""
    models.save(model, config.models)
    Registry(config.models).promote(model.id, by="test", why="first", now=crawling.utc_now())
    now = datetime.now(UTC)
    with crawling.open_newsroom(config) as newsroom:
        crawling.load_sources(config, newsroom)
        newsroom.add_account("leitung", "admin", PASSWORD, by="command")
        for number in range(REVIEWS + 4):
            at = now - timedelta(hours=number + 1)
            newsroom.save(
                Article(
                    source_id="ahausen", url=f"https://www.ahausen.example/alt/{number}",
                    kind="press_release", title=f"Mitteilung {number} über das Portal der Stadt",
                    teaser=f"Nummer {number} handelt von Anträgen.", published=PublicationDate(
                        at, False, at.isoformat()), fetched_at=now,
                )
            )  # fmt: skip
        newsroom.set_taggings(
            Tagging(
                item.id, item.content_hash, model.id,
                (Tag("topic", "ozg", 0.6, model.id, ("Portal",)),),
                (Tag("topic", "ki", 0.3, model.id),), review=True,
            )
            for item in list(newsroom.items())
        )  # fmt: skip
        rounds.publish_all(config, newsroom)


@pytest.fixture
def service(tmp_path: Path, model: Model) -> Iterator[Service]:
    catalogue = tmp_path / "catalogue"
    write_source(catalogue, source("ahausen"))
    write_source(catalogue, source("bedorf", url="https://www.bedorf.example/alt.xml"))
    with local_web() as web:
        web.answers["https://www.ahausen.example/feed.xml"] = feed("ahausen", 3)
        web.answers["https://www.bedorf.example/feed.xml"] = feed("bedorf", 3)
        web.answers["https://www.cestadt.example/"] = Answer(
            b"<html lang=de><head><title>Cestadt</title><link rel=alternate title=Presse "
            b"type='application/rss+xml' href='/feed.xml'></head><h1>Cestadt</h1></html>"
        )
        web.answers["https://www.cestadt.example/feed.xml"] = feed("cestadt", 6)
        config = Config(
            paths_data=tmp_path / "data", paths_catalogue=catalogue, crawl_connect_to=web.address,
            crawl_delay_s=0, backup_hours=0, site_port=free_port(),
        )  # fmt: skip
        fill(config, model)
        log = tmp_path / "log"
        with log.open("wb") as output:
            running = subprocess.Popen(
                [sys.executable, "-m", "radar", "run"], cwd=tmp_path, stdout=output, stderr=output,
                env={**os.environ, **environment(config),
                     "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
            )  # fmt: skip
        try:
            assert wait_for(lambda: web.times("https://www.bedorf.example/alt.xml") > 0, 120)
            yield Service(f"http://127.0.0.1:{config.site_port}", config, web)
            running.send_signal(signal.SIGTERM)
            assert running.wait(30) == 0, log.read_text("utf-8")
        finally:
            running.kill()
            running.wait()
        assert "Traceback" not in log.read_text("utf-8")


def done(page: Page) -> None:
    """A job's page shows how far it is, by itself, until it has succeeded."""
    page.wait_for_url(re.compile(r"/desk/auftraege/\d+$"))
    expect(page.locator(".progress-box .state")).to_have_text("erledigt", timeout=PATIENCE_MS)


def test_an_editors_morning(browser: Browser, service: Service) -> None:
    context = browser.new_context(base_url=service.address, locale="de-DE")
    page = context.new_page()
    page.set_default_timeout(60_000)
    _sign_in(page)
    _mend_the_broken_source(page)
    _add_a_source(page)
    with Newsroom(service.config.newsroom, now=crawling.utc_now) as newsroom:
        first = newsroom.review_queue(1)[0].item_id
    _work_off_the_queue(page)
    _retrain(page)
    page.goto(f"/eintrag/{first}")
    expect(page.locator(".labels a[href$='/thema/ki']")).to_have_count(1)
    expect(page.locator(".labels a[href$='/thema/ozg']")).to_have_count(0)
    _hide_and_take_back(page, first)
    context.close()
    with Newsroom(service.config.newsroom, now=crawling.utc_now) as newsroom:
        made = newsroom.audit(limit=1000)
    counts = {act: sum(one.action == act for one in made) for act in ("item.correct", "item.undo")}
    assert counts == {"item.correct": REVIEWS + 1, "item.undo": 1}
    assert {one.actor for one in made} == {"leitung", "command"}


def _sign_in(page: Page) -> None:
    page.goto("/desk")
    page.fill("[name=name]", "leitung")
    page.fill("[name=passwort]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/desk")


def _mend_the_broken_source(page: Page) -> None:
    trouble = page.locator(".troubles li", has_text="Stadt Bedorf")
    for _ in range(60):  # the first round may still be under way
        if trouble.count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(trouble).to_contain_text("HTTP 404")
    trouble.get_by_role("link").click()
    page.fill("[name=url]", "https://www.bedorf.example/feed.xml")
    page.get_by_role("button", name="Speichern", exact=True).click()
    done(page)
    page.get_by_role("link", name="Zur Quelle").click()
    page.get_by_role("button", name="Jetzt abfragen").click()
    expect(page.locator("progress")).to_be_visible()
    done(page)
    expect(page.locator("main")).to_contain_text("3 new")
    page.get_by_role("link", name="Zur Quelle").click()
    expect(page.locator(".verdict")).to_contain_text("liefert")
    page.goto("/suche?quelle=bedorf")
    expect(page.locator("main")).to_contain_text("Bedorf 0: Anträge gehen jetzt online")


def _add_a_source(page: Page) -> None:
    page.goto("/desk/quellen/neu")
    page.fill("[name=adresse]", "www.cestadt.example")
    page.get_by_role("button", name="Suchen", exact=True).click()
    done(page)
    page.get_by_role("link", name="Funde ansehen").click()
    expect(page.locator(".samples").first).to_contain_text("Cestadt 0: Anträge gehen jetzt online")
    page.locator("[name=id]").first.fill("cestadt")
    page.locator("[name=relevance]").first.select_option("all")
    page.get_by_role("button", name="Quelle anlegen", exact=True).first.click()
    done(page)
    page.goto("/desk/quellen")
    expect(page.locator(".sources-grid")).to_contain_text("cestadt.example")


def _work_off_the_queue(page: Page) -> None:
    page.goto("/desk/durchsicht")
    for number in range(REVIEWS):
        if number == 0:
            page.keyboard.press("1")  # not ozg
            page.keyboard.press("2")  # but ki
        with page.expect_navigation():
            page.keyboard.press("j")
    expect(page.locator(".flash")).to_contain_text("Entschieden")


def _retrain(page: Page) -> None:
    page.goto("/desk/modell")
    page.get_by_role("button", name="Neu trainieren").click()
    done(page)
    expect(page.locator("main")).to_contain_text("Altes und neues Modell")
    page.goto("/desk/modell")
    expect(page.locator("main")).to_contain_text("Thema für Thema")


def _hide_and_take_back(page: Page, item: int) -> None:
    page.goto(f"/desk/eintraege/{item}")
    page.check("[name=sichtbar][value=verbergen]")
    page.locator("form.decide > button").click()
    page.wait_for_url("**getan=**")
    assert _becomes(page, item, (404, 410))
    page.get_by_role("button", name="Rückgängig").click()
    page.wait_for_url("**ok=undone**")
    assert _becomes(page, item, (200,))


def _becomes(page: Page, item: int, wanted: tuple[int, ...]) -> bool:
    """Whether readers get one of the answers: at once, or after a publishing that is under way.

    Asked beside the browser, which may show for a minute what it has (``max-age``).
    """
    return wait_for(lambda: page.request.get(f"/eintrag/{item}").status in wanted, 120)
