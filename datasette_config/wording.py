"""A search put into words: the names of its filters, one by one and as a title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from datasette_config.addresses import FILTERS, Address
from datasette_config.archive import Archive
from datasette_config.language import Language
from datasette_config.web import N_
from store.types import KINDS, STATES

#: Heading of each filter.
TITLES: Final = {
    "topics": N_("Thema"),
    "states": N_("Land"),
    "towns": N_("Ort"),
    "sources": N_("Quelle"),
    "kinds": N_("Art"),
    "licences": N_("Rechte"),
}
#: How much of a source's items is shown (``Source.display``).
DISPLAYS: Final = {
    "full": N_("ganzer Text"),
    "teaser": N_("nur Anriss"),
    "headline": N_("nur Überschrift"),
    "link": N_("nur Verweis"),
}
#: What a source's legal status (``Source.licence``) is called.
LICENCES: Final = {
    "official": N_("Amtlich"),
    "association": N_("Verband"),
    "press": N_("Presse"),
}
#: The vocabulary's own labels, so that the catalogues know them; the labels themselves are data.
TOPIC_LABELS: Final = (
    N_("OZG & Online-Dienste"), N_("Smart City & Region"), N_("IT-Sicherheit"),
    N_("KI & Automatisierung"), N_("E-Akte & Prozesse"), N_("IT-Infrastruktur & Cloud"),
    N_("Breitband & Mobilfunk"), N_("Open Data & Geodaten"), N_("Finanzen & Vergabe"),
    N_("Schule & Bildung"), N_("Bürgerdialog & Beteiligung"), N_("Strategie & Politik"),
    N_("Register & Identität"), N_("Soziales & Gesundheit"), N_("Mobilität, Energie & Umwelt"),
    N_("Personal & Organisation"), N_("Bauen & Planen"),
)  # fmt: skip
#: What belongs to each topic, as the vocabulary says it (``classifier/topics.toml``); see above.
TOPIC_DESCRIPTIONS: Final = (
    N_(
        "Anträge, Termine und Verwaltungsleistungen, die Bürgerinnen, Bürger und Betriebe "
        "online erledigen: Serviceportale, Apps, Terminals, die Umsetzung des "
        "Onlinezugangsgesetzes und die Nachnutzung fertiger Dienste."
    ),
    N_(
        "Vernetzte Städte und Regionen: Sensorik und Funknetze wie LoRaWAN, urbane "
        "Datenplattformen, digitale Zwillinge, Smart-City-Programme, ihre Strategien und "
        "Ranglisten, dazu smarte Dörfer und Landkreise."
    ),
    N_(
        "Angriffe auf Verwaltungen und der Weg zurück in den Betrieb, dazu Vorsorge: "
        "Notfallpläne, Prüfungen, Vorgaben von BSI und NIS-2, Übungen und die "
        "Verständigung, wenn Systeme ausfallen."
    ),
    N_(
        "Künstliche Intelligenz in Verwaltungen, von Chatbots und Sprachmodellen bis zur "
        "Bilderkennung, und Abläufe, die Software ohne Zutun abarbeitet."
    ),
    N_(
        "Arbeit im Amt ohne Papier: elektronische Akten, Dokumentenmanagement, Postscan und"
        " Archiv, Fachverfahren sowie Abläufe, die digital neu geordnet werden."
    ),
    N_(
        "Womit Verwaltungen rechnen und arbeiten: IT-Dienstleister und ihre "
        "Zusammenschlüsse, Rechenzentren, Cloud, Arbeitsplätze, Plattformen, freie Software"
        " und digitale Souveränität, auch Störungen."
    ),
    N_(
        "Schnelle Netze bis ans Haus und unterwegs: Glasfaser, Mobilfunk und öffentliches "
        "WLAN, ihr Ausbau, ihre Förderung und ihre Lücken."
    ),
    N_(
        "Daten der Verwaltung, die andere nutzen können: Portale und Gesetze für offene "
        "Daten, Karten und Geodaten, Statistikportale und die Datenstrategie einer Kommune."
    ),
    N_(
        "Geld und Aufträge: Haushalt und Kämmerei, Förderprogramme als Hauptsache, "
        "E-Rechnung, elektronisches Bezahlen, Steuerbescheide und die Vergabe öffentlicher "
        "Aufträge."
    ),
    N_(
        "Lernen mit digitalen Mitteln: Ausstattung und Betrieb der Schul-IT, DigitalPakt, "
        "Bibliotheken und Volkshochschulen, Medienkompetenz für alle."
    ),
    N_(
        "Gespräch zwischen Rathaus und Bürgerschaft: Beteiligungsplattformen, "
        "Ratsinformation und hybride Sitzungen, Internetauftritte, soziale Medien, "
        "Mängelmelder und Hilfe für Ältere auf dem Weg ins Netz."
    ),
    N_(
        "Richtung und Regeln der Verwaltungsdigitalisierung: Strategien und Gesetze von "
        "Bund und Ländern, Abkommen, IT-Planungsrat und FITKO, Ministerien und CIOs, "
        "Positionen der Verbände, Studien und Vergleiche."
    ),
    N_(
        "Wer jemand ist und was der Staat schon weiß: Registermodernisierung, Once-Only und"
        " NOOTS, eID und BundID, Nutzerkonten, Ausweise und digitale Brieftaschen."
    ),
    N_(
        "Digitale Arbeit in Jugend-, Familien-, Sozial- und Gesundheitsämtern, von Kita-"
        "Platz und Wohngeld über Pflege bis zu Geflüchteten und Bezahlkarte."
    ),
    N_(
        "Verkehr, Parken und Nahverkehr, Energie und Klima, Wasser, Abfall und "
        "Hochwasserschutz, soweit sie digital gemessen, gesteuert oder angeboten werden."
    ),
    N_(
        "Menschen in der Verwaltung und ihre Zusammenarbeit: Stellen besetzen, Fachkräfte, "
        "Fortbildung, neues Arbeiten, Wandel der Organisation und Kooperation zwischen "
        "Kommunen."
    ),
    N_(
        "Bauen und Planen am Bildschirm: digitaler Bauantrag und virtuelles Bauamt, "
        "XPlanung und Bauleitplanung, BIM, Liegenschaften und Immobilien der öffentlichen "
        "Hand."
    ),
)

#: Label of each value of each filter.
Names = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, and the search without it."""

    kind: str
    label: str
    without: Address


