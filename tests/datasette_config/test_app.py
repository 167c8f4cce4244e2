"""How the site is opened, and how it says that it cannot."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from datasette.app import Datasette

from datasette_config.app import make_datasette
from datasette_config.plugin import site_of
from datasette_config.site import SiteConfig, SiteError


def test_a_missing_file_is_named_with_the_mend(files: tuple[Path, Path], tmp_path: Path) -> None:
    absent = tmp_path / "search.db"
    with pytest.raises(SiteError, match=r"search\.db is not there; `radar publish`"):
        make_datasette(files[0], absent)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"archive": "a"}, "key search is missing"),
        ({"archive": "a", "search": "s", "baner": "x"}, "unknown key baner"),
        ({"archive": "a", "search": "s", "address": "javascript:x"}, "must be an http"),
    ],
)
def test_a_mistaken_configuration_is_named(given: dict[str, str | None], said: str) -> None:
    with pytest.raises(SiteError, match=said):
        SiteConfig.from_plugin(given)


def test_only_the_archive_is_attached(files: tuple[Path, Path]) -> None:
    made = make_datasette(*files, address="https://radar.example/")
    assert [name for name in made.databases if name != "_internal"] == ["archive"]
    site = site_of(made)
    assert site is not None
    assert site.config.address == "https://radar.example"
    assert made.setting("force_https_urls")


def test_another_file_name_works_too(files: tuple[Path, Path], tmp_path: Path) -> None:
    copy = tmp_path / "öffentlich.db"
    copy.write_bytes(files[0].read_bytes())
    made = make_datasette(copy, files[1])

    async def ask() -> tuple[int, str]:
        answer = await made.client.get("/")
        return answer.status_code, answer.text

    status, body = asyncio.run(ask())
    assert status == 200
    assert "Vorführung" not in body, "no banner was asked for"


def test_without_its_key_datasette_stays_plain(files: tuple[Path, Path]) -> None:
    plain = Datasette([str(files[0])])
    assert site_of(plain) is None

    async def ask() -> str:
        return str((await plain.client.get("/")).text)

    assert "Kommunalradar" not in asyncio.run(ask())


def test_letters_are_offered_only_where_they_are_sent(files: tuple[Path, Path]) -> None:
    async def ask(made: Datasette, path: str) -> str:
        return str((await made.client.get(path)).text)

    with_letters = make_datasette(*files, letters=True)
    without = make_datasette(*files)
    for path, order in (
        ("/suche?q=Stadt&land=DE-SN&seite=2", "/abo?q=Stadt&amp;land=DE-SN"),
        ("/thema/ozg", "/abo?thema=ozg"),
        ("/", "/abo"),
        ("/en/thema/ozg", "/en/abo?thema=ozg"),
    ):
        assert f'href="{order}"' in asyncio.run(ask(with_letters, path)), path
        assert "/abo" not in asyncio.run(ask(without, path)), path
