"""Datasette's own pages: German, in the site's dress, usable by everyone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from datasette.utils import parse_metadata
from playwright.sync_api import Browser

from datasette_config.query_chart import chart
from datasette_config.site import HERE
from store.views import VIEWS
from tests.datasette_config.looking import too_wide, violations
from tests.datasette_config.test_browser import opened
from tests.datasette_config.test_pages import Checker, text, tree

PATHS = {
    "database": "/archive",
    "table": "/archive/items",
    "filtered": "/archive/items?title__contains=Stadt&kind__exact=article&_sort=title",
    "empty table": "/archive/items?kind__exact=nix",
    "view": "/archive/topic_by_month",
    "row": "/archive/items/1",
    "query": "/archive/themen_in_einem_land?land=DE-SN",
    "sql": "/archive?sql=select+kind,+count(*)+as+n+from+items+group+by+kind",
    "empty sql": "/archive?sql=select+1+where+0",
}


def queries() -> dict[str, Any]:
    """The canned queries as they stand in metadata.yaml."""
    metadata = parse_metadata((HERE / "metadata.yaml").read_text("utf-8"))
    found: dict[str, Any] = metadata["databases"]["archive"]["queries"]
    return found


def test_the_pages_are_german_and_well_formed(web: httpx.Client) -> None:
    english = ("Custom SQL", "This data as", "rows", "Advanced export", "Powered by", "View and",
               "Apply", "Next page", "Queries took", "Links from", "records")  # fmt: skip
    for name, path in PATHS.items():
        answer = web.get(path)
        assert answer.status_code == 200, name
        checker = Checker()
        checker.feed(answer.text)
        checker.close()
        assert checker.open == [], name
        page = tree(answer)
        assert page.get("lang") == "de"
        assert len(page.xpath("//h1")) == 1
        assert page.xpath("//a[@class='name'][@href='/']")
        assert not page.xpath("//script | //style | //*[@style] | //*[@onclick]"), name
        shown = text(page.xpath("//main")[0])
        assert [word for word in english if word in shown] == [], name


def test_axe_finds_nothing_on_them(browser: Browser, address: str) -> None:
    found: dict[str, list[object]] = {}
    with opened(browser, address) as page:
        for name, path in PATHS.items():
            page.goto(path)
            found[name] = [*violations(page), *too_wide(page)]
    assert not any(found.values()), {name: wrong for name, wrong in found.items() if wrong}


def test_there_are_queries_to_start_from(web: httpx.Client) -> None:
    found = queries()
    assert len(found) >= 15
    for name, query in found.items():
        assert query["title"], name
        assert query["description"].endswith("."), name
        answer = web.get(f"/archive/{name}.json?_shape=objects")
        assert answer.status_code == 200, name
        assert answer.json()["ok"] is True, name
    overview = text(tree(web.get("/archive")))
    assert all(query["title"] in overview for query in found.values())


def test_parameters_of_a_query_narrow_it(web: httpx.Client) -> None:
    saxony = web.get("/archive/themen_in_einem_land.json?_shape=array&land=DE-SN").json()
    default = web.get("/archive/themen_in_einem_land.json?_shape=array").json()
    assert saxony
    assert saxony != default
    words = web.get("/archive/neueste_eintraege.json?_shape=array&wort=Wohngeld").json()
    assert [row["titel"] for row in words] == ["Wohngeld: Anträge jetzt vollständig online"]


def test_views_count_what_the_tables_hold(web: httpx.Client) -> None:
    def ask(sql: str) -> Any:
        return web.get("/archive.json", params={"sql": sql}).json()["rows"]

    tagged = ask(
        "select count(*) from item_topics join items on id = item_id "
        "where withdrawn_at is null and published is not null"
    )
    assert ask("select sum(items) from topic_by_month") == tagged
    public = ask("select count(*) from items where withdrawn_at is null")
    assert ask("select sum(items) from source_activity") == public
    assert ask("select count(*) from places") == ask("select count(distinct ags) from item_places")
    for view, (about, meanings, _) in VIEWS.items():
        columns = web.get(f"/archive/{view}.json").json()["columns"]
        assert columns == [name for name, _ in meanings]
        shown = text(tree(web.get(f"/archive/{view}")))
        assert about in shown
        assert all(meaning in shown for _, meaning in meanings)


def test_a_table_is_filtered_sorted_and_taken_away(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        page.goto("/archive/items")
        page.get_by_label("Spalte").select_option("title")
        page.get_by_label("Vergleich").select_option(label="enthält")
        page.get_by_label("Wert").fill("Wohngeld")
        page.get_by_role("button", name="Anwenden").click()
        assert page.get_by_role("heading", level=2).first.text_content() == "1 Zeile"
        page.get_by_role("link", name="id", exact=True).click()
        assert "_sort=id" in page.url
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV herunterladen").click()
        assert download.value.suggested_filename == "items.csv"


def test_limits_are_said_plainly(web: httpx.Client) -> None:
    overview = text(tree(web.get("/archive")))
    assert "2 Sekunden dauern und 2.000 Zeilen liefern" in overview
    many = (
        "with recursive n(x) as (select 1 union all select x+1 from n limit 3000) select x from n"
    )
    page = text(tree(web.get("/archive", params={"sql": many})))
    assert "Die ersten 2.000 Zeilen" in page
    assert "Sie fehlen auch in JSON und CSV" in page
    assert len(web.get("/archive.csv", params={"sql": many}).text.splitlines()) == 2001


def test_a_column_of_numbers_becomes_bars(web: httpx.Client) -> None:
    page = tree(web.get(PATHS["query"]))
    rows = page.xpath("//table//tbody/tr")
    assert len(page.xpath("//figure//li")) == len(rows) > 2
    assert page.xpath("//figure//rect/@width")[0] == "100.0"
    assert not tree(web.get("/archive/korrekturen")).xpath("//figure")


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        (["n"], [["1"], ["2"]]),
        (["a", "n"], [["x", "1"]]),
        (["a", "n", "b"], [["x", "1", "u"], ["y", "2", "v"]]),
        (["a", "n"], [["x", "1"], ["y", ""]]),
        (["a", "n"], [["1", "1"], ["2", "2"]]),
        (["a", "n"], [["x", "0"], ["y", "0"]]),
        (["n", "a"], [["1", "x"], ["2", "y"]]),
        (["a", "n"], [["x", "1"]] * 41),
    ],
)
def test_other_results_do_not(columns: list[str], rows: list[list[str]]) -> None:
    assert chart(columns, rows) is None


def test_the_first_of_several_numbers_is_drawn_and_losses_to_the_left() -> None:
    drawn = chart(["a", "n", "m"], [["x", "3", "1"], ["y", "-1", "2"]])
    assert drawn is not None
    assert (drawn.name, drawn.measure) == ("a", "n")
    assert [(bar.value, bar.start, bar.width) for bar in drawn.bars] == [
        (3, 25.0, 75.0),
        (-1, 0.0, 25.0),
    ]
