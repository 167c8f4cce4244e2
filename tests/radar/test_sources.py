"""`radar sources …` as an editor uses it, over real HTTP on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.catalogue import load_source
from crawler.discovery import MAX_REQUESTS
from crawler.source_files import write_source
from radar import checking, discovering
from radar.cli import radar
from radar.config import Config
from radar.probing import probe_settings
from store.errors import RadarError
from tests.press import feed, source
from tests.spiders import Spiders, spiders
from tests.web import Answer, LocalWeb, local_web

HOME = "https://www.stadt.example/"
ITEMS = [(f"Meldung {n} aus dem Rathaus", f"{HOME}presse/{n}") for n in range(1, 7)]


def dated(items: list[tuple[str, str]]) -> bytes:
    rows = "".join(
        f"<item><title>{title}</title><link>{url}</link><description>Ein Satz dazu.</description>"
        f"<pubDate>Mon, 0{number} Jun 2026 10:00:00 +0200</pubDate></item>"
        for number, (title, url) in enumerate(items, start=1)
    )
    return (
        f'<rss version="2.0"><channel><title>Pressemitteilungen</title>{rows}</channel></rss>'
    ).encode()


def sitemap(*urls: str) -> bytes:
    rows = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    return (f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>').encode()


@pytest.fixture(scope="module")
def looking() -> Iterator[Spiders]:
    with spiders() as running:
        yield running


@pytest.fixture
def own_process() -> None:
    """The look is started as `radar` starts it."""


@pytest.fixture(autouse=True)
def quick(
    looking: Spiders, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """One process for all looks, but where its start is the point."""
    if "own_process" not in request.fixturenames:
        monkeypatch.setattr(checking, "probe", looking.probe)
        monkeypatch.setattr(discovering, "probe", looking.probe)


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    with local_web() as web:
        yield web


@pytest.fixture
def home(web: LocalWeb) -> LocalWeb:
    """A homepage that names a feed of events, and a page of news that names the press feed."""
    web.answers = {
        HOME: Answer(
            b"<!doctype html><html><head><title>Startseite | Stadt Beispiel</title>"
            b'<link rel="alternate" type="application/rss+xml" title="Termine" '
            b'href="/termine.xml"></head><body><a href="/presse/">Presse</a>'
            b'<a href="http://[kaputt">RSS</a>'
            b'<a href="/geheim/feed.xml">RSS intern</a></body></html>'
        ),
        f"{HOME}robots.txt": Answer(
            f"User-agent: *\nDisallow: /geheim/\nSitemap: {HOME}karte.xml\n".encode(), "text/plain"
        ),
        f"{HOME}presse/": Answer(
            b'<!doctype html><html><body><h1>Presse</h1><a href="/presse.rss">RSS</a></body></html>'
        ),
        f"{HOME}termine.xml": Answer(
            dated(ITEMS[:3]).replace(b"/presse/", b"/termine/"), "text/xml"
        ),
        f"{HOME}presse.rss": Answer(dated(ITEMS), "application/rss+xml"),
        f"{HOME}karte.xml": Answer(sitemap(HOME, f"{HOME}impressum"), "application/xml"),
    }
    return web


def run(web: LocalWeb, tmp_path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        radar,
        ["sources", *arguments],
        env={
            "RADAR_PATHS_DATA": str(tmp_path / "data"),
            "RADAR_PATHS_CATALOGUE": str(tmp_path / "catalogue"),
            "RADAR_CRAWL_CONNECT_TO": web.address,
            "RADAR_CRAWL_DELAY_S": "0",
            "RADAR_CRAWL_CONTACT": "redaktion@radar.example",
        },
    )


def test_discover_finds_all_and_puts_the_press_feed_first(home: LocalWeb, tmp_path: Path) -> None:
    result = run(home, tmp_path, "discover", HOME, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    offers = {offer["url"]: offer for offer in found["offers"]}
    assert list(offers) == [f"{HOME}presse.rss", f"{HOME}termine.xml", f"{HOME}karte.xml"]
    best = offers[f"{HOME}presse.rss"]
    assert (best["kind"], best["entries"], best["dated"]) == ("feed", 6, 1.0)
    assert best["named_by"] == f"{HOME}presse/"
    assert len(best["samples"]) == 5
    assert best["samples"][0] == {
        "title": "Meldung 6 aus dem Rathaus",
        "date": "2026-06-06T10:00:00+02:00",
        "teaser": "Ein Satz dazu.",
        "url": f"{HOME}presse/6",
    }
    assert "something else than news" in offers[f"{HOME}termine.xml"]["reason"]
    assert offers[f"{HOME}karte.xml"]["kind"] == "sitemap"
    [refused] = found["refused"]
    assert refused["url"] == f"{HOME}geheim/feed.xml"
    assert "robots.txt forbids it" in refused["error"]
    assert home.times(f"{HOME}geheim/feed.xml") == 0
    assert all("redaktion@radar.example" in agent for agent in home.user_agents)
    # nothing usual was tried of what the page names by itself
    assert home.times(f"{HOME}feed/") == 0


@pytest.mark.usefixtures("own_process")
def test_discover_shows_samples_to_people(home: LocalWeb, tmp_path: Path) -> None:
    result = run(home, tmp_path, "discover", "www.stadt.example")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == f"1. feed (best): {HOME}presse.rss"
    assert "   - 2026-06-06  Meldung 6 aus dem Rathaus" in lines
    assert "     Ein Satz dazu." in lines


def test_discover_writes_the_source(home: LocalWeb, tmp_path: Path) -> None:
    folder = tmp_path / "neu"
    result = run(home, tmp_path, "discover", HOME, "--write", str(folder), "--id", "xx_beispiel")
    assert result.exit_code == 0, result.output
    written = load_source(folder / "xx_beispiel.toml")
    assert written.url == f"{HOME}presse.rss"
    assert written.publisher == "Stadt Beispiel"
    assert written.name == "Pressemitteilungen"
    assert written.reference == f"{HOME}presse/"
    assert written.checked
    assert written.min_items == 2
    assert (written.licence, written.display) == ("press", "headline")
    assert "# " in (folder / "xx_beispiel.toml").read_text()


def test_discover_tries_usual_addresses_where_nothing_is_named(
    web: LocalWeb, tmp_path: Path
) -> None:
    web.answers = {
        HOME: Answer(b"<!doctype html><html><body><h1>Willkommen</h1></body></html>"),
        f"{HOME}feed/": Answer(dated(ITEMS), "application/rss+xml"),
    }
    result = run(web, tmp_path, "discover", HOME, "--json")
    [offer] = json.loads(result.stdout)["offers"]
    assert offer["why"] == "the usual address /feed/"
    assert web.times(f"{HOME}rss.xml") == 0


def test_discover_follows_wordpress_and_lists_of_feeds(web: LocalWeb, tmp_path: Path) -> None:
    posts = [
        {"id": n, "date_gmt": f"2026-06-0{n}T08:00:00", "link": url,
         "title": {"rendered": title}, "excerpt": {"rendered": "<p>Kurz.</p>"}}
        for n, (title, url) in enumerate(ITEMS, start=1)
    ]  # fmt: skip
    web.answers = {
        HOME: Answer(
            f'<!doctype html><html><head><link rel="https://api.w.org/" href="{HOME}wp-json/">'
            '</head><body><a href="/rss-uebersicht">RSS-Feeds</a></body></html>'.encode()
        ),
        f"{HOME}wp-json/wp/v2/posts?per_page=50&_embed=1": Answer(
            json.dumps(posts).encode(), "application/json"
        ),
        f"{HOME}rss-uebersicht": Answer(
            b'<!doctype html><html><a href="/feeds/rathaus.xml">Rathaus (RSS)</a></html>'
        ),
        f"{HOME}feeds/rathaus.xml": Answer(
            dated(ITEMS).replace(b"/presse/", b"/rathaus/"), "text/xml"
        ),
    }
    offers = json.loads(run(web, tmp_path, "discover", HOME, "--json").stdout)["offers"]
    assert {offer["kind"]: offer["url"] for offer in offers} == {
        "feed": f"{HOME}feeds/rathaus.xml",
        "wordpress": f"{HOME}wp-json/wp/v2/posts",
    }


def test_discover_takes_a_channel_for_videos_and_the_page_itself_for_a_list(
    web: LocalWeb, tmp_path: Path
) -> None:
    videos = "".join(
        f"<entry><id>yt:{n}</id><title>Video {n}</title><published>2026-06-0{n}T08:00:00Z"
        f'</published><link rel="alternate" href="https://video.example/watch?v={n}"/></entry>'
        for n in range(1, 4)
    )
    teasers = "".join(
        f'<article><h2><a href="{url}">{title}</a></h2><time datetime="2026-06-0{n}">{n}.6.2026'
        "</time><p>Die Stadt teilt mit, was sich im Rathaus in dieser Woche ändert.</p></article>"
        for n, (title, url) in enumerate(ITEMS, start=1)
    )
    web.answers = {
        HOME: Answer(
            f'<!doctype html><html><head><link rel="alternate" type="application/atom+xml" '
            f'href="/kanal.xml"></head><body><main>{teasers}</main></body></html>'.encode()
        ),
        f"{HOME}kanal.xml": Answer(
            f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Kanal</title>{videos}</feed>'.encode(),
            "application/atom+xml",
        ),
    }
    offers = json.loads(run(web, tmp_path, "discover", HOME, "--json").stdout)["offers"]
    assert {offer["url"]: offer["kind"] for offer in offers} == {
        f"{HOME}kanal.xml": "video", HOME: "listing",
    }  # fmt: skip


def test_discover_asks_for_no_more_than_it_may(web: LocalWeb, tmp_path: Path) -> None:
    def overview(name: str) -> bytes:
        links = "".join(f'<a href="/{name}/rss/{n}">RSS {n}</a>' for n in range(40))
        return f"<!doctype html><html><body>{links}</body></html>".encode()

    web.answers = {HOME: Answer(overview("a"))}
    web.answers |= {f"{HOME}a/rss/{n}": Answer(overview(f"b{n}")) for n in range(40)}
    found = json.loads(run(web, tmp_path, "discover", HOME, "--json").stdout)
    assert found["offers"] == []
    lists = [url for url, _ in web.asked if url not in (HOME, f"{HOME}robots.txt")]
    assert 24 <= len(lists) == len(set(lists)) <= MAX_REQUESTS
    assert any("not asked: 36 addresses" in row["error"] for row in found["refused"])


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://www.stadt.example/", "HTTP 404"),
        ("ftp://stadt.example/", "only http and https"),
        ("https://", "no host"),
    ],
)
def test_discover_says_why_not(web: LocalWeb, tmp_path: Path, url: str, reason: str) -> None:
    result = run(web, tmp_path, "discover", url)
    assert isinstance(result.exception, RadarError), result.output
    assert reason in str(result.exception)


def test_discover_without_an_offer_ends_in_trouble(web: LocalWeb, tmp_path: Path) -> None:
    web.answers = {HOME: Answer(b"<!doctype html><html><body><p>Leer</p></body></html>")}
    result = run(web, tmp_path, "discover", HOME)
    assert result.exit_code == 3
    assert "offers nothing" in result.stdout


def test_discover_keeps_off_the_inner_network(tmp_path: Path, web: LocalWeb) -> None:
    result = CliRunner().invoke(
        radar,
        ["sources", "discover", f"http://{web.address}/"],
        env={"RADAR_PATHS_DATA": str(tmp_path), "RADAR_CRAWL_DELAY_S": "0"},
    )
    assert isinstance(result.exception, RadarError)
    assert "not a public address" in str(result.exception)
    assert web.asked == []


# --- check -----------------------------------------------------------------------------------


@pytest.fixture
def catalogue(web: LocalWeb, tmp_path: Path) -> LocalWeb:
    """Four sources: a good one, an empty one, one that is gone, and one never fetched and gone."""
    folder = tmp_path / "catalogue"
    for name, facts in {
        "gut": {},
        "leer": {"min_items": 5},
        "weg": {},
        "neu": {"checked": None},
    }.items():
        write_source(folder, source(name, **{"checked": "2026-02-01", **facts}))
    web.answers = {
        "https://www.gut.example/feed.xml": Answer(
            dated([(title, url.replace("stadt", "gut")) for title, url in ITEMS]),
            "application/rss+xml",
        ),
        "https://www.leer.example/feed.xml": Answer(feed(ITEMS[0]), "application/rss+xml"),
    }
    return web


def test_check_judges_each_source(catalogue: LocalWeb, tmp_path: Path) -> None:
    result = run(catalogue, tmp_path, "check", "--json")
    assert result.exit_code == 3
    verdicts = {row["source"]: row for row in json.loads(result.stdout)}
    assert verdicts["gut"]["level"] in ("ok", "warn")  # the newest item grows older
    assert (verdicts["gut"]["entries"], verdicts["gut"]["dated"]) == (6, 1.0)
    assert verdicts["leer"]["level"] == "fail"
    assert "lists 1 items where at least 5" in verdicts["leer"]["findings"][0]
    good = verdicts["gut"]
    assert len(good["items"]) == 5
    assert good["items"][0] == {
        "url": "https://www.gut.example/presse/6",
        "title": "Meldung 6 aus dem Rathaus",
        "date": "2026-06-06T10:00:00+02:00",
        "kind": "press_release",
    }
    assert (good["filled"]["title"], good["filled"]["teaser"]) == (1.0, 1.0)
    assert (good["filled"]["author"], good["filled"]["body"]) == (0.0, 0.0)
    assert good["verdict"].startswith("works")
    assert verdicts["weg"]["items"] == []
    assert verdicts["weg"]["verdict"] == (
        "does not work: HTTP 404 for https://www.weg.example/feed.xml; look where it has moved: "
        "radar sources discover https://www.weg.example/"
    )
    assert verdicts["weg"]["findings"] == ["HTTP 404 for https://www.weg.example/feed.xml"]
    assert verdicts["neu"]["on_probation"] is True
    assert not verdicts["weg"]["on_probation"]
    # one look at each list, none at a page
    assert not any("/presse/" in url for url, _ in catalogue.asked)


def test_check_shows_people_the_newest_items_and_how_full_they_are(
    catalogue: LocalWeb, tmp_path: Path
) -> None:
    lines = run(catalogue, tmp_path, "check", "gut").stdout.splitlines()
    assert lines[0].split()[1:3] == ["gut", "works,"] or lines[0].split()[1:3] == ["gut", "works"]
    assert lines[1].strip() == (
        "6 items, newest 2026-06-06; title 100%, published 100%, teaser 100%"
    )
    assert lines[2].strip() == (
        "2026-06-06  press_release  Meldung 6 aus dem Rathaus  <https://www.gut.example/presse/6>"
    )
    assert [line[8:18] for line in lines[2:7]] == [f"2026-06-0{n}" for n in (6, 5, 4, 3, 2)]
    few = run(catalogue, tmp_path, "check", "gut", "--items", "1").stdout
    assert few.count("<https://") == 1


def test_check_reads_the_newest_part_of_an_index_and_the_letters_of_a_mailbox(
    catalogue: LocalWeb, tmp_path: Path
) -> None:
    folder, post = tmp_path / "catalogue", tmp_path / "post"
    site = "https://www.karte.example"
    write_source(folder, source("karte", kind="sitemap", url=f"{site}/sitemap.xml"))
    write_source(folder, source("post", kind="mail", url=f"file://{post}"))
    index = "".join(
        f"<sitemap><loc>{site}/{name}.xml</loc></sitemap>" for name in ("seiten", "presse-2026")
    )
    catalogue.answers |= {
        f"{site}/sitemap.xml": Answer(f"<sitemapindex>{index}</sitemapindex>".encode(), "text/xml"),
        f"{site}/presse-2026.xml": Answer(
            sitemap(f"{site}/presse/1", f"{site}/presse/2"), "text/xml"
        ),
    }
    post.mkdir()
    (post / "eins.eml").write_bytes(
        b"From: presse@stadt.example\r\nSubject: Neue App\r\nDate: Mon, 1 Jun 2026 10:00:00 +0200"
        b"\r\nMessage-ID: <1@stadt.example>\r\n\r\nDie Stadt stellt heute ihre neue App vor.\r\n"
    )
    (post / "zwei.eml").write_bytes(b"kein Brief")
    asked = run(catalogue, tmp_path, "check", "karte", "post", "--json")
    rows = {row["source"]: row for row in json.loads(asked.stdout)}
    assert (rows["karte"]["url"], rows["karte"]["entries"]) == (f"{site}/sitemap.xml", 2)
    assert {item["title"] for item in rows["karte"]["items"]} == {None}
    assert catalogue.times(f"{site}/seiten.xml") == 0
    (letter,) = rows["post"]["items"]
    assert (letter["title"], letter["date"]) == ("Neue App", "2026-06-01T10:00:00+02:00")
    assert rows["post"]["skipped"] == 1
    assert "(first: no letter" in rows["post"]["verdict"]


def test_check_of_a_closed_wordpress_names_its_feed(catalogue: LocalWeb, tmp_path: Path) -> None:
    site = "https://www.blog.example"
    url = f"{site}/wp-json/wp/v2/posts"
    write_source(tmp_path / "catalogue", source("blog", kind="wordpress", url=url))
    catalogue.answers[f"{url}?per_page=50&_embed=1"] = Answer(b"nein", status=403)
    catalogue.answers[f"{site}/feed/"] = Answer(feed(("Eins", f"{site}/1")), "text/xml")
    [row] = json.loads(run(catalogue, tmp_path, "check", "blog", "--json").stdout)
    assert row["level"] == "warn"
    assert row["findings"][0].startswith("HTTP 403")
    assert row["set"][:2] == ['kind = "feed"', f'url = "{site}/feed/"']
    assert [item["title"] for item in row["items"]] == ["Eins"]


def test_check_of_one_on_probation_alarms_only_who_asked(
    catalogue: LocalWeb, tmp_path: Path
) -> None:
    for name in ("leer", "weg"):
        (tmp_path / "catalogue" / f"{name}.toml").unlink()
    everything = run(catalogue, tmp_path, "check")
    assert everything.exit_code == 0, everything.output
    assert "On probation (never fetched before; nobody is alarmed):" in everything.stdout
    assert run(catalogue, tmp_path, "check", "neu").exit_code == 3
    assert run(catalogue, tmp_path, "check", "gut").exit_code == 0


def test_check_says_what_to_set(catalogue: LocalWeb, tmp_path: Path) -> None:
    url = "https://www.neu.example/feed.xml"
    catalogue.answers[url] = Answer(
        status=301, headers={"Location": "https://www.neu.example/neu.xml"}
    )
    catalogue.answers["https://www.neu.example/neu.xml"] = Answer(
        dated(ITEMS[:1]), "application/rss+xml", headers={"tdm-reservation": "1"}
    )
    before = (tmp_path / "catalogue" / "neu.toml").read_text()
    [row] = json.loads(run(catalogue, tmp_path, "check", "neu", "--json").stdout)
    assert 'url = "https://www.neu.example/neu.xml"' in row["set"]
    assert any(line.startswith("checked = ") for line in row["set"])
    assert 'display = "teaser"' in row["set"]
    assert "tdm-reservation: 1" in row["reservation"]
    assert (tmp_path / "catalogue" / "neu.toml").read_text() == before


@pytest.mark.usefixtures("own_process")
def test_check_blames_nobody_for_our_own_outage(catalogue: LocalWeb, tmp_path: Path) -> None:
    catalogue._server.shutdown()
    catalogue._server.server_close()
    result = run(catalogue, tmp_path, "check")
    assert result.exit_code == 1
    assert "no source was judged" in result.stderr


def test_check_of_a_server_that_asks_for_a_pause(catalogue: LocalWeb, tmp_path: Path) -> None:
    catalogue.answers["https://www.weg.example/feed.xml"] = Answer(
        status=503, headers={"Retry-After": "3600"}
    )
    result = run(catalogue, tmp_path, "check", "weg", "--json")
    [row] = json.loads(result.stdout)
    assert (result.exit_code, row["level"]) == (0, "warn")
    assert "asks for a pause until" in row["findings"][0]


def test_a_look_keeps_no_responses() -> None:
    assert not probe_settings(Config(crawl_keep_responses_days=3))["RESPONSES"]


def test_check_of_an_unknown_source(catalogue: LocalWeb, tmp_path: Path) -> None:
    result = run(catalogue, tmp_path, "check", "gibt_es_nicht")
    assert isinstance(result.exception, RadarError)
    assert "no source gibt_es_nicht" in str(result.exception)


# --- exchange --------------------------------------------------------------------------------


def test_import_and_export(catalogue: LocalWeb, tmp_path: Path) -> None:
    exported = tmp_path / "liste.opml"
    assert run(catalogue, tmp_path, "export", str(exported)).exit_code == 0
    other = tmp_path / "andere"
    dry = run(catalogue, tmp_path, "import", str(exported), "--write", str(other), "--dry-run")
    assert "4 sources would be written" in dry.stdout
    assert not other.exists()
    done = run(catalogue, tmp_path, "import", str(exported), "--write", str(other), "--json")
    assert len(json.loads(done.stdout)["written"]) == 4
    assert load_source(other / "gut.toml") == load_source(tmp_path / "catalogue" / "gut.toml")
    again = json.loads(run(catalogue, tmp_path, "import", str(exported), "--json").stdout)
    assert again["written"] == []
    assert len(again["skipped"]) == 4


def test_import_knows_the_newsrooms_own_sources(catalogue: LocalWeb, tmp_path: Path) -> None:
    exported = tmp_path / "liste.opml"
    assert run(catalogue, tmp_path, "export", str(exported)).exit_code == 0
    own = tmp_path / "data" / "sources"
    own.mkdir(parents=True)
    (tmp_path / "catalogue" / "gut.toml").rename(own / "gut.toml")
    # into the catalogue: the other file of the same address would be found at the next start only
    done = json.loads(run(catalogue, tmp_path, "import", str(exported), "--json").stdout)
    assert (done["written"], len(done["skipped"])) == ([], 4)
    # … and into the own folder, whose files stand for the catalogue's of the same name
    text = exported.read_text().replace("https://www.weg.example/", "https://www.da.example/")
    exported.write_text(text)
    done = json.loads(
        run(catalogue, tmp_path, "import", str(exported), "--write", str(own), "--json").stdout
    )
    assert [row["id"] for row in done["written"]] == ["weg_2"]


def test_export_to_standard_output(catalogue: LocalWeb, tmp_path: Path) -> None:
    result = run(catalogue, tmp_path, "export", "-")
    assert result.stdout.startswith("<?xml")


def test_import_of_what_is_no_opml(catalogue: LocalWeb, tmp_path: Path) -> None:
    for file, reason in ((tmp_path / "fehlt.opml", "cannot be read"), (tmp_path, "is a directory")):
        result = run(catalogue, tmp_path, "import", str(file))
        said = str(result.exception) + result.output
        assert reason in said


def test_markdown_is_the_page_of_the_catalogue(catalogue: LocalWeb, tmp_path: Path) -> None:
    result = run(catalogue, tmp_path, "list", "--markdown")
    assert result.exit_code == 0
    assert "`gut`" in result.stdout
    both = run(catalogue, tmp_path, "list", "--markdown", "--json")
    assert both.exit_code == 2


@pytest.mark.usefixtures("own_process")
@pytest.mark.parametrize(
    "arguments", [("list",), ("check",), ("discover", HOME), ("import", "x.opml")]
)
def test_a_data_folder_that_cannot_be_is_told_in_one_line(
    web: LocalWeb, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "data").write_text("a file")
    if arguments[0] != "import":
        write_source(tmp_path / "catalogue", source("gut"))
    result = run(web, tmp_path, *arguments)
    assert isinstance(result.exception, RadarError), result.output
    message = str(result.exception)
    assert "\n" not in message
    assert ("name another as paths.data" in message) is (arguments[0] != "import")


def test_import_into_an_empty_catalogue(catalogue: LocalWeb, tmp_path: Path) -> None:
    exported = tmp_path / "liste.opml"
    assert run(catalogue, tmp_path, "export", str(exported)).exit_code == 0
    for file in (tmp_path / "catalogue").iterdir():
        file.unlink()
    assert "4 sources written" in run(catalogue, tmp_path, "import", str(exported)).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("discover",),
        ("discover", HOME, "--id", "x"),
        ("discover", HOME, "--pick", "0"),
        ("discover", HOME, "--pick", "2"),
        ("discover", HOME, "--write", "neu", "--id", "Ä B"),
        ("check", "--items", "6"),
        ("list", "extra"),
        ("export",),
        ("import",),
    ],
)
def test_wrong_use(web: LocalWeb, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert run(web, tmp_path, *arguments).exit_code == 2
