"""Web archives for tests and benchmarks: WARC files with pages of German offices, faults included.

Plain bytes, so that what reads them is tested against the format and not against itself.
"""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

TOPICS = (
    ("Online-Dienst", "Die Verwaltung stellt einen Onlinedienst nach dem OZG bereit, mit dem "
     "Bürgerinnen und Bürger Anträge digital von zu Hause stellen können."),
    ("Glasfaserausbau", "Der Glasfaserausbau beginnt, gefördert aus dem Breitbandprogramm. Alle "
     "Haushalte und Schulen erhalten schnelles Internet."),
    ("E-Akte", "Alle Ämter arbeiten nun mit der elektronischen Akte; Papierakten werden gescannt "
     "und die Verwaltung führt ein Dokumentenmanagement ein."),
    ("KI-Chatbot", "Ein Chatbot mit künstlicher Intelligenz beantwortet Fragen an das Rathaus und "
     "unterstützt die Beschäftigten der Verwaltung."),
)  # fmt: skip
EVERYDAY = (
    ("Freibad", "Das Freibad öffnet am Samstag seine Tore. Der Eintritt kostet für Kinder zwei "
     "Euro, der Kiosk verkauft Eis und Pommes."),
    ("Chorkonzert", "Der Kirchenchor singt am Sonntag Lieder aus fünf Jahrhunderten; der Eintritt "
     "ist frei, um eine Spende wird gebeten."),
)  # fmt: skip
_WORDS = ("Sommer", "Garten", "Woche", "Wiese", "Verein", "Kuchen", "Musik", "Blumen", "Sonne")


def german_page(number: int, town: str, *, relevant: bool = True) -> bytes:
    """A release of a town's press office."""
    name, lead = (TOPICS if relevant else EVERYDAY)[number % (len(TOPICS) if relevant else 2)]
    more = "".join(
        f"<p>Am Tag {line} der Woche {number} geht es in {town} um "
        f"{_WORDS[(number + line) % 9]} und {_WORDS[(number * 7 + line) % 9]}; alle freuen "
        "sich darüber, dass es im nächsten Jahr wieder so schön weiter geht.</p>"
        for line in range(6)
    )
    menu = "".join(f"<li><a href='/seite/{n}'>Bereich {n}</a></li>" for n in range(40))
    return (
        f"<!DOCTYPE html><html lang='de'><head><meta charset='utf-8'><title>{name} {number} | "
        f"{town}</title><meta name='description' content='{lead}'>"
        f"<meta property='article:published_time' content='2021-0{number % 9 + 1}-1{number % 10}"
        f"T08:00:00+01:00'></head><body><nav><ul>{menu}</ul></nav><main><article>"
        f"<h1>{town}: {name} Nummer {number}</h1><p class='lead'>{lead}</p>{more}</article></main>"
        "<footer><p>Impressum Datenschutz Kontakt</p></footer></body></html>"
    ).encode()


def foreign_page(number: int) -> bytes:
    """A page in English that has nothing to do with us."""
    text = "".join(
        f"<p>The council of the old town discussed item {n} of {number} at length, and everybody "
        "agreed that this would be looked at again in the spring of the following year.</p>"
        for n in range(8)
    )
    return (
        f"<html lang='en'><head><title>News {number}</title></head><body><article>"
        f"<h1>News {number}</h1>{text}</article></body></html>"
    ).encode()


def record(
    url: str,
    body: bytes,
    *,
    at: datetime = datetime(2022, 5, 1, 12, tzinfo=UTC),
    status: int = 200,
    content_type: str = "text/html; charset=utf-8",
) -> bytes:
    """One response record by ISO 28500 (WARC 1.0)."""
    http = (
        f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{url} {at}")
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{identity}>\r\n"
        f"WARC-Date: {at:%Y-%m-%dT%H:%M:%SZ}\r\nWARC-Target-URI: {url}\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    ).encode()
    return head + http + b"\r\n\r\n"


def packed(records: Iterable[bytes]) -> bytes:
    """Records as Common Crawl stores them: a gzip member each."""
    return b"".join(gzip.compress(one, 6, mtime=0) for one in records)
