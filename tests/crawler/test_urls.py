"""Addresses: what is levelled, what is kept, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.urls import MAX_URL, UrlError, canonical_url, is_home, same_site

BASE = "https://www.stadt.example/presse/liste.php?seite=2"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://WWW.Stadt.Example:443/Presse", "https://www.stadt.example/Presse"),
        ("http://stadt.example:80", "http://stadt.example/"),
        ("http://stadt.example:8080/a", "http://stadt.example:8080/a"),
        ("https://stadt.example/a#top", "https://stadt.example/a"),
        ("https://stadt.example/a/../b/./c", "https://stadt.example/b/c"),
        ("https://stadt.example/../../a/..", "https://stadt.example/"),
        ("https://stadt.example/a//b/", "https://stadt.example/a//b/"),
        ("https://stadt.example//[x", "https://stadt.example//%5Bx"),
        ("https://user:pw@stadt.example/a", "https://stadt.example/a"),
        ("https://stadt.example./a", "https://stadt.example/a"),
        ("https://stadt.example/a?", "https://stadt.example/a"),
        # relative
        ("meldung.php?id=7", "https://www.stadt.example/presse/meldung.php?id=7"),
        ("/a", "https://www.stadt.example/a"),
        ("//andere.example/a", "https://andere.example/a"),
        ("?seite=3", "https://www.stadt.example/presse/liste.php?seite=3"),
        # campaign parameters and session ids
        ("/a?utm_source=rss&id=3&fbclid=x&pk_campaign=y", "https://www.stadt.example/a?id=3"),
        ("/a?id=3&amp;utm_medium=feed", "https://www.stadt.example/a?id=3"),
        ("/a;jsessionid=12AB?x=1", "https://www.stadt.example/a?x=1"),
        # what identifies a page on some systems stays, in its order
        (
            "/n?tx_news[a]=b&cHash=1&L=0",
            "https://www.stadt.example/n?tx_news[a]=b&cHash=1&L=0",
        ),
        ("/a?b=&c", "https://www.stadt.example/a?b=&c"),
        # escapes
        ("/Größe und Maß", "https://www.stadt.example/Gr%C3%B6%C3%9Fe%20und%20Ma%C3%9F"),
        ("/%7euser/%e4%2f%zz", "https://www.stadt.example/~user/%E4%2F%25zz"),
        ("/a?q=ü|x", "https://www.stadt.example/a?q=%C3%BC%7Cx"),
        ("  /a\n/b\t ", "https://www.stadt.example/a/b"),
        ("https://stadt.example\\a\\b", None),
        # names
        ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("http://[::1]:80/x", "http://[::1]/x"),
    ],
)
def test_an_address_has_one_spelling(url: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(UrlError):
            canonical_url(url, BASE)
    else:
        assert canonical_url(url, BASE) == expected


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("javascript:alert(1)", "the scheme javascript:"),
        ("JavaScript:void(0)", "the scheme javascript:"),
        ("mailto:presse@stadt.example", "the scheme mailto:"),
        ("data:text/html,x", "the scheme data:"),
        ("file:///etc/passwd", "the scheme file:"),
        ("ftp://stadt.example/a", "the scheme ftp:"),
        ("http://", "no host"),
        ("http:///a", "no host"),
        ("http://a b.example/", "an impossible host"),
        ("http://-.example/", "an impossible host"),
        ("http://stadt.example:99999/", "an impossible port"),
        ("http://stadt.example:abc/", "an impossible port"),
        ("http://[foo/", "no address"),
        ("https://stadt.example/" + "a" * MAX_URL, "characters"),
    ],
)
def test_what_cannot_be_fetched_is_refused_with_its_reason(url: str, reason: str) -> None:
    with pytest.raises(UrlError, match=reason):
        canonical_url(url, BASE)


def test_a_relative_address_needs_a_page_to_start_from() -> None:
    with pytest.raises(UrlError, match="no page to start from"):
        canonical_url("/a")


def test_same_site_ignores_www_and_device_hosts_only() -> None:
    assert same_site("https://www.stadt.example/a", "http://stadt.example/b")
    assert same_site("https://m.stadt.example/a", "https://STADT.example/")
    assert not same_site("https://presse.stadt.example/", "https://stadt.example/")
    assert not same_site("https://stadt.example/", "https://kreis.example/")
    assert not same_site("keine", "keine")


def test_a_front_page_is_recognised() -> None:
    assert is_home("https://stadt.example")
    assert is_home("https://stadt.example/")
    assert not is_home("https://stadt.example/?p=7")
    assert not is_home("https://stadt.example/a")


@given(st.text(max_size=80))
def test_any_text_becomes_an_address_or_a_reason(text: str) -> None:
    try:
        url = canonical_url(text, BASE)
    except UrlError:
        return
    assert url.isascii()
    assert canonical_url(url) == url
