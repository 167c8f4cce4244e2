"""Owns the invented items the search benchmarks run on: a German vocabulary, Zipf, documents.

Every first part of a compound is joined to every head in its inflected forms, and some of three
parts are added: about 250,000 written forms. Function words take the first ranks; the others follow
in an order drawn once from a fixed seed. A word of rank r is drawn in proportion to
(r + 2.7) ** -1.15 (Zipf as Mandelbrot corrected it; words then have the 8 letters and signs of the
sample press), lengths are log-normal around 170 words, the sample press's mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from store.index import Document
from store.types import BERLIN, STATES

SEED = 20260310
MEAN_WORDS = 170
YEARS = 12
THREE_PARTS = 150_000
END = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
SOURCES = tuple(f"stadt_{number:03}" for number in range(400))
TOPICS = (
    "ozg", "ki", "e-akte", "it-sicherheit", "register", "smart-city", "bildung", "bauen",
    "infrastruktur", "strategie", "personal", "open-data",
)  # fmt: skip
KINDS = ("article", "press_release", "interview", "report", "study", "video", "event", "notice")


def _listed(text: str) -> list[str]:
    return text.split()


FUNCTION_WORDS = _listed(
    """
    der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an
    werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum
    war haben nur oder aber vor zur bis mehr durch man sein wurde sei hatte kann gegen vom
    können schon wenn habe seine ihre dann unter wir soll ich eines jahr zwei diese dieser
    wieder keine seiner worden will zwischen immer was sagte gibt alle seit muss doch jetzt drei
    neue damit bereits da ihr seinen müssen ab ihrer ohne sondern selbst ersten nun etwa heute
    weil ihm menschen anderen rund ihn ende jedoch zeit sollen ins seinem uns stadt geht sehr
    hier ganz erst wollen vier dort rat viele ihren derzeit jahre künftig zudem außerdem dabei
    sowie deren
    """
)

_FIRSTS = _listed(
    """
    Bürger Verwaltungs Digitalisierungs Daten Stadt Gemeinde Kreis Landes Bundes Haushalts Schul
    Verkehrs Energie Wärme Wasser Abfall Bau Umwelt Sozial Jugend Gesundheits Kultur Sport
    Personal Finanz Steuer Melde Pass Führerschein Kfz Wohn Miet Familien Kinder Senioren
    Integrations Sprach Bildungs Wissenschafts Forschungs Wirtschafts Gewerbe Handels Tourismus
    Bibliotheks Museums Theater Musik Archiv Akten Register Nachweis Antrags Genehmigungs
    Planungs Vergabe Beschaffungs Vertrags Rechts Gerichts Polizei Feuerwehr Rettungs
    Katastrophen Krisen Sicherheits Netz Glasfaser Breitband Mobilfunk Funk Rechen Server Cloud
    Software Plattform Portal Online Internet Web App Chat Sprachmodell Roboter Sensor Kamera
    Drohnen Park Straßen Brücken Tunnel Bahn Bus Fahrrad Fuß Auto Elektro Lade Solar Wind Klima
    Wetter Hochwasser Wald Garten Friedhofs Markt Hafen Flughafen Messe Kongress Vereins
    Ehrenamts Wahl Rats Ausschuss Sitzungs Beschluss Satzungs Gebühren Kassen Rechnungs Prüf
    Kontroll Aufsichts Beratungs Förder Projekt Pilot Modell Test Versuchs Muster Standard
    Schnittstellen Identitäts Ausweis Signatur Vertrauens Datenschutz Geheim Notfall Ausfall
    Angriffs Schadens Versicherungs Renten Pflege Kranken Arzt Klinik Impf Labor Lebensmittel
    Tier Jagd Fischerei Land Boden Grundstücks Kataster Vermessungs Geo Karten Luftbild
    Zwillings Stadtteil Quartiers Dorf Regional Grenz Europa Welt Fach Führungs Nachwuchs
    Ausbildungs Fortbildungs Arbeits Heim Büro Raum Gebäude Haus Keller Dach Fenster Tür Möbel
    Geräte Druck Papier Post Brief Paket Telefon Hotline Termin Kalender Zeit Tages Wochen
    Monats Jahres Halbjahres Quartals Start End Zwischen Haupt Neben Teil Gesamt Einzel Gruppen
    Massen Sammel Sofort Schnell Fern Nah Innen Außen Ober Kommunal Amts Dienst Service
    Leistungs Prozess Organisations Steuerungs Leitungs Strategie Innovations Zukunfts Wandel
    Reform Struktur System Technik Maschinen Anlagen Betriebs Werks Lager Logistik Transport
    Liefer Zoll Export Marken Patent Lizenz Open-Data Smart-City Wohngeld Kita Unterhalts Asyl
    Visum Melderegister Standesamts Ehe Geburts Sterbe Adress Umzugs Hunde Parkausweis Bewohner
    Müll Recycling Kompost Strom Gas Fernwärme Heizungs
    """
)

#: head → the endings of its forms
_HEADS = _listed(
    """
    amt,amts,ämter,ämtern akte,akten plan,plans,pläne,plänen strategie,strategien
    verwaltung,verwaltungen stelle,stellen dienst,dienste,diensten,dienstes
    zentrum,zentrums,zentren konzept,konzepte,konzepten projekt,projekte,projekten,projekts
    verfahren,verfahrens bericht,berichte,berichten,berichts antrag,antrags,anträge,anträgen
    gesetz,gesetze,gesetzes ordnung,ordnungen system,systeme,systemen plattform,plattformen
    portal,portale,portals netz,netze,netzes,netzen werk,werke,werken,werks
    haus,hauses,häuser,häusern raum,raums,räume,räumen schule,schulen lehrer,lehrern
    leiter,leiters leiterin,leiterinnen beauftragte,beauftragten,beauftragter
    rat,rats,räte,räten ausschuss,ausschusses,ausschüsse sitzung,sitzungen
    beschluss,beschlusses,beschlüsse förderung,förderungen programm,programme,programms
    mittel,mitteln kosten gebühr,gebühren steuer,steuern kasse,kassen prüfung,prüfungen
    kontrolle,kontrollen sicherheit schutz,schutzes vorfall,vorfalls,vorfälle
    angriff,angriffs,angriffe technik,techniken gerät,geräte,geräten software lösung,lösungen
    anwendung,anwendungen dienstleister,dienstleistern firma,firmen unternehmen,unternehmens
    betrieb,betriebe,betriebs markt,markts,märkte preis,preise,preises
    wettbewerb,wettbewerbs,wettbewerbe tag,tage,tages woche,wochen jahr,jahre,jahres zahl,zahlen
    daten statistik,statistiken karte,karten modell,modelle,modells studie,studien
    umfrage,umfragen beteiligung,beteiligungen bürger,bürgern verein,vereins,vereine
    verband,verbands,verbände kammer,kammern gericht,gerichte,gerichts urteil,urteile,urteils
    vertrag,vertrags,verträge vereinbarung,vereinbarungen partner,partnern
    partnerschaft,partnerschaften gruppe,gruppen team,teams abteilung,abteilungen
    bereich,bereiche,bereichs aufgabe,aufgaben ziel,ziele,ziels,zielen maßnahme,maßnahmen
    schritt,schritte,schritts phase,phasen start,starts ende umstellung,umstellungen
    einführung,einführungen entwicklung,entwicklungen planung,planungen steuerung,steuerungen
    nutzung,nutzungen versorgung,versorgungen anlage,anlagen fläche,flächen
    gebiet,gebiete,gebiets straße,straßen weg,wege,weges platz,platzes,plätze bahn,bahnen
    linie,linien station,stationen fahrzeug,fahrzeuge,fahrzeugs verkehr,verkehrs mobilität wende
    bilanz,bilanzen register,registers nachweis,nachweise,nachweises ausweis,ausweise,ausweises
    bescheid,bescheide formular,formulare,formulars termin,termine,termins
    angebot,angebote,angebots leistung,leistungen zugang,zugangs,zugänge
    schnittstelle,schnittstellen standard,standards museum,museums,museen
    bibliothek,bibliotheken archiv,archive,archivs sammlung,sammlungen ausstellung,ausstellungen
    bildung akademie,akademien kurs,kurse,kurses arbeit,arbeiten kraft,kräfte,kräften
    mangel,mangels stiftung,stiftungen fonds hilfe,hilfen pflege kind,kinder,kindes
    familie,familien gesellschaft,gesellschaften politik region,regionen land,landes,länder
    minister,ministers ministerium,ministeriums sprecher,sprechers sprecherin,sprecherinnen
    chef,chefs chefin,chefinnen frage,fragen antwort,antworten problem,probleme,problems
    risiko,risiken chance,chancen idee,ideen labor,labore,labors werkstatt,werkstätten
    treffen,treffens konferenz,konferenzen messe,messen forum,foren gipfel,gipfels
    offensive,offensiven initiative,initiativen pakt,pakts rahmen,rahmens richtlinie,richtlinien
    verordnung,verordnungen satzung,satzungen
    """
)

_PLAIN = _listed(
    """
    digital digitale digitalen digitaler neue neuen neues große großen kleine kleinen lokale
    kommunale kommunalen kommunaler öffentliche öffentlichen elektronisch elektronische sicher
    sichere schnell schneller einfach einfacher wichtig wichtige möglich notwendig gemeinsam
    gemeinsame zentral zentrale regional künstliche intelligenz beschließt beschlossen beschloss
    startet startete gestartet führt führte eingeführt plant planen geplant fördert fördern
    gefördert investiert investieren investierte baut bauen gebaut nutzt nutzen genutzt testet
    testen getestet erprobt erproben bietet bieten angeboten stellt stellen vorgestellt prüft
    prüfen geprüft fordert fordern gefordert kritisiert lobt erklärt erklären erklärte berichtet
    berichten teilte mitgeteilt sagt sagen betont betonte warnt warnte erwartet erwarten liegt
    liegen steht stehen stand läuft laufen lief kommt kommen kam gehen ging bleibt bleiben blieb
    Köln München Stuttgart Halle Jena Görlitz Leipzig Dresden Münster Aachen Bonn Kiel Rostock
    Schwerin Potsdam Magdeburg Erfurt Mainz Saarbrücken Wiesbaden Hannover Bremen Hamburg Berlin
    Nordrhein-Westfalen Bayern Hessen Sachsen Thüringen Brandenburg Saarland Niedersachsen OZG
    E-Akte E-Government eID BundID FITKO IT-Sicherheit IT-Planungsrat OZG-Umsetzung 5G NIS-2 KI
    KI-Einsatz Rathaus Rathäuser Oberbürgermeister Oberbürgermeisterin Bürgermeister Landrat
    Landrätin Kommune Kommunen Städte Städten Gemeinden Kreise Digitalisierung Prozent Euro
    Millionen Milliarden Montag Dienstag Mittwoch Donnerstag Freitag Januar Februar März April
    Mai
    """
)

Chances = NDArray[np.float64]


def vocabulary() -> tuple[list[str], Chances]:
    """The written forms, most frequent first, and the running total of their probabilities."""
    compounds = [
        first + "-" + form.capitalize() if "-" in first else first + form
        for first in _FIRSTS
        for head in _HEADS
        for form in head.split(",")
    ]
    heads = [form.capitalize() for head in _HEADS for form in head.split(",")]
    order = np.random.default_rng(SEED)
    longer = [first for first in _FIRSTS if "-" not in first]
    compounds += [
        longer[first] + compounds[rest].lower()
        for first, rest in zip(
            order.integers(0, len(longer), THREE_PARTS).tolist(),
            order.integers(0, len(compounds), THREE_PARTS).tolist(),
            strict=True,
        )
    ]
    common = list(dict.fromkeys(_PLAIN + heads))
    order.shuffle(common)
    order.shuffle(compounds)
    forms = list(dict.fromkeys(FUNCTION_WORDS + common + compounds))
    chances = np.cumsum((np.arange(len(forms)) + 2.7) ** -1.15)
    return forms, chances / chances[-1]


@dataclass(frozen=True, slots=True)
class Item:
    """An invented public item: what the index and the archive hold of it."""

    document: Document
    title: str
    teaser: str
    body: str
    #: the cluster it belongs to, 0 for none, and whether it stands for it
    cluster: int
    is_primary: bool


def items(count: int, *, mean_words: int = MEAN_WORDS, hidden: float = 0.25) -> Iterator[Item]:
    """``count`` items, numbered from 1, in the order they were found; the same every time.

    Found as an archive grows: mostly later for later ones, feeds newest first, so not sorted.
    Of the share ``hidden`` only title and teaser are public, as for newspapers.
    """
    forms, chances = vocabulary()
    random = np.random.default_rng(SEED + 1)
    known = np.array(forms, dtype=object)
    span = YEARS * 365 * 24 * 60
    made = 0
    while made < count:
        number = min(1000, count - made)
        lengths = np.clip(random.lognormal(np.log(mean_words) - 0.45, 0.8, number), 30, 2000)
        drawn = known[np.searchsorted(chances, random.random(int(lengths.sum()) + 64 * number))]
        place = 0
        for offset in range(number):
            item_id = made + offset + 1
            length = int(lengths[offset])
            found = span * (item_id / count) ** 0.7
            minute = int(found - random.exponential(2 * 24 * 60))
            at = END - timedelta(minutes=span - minute)
            if random.random() < 0.2:
                at = at.replace(hour=23, minute=0)  # a day only: midnight in Berlin
            yield _item(item_id, at, drawn[place : place + length + 8].tolist(), random, hidden)
            place += length + 8
        made += number


def _item(
    item_id: int, at: datetime, drawn: list[str], random: np.random.Generator, hidden: float
) -> Item:
    local = at.astimezone(BERLIN)
    title = " ".join(drawn[:7])
    title = title[0].upper() + title[1:]
    text = _sentences(drawn[7:], item_id)
    teaser, body = text[: text.find("\n")], text[text.find("\n") + 1 :]
    open_text = random.random() >= hidden
    codes = tuple(STATES)
    source = int(len(SOURCES) * random.random() ** 2)
    document = Document(
        item_id=item_id,
        at=at,
        month=local.year * 12 + local.month - 1,
        source=SOURCES[source],
        kind=KINDS[int(len(KINDS) * random.random() ** 3)],
        topics=tuple({TOPICS[int(len(TOPICS) * random.random() ** 1.5)] for _ in range(2)}),
        states=(codes[source % len(codes)],),
        title=title,
        shown=f"{teaser}\n{body}" if open_text else teaser,
        hidden="" if open_text else body,
    )
    # Every twentieth item is the reprint of the one before.
    cluster = item_id - 1 if item_id % 20 == 0 else item_id if item_id % 20 == 19 else 0
    return Item(document, title, teaser, body if open_text else "", cluster, item_id % 20 == 19)


def _sentences(drawn: list[str], item_id: int) -> str:
    """Words as sentences of 9 to 17 words, numbers and dates among them; paragraphs by line."""
    parts: list[str] = []
    place = 0
    while place < len(drawn):
        length = 9 + (item_id + place) % 9
        sentence = drawn[place : place + length]
        if (item_id + place) % 3 == 0:
            sentence.append(f"am {1 + item_id % 28}. März {2014 + item_id % 13}")
        elif (item_id + place) % 3 == 1:
            sentence.append(f"{1 + item_id % 9}.{100 + place % 900} Euro")
        line = " ".join(sentence)
        end = ".\n" if len(parts) % 3 == 1 else ". "
        parts.append(line[0].upper() + line[1:] + end)
        place += length
    text = "".join(parts)
    return text if "\n" in text else text + "\n"
