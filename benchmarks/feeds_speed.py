"""How fast feeds are read beside plain ``feedparser.parse``: one JSON object of ratios.

    python benchmarks/feeds_speed.py [--rounds N]

Six invented feeds in the shapes that German press offices send. Every round reads each of them once
in each way, in turn, and counts processor seconds; a ratio is the time of the plain parser divided
by ours, over all feeds together (``all``) and for each, as median of the rounds.

- ``all_new``: every entry is unknown, so all texts are cleaned
- ``changed``: the feed changed, two of its entries are new and the others as last time
- ``unchanged``: the same bytes as last time, found by their hash as the spider does
- ``bare``: feedparser with sanitising and link resolution off and nothing of ours, the ceiling
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from io import BytesIO
from pathlib import Path
from statistics import median

import feedparser

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from crawler.feeds import parse_feed  # noqa: E402
from crawler.types import EntryList  # noqa: E402

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://www.stadt.example/presse/feed.xml"
#: entries of a changed feed that are new
NEW = 2
WORDS = [
    "Stadt", "Rat", "Bürger", "Verwaltung", "digital", "Antrag", "Dienst", "Amt", "Schule", "Netz",
    "Glasfaser", "Straße", "Ausbau", "neue", "neuer", "die", "der", "das", "und", "mit", "für",
    "über", "größere", "können", "müssen", "werden", "Plattform", "Portal", "Daten", "Kreis",
    "Gemeinde", "Landrat", "Ausschuss", "Sitzung", "Verfahren", "online", "Ausweis", "Termin",
]  # fmt: skip


def words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(count)).capitalize()


def paragraphs(rng: random.Random, count: int) -> str:
    """HTML as an editor of a content system produces it."""
    made = []
    for number in range(count):
        text = words(rng, rng.randrange(25, 70))
        if number % 3 == 1:
            text += f' <a href="/{rng.randrange(10**6)}.html" target="_blank">{words(rng, 3)}</a>'
        if number % 4 == 2:
            text += f" &#8211; <strong>{words(rng, 2)}</strong> &amp; mehr"
        made.append(f'<p class="text">{text}.</p>')
    made.insert(1, '<figure><img src="/bild.jpg" alt="" width="800" height="450" /></figure>')
    return "\n".join(made)


def rss(count: int, item: Callable[[int, random.Random, str], str], seed: str) -> bytes:
    rng = random.Random(seed)
    made = []
    for number in range(count):
        at = NOW - timedelta(hours=7 * number + 1)
        made.append(f"<item>{item(number, rng, format_datetime(at))}</item>")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n'
        "<channel><title>Stadt</title><link>https://www.stadt.example/</link>"
        "<description>Meldungen</description>\n" + "\n".join(made) + "\n</channel></rss>"
    ).encode()


def town(number: int, rng: random.Random, date: str) -> str:
    """Title, link and one or two sentences: most town halls."""
    link = f"https://www.stadt.example/presse/{number}.php"
    return (
        f"<title>{words(rng, 8)}</title>\n<link>{link}</link>\n<guid>{link}</guid>\n"
        f"<description>{words(rng, 30)}.</description>\n<pubDate>{date}</pubDate>"
    )


def office(number: int, rng: random.Random, date: str) -> str:
    """The whole release as escaped HTML in the description."""
    return (
        f"<title>{words(rng, 9)}</title><link>https://www.stadt.example/pm/{number}</link>"
        f'<guid isPermaLink="false">pm-{number}</guid><category>Presse</category>'
        f"<description>{escape(paragraphs(rng, 6))}</description><pubDate>{date}</pubDate>"
    )


def wordpress(number: int, rng: random.Random, date: str) -> str:
    link = f"https://www.stadt.example/2026/{number}/"
    return (
        f"<title>{words(rng, 9)}</title>\n<link>{link}</link>\n"
        f"<dc:creator><![CDATA[Redaktion]]></dc:creator>\n<pubDate>{date}</pubDate>\n"
        "<category><![CDATA[Digitales]]></category><category><![CDATA[Verwaltung]]></category>\n"
        f'<guid isPermaLink="false">https://www.stadt.example/?p={number}</guid>\n'
        f"<description><![CDATA[<p>{words(rng, 40)} [&#8230;]</p>\n<p>Der Beitrag <a href="
        f'"{link}">{words(rng, 9)}</a> erschien zuerst auf <a href="/">Stadt</a>.</p>]]>'
        f"</description>\n<content:encoded><![CDATA[{paragraphs(rng, 14)}]]></content:encoded>"
    )


def atom(count: int, entry: Callable[[int, random.Random, str], str], seed: str) -> bytes:
    rng = random.Random(seed)
    made = []
    for number in range(count):
        at = NOW - timedelta(hours=9 * number + 1)
        made.append(f"<entry>{entry(number, rng, at.isoformat())}</entry>")
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:yt="http://www.youtube.com/xml/schemas/2015"><title>Kreis</title>'
        "<id>urn:kreis</id><updated>2026-11-22T11:00:00Z</updated>" + "\n".join(made) + "</feed>"
    ).encode()


def ministry(number: int, rng: random.Random, date: str) -> str:
    return (
        f"<id>urn:meldung:{number}</id><title>{words(rng, 9)}</title>"
        f'<link rel="alternate" href="https://www.stadt.example/m/{number}"/>'
        f"<published>{date}</published><updated>{date}</updated><author><name>Presse</name></author>"
        f'<summary type="html">{escape(f"<p>{words(rng, 40)}</p>")}</summary>'
        f'<content type="html">{escape(paragraphs(rng, 8))}</content>'
    )


def video(number: int, rng: random.Random, date: str) -> str:
    link = f"https://video.example/watch?v={number}"
    return (
        f"<id>yt:video:{number}</id><yt:videoId>{number}</yt:videoId><title>{words(rng, 8)}</title>"
        f'<link rel="alternate" href="{link}"/><author><name>Kreis</name><uri>{link}</uri></author>'
        f"<published>{date}</published><updated>{date}</updated><media:group><media:title>"
        f'{words(rng, 8)}</media:title><media:content url="{link}" type="video/mp4" width="640" '
        f'height="390"/><media:thumbnail url="{link}/t.jpg" width="480" height="360"/>'
        f"<media:description>{words(rng, 60)}\n\n{words(rng, 30)}</media:description>"
        '<media:community><media:starRating count="6" average="5.00" min="1" max="5"/>'
        f'<media:statistics views="{rng.randrange(9999)}"/></media:community></media:group>'
    )


def feeds() -> dict[str, bytes]:
    """The feeds by the kind of their publisher; the last is the first with what XML forbids."""
    loose = rss(30, town, "loose").replace(b" und ", b" & ")
    return {
        "town": rss(30, town, "town"),
        "office": rss(25, office, "office"),
        "wordpress": rss(10, wordpress, "wordpress"),
        "ministry": atom(20, ministry, "ministry"),
        "video": atom(15, video, "video"),
        "bare_ampersands": loose,
    }


class Reader:
    """One feed and each way to read it once."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        last = parse_feed(body, URL, now=NOW)
        assert not last.skipped
        self.known = dict(list(last.fingerprints.items())[NEW:])
        assert len(self.changed().entries) == NEW
        self.last_hash = hashlib.sha256(body).hexdigest()

    def plain(self) -> object:
        return feedparser.parse(BytesIO(self.body))

    def bare(self) -> object:
        return feedparser.parse(
            BytesIO(self.body), sanitize_html=False, resolve_relative_uris=False
        )

    def all_new(self) -> EntryList:
        return parse_feed(self.body, URL, now=NOW)

    def changed(self) -> EntryList:
        return parse_feed(self.body, URL, now=NOW, known=self.known)

    def unchanged(self) -> bool:
        return hashlib.sha256(self.body).hexdigest() == self.last_hash


def seconds(read: Callable[[], object], repeats: int) -> float:
    start = time.process_time()
    for _ in range(repeats):
        read()
    return (time.process_time() - start) / repeats


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args().rounds
    readers = {name: Reader(body) for name, body in feeds().items()}
    # with repeats in a round: what takes microseconds needs many to be measurable
    ways = {"plain": 1, "bare": 1, "all_new": 1, "changed": 3, "unchanged": 200}
    taken: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        for name, reader in readers.items():
            for way, repeats in ways.items():
                spent = seconds(getattr(reader, way), repeats)
                taken.setdefault((way, name), []).append(spent)
    typical = {key: median(values) for key, values in taken.items()}
    result: dict[str, object] = {
        "plain_ms": {n: round(typical["plain", n] * 1e3, 2) for n in readers}
    }
    for way in list(ways)[1:]:
        ratios = {n: round(typical["plain", n] / typical[way, n], 2) for n in readers}
        whole = [sum(typical[which, n] for n in readers) for which in ("plain", way)]
        result[way] = {"all": round(whole[0] / whole[1], 2), **ratios}
    print(json.dumps(result, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
