"""The command line as a person and a program meet it: outputs, exit codes, wrong use."""

from __future__ import annotations

import gzip
import json
import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from classifier import models
from classifier.models import Model
from classifier.registry import Registry
from radar.crawling import utc_now

ROOT = Path(__file__).resolve().parents[2]
PAGE = """<!DOCTYPE html><html lang="de"><head><title>Wohngeld geht online | Stadt Fürth</title>
<meta property="article:published_time" content="2026-03-12T09:30:00+01:00"></head><body><main>
<h1>Wohngeld geht online</h1><p>Die Stadt Fürth nimmt Anträge auf Wohngeld nun im Netz an.</p>
<p>Das Amt für Soziales prüft die Nachweise am Bildschirm und bescheidet schneller.</p>
</main></body></html>"""
FEED = """<rss version="2.0"><channel><title>Presse</title><item><title>Wohngeld geht online</title>
<link>https://www.fuerth.example/1</link><pubDate>Thu, 12 Mar 2026 09:30:00 +0100</pubDate></item>
</channel></rss>"""
SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://www.fuerth.example/1</loc></url></urlset>"""


def radar(
    *arguments: object, cwd: Path, locale: str = "C.UTF-8", given: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "radar", *map(str, arguments)],
        cwd=cwd, capture_output=True, encoding="utf-8", input=given, timeout=240, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": locale, **environment},
    )  # fmt: skip


def files(folder: Path) -> dict[str, Path]:
    texts = {"page.html": PAGE, "feed.xml": FEED, "sitemap.xml": SITEMAP}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {name.partition(".")[0]: folder / name for name in texts}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("demo")
    done = radar("demo", "--no-serve", "--data", folder / "d", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "d", json.loads(done.stdout)


# --- the demo ------------------------------------------------------------------------------


def test_demo_ends_with_one_json_object(demo: tuple[Path, dict[str, Any]]) -> None:
    _, report = demo
    assert {"items", "versions", "clusters", "topics", "states", "errors", "seconds"} <= set(report)
    assert report["items"] >= 160
    assert report["versions"] == 3
    assert report["withdrawn"] == 1
    assert report["clusters"] == 1
    assert len(report["topics"]) == 17
    assert len(report["states"]) == 17
    assert set(report["seconds"]) == {"train", "crawl", "tag", "publish"}
    assert {error["source"]: error["status"] for error in report["errors"]} == {
        "stadt_stuttgart_beispiel": "postponed",
        "stadt_halle_beispiel": "failed",
    }


def test_release_and_its_four_reprints_are_one_cluster(
    demo: tuple[Path, dict[str, Any]],
) -> None:
    archive = sqlite3.connect(demo[0] / "archive.db")
    sizes = archive.execute(
        "SELECT c.size, i.source_id FROM clusters c JOIN items i ON i.id = c.primary_item_id "
        "ORDER BY c.size DESC"
    ).fetchall()
    assert sizes[0] == (5, "land_sh_beispiel")


def test_every_stage_again_changes_nothing(demo: tuple[Path, dict[str, Any]]) -> None:
    folder = demo[0]
    rows = "SELECT * FROM items ORDER BY id"
    before = sqlite3.connect(folder / "archive.db").execute(rows).fetchall()
    for stage in ("tag", "publish"):
        done = radar(stage, "--json", cwd=folder.parent, RADAR_PATHS_DATA="d")
        assert done.returncode == 0, done.stderr
        if stage == "tag":
            assert json.loads(done.stdout) == {"tagged": 0}
    assert sqlite3.connect(folder / "archive.db").execute(rows).fetchall() == before


def test_second_demo_replaces_the_first(demo: tuple[Path, dict[str, Any]]) -> None:
    folder, first = demo
    again = radar("demo", "--no-serve", "--data", folder, "--json", cwd=folder.parent)
    assert again.returncode == 0, again.stderr
    second = json.loads(again.stdout)
    same = ("items", "versions", "clusters", "withdrawn", "topics", "states")
    assert {name: second[name] for name in same} == {name: first[name] for name in same}


def test_demo_spares_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "brief.txt").write_text("wichtig", encoding="utf-8")
    done = radar("demo", "--no-serve", "--data", tmp_path, cwd=tmp_path)
    assert done.returncode == 1
    assert "holds files that no demo made" in done.stderr
    assert (tmp_path / "brief.txt").read_text(encoding="utf-8") == "wichtig"


