"""The imports point one way, and each third-party library has its owner."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("store", "crawler", "classifier", "datasette_config", "radar")
ALLOWED = {
    "store": {"store"},
    "crawler": {"crawler", "store"},
    "classifier": {"classifier", "store"},
    "datasette_config": {"datasette_config", "store"},
    "radar": set(PACKAGES),
}
#: library → the only modules (or folders) that may import it
OWNERS = {
    "feedparser": {"crawler/feeds.py"},
    "protego": {"crawler/robots_text.py"},
    "scrapy": {
        "crawler/spiders", "crawler/middlewares", "crawler/pipelines.py", "crawler/extensions.py",
        "crawler/download.py", "crawler/clock.py", "crawler/crawl.py", "crawler/asking.py",
        "crawler/list_reading.py", "crawler/page_reading.py",
        "crawler/mail_reading.py", "crawler/failures.py", "crawler/pauses.py",
    },
    "trafilatura": {"crawler/pages"},
    "htmldate": {"crawler/pages"},
    "pypdfium2": {"crawler/pdf_reader.py"},
    "rensa": {"store/resemblance.py"},
    "fastwarc": {"store/responses.py", "crawler/archives.py"},
    "distributed": {"radar/cluster.py", "radar/backfill_cluster.py", "radar/fleet_cluster.py"},
    "simplemma": {"store/dictionary.py", "classifier"},
    "sklearn": {"classifier"},
    "datasette": {"datasette_config", "radar/serve.py"},
    "babel": {"datasette_config/language.py", "datasette_config/catalogues.py"},
    "sqlite_utils": {"store"},
    "sqlite3": {"store", "datasette_config"},
    "smtplib": {"radar/mailing.py"}, "prometheus_client": {"datasette_config/measuring.py"},
    "cronsim": {"crawler/catalogue.py", "radar/pace.py"}, "holidays": {"store/free_days.py"},
}  # fmt: skip
PURE = (
    "store/types.py", "store/german.py", "store/lemmas.py", "store/compounds.py",
    "store/dictionary.py", "store/pieces.py", "store/reading.py", "store/packing.py",
    "store/marks.py", "store/language.py", "store/cutting.py", "store/resemblance.py",
    "crawler/types.py", "crawler/feeds.py",
    "crawler/entries.py", "crawler/items.py", "crawler/json_feeds.py", "crawler/decoding.py",
    "crawler/identity.py", "crawler/durations.py",
    "crawler/sitemaps.py", "crawler/articles.py", "crawler/dates.py", "crawler/urls.py",
    "crawler/text.py", "crawler/catalogue.py", "crawler/lists.py", "crawler/pages",
    "crawler/mail.py", "crawler/mail_teasers.py", "crawler/mail_url.py", "crawler/discovery.py",
    "crawler/opml.py", "crawler/robots_text.py", "crawler/samples.py", "crawler/verdicts.py",
    "crawler/pdf_lines.py", "crawler/pdf_text.py", "crawler/reservations.py",
    "crawler/archives.py", "crawler/doors.py", "crawler/settling.py", "crawler/wishes.py",
    "radar/digests.py", "radar/editors_alerts.py", "radar/editors_letters.py",
    "datasette_config/letters/writing.py",
    "classifier/vocabulary.py", "classifier/gazetteer.py", "classifier/features.py",
    "classifier/evidence.py", "classifier/roles.py", "classifier/state_columns.py",
)  # fmt: skip


def modules() -> list[str]:
    return sorted(
        str(path.relative_to(ROOT)) for name in PACKAGES for path in (ROOT / name).rglob("*.py")
    )


def imports(module: str) -> set[str]:
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
        elif isinstance(node, ast.ImportFrom) and node.level > 0:
            found.add(module.split("/")[0])
    return found


def within(module: str, places: set[str]) -> bool:
    return any(module == place or module.startswith(f"{place}/") for place in places)


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_the_one_of_this_checkout(package: str) -> None:
    assert Path(importlib.import_module(package).__file__ or "").parent == ROOT / package


@pytest.mark.parametrize("module", modules())
def test_imports_point_one_way(module: str) -> None:
    ours = imports(module) & set(PACKAGES)
    assert ours <= ALLOWED[module.split("/")[0]]


@pytest.mark.parametrize("library", OWNERS)
def test_each_library_has_one_owner(library: str) -> None:
    users = {module for module in modules() if library in imports(module)}
    assert users, f"nobody imports {library}: drop the dependency"
    assert {module for module in users if not within(module, OWNERS[library])} == set()


@pytest.mark.parametrize("module", [m for m in modules() if within(m, set(PURE))])
def test_pure_modules_touch_neither_network_nor_database(module: str) -> None:
    assert imports(module).isdisjoint({"scrapy", "twisted", "sqlite3", "sqlite_utils", "socket"})


@pytest.mark.parametrize("module", modules())
def test_every_module_says_what_it_owns(module: str) -> None:
    text = (ROOT / module).read_text(encoding="utf-8")
    if text:
        docstring = ast.get_docstring(ast.parse(text))
        assert docstring, f"{module} does not say in its first line what it owns"
