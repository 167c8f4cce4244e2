"""The small archive of ``newsdesk``, served by the real Datasette over real HTTP."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from datasette.app import Datasette

from datasette_config.app import make_datasette
from datasette_config.plugin import pages_of, site_of
from datasette_config.site import Site
from tests.datasette_config import newsdesk

BANNER = "Vorführung mit erfundenen Beispieltexten."


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """archive.db and search.db."""
    return newsdesk.build(tmp_path_factory.mktemp("archiv"))


def model_card(folder: Path) -> None:
    """The card of a model in force, as the classifier's folder holds it."""
    figures = {"precision": 0.842, "recall": 0.771, "f1": 0.805}
    whole = {"topics": figures, "states": {**figures, "f1": 0.9}, "share_without_review": 0.56}
    card = {
        "id": "abc123", "examples": 1583, "corrections": 4, "cross_validation": {"whole": whole}
    }  # fmt: skip
    (folder / "abc123.json").write_text(json.dumps(card))
    promotion = {"model_id": "abc123", "at": "2026-03-01T10:00:00+00:00", "by": "a", "why": "b"}
    (folder / "promotions.jsonl").write_text(json.dumps(promotion) + "\n{")


@pytest.fixture(scope="session")
def datasette(files: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    """The site on the archive's own clock."""
    folder = tmp_path_factory.mktemp("betreiber")
    imprint = folder / "impressum.txt"
    imprint.write_text("# Anbieter\nAmt für Beispiele\nhttps://amt.example/\n\n<b>Tel.</b> 0\n")
    model_card(folder)
    made = make_datasette(
        *files, banner=BANNER, contact="post@radar.example", imprint=imprint, models=folder
    )
    site = site_of(made)
    assert site is not None
    site.now = lambda: newsdesk.NOW
    return made


@pytest.fixture(autouse=True)
def _no_page_is_remembered(request: pytest.FixtureRequest) -> None:
    """A test that changes what a page is made of must not get one made before."""
    if "datasette" in request.fixturenames:
        pages_of(request.getfixturevalue("site")).clear()


@pytest.fixture(scope="session")
def site(datasette: Datasette) -> Site:
    """The open site behind the pages."""
    found = site_of(datasette)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def address(datasette: Datasette) -> Iterator[str]:
    """Where the site is served: ``http://127.0.0.1:port``."""
    config = uvicorn.Config(datasette.app(), host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive(), "the server ended before it started"
        assert time.monotonic() < deadline, "the server did not start in 20 s"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="session")
def web(address: str) -> Iterator[httpx.Client]:
    """A reader's client that follows no redirect by itself."""
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def ids(files: tuple[Path, Path]) -> dict[str, int]:
    """The number of some items, by what is special about them."""
    titles = {
        "corrected": "Wohngeld:%",
        "hidden correction": "Bremerhaven stellt%",
        "hostile": "<script>%",
        "withdrawn": "Ausländerbehörde%",
        "dateless": "Hinweise zur Anmeldung%",
        "linked": "Bürgerbüros vergeben%",
        "video": "Was kostet%",
        "linkonly": "Eintrag von Verband%",
        "headline": "Notfallübung%",
    }
    with sqlite3.connect(files[0]) as archive:
        found = {
            name: archive.execute("select id from items where title like ?", [title]).fetchone()[0]
            for name, title in titles.items()
        }
        found["clustered"] = archive.execute(
            "select primary_item_id from clusters where size = 3"
        ).fetchone()[0]
    return found


@pytest.fixture(scope="session")
def page_types(ids: dict[str, int]) -> dict[str, str]:
    """One path for each type of page."""
    return {
        "home": "/",
        "search": "/suche",
        "query": "/suche?q=Stadt&thema=ozg&land=DE-SN&von=2025-01-01",
        "empty": "/suche?q=Kaffeemaschine&thema=ki&land=DE-HE",
        "page 2": "/suche?seite=2&sortierung=relevanz",
        **{f"item {name}": f"/eintrag/{number}" for name, number in ids.items()},
        "topic": "/thema/ozg",
        "state": "/land/DE-SN",
        "federation": "/land/bund",
        "empty state": "/land/DE-HB",
        "sources": "/quellen",
        "sources of a Land": "/quellen?land=DE-SN",
        "source": "/quelle/augsburg",
        "town": "/ort/14713000",
        "county": "/ort/03454",
        "about": "/ueber",
        "data": "/daten",
        "model": "/modell",
        "imprint": "/impressum",
        "privacy": "/datenschutz",
        "accessibility": "/barrierefreiheit",
        "English home": "/en",
        "English query": "/en/suche?q=Stadt&land=DE-SN",
        "English item": f"/en/eintrag/{ids['corrected']}",
        "English topic": "/en/thema/ozg",
        "English town": "/en/ort/14713000",
        "English sources": "/en/quellen",
        "English about": "/en/ueber",
        "English data": "/en/daten",
        "English accessibility": "/en/barrierefreiheit",
        "missing": "/gibt-es-nicht",
    }
