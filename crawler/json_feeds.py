"""Lists in JSON: JSON Feed 1.0/1.1 and the posts of WordPress's REST API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from crawler.decoding import MAX_BYTES
from crawler.entries import RawEntry, make_entries
from crawler.types import EntryList
from store.errors import RadarError

#: ``https://jsonfeed.org/version/1.1``, or its number alone as careless exports have it. Both
#: versions differ in ``author``/``authors`` alone as far as we read them.
_VERSION = re.compile(r"(?:https?://(?:www\.)?jsonfeed\.org/version/)?1(?:\.[01])?/?")

#: WordPress's own "no date" in the column that drafts leave empty.
_NO_DATE = "0000-00-00"


class JsonFeedError(RadarError):
    """JSON that is not the list it should be; the message knows no address."""


def looks_like_json(raw: bytes) -> bool:
    """Return whether an unpacked body begins as a JSON object or array."""
    return raw[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def read_json_feed(raw: bytes, url: str, *, now: datetime, known: Mapping[str, str]) -> EntryList:
    """Read a JSON Feed 1.0 or 1.1 (jsonfeed.org). Raises ``JsonFeedError``."""
    feed = _loaded(raw)
    if not isinstance(feed, dict):
        raise JsonFeedError("this JSON is a bare list, no JSON Feed")
    if not _VERSION.fullmatch(str(feed.get("version", "")).strip()):
        raise JsonFeedError("this JSON names no JSON Feed version, so it is something else")
    items = feed.get("items")
    if not isinstance(items, list):
        raise JsonFeedError("this JSON Feed has no list of items")
    return make_entries(
        _json_entries(items, _names(feed)),
        url,
        now=now,
        known=known,
        title=_text(feed, "title"),
        teaser=_text(feed, "description"),
        further=filter(None, [_text(feed, "next_url")]),
    )


def read_posts(raw: bytes, url: str, *, now: datetime, known: Mapping[str, str]) -> EntryList:
    """Read posts of ``/wp-json/wp/v2/…``, with terms, author and image if they were embedded.

    ``date`` is the site's local time without a zone, ``date_gmt`` UTC without saying so (REST API
    Handbook, "Posts"). Raises ``JsonFeedError``.
    """
    posts = _loaded(raw)
    if isinstance(posts, dict):
        message = _text(posts, "message") or _text(posts, "code") or "no list of posts"
        raise JsonFeedError(f"WordPress answers: {message}")
    if not isinstance(posts, list):
        raise JsonFeedError("this JSON is no list of posts")
    return make_entries(map(_post, posts), url, now=now, known=known)


def _loaded(raw: bytes) -> Any:
    if len(raw) > MAX_BYTES:
        raise JsonFeedError(f"the body is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        # JSON is UTF-8 (RFC 8259, 8.1); older systems send Windows-1252 all the same
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    try:
        return json.loads(text, strict=False)
    except (json.JSONDecodeError, RecursionError) as error:
        raise JsonFeedError(f"its JSON is broken ({error})") from error


def _json_entries(items: Iterable[Any], feed_author: str | None) -> Iterator[RawEntry]:
    for item in items:
        if not isinstance(item, dict):
            yield RawEntry(damage=f"it is no object but {json.dumps(item)[:40]}")
            continue
        guid = _text(item, "id")
        # external_url is the page a link blog writes about, url the item's own
        links = [_text(item, "url"), _text(item, "external_url")]
        if guid and guid.startswith(("http://", "https://")):
            links.append(guid)
        attachments = [part for part in _list(item, "attachments") if isinstance(part, dict)]
        images = [_text(item, "image"), _text(item, "banner_image")]
        images += [
            _text(part, "url")
            for part in attachments
            if (_text(part, "mime_type") or "").startswith("image/")
        ]
        content = _text(item, "content_html")
        if content is None and (plain := _text(item, "content_text")):
            content = plain.replace("<", "&lt;")
        modified = _text(item, "date_modified")
        published = _text(item, "date_published")
        yield RawEntry(
            links=tuple(filter(None, links)),
            title=_text(item, "title"),
            guid=guid,
            kicker=_text(item, "_kicker"),
            summary=_text(item, "summary"),
            content=content,
            categories=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
            author=_names(item) or feed_author,
            published=published or modified,
            date_source="entry" if published else "entry-updated",
            modified=modified,
            images=tuple(filter(None, images)),
            duration=next(
                filter(None, (_text(part, "duration_in_seconds") for part in attachments)), None
            ),
        )


def _post(post: Any) -> RawEntry:
    if not isinstance(post, dict):
        return RawEntry(damage=f"it is no object but {json.dumps(post)[:40]}")
    embedded = post.get("_embedded")
    embedded = embedded if isinstance(embedded, dict) else {}
    gmt, local = _text(post, "date_gmt"), _text(post, "date")
    has_gmt = gmt is not None and not gmt.startswith(_NO_DATE)
    media = [part for part in _list(embedded, "wp:featuredmedia") if isinstance(part, dict)]
    authors = [part for part in _list(embedded, "author") if isinstance(part, dict)]
    return RawEntry(
        links=tuple(filter(None, [_text(post, "link"), _rendered(post, "guid")])),
        title=_rendered(post, "title"),
        guid=_rendered(post, "guid"),
        summary=_rendered(post, "excerpt"),
        content=_rendered(post, "content"),
        categories=tuple(_terms(embedded)),
        author=next(filter(None, (_text(author, "name") for author in authors)), None),
        published=gmt if has_gmt else local,
        utc=has_gmt,
        modified=_text(post, "modified_gmt") or _text(post, "modified"),
        images=tuple(filter(None, (_text(part, "source_url") for part in media))),
    )


def _terms(embedded: dict[str, Any]) -> Iterator[str]:
    groups = [group for group in _list(embedded, "wp:term") if isinstance(group, list)]
    terms = [term for group in groups for term in group if isinstance(term, dict)]
    # an editor files a post under a category; its tags are keywords
    for wanted in (True, False):
        for term in terms:
            if (term.get("taxonomy") == "category") is wanted and (name := _text(term, "name")):
                yield name


def _rendered(post: dict[str, Any], key: str) -> str | None:
    value = post.get(key)
    if isinstance(value, dict):
        # a post behind a password says so and renders nothing of use
        return None if value.get("protected") else _text(value, "rendered")
    return _text(post, key)


def _names(item: dict[str, Any]) -> str | None:
    people = [item.get("author"), *_list(item, "authors")]
    names = [_text(person, "name") for person in people if isinstance(person, dict)]
    return ", ".join(dict.fromkeys(filter(None, names))) or None


def _text(item: dict[str, Any], key: str) -> str | None:
    value = item.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value.strip() else None


def _list(item: dict[str, Any], key: str) -> list[Any]:
    value = item.get(key)
    return value if isinstance(value, list) else []