def test_demo_in_a_folder_in_use_says_so(tmp_path: Path) -> None:
    import fcntl

    folder = tmp_path / "d"
    folder.mkdir()
    with (folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = radar("demo", "--no-serve", "--data", folder, cwd=tmp_path)
    assert done.returncode == 1
    assert "still running" in done.stderr


def test_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = radar("demo", "--port", port, "--data", tmp_path / "d", cwd=tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr
    assert not (tmp_path / "d").exists()


# --- looking -------------------------------------------------------------------------------


def test_search_finds_what_the_site_finds(demo: tuple[Path, dict[str, Any]]) -> None:
    done = radar("search", "Glasfaser", "--topic", "breitband", "--json",
                 cwd=demo[0].parent, RADAR_PATHS_DATA="d")  # fmt: skip
    found = json.loads(done.stdout)
    assert found["total"] >= 3
    assert found["facets"]["topic"]["breitband"] == found["total"]
    assert all(hit["url"].startswith("https://") for hit in found["hits"])


def test_search_before_publishing_names_the_mend(tmp_path: Path) -> None:
    done = radar("search", "Glasfaser", cwd=tmp_path)
    assert done.returncode == 1
    assert "run `radar publish` first" in done.stderr


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_umlauts_survive_every_locale(tmp_path: Path, locale: str) -> None:
    done = radar("parse", "page", files(tmp_path)["page"], "--url", "https://www.fuerth.example/1",
                 "--json", cwd=tmp_path, locale=locale)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Die Stadt Fürth nimmt Anträge" in json.loads(done.stdout)["body"]


@pytest.mark.parametrize("what", ["page", "feed", "sitemap"])
def test_parse_shows_what_the_extractor_sees(tmp_path: Path, what: str) -> None:
    done = radar("parse", what, files(tmp_path)[what], "--url", "https://www.fuerth.example/x",
                 "--json", cwd=tmp_path)  # fmt: skip
    seen = json.loads(done.stdout)
    entry = seen if what == "page" else seen["entries"][0]
    if what != "sitemap":
        assert entry["title"] == "Wohngeld geht online"
        assert entry["published"] == "2026-03-12T09:30:00+01:00"
    else:
        assert (entry["url"], entry["published"]) == ("https://www.fuerth.example/1", None)


def test_parse_list_keeps_the_order_and_marks_what_fails(tmp_path: Path) -> None:
    page = files(tmp_path)["page"]
    with gzip.open(tmp_path / "two.html.gz", "wb") as packed:
        packed.write(page.read_bytes().replace(b"Wohngeld", b"Elterngeld"))
    listing = tmp_path / "list.jsonl"
    urls = {name: f"https://www.fuerth.example/{name}" for name in ("a", "b", "c")}
    names = {"a": "two.html.gz", "b": "none.html", "c": "page.html"}
    listing.write_text(
        "\n".join(json.dumps({"file": names[key], "url": urls[key]}) for key in urls),
        encoding="utf-8",
    )
    done = radar("parse", "page", "--list", listing, "--json", cwd=tmp_path)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [line.get("title") for line in lines] == [
        "Elterngeld geht online", None, "Wohngeld geht online",
    ]  # fmt: skip
    assert lines[1]["file"] == "none.html"
    assert "cannot be read" in lines[1]["error"]


@pytest.fixture
def trained(tmp_path: Path, model: Model) -> None:
    """The model of today's texts, in the data folder of a command that runs in ``tmp_path``."""
    folder = tmp_path / "data" / "models"
    models.save(model, folder)
    Registry(folder).promote(model.id, by="test", why="first", now=utc_now())


@pytest.mark.usefixtures("trained")
def test_classify_answers_line_by_line(tmp_path: Path) -> None:
    lines = [
        {"id": "a", "title": "Glasfaserausbau in Suhl beginnt", "teaser": "Schnelles Internet."},
        {"id": "b", "title": ""},
        {"title": "Freibad öffnet", "publisher_land": "DE-BY"},
    ]
    given = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    done = radar("classify", "-", cwd=tmp_path, given=given)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", "b", None]
    assert all(
        {"id", "topics", "states", "review", "candidates"} <= set(answer) for answer in answers
    )
    assert "breitband" in answers[0]["topics"]
    assert "DE-TH" in answers[0]["states"]
    assert (answers[1]["topics"], answers[1]["states"]) == ({}, {})


def test_sources_list_is_the_catalogue(tmp_path: Path) -> None:
    done = radar("sources", "list", "--json", cwd=tmp_path)
    listed = json.loads(done.stdout)
    assert len(listed) == len(list((ROOT / "crawler" / "sources").glob("*.toml")))
    assert listed[0]["last_status"] is None


def test_crawl_without_network_blames_nobody(tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue"
    catalogue.mkdir()
    (catalogue / "stadt.toml").write_text(
        'name = "Stadt"\npublisher = "Stadt"\nhomepage = "https://stadt.invalid/"\n'
        'kind = "feed"\nurl = "https://stadt.invalid/feed"\nlicence = "official"\n'
        'display = "full"\nrelevance = "all"\nschedule = "adaptive"\n'
        'reference = "https://stadt.invalid/"\n',
        encoding="utf-8",
    )
    given = {"RADAR_PATHS_CATALOGUE": str(catalogue), "RADAR_CRAWL_DELAY_S": "0"}
    done = radar("crawl", cwd=tmp_path, **given)
    assert done.returncode == 1
    assert "No network: nothing was asked, no source is blamed" in done.stderr


# --- wrong use -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["crawl", "gibtsnicht"], 2, "no source 'gibtsnicht'"),
        (["parse", "page"], 2, "name either FILE with --url, or --list"),
        (["parse", "page", "x.html"], 2, "--url is missing"),
        (["parse", "page", "x.html", "--url", "https://x.example/"], 1, "x.html: cannot be read"),
        (["parse", "page", "x.html", "--url", "https://x.example/", "--source", "no"], 1, "'no'"),
        (["parse", "pdf", "x"], 2, "'pdf' is not one of"),
        (["classify", "x.jsonl"], 1, "x.jsonl: cannot be read"),
        (["classify", "wrong.jsonl"], 1, "wrong.jsonl: line 2"),
        (["serve"], 1, "run `radar publish` first"),
        (["search", "x", "--topic", "nix"], 1, "--topic: there is no 'nix'; there are ozg, "),
        (["search", "x", "--state", "DE-XX"], 1, "--state: there is no 'DE-XX'; there are "),
        (["--config", "none.toml", "sources", "list"], 1, "none.toml: no such configuration file"),
        (["demo", "--port", "0"], 2, "0 is not in the range"),
        (
            ["demo", "--data", "wrong.jsonl/d", "--no-serve"],
            1,
            "wrong.jsonl/d: the folder cannot be",
        ),
        (["demo", "--host", "ä" * 70], 1, "is no host's name"),
        (["demo", "--host", "nirgends.invalid"], 1, "choose an address of this machine with"),
        (["explain", "9" * 30], 1, "no such item"),
        (["erase", "9" * 30, "--reason", "x"], 1, "there is no newsroom yet"),
        (["hooks", "remove", "9" * 30], 2, "is not in the range"),
        (["prune", "--days", "9" * 12], 2, "is not in the range 8<=x<=36500"),
        (["tanzen"], 2, "No such command 'tanzen'"),
    ],
)
@pytest.mark.usefixtures("trained")
def test_wrong_use_is_answered_in_one_line_and_a_code(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    (tmp_path / "wrong.jsonl").write_text('{"title": "Gut"}\n{kaputt\n', encoding="utf-8")
    done = radar(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_help_names_every_command_in_the_order_of_the_work(tmp_path: Path) -> None:
    done = radar("--help", cwd=tmp_path)
    commands = [
        line.split()[0] for line in done.stdout.partition("Commands:")[2].splitlines() if line
    ]
    assert commands[:7] == ["demo", "run", "schedule", "crawl", "tag", "publish", "serve"]
    wanted = {"search", "parse", "classify", "sources", "train", "models", "users", "doctor"}
    assert wanted <= set(commands)
    assert "job" not in commands
