"""A small archive to look at: a real newsroom, filled by hand, published by the real publish."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from store.duplicates import update_clusters
from store.newsroom import Newsroom
from store.publish import publish
from store.types import (
    Article,
    FetchState,
    Link,
    Place,
    PublicationDate,
    RunResult,
    Source,
    Tag,
    Tagging,
)

NOW = datetime(2026, 3, 12, 9, 40, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script> & "Zitat" </title><b>fett</b>'

TOPICS = (
    ("ozg", "OZG & Online-Dienste", "Anträge und Dienste im Netz für Menschen und Betriebe."),
    ("smart-city", "Smart City & Region", "Sensoren, Datenplattformen, digitale Zwillinge."),
    ("it-sicherheit", "IT-Sicherheit", "Angriffe und ihre Folgen, Notfallpläne, Prüfungen."),
    ("ki", "KI & Automatisierung", "Künstliche Intelligenz, Chatbots und Sprachmodelle."),
    ("e-akte", "E-Akte & Prozesse", "Elektronische Akten und digitale Abläufe im Amt."),
    ("it-infrastruktur", "IT-Infrastruktur & Cloud", "Rechenzentren, Arbeitsplätze, Software."),
    ("breitband", "Breitband & Mobilfunk", "Glasfaser, Mobilfunk und öffentliches WLAN."),
    ("open-data", "Open Data & Geodaten", "Offene Daten, Karten und Statistik."),
    ("finanzen", "Finanzen & Vergabe", "Haushalte, Förderung, E-Rechnung und Beschaffung."),
    ("bildung", "Schule & Bildung", "Technik an Schulen, Büchereien, digitale Bildung."),
    ("beteiligung", "Bürgerdialog & Beteiligung", "Beteiligung und Ratsinformation."),
    ("strategie", "Strategie & Politik", "Strategien, Gesetze und Zusammenarbeit."),
    ("register", "Register & Identität", "Registermodernisierung, Ausweise und Nutzerkonten."),
    ("soziales", "Soziales & Gesundheit", "Jugend, Familie, Soziales und Gesundheit."),
    ("mobilitaet", "Mobilität, Energie & Umwelt", "Verkehr, Energie, Wasser und Klima."),
    ("personal", "Personal & Organisation", "Gewinnung, Schulung und neue Arbeit."),
    ("bauen", "Bauen & Planen", "Bauanträge, Bauleitplanung und Liegenschaften."),
)

#: id, name, publisher, land, kind, licence, display, relevance
SOURCES = tuple(
    Source(
        id=id,
        name=name,
        publisher=publisher,
        homepage=f"https://{id}.example/",
        kind=kind,
        url=f"https://{id}.example/feed",
        licence=licence,
        display=display,
        relevance="all",
        schedule="adaptive",
        reference=f"https://{id}.example/impressum",
        land=land,
        checked="2026-01-15",
    )
    for id, name, publisher, land, kind, licence, display in (
        ("fachblatt", "Kommune Heute", "Kommune Heute Verlag", None, "feed", "press", "teaser"),
        ("behoerdenbrief", "Behördenbrief", "Behördenbrief", None, "listing", "press", "headline"),
        ("leipzig", "Stadt Leipzig", "Stadt Leipzig", "DE-SN", "feed", "official", "full"),
        ("emsland", "Landkreis Emsland", "Landkreis Emsland", "DE-NI", "feed", "official", "full"),
        ("kiel", "Landeshauptstadt Kiel", "Landeshauptstadt Kiel", "DE-SH", "feed", "official",
         "full"),
        ("hessen", "Digitalministerium Hessen", "Land Hessen", "DE-HE", "sitemap", "official",
         "full"),
        ("verband", "Verband der Kreise", "Verband der Kreise", "bund", "wordpress", "press",
         "link"),
        ("ulm", "Stadt Ulm", "Stadt Ulm", "DE-BW", "feed", "official", "full"),
        ("talk", "Amtsgespräch", "Amtsgespräch", None, "video", "press", "teaser"),
        ("rostock", "Hansestadt Rostock", "Hansestadt Rostock", "DE-MV", "listing", "official",
         "full"),
        ("erfurt", "Stadt Erfurt", "Stadt Erfurt", "DE-TH", "feed", "official", "full"),
        ("augsburg", "Stadt Augsburg", "Stadt Augsburg", "DE-BY", "listing", "official", "full"),
    )
)  # fmt: skip

#: The town or county that a source's items are set in.
PLACES = {
    "leipzig": Place("14713000", "Leipzig", "DE-SN", 51.3396, 12.3713),
    "emsland": Place("03454", "Emsland", "DE-NI", 52.7, 7.4),
    "kiel": Place("01002000", "Kiel", "DE-SH", 54.3218, 10.1373),
    "erfurt": Place("16051000", "Erfurt", "DE-TH"),
}

#: How the last crawl of a source went, where not well.
TROUBLE = {
    "rostock": RunResult(
        "postponed", "Der Server bittet um Pause bis 14:00 Uhr (Retry-After).", 503
    ),
    "augsburg": RunResult(
        "failed", "Die Liste hat 0 Einträge statt mindestens 5; das Layout hat sich geändert.", 200
    ),
}


def build(folder: Path) -> tuple[Path, Path]:
    """Fill ``folder`` and return the paths of archive.db and search.db."""
    clock = [NOW - timedelta(days=40)]
    archive, search = folder / "archive.db", folder / "search.db"
    with Newsroom(folder / "newsroom.db", now=lambda: clock[0]) as newsroom:
        newsroom.set_sources(SOURCES)
        newsroom.set_topics(TOPICS)
        labels: dict[str, tuple[list[str], list[str]]] = {}
        lines = (Path(__file__).parent / "items.jsonl").read_text("utf-8").splitlines()
        drafts = [_draft(number, *json.loads(line)) for number, line in enumerate(lines)]
        for article, found_at, topics, states in sorted(drafts, key=lambda draft: draft[1]):
            clock[0] = found_at
            newsroom.save(article)
            labels[article.url] = (topics, states)
        articles = {article.url: article for article, *_ in drafts}
        _reprint(newsroom, clock, articles, labels)
        _tag(newsroom, labels)
        _correct(newsroom, clock, articles)
        clock[0] = NOW - timedelta(hours=3)
        withdrawn = "https://emsland.example/aktuell/27-auslaenderbehoerde"
        newsroom.withdraw("emsland", withdrawn, reason="410")
        _tag(newsroom, labels)
        for source in SOURCES:
            clock[0] = NOW - timedelta(days=2)
            newsroom.finish_run(newsroom.start_run(source.id), RunResult("ok", entries=10))
            clock[0] = NOW - timedelta(minutes=25)
            result = TROUBLE.get(source.id, RunResult("ok", entries=10, same=10))
            newsroom.finish_run(newsroom.start_run(source.id), result)
        newsroom.set_fetch_state(
            "rostock", FetchState(retry_after=NOW + timedelta(hours=3, minutes=20))
        )
        clock[0] = NOW
        update_clusters(newsroom)
        publish(newsroom, archive, search)
    return archive, search


def _draft(
    number: int,
    source: str,
    days: float | None,
    kind: str,
    kicker: str | None,
    title: str,
    teaser: str,
    body: list[str],
    topics: str,
    states: str,
) -> tuple[Article, datetime, list[str], list[str]]:
    at = NOW - timedelta(days=days if days is not None else 6)
    day_only = number % 3 == 1
    slug = "-".join(title.lower().split()[:1]).strip(":,„“").replace("ä", "ae").replace("ö", "oe")
    slug = slug.replace("ü", "ue")
    article = Article(
        source_id=source,
        url=f"https://{source}.example/aktuell/{number}-{slug}",
        kind=kind,
        title=title,
        fetched_at=at,
        kicker=kicker,
        teaser=teaser,
        body="\n".join([teaser, *body]) if number % 4 == 0 else "\n".join(body) or None,
        section="Digitalisierung" if number % 2 else None,
        author="Pressestelle" if kind == "press_release" else None,
        published=PublicationDate(at.replace(hour=23, minute=0) - timedelta(days=1), True, "")
        if day_only and days is not None
        else PublicationDate(at, False, "")
        if days is not None
        else None,
        date_source=("entry", "json-ld", "page")[number % 3] if days is not None else None,
        duration_s=(754, 2712, 3905)[number % 3] if kind == "video" else None,
        views=1840 + number if kind == "video" else None,
        language="de",
        links=(
            Link("https://fachblatt.example/thema/termine", "Termine ohne Warten", "Serie",
                 PublicationDate(NOW - timedelta(days=30), True, ""), "Teil drei.", "Bericht"),
            Link("https://fachblatt.example/dossier", "Alle Beiträge zum Bürgerbüro"),
        )
        if number == 0
        else (),
    )  # fmt: skip
    found = max(at + timedelta(minutes=35), NOW - timedelta(days=400))
    return article, found, topics.split(","), states.split(",")


def _reprint(
    newsroom: Newsroom,
    clock: list[datetime],
    articles: dict[str, Article],
    labels: dict[str, tuple[list[str], list[str]]],
) -> None:
    """Two other sources carry the county's glass fibre release; one item has a hostile title."""
    original = next(a for a in articles.values() if a.title.startswith("Letzte weiße Flecken"))
    long = (original.body or "") + "\n" + (
        "Im Landkreis waren zuletzt noch gut zwei von hundert Haushalten ohne schnellen Anschluss. "
        "Betroffen sind vor allem Höfe und kleine Siedlungen, für die sich ein "
        "eigenwirtschaftlicher Ausbau nicht lohnt. Die Verlegung folgt, wo immer "
        "möglich, vorhandenen Leerrohren. "
        "Für Rückfragen richtet der Landkreis eine Sprechstunde in Papenburg ein, außerdem gibt es "
        "eine Karte, auf der sich der Stand für jede Adresse ablesen lässt."
    )  # fmt: skip
    clock[0] = NOW - timedelta(hours=6)
    newsroom.save(replace(original, body=long))
    for source, minutes in (("fachblatt", 70), ("behoerdenbrief", 150)):
        at = (original.published or PublicationDate(NOW, False, "")).at + timedelta(minutes=minutes)
        copy = replace(
            original,
            source_id=source,
            url=f"https://{source}.example/meldung/glasfaser-emsland",
            kind="article",
            body=long.replace("gut zwei von hundert", "rund zwei Prozent der"),
            published=PublicationDate(at, False, ""),
            author=None,
        )
        clock[0] = at
        newsroom.save(copy)
        labels[copy.url] = labels[original.url]
    at = NOW - timedelta(days=2)
    clock[0] = at
    hostile = Article(
        source_id="ulm",
        url="https://ulm.example/aktuell/feindlich?a=1&b=%22%3E",
        kind="article",
        title=HOSTILE,
        fetched_at=at,
        kicker="<img src=x onerror=alert(1)>",
        teaser='Ein Anriss mit <a href="javascript:alert(1)">Verweis</a> und Sonderzeichen.',
        body="Ein Absatz mit <iframe src=//boese.example></iframe> darin.\nUnd noch einer.",
        published=PublicationDate(at, False, ""),
        date_source="entry",
        links=(Link("javascript:alert(1)", "Nicht verfolgen"),),
    )
    newsroom.save(hostile)
    labels[hostile.url] = (["ki"], ["DE-BW"])


