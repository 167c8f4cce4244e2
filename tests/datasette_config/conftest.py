"""The small archive of ``newsdesk``, served by the real Datasette over real HTTP."""

from __future__ import annotations

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
from datasette_config.plugin import site_of
from datasette_config.site import Site
from tests.datasette_config import newsdesk

BANNER = "Vorführung mit erfundenen Beispieltexten."


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """archive.db and search.db."""
    return newsdesk.build(tmp_path_factory.mktemp("archiv"))


@pytest.fixture(scope="session")
def datasette(files: tuple[Path, Path]) -> Datasette:
    """The site on the archive's own clock."""
    made = make_datasette(*files, banner=BANNER)
    site = site_of(made)
    assert site is not None
    site.now = lambda: newsdesk.NOW
    return made


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
        "about": "/ueber",
        "missing": "/gibt-es-nicht",
    }
