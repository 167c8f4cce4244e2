"""What the public may see of an item under each display policy."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.policy import (
    cut,
    is_published,
    public_article,
    public_changes,
    public_evidence,
)
from store.types import Link, PublicationDate, Tag, Version
from tests.store.desk import START, make_article, make_source

LONG = " ".join(f"Wort{number}" for number in range(100))
ARTICLE = make_article(
    kicker="Köln",
    teaser=LONG,
    body=f"{LONG}\n{LONG}",
    section="Rubrik",
    author="Redaktion",
    image="https://a.example/b.jpg",
    links=(Link("https://a.example/2", "Andere", "Dach", teaser=LONG),),
    published=PublicationDate(START, True, "10.3.2026"),
)


def test_full_shows_everything() -> None:
    assert public_article(ARTICLE, make_source(display="full"), teaser_words=40) == ARTICLE


def test_teaser_is_cut_at_the_cap_and_has_no_body() -> None:
    shown = public_article(ARTICLE, make_source(display="teaser"), teaser_words=7)
    assert shown.teaser == "Wort0 Wort1 Wort2 Wort3 Wort4 Wort5 Wort6 …"
    assert (shown.body, shown.image) == (None, None)
    assert shown.links[0].teaser == "Wort0 Wort1 Wort2 Wort3 Wort4 Wort5 Wort6 …"
    assert (shown.kicker, shown.title, shown.section) == ("Köln", "Meldung 1", "Rubrik")


def test_without_a_teaser_the_body_begins_one() -> None:
    shown = public_article(
        replace(ARTICLE, teaser=None, body="Kurz und\ngut."),
        make_source(display="teaser"),
        teaser_words=40,
    )
    assert shown.teaser == "Kurz und gut."


def test_headline_keeps_headline_and_facts() -> None:
    shown = public_article(ARTICLE, make_source(display="headline"), teaser_words=40)
    assert (shown.kicker, shown.title, shown.author) == ("Köln", "Meldung 1", "Redaktion")
    assert (shown.teaser, shown.body, shown.image) == (None, None, None)
    assert shown.links == (replace(ARTICLE.links[0], teaser=None),)


def test_link_says_only_where_and_when() -> None:
    shown = public_article(ARTICLE, make_source(display="link"), teaser_words=40)
    assert shown.title == "Eintrag von Stadt A vom 10.3.2026"
    assert (shown.kicker, shown.teaser, shown.body, shown.section, shown.author) == (None,) * 5
    assert shown.links == ()
    undated = public_article(
        replace(ARTICLE, published=None), make_source(display="link"), teaser_words=40
    )
    assert undated.title == "Eintrag von Stadt A"


@pytest.mark.parametrize("display", ["full", "teaser", "headline", "link"])
def test_a_withdrawn_item_keeps_at_most_its_headline(display: str) -> None:
    shown = public_article(ARTICLE, make_source(display=display), teaser_words=40, withdrawn=True)
    assert (shown.teaser, shown.body, shown.image, shown.links) == (None, None, None, ())
    assert (shown.title == "Meldung 1") is (display != "link")


@given(st.text(), st.integers(1, 50))
def test_a_cut_text_never_has_more_words_than_the_cap(text: str, words: int) -> None:
    pieces = cut(text, words).removesuffix(" …").split()
    assert pieces == text.split()[:words]


def _versions(*articles: object) -> list[Version]:
    return [
        Version(number, START, f"h{number}", article)  # type: ignore[arg-type]
        for number, article in enumerate(articles, start=1)
    ]


def test_changes_name_the_field_and_only_the_paragraphs_that_differ() -> None:
    before = make_article(title="Alt", body="Eins.\nZwei.\nDrei.")
    after = make_article(title="Neu", body="Eins.\nZwo.\nDrei.\nVier.", published=None)
    ((version, changes),) = public_changes(_versions(before, after), make_source(), teaser_words=40)
    assert version.number == 2
    assert [(change.field, change.before, change.after) for change in changes] == [
        ("title", "Alt", "Neu"),
        ("published", "2026-03-10T09:00:00+01:00", None),
        ("body", "Zwei.", "Zwo."),
        ("body", None, "Vier."),
    ]


def test_a_correction_of_a_repeated_teaser_is_told_once() -> None:
    before = make_article(teaser="Um acht.", body="Um acht.\nMehr.")
    after = make_article(teaser="Um neun.", body="Um neun.\nMehr.")
    ((_, changes),) = public_changes(_versions(before, after), make_source(), teaser_words=40)
    assert [(change.field, change.before, change.after) for change in changes] == [
        ("teaser", "Um acht.", "Um neun.")
    ]


def test_changes_of_hidden_fields_are_told_but_not_shown() -> None:
    before, after = make_article(body="Geheim eins."), make_article(body="Geheim zwei.")
    ((_, changes),) = public_changes(
        _versions(before, after), make_source(display="headline"), teaser_words=40
    )
    assert changes == []


def test_evidence_is_too_short_to_quote_from() -> None:
    tag = Tag("topic", "ozg", 0.9, "m", tuple(f"a b c d {number}" for number in range(20)))
    for display in ("full", "teaser", "headline"):
        source = make_source(display=display)
        assert public_evidence(tag, source, withdrawn=False) == ["a b c"] * 6
        assert public_evidence(tag, source, withdrawn=True) == []
    assert public_evidence(tag, make_source(display="link"), withdrawn=False) == []


def test_a_town_hall_publishes_only_what_has_a_topic() -> None:
    state, topic = Tag("state", "DE-NW", 1, "m"), Tag("topic", "ozg", 1, "m")
    town = make_source(relevance="topic")
    assert not is_published(town, [])
    assert not is_published(town, [state])
    assert is_published(town, [state, topic])
    assert is_published(make_source(relevance="all"), [])
