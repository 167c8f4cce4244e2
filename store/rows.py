"""Owns the mapping between newsroom rows and the frozen records of ``store.types``; pure."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from store.types import (
    Article,
    Link,
    Listing,
    PublicationDate,
    Run,
    RunResult,
    Source,
    StoredItem,
    Version,
    Visit,
    Wishes,
)

#: What an article tells beside its content. A change of it is written over what was there, without
#: a new version.
BESIDE_COLUMNS = ("image_credit", "paywalled", "place", "reservation")

#: The columns of ``items`` that a reader would call content, in the article's names.
ARTICLE_COLUMNS = (
    "source_id", "url", "guid", "kind", "kicker", "title", "teaser", "section", "body", "author",
    "published_at", "published_raw", "published_zone", "day_only", "date_source", "image",
    "duration_s", "views", "language", "fetched_at", *BESIDE_COLUMNS,
)  # fmt: skip

SOURCE_COLUMNS = tuple(field.name for field in dataclasses.fields(Source))
RESULT_COLUMNS = tuple(field.name for field in dataclasses.fields(RunResult))


def stamp(moment: datetime) -> str:
    """UTC to the second as ISO 8601 (``2026-03-10T13:30:00+00:00``): sorts as text.

    Raises ``ValueError`` for a time without zone: guessing one would shift every date.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone; pass an aware datetime")
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="seconds")


def moment(text: str) -> datetime:
    """The aware UTC time that ``stamp`` wrote."""
    return datetime.fromisoformat(text)


def maybe_stamp(value: datetime | None) -> str | None:
    return None if value is None else stamp(value)


def maybe_moment(text: str | None) -> datetime | None:
    return None if text is None else moment(text)


def article_values(article: Article) -> tuple[object, ...]:
    """The article's values in the order of ``ARTICLE_COLUMNS``."""
    date = article.published
    return (
        article.source_id, article.url, article.guid, article.kind, article.kicker, article.title,
        article.teaser, article.section, article.body, article.author,
        stamp(date.at) if date else None, date.raw if date else None, date.zone if date else None,
        int(date.day_only) if date else None, article.date_source, article.image,
        article.duration_s, article.views, article.language, stamp(article.fetched_at),
        article.image_credit, None if article.paywalled is None else int(article.paywalled),
        article.place, article.reservation,
    )  # fmt: skip


def link_values(link: Link) -> tuple[object, ...]:
    """The link's values in the order of the table ``links``, without item and position."""
    date = link.date
    return (
        link.url, link.title, link.kicker, stamp(date.at) if date else None,
        date.raw if date else None, date.zone if date else None,
        int(date.day_only) if date else None, link.teaser, link.genre,
    )  # fmt: skip


def _date(
    at: str | None, raw: str | None, zone: str | None, day_only: int | None
) -> PublicationDate | None:
    if at is None:
        return None
    return PublicationDate(moment(at), bool(day_only), raw or "", zone or "berlin")


def make_link(row: sqlite3.Row) -> Link:
    """The link of a row of ``links``."""
    return Link(
        url=row["url"],
        title=row["title"],
        kicker=row["kicker"],
        date=_date(row["date_at"], row["date_raw"], row["date_zone"], row["date_day_only"]),
        teaser=row["teaser"],
        genre=row["genre"],
    )


def make_article(row: sqlite3.Row | Mapping[str, Any], links: tuple[Link, ...]) -> Article:
    """The article of a row of ``items``."""
    return Article(
        source_id=row["source_id"],
        url=row["url"],
        kind=row["kind"],
        title=row["title"],
        fetched_at=moment(row["fetched_at"]),
        guid=row["guid"],
        kicker=row["kicker"],
        teaser=row["teaser"],
        section=row["section"],
        body=row["body"],
        author=row["author"],
        published=_date(
            row["published_at"], row["published_raw"], row["published_zone"], row["day_only"]
        ),
        date_source=row["date_source"],
        image=row["image"],
        duration_s=row["duration_s"],
        views=row["views"],
        language=row["language"],
        image_credit=row["image_credit"],
        paywalled=None if row["paywalled"] is None else bool(row["paywalled"]),
        place=row["place"],
        reservation=row["reservation"],
        links=links,
    )


def make_stored_item(row: sqlite3.Row, links: tuple[Link, ...]) -> StoredItem:
    """The stored item of a row of ``items`` joined with its source's ``land``."""
    return StoredItem(
        id=row["id"],
        article=make_article(row, links),
        content_hash=row["content_hash"],
        publisher_land=row["land"],
        first_seen=moment(row["first_seen"]),
        last_seen=moment(row["last_seen"]),
        changed_at=moment(row["changed_at"]),
        withdrawn_at=maybe_moment(row["withdrawn_at"]),
        withdrawn_reason=row["withdrawn_reason"],
        version=row["version"],
        cluster_id=row["cluster_id"],
        change_seq=row["change_seq"],
        pruned_at=maybe_moment(row["pruned_at"]),
    )


def make_version(row: sqlite3.Row) -> Version:
    """The version of a row of ``versions``."""
    # Written before a column was there, a version has nothing in it.
    kept = dict.fromkeys(ARTICLE_COLUMNS) | json.loads(row["article"])
    return Version(
        number=row["number"],
        seen_at=moment(row["seen_at"]),
        content_hash=row["content_hash"],
        article=make_article(kept, ()),
    )


def make_source(row: sqlite3.Row) -> Source:
    """The source of a row of ``sources``."""
    values = {name: row[name] for name in SOURCE_COLUMNS}
    values["follow"], values["paused"] = bool(values["follow"]), bool(values["paused"])
    return Source(**values)


def make_run(row: sqlite3.Row) -> Run:
    """The run of a row of ``runs``."""
    finished = row["finished_at"]
    return Run(
        id=row["id"],
        source_id=row["source_id"],
        started_at=moment(row["started_at"]),
        finished_at=maybe_moment(finished),
        result=RunResult(**{name: row[name] for name in RESULT_COLUMNS}) if finished else None,
    )


def make_visit(row: sqlite3.Row) -> Visit:
    """The visit of a row of ``visits``."""
    return Visit(
        url=row["url"],
        entry_hash=row["entry_hash"],
        visited_at=maybe_moment(row["visited_at"]),
        etag=row["etag"],
        last_modified=row["last_modified"],
        item_url=row["item_url"],
        withdrawn=bool(row["withdrawn"]),
    )


def make_listing(row: sqlite3.Row) -> Listing:
    """The listing of a row of ``listings``."""
    return Listing(
        source_id=row["source_id"],
        url=row["url"],
        title=row["title"],
        teaser=row["teaser"],
        entries=row["entries"],
        seen_at=moment(row["seen_at"]),
    )


def make_wishes(text: str) -> Wishes:
    """A server's wishes from the JSON they are kept as."""
    known = json.loads(text)
    return Wishes(
        at_least_s=known.get("at_least_s", 0),
        skip_hours=tuple(known.get("skip_hours", ())),
        skip_days=tuple(known.get("skip_days", ())),
    )
