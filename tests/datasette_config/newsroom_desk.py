"""A desk to work at: the archive of ``newsdesk``, accounts, unsure items, models, a server."""

from __future__ import annotations

import atexit
import json
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import httpx
import uvicorn

from datasette_config.app import make_datasette
from datasette_config.plugin import desk_of
from store.accounts import AccountTables
from store.newsroom import Newsroom
from store.passwords import Cost
from store.publish import publish
from store.types import Plan, Tag, Tagging
from tests.datasette_config import newsdesk

PASSWORD = "Glasfaser im Rathaus"
#: account → role
PEOPLE = {
    "leserin": "reader",
    "redaktion": "editor",
    "kollegin": "editor",
    "leitung": "chief",
    "verwaltung": "admin",
}
KEY = re.compile(r'name="schluessel" value="([0-9a-f]{64})"')


@dataclass(frozen=True)
class Place:
    """Where the desk is served, and the files behind it."""

    address: str
    folder: Path

    @property
    def newsroom(self) -> Newsroom:
        """The newsroom, over a connection of one's own on the archive's clock."""
        return Newsroom(self.folder / "newsroom.db", now=lambda: newsdesk.NOW)

    @contextmanager
    def client(self, name: str | None = None) -> Iterator[httpx.Client]:
        """A browser, signed in where a name is given."""
        with httpx.Client(base_url=self.address, timeout=30) as client:
            if name:
                key = key_of(client.get("/desk/anmelden"))
                form = {"schluessel": key, "name": name, "passwort": PASSWORD}
                answer = client.post("/desk/anmelden", data=form)
                assert answer.status_code == 303, answer.text
            yield client


def key_of(answer: httpx.Response) -> str:
    """The hidden field of a page's forms."""
    found = KEY.search(answer.text)
    assert found, f"{answer.url}: no form"
    return found[1]


def fill(folder: Path, unsure: int = 30) -> None:
    """The newsroom of ``newsdesk`` with accounts, unsure items, plans and a model's card."""
    newsdesk.build(folder)
    with Newsroom(folder / "newsroom.db", now=lambda: newsdesk.NOW) as newsroom:
        for name, role in PEOPLE.items():
            newsroom.add_account(name, role, PASSWORD, by="command")
        newsroom.add_account("gesperrt", "admin", PASSWORD, by="command")
        newsroom.disable_account("gesperrt", by="command")
        items = [item for item in newsroom.items() if item.withdrawn_at is None][:unsure]
        newsroom.set_taggings(
            Tagging(
                item.id,
                item.content_hash,
                "hand",
                (
                    Tag("topic", "ozg", 0.9 - 0.012 * place, "hand", ("Antrag", "online")),
                    Tag("state", item.publisher_land or "bund", 0.97, "hand", ("Rathaus",)),
                ),
                (
                    Tag("topic", "ki", 0.05, "hand", ("Sprachmodell",)),
                    Tag("topic", "e-akte", 0.03, "hand"),
                ),
                review=True,
            )
            for place, item in enumerate(items)
        )
        newsroom.set_plans(
            {
                source.id: Plan(
                    newsdesk.NOW + timedelta(minutes=20 * place),
                    (("rhythm", {"items": 12, "seconds": 7500}),),
                )
                for place, source in enumerate(newsdesk.SOURCES)
            }
        )
        publish(newsroom, folder / "archive.db", folder / "search.db")
    _models(folder / "models")


def _models(folder: Path) -> None:
    folder.mkdir()
    for place, model_id in enumerate(("0123456789ab", "ba9876543210")):
        figures = {"precision": 0.85, "recall": 0.78, "f1": 0.81 + 0.01 * place}
        measured = {
            "topics": figures,
            "states": {**figures, "f1": 0.95},
            "any_topic": figures,
            "topics_without_review": figures,
            "states_without_review": figures,
            "share_without_review": 0.55,
        }
        card = {
            "format": "kommunalradar-model-1",
            "examples": 1400 + place,
            "corrections": place,
            "cross_validation": {"whole": measured, "headlines": measured},
            "versions": {"python": "3.11.7"},
        }
        (folder / f"{model_id}.json").write_text(json.dumps(card), encoding="utf-8")
    lines = [
        {"model_id": "0123456789ab", "at": "2026-02-01T09:00:00+00:00", "by": "radar",
         "why": "first model", "program": "x"},
        {"model_id": "ba9876543210", "at": "2026-03-01T09:00:00+00:00", "by": "leitung",
         "why": "trained with 1 corrections", "program": "x"},
    ]  # fmt: skip
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "promotions.jsonl").write_text(text, encoding="utf-8")


@cache
def _filled() -> Path:
    """A filled folder, made once for all tests of this process; each works on a copy."""
    folder = Path(tempfile.mkdtemp(prefix="desk-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    fill(folder)
    return folder


@contextmanager
def served(folder: Path, **desk: object) -> Iterator[Place]:
    """The desk over real HTTP on loopback; passwords cost little there."""
    before = AccountTables.password_cost
    AccountTables.password_cost = Cost(2**4, 8, 1)
    try:
        shutil.copytree(_filled(), folder, dirs_exist_ok=True)
        datasette = make_datasette(
            folder / "archive.db",
            folder / "search.db",
            desk={
                "newsroom": folder / "newsroom.db",
                "models": folder / "models",
                "own_sources": folder / "sources",
                "backups": folder / "backups",
                **desk,
            },
        )
        opened = desk_of(datasette)
        assert opened is not None
        opened.site.now = lambda: newsdesk.NOW
        config = uvicorn.Config(
            datasette.app(), host="127.0.0.1", port=0, log_level="error", proxy_headers=False
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started:
            assert thread.is_alive(), "the server ended before it started"
            assert time.monotonic() < deadline, "the server did not start in 20 s"
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Place(f"http://127.0.0.1:{port}", folder)
        server.should_exit = True
        thread.join(timeout=10)
    finally:
        AccountTables.password_cost = before
