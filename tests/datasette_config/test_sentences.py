"""German sentences of the search engine and of crawls are told in the reader's language."""

from __future__ import annotations

import tomllib
from pathlib import Path

import httpx
import pytest

from datasette_config.language import language
from datasette_config.sentences import in_their_tongue, is_german
from datasette_config.site import Site
from datasette_config.wording import TOPIC_DESCRIPTIONS
from store.search import Query
from tests.datasette_config import newsdesk

ROOT = Path(__file__).resolve().parents[2]
ENGLISH = language("en")


@pytest.mark.parametrize(
    "text",
    ["Gibtesnicht", "Stadt \"offen", "a*", "Stadt " * 40, "x " * 600, "thema:unsinn Stadt",
     "land:nirgends", "Wohngelt"],
)  # fmt: skip
def test_every_note_of_the_engine_is_translated(site: Site, text: str) -> None:
    for query in (Query(text=text), Query(text=text, since=newsdesk.NOW.date())):
        note = site.search.run(query).note
        if note:
            assert not is_german(note), note
            assert in_their_tongue(note, language("de")) == note
            told = in_their_tongue(note, ENGLISH)
            assert told != note
            assert not any(word in told for word in ("gibt", "nichts", "Suchw", "unbekannt"))


def test_the_engine_says_something_at_all(site: Site) -> None:
    assert site.search.run(Query(text="Gibtesnicht")).note
    assert site.search.run(Query(text='"Stadt')).note


def test_every_state_of_a_source_is_translated(site: Site) -> None:
    said = [source.status_message for source in site.archive().sources().values()]
    assert any(said)
    for sentence in filter(None, said):
        assert not is_german(sentence), sentence
        assert in_their_tongue(sentence, ENGLISH) != sentence


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("Der letzte Abruf ist gescheitert (HTTP 503), 3-mal in Folge.",
         "The last visit failed (HTTP 503), 3 times in a row."),
        ("Die Quelle bat um Aufschub bis 3.11.2026, 14:00 Uhr.",
         "The source asked us to wait until 3 November 2026, 14:00."),
        ("Seit 40 Tagen nichts Neues; üblich ist etwa alle 3 Werktage etwas.",
         "Nothing new for 40 days; usually there is something about every 3 working days."),
        ("Thema „x“ ist unbekannt. Dazu gibt es nichts.",
         "Topic “x” is unknown. There is nothing on that."),
    ],
)  # fmt: skip
def test_gaps_are_kept(german: str, english: str) -> None:
    assert in_their_tongue(german, ENGLISH) == english


def test_what_is_not_known_stays(web: httpx.Client) -> None:
    assert in_their_tongue("Etwas anderes.", ENGLISH) == "Etwas anderes."
    assert is_german("Etwas anderes.")
    assert is_german("Dazu gibt es nichts. Etwas anderes.")


def test_every_topic_is_described_in_english() -> None:
    topics = tomllib.loads((ROOT / "classifier" / "topics.toml").read_text("utf-8"))["topic"]
    assert [topic["description"] for topic in topics] == list(TOPIC_DESCRIPTIONS)
    for description in TOPIC_DESCRIPTIONS:
        assert ENGLISH.gettext(description) != description


def test_an_english_page_speaks_english(web: httpx.Client) -> None:
    page = web.get('/en/suche?q="Stadt').text
    assert "A quotation mark was left open" in page
