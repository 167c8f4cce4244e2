"""The page docs/sources.md: made from the catalogue, current, and honest about what backs it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crawler.catalogue import load_catalogue
from crawler.catalogue_page import as_markdown
from store.types import Source

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"

CITY = Source(
    id="nw_koeln",
    name="Stadt Köln",
    publisher="Stadt Köln",
    homepage="https://www.koeln.example/",
    kind="feed",
    url="https://www.koeln.example/rss.xml",
    licence="official",
    display="full",
    relevance="topic",
    schedule="adaptive",
    reference="https://www.koeln.example/rss",
    land="DE-NW",
)
PRESS = replace(CITY, id="blatt", name="Das Blatt", kind="listing", display="teaser", land=None)


def row(page: str, start: str) -> str:
    (line,) = [line for line in page.splitlines() if line.startswith(f"| {start} |")]
    return line


def test_the_shipped_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == as_markdown(load_catalogue()), (
        "docs/sources.md is out of date; run `python -m crawler.catalogue_page > docs/sources.md`"
    )


def test_each_land_is_counted_by_kind() -> None:
    page = as_markdown([CITY, replace(CITY, id="nw_bonn", kind="listing"), PRESS])
    assert row(page, "") == "|  | feed | listing | all |"
    assert row(page, "Nordrhein-Westfalen") == "| Nordrhein-Westfalen | 1 | 1 | 2 |"
    assert (
        row(page, "Of no Land: press, podcasts, providers")
        == "| Of no Land: press, podcasts, providers | 0 | 1 | 1 |"
    )
    # a Land without a source is named too: the table is where the gaps show
    assert row(page, "Saarland") == "| Saarland | 0 | 0 | 0 |"
    assert row(page, "**all**") == "| **all** | 1 | 2 | 3 |"


def test_a_land_has_one_table_sorted_by_id() -> None:
    page = as_markdown([CITY, replace(CITY, id="nw_bonn"), PRESS])
    assert page.count("## ") == 2
    assert page.index("## Of no Land: press, podcasts, providers") < page.index(
        "## Nordrhein-Westfalen"
    )
    assert page.index("| `nw_bonn` |") < page.index("| `nw_koeln` |")


def test_a_row_says_all_that_is_known() -> None:
    assert row(as_markdown([replace(CITY, checked="2026-02-01")]), "`nw_koeln`") == (
        "| `nw_koeln` | [Stadt Köln](https://www.koeln.example/rss.xml) | feed | full"
        " | [its site](https://www.koeln.example/rss) | 2026-02-01 |"
    )
    assert row(as_markdown([CITY]), "`nw_koeln`").endswith("|  |")


@pytest.mark.parametrize(
    ("reference", "backing"),
    [
        ("https://www.koeln.example/rss", "its site"),
        ("https://koeln.example/rss", "its site"),
        ("https://www.koeln.example/", "its home page"),
        ("https://github.com/jemand/feeds/blob/main/feeds.opml", "others"),
    ],
)
def test_what_backs_an_address(reference: str, backing: str) -> None:
    line = row(as_markdown([replace(CITY, reference=reference)]), "`nw_koeln`")
    assert f"[{backing}]({reference})" in line


def test_marks_of_markdown_are_escaped() -> None:
    source = replace(CITY, name="A|B [neu] *x*", url="https://www.koeln.example/a(b)|c d")
    line = row(as_markdown([source]), "`nw_koeln`")
    assert r"[A\|B \[neu\] \*x\*](https://www.koeln.example/a%28b%29%7Cc%20d)" in line
    assert line.replace(r"\|", "").count("|") == 7
