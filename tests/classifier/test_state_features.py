"""What the names of a text say for each Land, and when the federation may stand beside one."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.gazetteer import load_gazetteer
from classifier.keeping import MOST, Kept
from classifier.signs import signs_in
from classifier.state_columns import BUND_COLUMNS, LAND_COLUMNS, LANDS, StateRows, hear_words
from classifier.state_features import state_rows, states_given
from classifier.texts import Text


def rows_of(**fields: str) -> StateRows:
    text = Text(**fields)
    return state_rows(text, text.cleaned(), load_gazetteer())


def column(rows: StateRows, land: str, name: str) -> float:
    return float(rows.lands[LANDS.index(land), LAND_COLUMNS.index(name)])


def likely(**scores: float) -> np.ndarray:
    """Probabilities of one text: of ``DE_NW=0.9``, ``bund=0.7`` and else nothing."""
    by_code = {code.replace("_", "-"): score for code, score in scores.items()}
    return np.array([[by_code.get(code, 0.01) for code in (*LANDS, "bund")]])


@pytest.mark.parametrize(
    ("scores", "given"),
    [
        ({"DE_NW": 0.9}, {"DE-NW"}),
        ({"DE_NW": 0.65}, set()),
        ({"bund": 0.65}, {"bund"}),
        ({"bund": 0.55}, set()),
        ({"DE_NW": 0.9, "DE_BY": 0.72}, {"DE-NW", "DE-BY"}),
        ({"DE_NW": 0.95, "bund": 0.7}, {"DE-NW"}),
        ({"DE_NW": 0.72, "DE_BY": 0.71, "bund": 0.95}, {"bund"}),
        ({"DE_NW": 0.75, "bund": 0.75}, {"DE-NW"}),
        ({"DE_NW": 0.9, "DE_BY": 0.72, "bund": 0.9}, {"DE-NW", "DE-BY", "bund"}),
    ],
)
def test_the_federation_stands_beside_a_land_only_where_both_are_sure(
    scores: dict[str, float], given: set[str]
) -> None:
    found = states_given(likely(**scores), land=0.7, bund=0.6)[0]
    assert {code for code, one in zip((*LANDS, "bund"), found, strict=True) if one} == given


def test_each_text_is_decided_for_itself() -> None:
    both = np.concatenate([likely(DE_SN=0.9), likely(bund=0.9), likely()])
    assert states_given(both, 0.7, 0.6).sum(axis=1).tolist() == [1, 1, 0]


def test_names_are_counted_where_they_stand() -> None:
    rows = rows_of(title="Stadt Bonn testet", teaser="Köln schaut zu.")
    assert column(rows, "DE-NW", "office_title") > 0
    assert column(rows, "DE-NW", "only") == 1
    assert not rows.lands[[at for at, code in enumerate(LANDS) if code != "DE-NW"]].any()


def test_two_laender_are_rivals_and_act_together() -> None:
    rows = rows_of(title="Jena und Zwickau teilen sich ein Rechenzentrum")
    for land in ("DE-TH", "DE-SN"):
        assert column(rows, land, "titled_rivals") == 1
        assert column(rows, land, "together") == 1
        assert column(rows, land, "rivals") == pytest.approx(0.2)


def test_a_publisher_from_elsewhere_is_noted_with_every_land_named() -> None:
    rows = rows_of(title="Kiel zieht um", publisher_land="DE-BY")
    assert column(rows, "DE-SH", "publisher_other") == 1
    assert column(rows, "DE-BY", "publisher_alone") == 1
    federal = rows_of(title="Kiel zieht um", publisher_land="bund")
    assert column(federal, "DE-SH", "publisher_other") == 1
    assert federal.bund[BUND_COLUMNS.index("publisher")] == 1


def test_an_address_speaks_where_the_text_is_silent() -> None:
    rows = rows_of(title="Neues Rathaus", url="https://www.example.org/magdeburg-neues-rathaus")
    assert column(rows, "DE-ST", "path_alone") == 1
    assert column(rows, "DE-ST", "any") == 1
    named = rows_of(title="Jena baut", url="https://www.example.org/jena-und-magdeburg")
    assert column(named, "DE-ST", "path") == column(named, "DE-TH", "path") == 0.5
    assert column(named, "DE-ST", "path_alone") == column(named, "DE-ST", "any") == 0


def test_a_paper_at_home_need_not_name_the_town() -> None:
    home = "https://www.rheinpfalz.de/"
    local = rows_of(title="Der Stadtrat bekommt Tablets", url=home)
    assert column(local, "DE-RP", "home_alone") == column(local, "DE-RP", "home_local") == 1
    assert column(local, "DE-RP", "home_general") == 0
    general = rows_of(title="Umfrage unter 300 Kommunen", url=home)
    assert column(general, "DE-RP", "home_general") == 1
    assert column(general, "DE-RP", "home_local") == 0
    held = rows_of(title="Tablets", url=home + "lokal/frankenthal-tablets")
    assert column(held, "DE-RP", "path_home") == 1


def test_many_that_were_asked_are_no_place() -> None:
    rows = rows_of(title="Studie", teaser="Befragt wurden 107 Städte.")
    for name in ("survey", "survey_unopposed", "many", "many_unopposed"):
        assert rows.bund[BUND_COLUMNS.index(name)] == 1
    named = rows_of(title="Studie", teaser="Befragt wurden 107 Städte, auch Köln.")
    assert named.bund[BUND_COLUMNS.index("survey_unopposed")] == 0
    assert column(named, "DE-NW", "survey_untitled") == 1


def test_an_association_of_municipalities_speaks_for_its_land_by_its_host() -> None:
    rows = rows_of(title="Termine online", url="https://www.vg-vordereifel.de/termine")
    assert column(rows, "DE-RP", "publisher") == 1
    assert column(rows_of(title="Termine", url="https://vordereifel.de"), "DE-RP", "publisher") == 1


def test_what_the_words_say_is_heard_by_the_lands_named() -> None:
    rows = rows_of(title="Studie", teaser="Fallbeispiele aus Bielefeld.")
    hear_words(rows, 0.99)
    assert column(rows, "DE-NW", "words") > 1
    assert column(rows, "DE-BY", "words") == 0
    assert rows.bund[BUND_COLUMNS.index("words")] > 1
    hear_words(rows, 0.0)
    assert column(rows, "DE-NW", "words") == -2


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("Gemeinsam mit dem Nachbarkreis", {"together"}),
        ("Pilot im Rathaus: Kommunen warten", {"pilot", "generic", "local"}),
        ("Ein Versuch von Bund und Land Bayern", {"pilot"}),
        ("Der Bund und die Stadt", {"local"}),
        ("Das (Onlinezugangsgesetz) gilt.", {"law"}),
        ("Landesdatenschutzgesetz", set()),
        ("Am Digitaltag der Region", {"event"}),
        ("Umfrage unter 1.047 Bürgermeistern", {"survey", "many", "event"}),
        ("Studie", {"survey", "event"}),
        ("Die 14 Landkreise", {"generic"}),
        ("107 große Städte", {"many", "generic"}),
        ("Die Stadt lädt ein", {"local"}),
        ("Der Gemeinderat stimmt zu", {"local"}),
        ("Am Digitaltag wird gefeiert", set()),
        ("", set()),
    ],
)
def test_signs_of_an_opening(text: str, signs: set[str]) -> None:
    assert signs_in(text) == signs


def test_what_is_kept_is_asked_once_and_bounded() -> None:
    asked: list[str] = []

    def length(word: str) -> int:
        asked.append(word)
        return len(word)

    kept = Kept(length)
    assert kept.of_all(["ab", "c", "ab"]) == (2, 1, 2)
    assert kept.of_all([]) == ()
    assert kept.of_all(["abc"]) == (3,)
    assert asked == ["ab", "c", "abc"]
    for number in range(MOST):
        assert kept[str(number)] == len(str(number))
    assert len(kept) <= MOST