def _correct(newsroom: Newsroom, clock: list[datetime], articles: dict[str, Article]) -> None:
    """Two sources correct an item: one in public view, one where its text is not shown."""
    clock[0] = NOW - timedelta(hours=20)
    one = next(a for a in articles.values() if a.title.startswith("Wohngeld: Anträge"))
    newsroom.save(
        replace(
            one,
            title="Wohngeld: Anträge jetzt vollständig online",
            body=(one.body or "").replace("elf Tage", "neun Tage"),
        )
    )
    two = next(a for a in articles.values() if a.title.startswith("Bremerhaven stellt"))
    newsroom.save(replace(two, body=(two.body or "").replace("2,3", "2,1")))


def _tag(newsroom: Newsroom, labels: dict[str, tuple[list[str], list[str]]]) -> None:
    taggings = []
    for item in newsroom.untagged("hand"):
        topics, states = labels[item.article.url]
        words = [word.strip("„“:,.?") for word in item.article.title.split() if len(word) > 5][:3]
        tags = tuple(
            Tag(facet, value, round(0.96 - 0.11 * place, 2), "hand", tuple(words))
            for facet, values in (("topic", topics), ("state", states))
            for place, value in enumerate(values)
        )
        taggings.append(
            Tagging(
                item.id,
                item.content_hash,
                "hand",
                tags,
                (),
                review=len(topics) > 2,
                places=tuple(
                    place
                    for source, place in PLACES.items()
                    if source == item.article.source_id and place.land in states
                ),
            )
        )
    newsroom.set_taggings(taggings)