def names_in(archive: Archive, spoken: Language, towns: Sequence[str] = ()) -> Names:
    """What the values of the filters are called; of towns only those asked for."""
    sources = archive.sources().values()
    return {
        "topics": {topic.id: spoken.gettext(topic.label) for topic in archive.topics().values()},
        "states": {code: spoken.state(code) for code in STATES},
        "towns": {ags: town.name for ags, town in archive.towns(towns).items()},
        "sources": {source.id: source.name for source in sources},
        "kinds": {kind: spoken.kind(kind, 2) for kind in KINDS},
        "licences": {
            source.licence: spoken.gettext(LICENCES.get(source.licence, source.licence))
            for source in sources
        },
    }


def chips(address: Address, names: Names, spoken: Language) -> list[Chip]:
    """Every active filter in the order of the search page."""
    found: list[Chip] = []
    for field in FILTERS.values():
        for value in getattr(address, field):
            label = spoken.kind(value) if field == "kinds" else names[field].get(value, value)
            title = spoken.gettext(TITLES[field])
            found.append(Chip(title, label, address.toggled(field, value)))
    if address.since or address.until:
        without = address.in_period(None, None)
        found.append(Chip(spoken.gettext("Zeitraum"), period(address, spoken), without))
    return found


def period(address: Address, spoken: Language) -> str:
    """``1. März 2026 bis 31. März 2026``, ``ab …``, ``bis …``, one day, or nothing."""
    since, until = address.since, address.until
    if since and until:
        if since == until:
            return spoken.day(since)
        days = {"since": spoken.day(since), "until": spoken.day(until)}
        return spoken.gettext("%(since)s bis %(until)s", **days)
    if since:
        return spoken.gettext("ab %(day)s", day=spoken.day(since))
    return spoken.gettext("bis %(day)s", day=spoken.day(until)) if until else ""


def describe(address: Address, names: Names, spoken: Language) -> str:
    """The search as a title: ``„Breitband“, Hessen``; empty for the whole archive."""
    words = [spoken.gettext("„%(words)s“", words=address.text)] if address.text else []
    return ", ".join([*words, *(chip.label for chip in chips(address, names, spoken))])


def also_at(sources: Sequence[str], spoken: Language) -> str:
    """``auch bei A``, ``auch bei A und B``, ``auch bei A und 3 weiteren``; empty for nobody."""
    if not sources:
        return ""
    if len(sources) <= 2:
        return spoken.gettext("auch bei %(sources)s", sources=spoken.listed(list(sources)))
    return spoken.gettext(
        "auch bei %(source)s und %(number)s weiteren", source=sources[0], number=len(sources) - 1
    )
