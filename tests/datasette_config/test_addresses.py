from datetime import date
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from datasette_config.addresses import FILTERS, LAST_PAGE, Address, Reading, read_address
from datasette_config.language import language
from store.types import KINDS, STATES

KNOWN = {
    "topics": ("ozg", "ki"),
    "states": STATES,
    "towns": ("14713000", "03454"),
    "sources": ("leipzig",),
    "kinds": KINDS,
    "licences": ("official", "press"),
}
PARAMETERS = ("q", *FILTERS, "von", "bis", "sortierung", "seite")


def read(query: str) -> Reading:
    return read_address(parse_qs(query), KNOWN, language("de"))


def some(values: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=3).map(tuple)


words = st.text(st.characters(codec="utf-8"), max_size=60).map(
    lambda text: " ".join(text.replace("\x00", " ").split())
)
periods = st.tuples(st.none() | st.dates(), st.none() | st.dates()).map(
    lambda days: days if None in days else tuple(sorted(days))  # type: ignore[type-var]
)
addresses = st.builds(
    lambda period, **rest: Address(since=period[0], until=period[1], **rest),
    period=periods,
    text=words,
    **{field: some(list(values)) for field, values in KNOWN.items()},
    order=st.sampled_from(["date", "relevance"]),
    page=st.integers(1, LAST_PAGE),
)


@given(addresses)
def test_every_state_survives_the_way_through_its_url(address: Address) -> None:
    assert read(urlsplit(address.url()).query) == Reading(address)


@given(st.dictionaries(st.sampled_from(PARAMETERS), st.lists(st.text(), max_size=4)))
def test_any_input_gives_a_search(arguments: dict[str, list[str]]) -> None:
    address = read_address(arguments, KNOWN, language("en")).address
    assert 1 <= address.page <= LAST_PAGE
    assert set(address.topics) <= set(KNOWN["topics"])


def test_a_filter_can_be_set_and_taken_back() -> None:
    start = Address(text="Glasfaser", page=3)
    narrowed = start.toggled("topics", "ozg")
    assert narrowed == Address(text="Glasfaser", topics=("ozg",))
    assert narrowed.toggled("topics", "ozg") == Address(text="Glasfaser")


def test_what_names_nothing_is_left_out_and_said() -> None:
    reading = read("thema=ozg&thema=quatsch&land=%3Cb%3E&von=morgen&seite=x")
    assert reading.address == Address(topics=("ozg",))
    assert reading.notes == (
        "Den Filter thema „quatsch“ gibt es nicht; er wurde übergangen.",
        "Den Filter land gibt es nicht; er wurde übergangen.",
        "Das Datum bei „von“ wurde nicht verstanden (zum Beispiel 31.12.2025).",
    )


def test_german_dates_and_a_period_the_wrong_way_round() -> None:
    reading = read("von=31.12.2025&bis=1.3.2025")
    assert (reading.address.since, reading.address.until) == (date(2025, 3, 1), date(2025, 12, 31))
    assert len(reading.notes) == 1


def test_a_pasted_text_is_cut() -> None:
    reading = read("q=" + "wort+" * 200)
    assert len(reading.address.text) <= 300
    assert len(reading.notes) == 1
