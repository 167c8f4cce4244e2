"""What a look at a list is judged to be, and the mend of each finding."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.verdicts import Look, judge_look
from tests.press import source

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SOURCE = source(checked="2026-01-01", min_items=3)
GOOD = Look(
    "stadt", SOURCE.url, 200, entries=6, dated=1.0, newest=NOW - timedelta(days=2), filled={}
)
DISCOVER = "radar sources discover https://www.stadt.example/"


@pytest.mark.parametrize(
    ("look", "level", "line"),
    [
        (GOOD, "ok", "works"),
        (
            replace(GOOD, entries=2),
            "fail",
            "does not work: lists 2 items where at least 3 are usual: its layout has probably "
            "changed; open the address; if it is a list still, lower min_items or mend the page "
            f"class, else look for another: {DISCOVER}",
        ),
        (
            replace(GOOD, url="https://www.stadt.example/neu.xml", moved_for_good=True),
            "warn",
            "works, but look at it: has moved for good; set url = "
            '"https://www.stadt.example/neu.xml"',
        ),
        (
            replace(GOOD, newest=datetime(2026, 1, 1, 23, 30, tzinfo=UTC)),
            "warn",
            "works, but look at it: nothing new since 2026-01-02; look for a newer list: "
            f"{DISCOVER}",
        ),
        (
            replace(GOOD, skipped=1, first_skipped="entry 2: it has no link"),
            "warn",
            "works, but look at it: 1 entries cannot be read (first: entry 2: it has no link); "
            "tell the publisher",
        ),
        (
            replace(GOOD, dated=0.25),
            "warn",
            "works, but look at it: only 25% of its items are dated",
        ),
        (
            replace(GOOD, reservation="tdm-reservation: 1"),
            "warn",
            "works, but look at it: text mining is reserved (tdm-reservation: 1): full text is not "
            'indexed; set display = "teaser"',
        ),
        (
            Look("stadt", SOURCE.url, 503, "HTTP 503: a pause is asked for", waits=True),
            "warn",
            "not judged: HTTP 503: a pause is asked for",
        ),
        (
            Look("stadt", SOURCE.url, 500, "HTTP 500 for it"),
            "fail",
            "does not work: HTTP 500 for it; the server is at fault: look again later",
        ),
        (
            Look("stadt", SOURCE.url, 403, "HTTP 403 for it"),
            "fail",
            "does not work: HTTP 403 for it; ask the publisher why programs are refused",
        ),
        (
            Look("stadt", SOURCE.url, error="no such host", unreachable=True),
            "fail",
            "does not work: no such host; look again later; if it stays so, the host has gone or "
            "refuses us",
        ),
        (
            Look("stadt", SOURCE.url, 200, "it is an HTML page; set kind"),
            "fail",
            "does not work: it is an HTML page; set kind",
        ),
        (
            Look("stadt", SOURCE.url, 200, "it is not public"),
            "fail",
            f"does not work: it is not public; look at the site: {DISCOVER}",
        ),
    ],
)
def test_each_finding_has_its_mend(look: Look, level: str, line: str) -> None:
    verdict = judge_look(SOURCE, look, on_probation=False, now=NOW)
    assert (verdict.level, verdict.line) == (level, line)


def test_what_a_first_look_sets() -> None:
    new = replace(SOURCE, checked=None, min_items=1, follow=False)
    look = replace(GOOD, entries=30, dated=0.0)
    verdict = judge_look(new, look, on_probation=True, now=NOW)
    assert verdict.to_set == ("checked = 2026-06-15", "min_items = 10")
    assert verdict.mends == ("set follow = true, so that the pages' dates are read",)
