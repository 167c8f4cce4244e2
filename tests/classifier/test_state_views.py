"""The ways in which the states model sees a training text."""

from __future__ import annotations

from classifier.corpus import Example
from classifier.gazetteer import load_gazetteer
from classifier.state_views import (
    addressed,
    at_home,
    by_an_office,
    in_a_paper,
    unnamed,
    with_other_publisher,
)
from classifier.texts import Text


def example(number: int, *states: str, title: str = "Jena baut um", **more: str) -> Example:
    register = more.pop("register", "local")
    text = Text(title=title, **more)
    return Example(f"t-{number}", text, frozenset(), frozenset(states), register, "tests")


def home_of(text: Text) -> str | None:
    return load_gazetteer().addresses.read(text.url).home


def test_names_of_places_are_left_out_and_nothing_else() -> None:
    text = Text(title="Stadt Jena: Der Thüringer Landtag berät", teaser="Kommunen warten.")
    assert unnamed(text) == Text(title="Stadt : Der  Landtag berät", teaser="Kommunen warten.")


def test_readers_at_home_know_where_they_live() -> None:
    for number in range(20):
        text = at_home(example(number, "DE-TH"))
        assert text.title == " baut um"
        assert home_of(text) == "DE-TH"
    both = at_home(example(1, "DE-TH", "DE-SN"))
    assert both.title == "Jena baut um"
    assert at_home(example(1, "bund", title="Der Bund zahlt Jena")).title == "Der Bund zahlt Jena"


def test_an_address_holds_the_headline_and_sometimes_alone_the_place() -> None:
    found = [addressed(example(number, "DE-TH")) for number in range(60)]
    assert all((text.url or "").endswith("/jena-baut-um") for text in found)
    assert {text.title for text in found} == {"Jena baut um", " baut um"}
    assert {home_of(text) for text in found} == {"DE-TH", None}
    assert all(addressed(example(number, "bund")).title == "Jena baut um" for number in range(60))


def test_a_paper_is_mostly_of_the_land_and_an_office_always() -> None:
    homes = [home_of(in_a_paper(example(number, "DE-TH"))) for number in range(60)]
    assert 45 < homes.count("DE-TH") < 60
    assert by_an_office(example(1, "DE-TH")).publisher_land == "DE-TH"
    assert by_an_office(example(1, "bund")).publisher_land is None
    assert by_an_office(example(1, "bund", publisher_land="bund")).publisher_land == "bund"


def test_an_association_without_a_land_speaks_for_the_country() -> None:
    assert with_other_publisher(example(1, register="association")).publisher_land == "bund"
    told = example(1, "DE-TH", register="association", publisher_land="DE-TH")
    assert with_other_publisher(told).publisher_land is None


def test_the_same_text_is_seen_the_same() -> None:
    for view in (addressed, at_home, in_a_paper):
        assert view(example(7, "DE-TH")) == view(example(7, "DE-TH"))
