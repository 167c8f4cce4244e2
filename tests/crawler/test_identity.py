"""One page under several addresses, and guids that cannot be trusted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.identity import guids_are_unstable, moved, same_page, settle_host
from crawler.types import Entry


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("http://stadt.example/a", "https://www.stadt.example/a/", True),
        ("https://stadt.example/", "http://stadt.example/", True),
        ("https://stadt.example/a?x=1", "https://www.stadt.example/a/?x=1", True),
        ("https://stadt.example/a?x=1", "https://stadt.example/a?x=2", False),
        ("https://stadt.example/a", "https://stadt.example/A", False),
        ("https://presse.stadt.example/a", "https://stadt.example/a", False),
        ("http://stadt.example:8080/a", "http://stadt.example/a", False),
    ],
)
def test_same_page(first: str, second: str, same: bool) -> None:
    assert same_page(first, second) is same


def test_the_known_spelling_stays() -> None:
    known = ["http://www.stadt.example/a/", "https://stadt.example/b"]
    assert settle_host(["https://stadt.example/a", "https://stadt.example/c"], known) == {
        "https://stadt.example/a": "http://www.stadt.example/a/",
        "https://stadt.example/c": "https://stadt.example/c",
    }


def test_of_two_new_spellings_the_hosts_habit_decides() -> None:
    listed = [
        "http://www.stadt.example/a",
        "https://stadt.example/a",
        "http://www.stadt.example/b",
        "http://www.stadt.example/c",
    ]
    settled = settle_host(listed)
    assert settled["https://stadt.example/a"] == "http://www.stadt.example/a"
    even = settle_host(["http://stadt.example/a", "https://stadt.example/a"])
    assert set(even.values()) == {"https://stadt.example/a"}


def test_a_slash_that_tells_two_pages_of_one_list_apart_matters_on_that_host() -> None:
    listed = ["https://stadt.example/a", "https://stadt.example/a/", "https://kreis.example/b/"]
    known = ["https://stadt.example/c/", "https://kreis.example/b"]
    assert settle_host([*listed, "https://stadt.example/c"], known) == {
        "https://stadt.example/a": "https://stadt.example/a",
        "https://stadt.example/a/": "https://stadt.example/a/",
        "https://stadt.example/c": "https://stadt.example/c",
        "https://kreis.example/b/": "https://kreis.example/b",
    }


ADDRESSES = st.builds(
    "{}://{}stadt.example{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["", "www."]),
    st.sampled_from(["/", "/a", "/a/", "/b.html", "/b?c=1", "/b/?c=1"]),
)


@given(st.lists(ADDRESSES), st.lists(ADDRESSES))
def test_settling_invents_no_address_and_settles_once(listed: list[str], known: list[str]) -> None:
    settled = settle_host(listed, known)
    assert settled.keys() == set(listed)
    assert set(settled.values()) <= {*listed, *known}
    assert all(same_page(url, chosen) for url, chosen in settled.items())


def entry(number: int, guid: str | None) -> Entry:
    return Entry(f"https://stadt.example/{number}", guid=guid)


def test_guids_made_up_anew_are_unstable() -> None:
    known = {f"https://stadt.example/{n}": f"alt-{n}" for n in range(4)}
    assert guids_are_unstable([entry(n, f"neu-{n}") for n in range(4)], known)
    assert not guids_are_unstable([entry(n, f"alt-{n}") for n in range(4)], known)
    # one correction, nothing to compare
    assert not guids_are_unstable([entry(0, "x"), *(entry(n, f"alt-{n}") for n in (1, 2))], known)
    assert not guids_are_unstable([entry(9, "x"), entry(0, None)], known)
    assert not guids_are_unstable([], known)


def test_an_item_that_moved_is_known_by_its_guid() -> None:
    known = {"https://stadt.example/alt": "g1", "https://stadt.example/2": "g2"}
    here = Entry("https://stadt.example/neu", guid="g1")
    assert moved([here, entry(2, "g2")], known) == {
        "https://stadt.example/neu": "https://stadt.example/alt"
    }


@pytest.mark.parametrize(
    ("listed", "known"),
    [
        # the old address is still listed: two items
        (["alt", "neu"], {"alt": "g"}),
        # the guid stands for several
        (["neu"], {"alt": "g", "alt2": "g"}),
        # the address is known itself
        (["neu"], {"alt": "g", "neu": "g"}),
        # nothing is known of the guid
        (["neu"], {"alt": None}),
    ],
)
def test_what_has_not_moved(listed: list[str], known: dict[str, str | None]) -> None:
    entries = [Entry(f"https://stadt.example/{name}", guid="g") for name in listed]
    before = {f"https://stadt.example/{name}": guid for name, guid in known.items()}
    assert moved(entries, before) == {}


def test_nothing_moves_where_guids_are_unstable() -> None:
    known = {"https://stadt.example/1": "a", "https://stadt.example/alt": "b"}
    assert moved([entry(1, "c"), Entry("https://stadt.example/neu", guid="b")], known) == {}
