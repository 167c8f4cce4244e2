"""Whether a text has any topic: everyday subjects count only where they are handled digitally."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.features import Row, WordFeatures
from classifier.models import Model
from classifier.relevance import SIGNS, Relevance, digital_heard, kinds, signs
from classifier.texts import Text
from classifier.vocabulary import load_topics

TOPICS = load_topics()


def heard(**fields: str) -> list[bool]:
    words = WordFeatures.learn(TOPICS, [Text(title="Nur ein Titel").cleaned()])
    row = words.row(Text(**fields).cleaned())
    return [bool(value) for value in digital_heard(row, words.offset)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": "Freibad öffnet am Samstag"}, [False, False, False, False]),
        ({"title": "Software für das Bauamt"}, [True, False, False, False]),
        ({"title": "Freibad öffnet", "teaser": "Karten gibt es online."}, [False] * 3 + [True]),
        (
            {"title": "Neues aus dem Rathaus", "body": "Ein Chatbot hilft."},
            [False] * 2 + [True, False],
        ),
        ({"title": "Angebote im Herbst, Gebot der Stunde"}, [False] * 4),
        ({"title": "Fahrplan elektronisch", "teaser": "Auch mit Rad-App"}, [False, True] * 2),
    ],
)
def test_words_of_digital_things_are_told_from_mentions(
    fields: dict[str, str], expected: list[bool]
) -> None:
    assert heard(**fields) == expected


def test_an_empty_row_holds_nothing() -> None:
    nothing = Row(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))
    assert digital_heard(nothing, 8).tolist() == [0.0] * 4


def test_kinds() -> None:
    digital = np.array([[0, 0, 0.2, 0.1], [0, 0.3, 0, 0], [0, 0, 0, 0]])
    assert kinds(digital).tolist() == [0, 1, 2]


def test_signs_tell_digital_topics_from_everyday_subjects() -> None:
    topics = np.full((2, len(TOPICS)), 0.01)
    ids = [topic.id for topic in TOPICS]
    topics[0, ids.index("ki")] = 0.9
    topics[1, ids.index("finanzen")] = 0.9
    found = signs(np.array([0.5, 0.5]), topics, np.zeros((2, 4)))
    assert found.shape == (2, SIGNS)
    assert found[0, 1] > 2 > found[0, 2]
    assert found[1, 2] > 2 > found[1, 1]
    assert np.isfinite(signs(np.array([0.0, 1.0]), np.ones_like(topics), np.zeros((2, 4)))).all()


def test_probabilities_follow_the_weights() -> None:
    one = Relevance(np.eye(1, SIGNS, 0, dtype=np.float32)[0], np.zeros(1, dtype=np.float32))
    likely = one.weigh(np.array([0.1, 0.8]), np.full((2, len(TOPICS)), 0.1), np.zeros((2, 4)))
    assert likely == pytest.approx([0.1, 0.8])


@pytest.mark.parametrize(
    ("title", "teaser"),
    [
        ("Neuer Haushalt verabschiedet", "Der Kämmerer rechnet mit steigenden Steuern."),
        ("Bebauungsplan liegt aus", "Der Entwurf ist auch auf der Internetseite zu sehen."),
        ("Azubis im Landratsamt begrüßt", "Zwölf junge Leute lernen Verwaltung."),
        ("Busse fahren öfter", "Der Kreistag bestellt zusätzliche Fahrten am Abend."),
        ("Wahlhelfer gesucht", "Anmelden kann man sich telefonisch oder per Formular im Netz."),
        ("Umleitung wegen Kanalbau", "Der Fahrplan ist gedruckt und elektronisch erhältlich."),
        (
            "Stadtrallye für Familien",
            "Wer mag, sammelt Punkte mit der Stadtrallye-App oder GPS-Gerät.",
        ),
        (
            "Kreis vereidigt Anwärter",
            "Einige studieren Verwaltungsinformatik, andere Soziale Arbeit.",
        ),
        ("Was ein Flächennutzungsplan ist", "Das Bauamt erklärt Bauleitplanung und Bebauungsplan."),
        (
            "Weitergabe von Meldedaten: Wer nicht will, widerspricht",
            "Das Meldeamt nennt die Frist.",
        ),
        (
            "Stadtlauf am Sonntag",
            "Ein Chip am Schuh misst die Zeit, Ergebnisse stehen im Internet.",
        ),
        ("Schwarze Elster tritt über die Ufer", "In Elsterwerda füllen Helfer Säcke mit Sand."),
    ],
)
def test_everyday_subjects_have_no_topic(model: Model, title: str, teaser: str) -> None:
    assert model.classify([Text(title=title, teaser=teaser)])[0].topics == {}


@pytest.mark.parametrize(
    ("title", "teaser"),
    [
        ("Haushalt per Software geplant", "Die Kämmerei steuert den Etat mit einer Cloud-Lösung."),
        ("Bebauungspläne digital", "Die Stadt stellt Pläne im Standard XPlanung bereit."),
        ("Personalamt wird digital", "Eine Software ordnet die Bewerbungen im Landratsamt."),
        ("Rufbus per App buchen", "Ein Algorithmus bündelt die Fahrten im Landkreis."),
        ("Glasfaser für drei Ortsteile", ""),
        ("Passfotos nur noch digital", ""),
    ],
)
def test_the_same_subjects_handled_digitally_have_one(
    model: Model, title: str, teaser: str
) -> None:
    assert model.classify([Text(title=title, teaser=teaser)])[0].topics
