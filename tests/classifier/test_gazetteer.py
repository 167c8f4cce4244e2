"""Names are found where they mean a place, and nowhere else."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from classifier import roles
from classifier.addresses import Told, transliterated
from classifier.corpus import load_examples
from classifier.gazetteer import load_gazetteer
from classifier.mentions import Mention, find_mentions
from classifier.names import DATA
from classifier.places import GazetteerError, read_places
from classifier.texts import Text
from classifier.vocabulary import load_topics
from store.types import STATES

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


def mentions(publisher: str | None = None, **fields: str) -> list[Mention]:
    return find_mentions(Text(**fields).cleaned(), load_gazetteer(), publisher)


def lands(**fields: str) -> dict[str, str]:
    """Name → its likeliest Land, for names that have one."""
    return {
        m.words: max(m.lands, key=lambda land: m.lands[land]) for m in mentions(**fields) if m.lands
    }


@pytest.mark.parametrize(
    ("teaser", "expected"),
    [
        ("In Sachsen-Anhalt beginnt der Ausbau.", {"Sachsen-Anhalt": "DE-ST"}),
        ("Die Niedersachsen sind zufrieden.", {"Niedersachsen": "DE-NI"}),
        ("Sachsens Schulen bekommen Netz.", {"Sachsens": "DE-SN"}),
        ("Der Sachsen-Anhalt-Viewer zeigt Karten.", {"Sachsen-Anhalt": "DE-ST"}),
        ("Frankfurt (Oder) plant um.", {"Frankfurt (Oder": "DE-BB"}),
        ("Auch Frankfurt am Main plant um.", {"Frankfurt am Main": "DE-HE"}),
        ("Halle/Saale testet.", {"Halle/Saale": "DE-ST"}),
        ("Neustadt an der Weinstraße lädt ein.", {"Neustadt an der Weinstraße": "DE-RP"}),
        ("Der Markt Landau a.d.Isar tagt.", {"Landau a.d.Isar": "DE-BY"}),
        ("Der Landkreis Görlitz fördert.", {"Görlitz": "DE-SN"}),
        ("Im Märkischen Kreis fehlt Netz.", {"Märkischen Kreis": "DE-NW"}),
        ("Münchner Behörden sparen.", {"Münchner": "DE-BY"}),
        ("Kölner und Dresdner Ämter öffnen.", {"Kölner": "DE-NW", "Dresdner": "DE-SN"}),
        ("Kommunen in NRW und MV.", {"NRW": "DE-NW", "MV": "DE-MV"}),
        ("Bayerische und thüringische Ämter.", {"Bayerische": "DE-BY", "thüringische": "DE-TH"}),
        ("IT.NRW betreibt den Dienst.", {"IT.NRW": "DE-NW"}),
        ("Städte in Baden und aus Franken.", {"Baden": "DE-BW", "Franken": "DE-BY"}),
        ("Der Sparkassenverband Baden rechnet.", {"Baden": "DE-BW"}),
        ("Ein Hamburger Amt und die Berliner.", {"Hamburger": "DE-HH", "Berliner": "DE-BE"}),
        ("In Munster, nicht in Münster.", {"Munster": "DE-NI", "Münster": "DE-NW"}),
        ("In Furth, nicht in Fürth.", {"Furth": "DE-BY", "Fürth": "DE-BY"}),
    ],
)
def test_names_mean_their_land(teaser: str, expected: dict[str, str]) -> None:
    assert lands(teaser=teaser) == expected


@pytest.mark.parametrize(
    "teaser",
    [
        "Jeder Bescheid kommt digital, in der Lage sind viele.",
        "Wissen hilft, und das Essen schmeckt auf dem Hof ohne Waren.",
        "Weil der Norden einig ist, wächst die Welt.",
        "Behörden im Norden sparen, im Süden nicht, im Osten kaum.",
        "Die Berge und das Buch am Bach.",
        "Der Königsteiner Schlüssel verteilt das Geld.",
        "Die Dresdner Forderungen gelten weiter.",
        "Herr Schwerin und Frau Hagen sprachen.",
        "Mehr unter www.koeln.de oder info@berlin.de zu lesen.",
        "Die Leipziger Straße und der Kölner Platz sind gesperrt.",
        "Sie gewann in der Küche mit Mandel, Kuchen und Salz.",
        "Das Baden im See ist verboten, beim Baden gilt Vorsicht.",
        "Baden im Kiessee wieder erlaubt",
        "Der Eintritt kostet zehn Schweizer Franken, also 10 Franken.",
        "Die MV des Vereins wählt, auf der MV wird gegrillt.",
        "Die BW hilft beim Hochwasser.",
        "Ein Hamburger mit Pommes und ein Berliner mit Marmelade.",
        "Die Hochbahn fährt zum Oktoberfest, der Freimarkt öffnet.",
    ],
)
def test_common_words_people_and_addresses_are_no_places(teaser: str) -> None:
    assert lands(teaser=teaser) == {}


def test_a_common_word_is_a_town_where_the_text_says_so() -> None:
    assert lands(kicker="Essen", title="Essen baut um") == {"Essen": "DE-NW"}
    assert lands(title="Die Stadt Lage baut um") == {"Lage": "DE-NW"}
    assert lands(title="Norden baut um", body="Die Stadt Norden plant.") == {"Norden": "DE-NI"}


def test_freistaat_follows_what_else_the_text_says() -> None:
    for place, code in (("Erfurt", "DE-TH"), ("Dresden", "DE-SN"), ("München", "DE-BY")):
        assert lands(teaser=f"Der Freistaat zahlt, teilte {place} mit.")["Freistaat"] == code


def test_a_name_in_several_lands_follows_its_publisher() -> None:
    (mention,) = mentions("DE-SH", title="Bücherei in Neustadt öffnet")
    assert max(mention.lands, key=lambda land: mention.lands[land]) == "DE-SH"
    (mention,) = mentions("DE-SN", title="Bücherei in Neustadt öffnet")
    assert max(mention.lands, key=lambda land: mention.lands[land]) == "DE-SN"


def lands_of_base_names() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for record in load_gazetteer().places.values():
        if record.kind != "county":
            found.setdefault(record.base_name, set()).add(record.land)
    return found


def test_every_name_in_several_lands_is_told_for_all_of_them() -> None:
    several = {name: lands for name, lands in lands_of_base_names().items() if len(lands) > 1}
    assert len(several) >= 344
    assert len(several["Neustadt"]) == 8
    missed = set()
    for name, wanted in several.items():
        (mention,) = [m for m in mentions(title=f"Stadt {name} baut um") if m.lands]
        if not wanted <= set(mention.lands):
            missed.add(name)
    # districts of Villingen-Schwenningen and of Berlin, better known than the towns
    assert missed == {"Schwenningen", "Lichtenberg"}


def test_names_that_differ_by_their_dots_alone_are_never_taken_for_each_other() -> None:
    lands_of = lands_of_base_names()
    twins: dict[str, set[str]] = {}
    bare = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})
    for name in lands_of:
        twins.setdefault(name.translate(bare), set()).add(name)
    alike = [name for names in twins.values() if len(names) > 1 for name in names]
    assert len(alike) >= 2 * 30
    for name in alike:
        (mention,) = [m for m in mentions(title=f"Stadt {name} baut um") if m.lands]
        assert set(mention.lands) <= lands_of[name], name


def test_a_county_is_not_the_town_of_its_name_in_another_land() -> None:
    lands_of = lands_of_base_names()
    shared = [
        record
        for record in load_gazetteer().places.values()
        if record.kind == "county" and lands_of.get(record.base_name, set()) - {record.land}
    ]
    assert len(shared) >= 15
    for record in shared:
        (mention,) = [m for m in mentions(title=f"Landkreis {record.plain_name} zahlt") if m.lands]
        assert mention.lands == {record.land: 1.0}, record.name


def test_county_and_city_of_one_name_are_told_apart() -> None:
    (county,) = mentions(title="Landkreis Rostock zahlt")
    (city,) = mentions(title="Die Stadt Rostock zahlt")
    assert county.place is not None
    assert city.place is not None
    assert (county.place.ags, city.place.ags) == ("13072", "13003000")
    listed = mentions(title="Landkreise Bautzen und Görlitz kooperieren")
    assert [m.place.ags for m in listed if m.place] == ["14625", "14626"]


@pytest.mark.parametrize(
    ("fields", "name", "role"),
    [
        ({"teaser": "Nach dem Vorbild von Hamburg testet man."}, "Hamburg", "comparison"),
        ({"teaser": "Der Kongress fand in Leipzig statt."}, "Leipzig", "venue"),
        ({"teaser": "Ein Softwarehaus aus Karlsruhe liefert."}, "Karlsruhe", "vendor"),
        ({"teaser": "Der Karlsruher Anbieter liefert."}, "Karlsruher", "vendor"),
        ({"teaser": "Die KGSt in Köln hat gerechnet."}, "Köln", "vendor"),
        ({"teaser": "Berlin (dpa) – Die Ämter öffnen."}, "Berlin", "dateline"),
        ({"teaser": "Die Stadt Köln öffnet."}, "Köln", ""),
        ({"teaser": "Ämter von Aurich bis Zwiesel öffnen."}, "Zwiesel", "comparison"),
    ],
)
def test_roles_that_do_not_count(fields: dict[str, str], name: str, role: str) -> None:
    assert {m.words: m.role for m in mentions(**fields)}[name] == role


def test_offices_are_seen() -> None:
    found = {
        m.words: m.office
        for m in mentions(
            teaser="Die Oberbürgermeisterin von Jena und der Landrat des Landkreises Gotha. Suhl."
        )
    }
    assert found == {"Jena": True, "Gotha": True, "Suhl": False}


def test_every_town_is_found_by_its_official_name() -> None:
    """All 11,000 names; a common word counts only beside an office, which is given here."""
    gazetteer = load_gazetteer()
    missed = []
    for record in gazetteer.places.values():
        office = "Landkreis" if record.kind == "county" else "Stadt"
        spans = gazetteer.find(f"{office} {record.plain_name} plant")
        candidates = {
            land
            for span in spans
            for meaning in (span.meaning, span.county)
            if meaning
            for land, _ in meaning.candidates
        }
        if record.land not in candidates:
            missed.append(record.name)
    # Small places whose name means something better known where nothing else is said.
    assert sorted(set(missed)) == [
        "Blumenthal",
        "Bodensee",
        "Britz",
        "Eppendorf",
        "Lichtenberg",
        "Lichtenberg, St",
        "Norddeich",
        "Salzburg",
        "Schwenningen",
        "Schöneberg",
        "Vogelsberg",
        "Weißensee, Stadt",
        "Wilhelmsburg",
    ]


def test_places_match_the_register() -> None:
    register = SHARED / "gazetteer" / "municipalities.csv"
    if not register.exists():
        pytest.skip("the register is not beside this checkout")
    with register.open(encoding="utf-8", newline="") as file:
        official = {row["ags"]: (row["name"], row["land"]) for row in csv.DictReader(file)}
    ours = {
        record.ags: (record.name, record.land)
        for record in read_places(DATA / "places.csv")
        if record.kind != "county"
    }
    assert ours == official


def test_places_are_complete_and_lie_in_germany() -> None:
    records = list(read_places(DATA / "places.csv"))
    assert sum(record.kind != "county" for record in records) == 10_753
    assert sum(record.kind in ("county", "city") for record in records) == 400
    assert {record.land for record in records} == set(STATES) - {"bund"}
    located = [(r.lat, r.lon) for r in records if r.lat is not None and r.lon is not None]
    assert len(located) > 0.999 * len(records)
    assert all(47.2 < lat < 55.1 and 5.8 < lon < 15.1 for lat, lon in located)


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text("ags,name,land,kind,population,lat,lon\n1,A,DE-BY,city,viele,,\n")
    with pytest.raises(GazetteerError, match=r"places.csv, line 2"):
        list(read_places(path))


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("www.stadt-koeln.de", "DE-NW"),
        ("www.frankfurt-oder.de", "DE-BB"),
        ("presse.muenchen.de", "DE-BY"),
        ("www.landkreis-goerlitz.de:8080", "DE-SN"),
        ("www.schleswig-holstein.de", "DE-SH"),
        ("www.bauportal.nrw", "DE-NW"),
        ("www.bmi.bund.de", "bund"),
        ("www.dstgb.de", "bund"),
        ("www.kommune21.de", None),
        ("www.essen-und-trinken.de", None),
        ("www.essen.de", "DE-NW"),
        ("www.hof.de", None),
        ("stadt-hof.de", "DE-BY"),
        ("smartcity.muehlhausen.de", "DE-TH"),
        ("", None),
    ],
)
def test_hosts_tell_their_publisher(host: str, code: str | None) -> None:
    assert load_gazetteer().addresses.publisher_of(host) == code


def test_paths_name_their_places() -> None:
    addresses = load_gazetteer().addresses
    assert addresses.in_path("/meldungen/koeln-startet-chatbot/") == ["DE-NW"]
    assert addresses.in_path("/frankfurt-am-main-und-jena.html") == ["DE-HE", "DE-TH"]
    assert addresses.in_path("/2026/01/wissen-und-waren") == []
    assert addresses.in_path("/nrw/staedte/neuss/") == ["DE-NW", "DE-NW"]
    assert addresses.in_path("/niedersaechsischer-staedtetag/") == ["DE-NI"]
    # the largest of a name, if it outweighs the others; nobody where two are alike
    assert addresses.in_path("/lokal/frankenthal/") == ["DE-RP"]
    assert addresses.in_path("/lokal/neustadt/") == []
    # an address has no capitals: common words are no towns there
    assert addresses.in_path("/essen/hof/hamburger-rezepte") == []


@pytest.mark.parametrize(
    ("sentence", "roles"),
    [
        ("Falkensee bei Berlin nutzt es.", {"Falkensee": "", "Berlin": "near"}),
        ("Das gilt bei Berlin.", {"Berlin": ""}),
        ("Eine Studie der TU München zeigt es.", {"München": "school"}),
        ("Die Universität Leipzig fragt.", {"Leipzig": "school"}),
        ("Die Stadt München zeigt es.", {"München": ""}),
        ("Es hilft die Universität. München zeigt es.", {"München": ""}),
    ],
)
def test_who_lies_near_and_who_teaches_there_is_not_meant(
    sentence: str, roles: dict[str, str]
) -> None:
    found = find_mentions(Text(teaser=sentence).cleaned(), load_gazetteer())
    assert {mention.words: mention.role for mention in found} == roles


def test_counties_are_found_in_compounds() -> None:
    found = find_mentions(Text(title="Heidekreis-Linien fahren").cleaned(), load_gazetteer())
    assert [(mention.words, dict(mention.lands)) for mention in found] == [
        ("Heidekreis", {"DE-NI": 1.0})
    ]


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("www.weser-kurier.de", "DE-HB"),
        ("gruene-ravensburg.de", "DE-BW"),
        ("www.gießener-anzeiger.de", None),
        ("www.bamberger-anzeiger.de", "DE-BY"),
        ("stralsund-live.de", "DE-MV"),
        ("www.kommune21.de", None),
        ("www.wissen-aktuell.de", None),
        ("", None),
    ],
)
def test_hosts_tell_where_their_readers_live(host: str, code: str | None) -> None:
    assert load_gazetteer().addresses.home_of(host) == code


def test_a_paper_is_no_publisher() -> None:
    told = load_gazetteer().addresses.read("https://www.volksstimme.de/burg/schule-1")
    assert (told.publisher, told.home) == (None, "DE-ST")
    assert load_gazetteer().addresses.read("https://[") == Told()


@pytest.mark.parametrize(
    ("title", "land"),
    [
        ("Verbandsgemeinde Loreley schließt Freibad", "DE-RP"),
        ("Im Amt Föhr-Amrum wird gewählt", "DE-SH"),
        ("Samtgemeinde Jümme baut Radweg", "DE-NI"),
        ("Neuköllner Bücherei bleibt offen", "DE-BE"),
        ("Sankt Ingbert feiert", "DE-SL"),
        ("Sangerhäuser Rosarium öffnet", "DE-ST"),
    ],
)
def test_associations_districts_and_spellings(title: str, land: str) -> None:
    found = find_mentions(Text(title=title).cleaned(), load_gazetteer())
    assert [max(one.lands, key=lambda code: one.lands[code]) for one in found] == [land]


def test_who_is_only_quoted_does_not_act() -> None:
    text = Text(teaser="Kommunen fürchten Kosten; Bochumer Kämmerin nennt das Gesetz unfertig.")
    assert [m.role for m in find_mentions(text.cleaned(), load_gazetteer())] == ["quoted"]


#: Common words that are the name of a Land or a region besides: those are meant.
_REGIONS_TOO = {"Bodensee", "Sachsen", "Bergstraße"}


@pytest.mark.parametrize(
    "sentence",
    [
        "Es gibt {} für alle.",
        "Das {} wird geprüft.",
        "Die {} ist gut.",
        "Neue {} geplant",
        "Wir prüfen, ob {} fehlt.",
        "{} bleibt Thema",
    ],
)
def test_no_common_word_gives_a_land(sentence: str) -> None:
    names = tomllib.loads((DATA / "names.toml").read_text(encoding="utf-8"))
    words = set(names["traps"]["common_words"]) - _REGIONS_TOO
    assert len(words) >= 372
    gazetteer = load_gazetteer()
    taken = {
        word
        for word in words
        for mention in find_mentions(Text(title=sentence.format(word)).cleaned(), gazetteer)
        if mention.lands
    }
    assert taken == set()


def test_no_common_word_gives_a_land_in_a_path() -> None:
    names = tomllib.loads((DATA / "names.toml").read_text(encoding="utf-8"))
    addresses = load_gazetteer().addresses
    words = set(names["traps"]["common_words"]) - _REGIONS_TOO
    assert [word for word in words if addresses.in_path(f"/{transliterated(word)}/")] == []


def test_short_cuts_change_no_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words of which no role begins spare the slow expressions; asked everywhere, they say the
    same. Nor do names differ when a text is read again, which knows the words without any."""
    gazetteer = load_gazetteer()
    examples = load_examples([topic.id for topic in load_topics()])
    # Everyday texts hold few roles, so that their number would decide what is seen.
    texts = [example.text.cleaned() for example in examples if example.topics][::9]
    first = [find_mentions(text, gazetteer) for text in texts]
    assert {"comparison", "venue", "vendor"} <= {m.role for found in first for m in found}
    every = frozenset(roles._ROLE_BEGINS)
    monkeypatch.setattr(roles, "_roles_begun", lambda pieces: every)
    assert [find_mentions(text, gazetteer) for text in texts] == first
