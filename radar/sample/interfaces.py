"""The JSON the sample sites speak: JSON Feed, WordPress REST, schema.org in a page."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Mapping, Sequence

from radar.sample import notation
from radar.sample.story import Story
from store.types import Source

WORDPRESS_TYPE = "application/json; charset=UTF-8"
#: WordPress REST handbook, "Pagination"
_PER_PAGE, _PER_PAGE_LIMIT = 10, 100

_TEXTURE = str.maketrans(
    {"„": "&#8222;", "“": "&#8220;", "–": "&#8211;", "…": "&#8230;", "’": "&#8217;"}
)


def news_article(story: Story, source: Source) -> str:
    """The JSON-LD block of a newspaper's article page; ASCII, safe inside ``<script>``."""
    return json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "mainEntityOfPage": story.url,
            "headline": story.title,
            "description": story.teaser,
            "image": [story.image],
            "datePublished": notation.rfc3339(story.at),
            "dateModified": notation.rfc3339(story.revised or story.at),
            "articleSection": story.section or "Nachrichten",
            "author": {"@type": "Organization", "name": story.author or "Redaktion"},
            "publisher": {"@type": "Organization", "name": source.publisher},
            "isAccessibleForFree": True,
        }
    ).replace("<", "\\u003c")


def json_feed(source: Source, stories: Sequence[Story], marker: str) -> dict[str, object]:
    """JSON Feed 1.1 (jsonfeed.org/version/1.1); extensions begin with an underscore."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"{source.name}: Meldungen",
        "home_page_url": source.homepage,
        "feed_url": source.url,
        "language": "de-DE",
        "user_comment": marker,
        "authors": [{"name": source.publisher}],
        "items": [_json_feed_item(story, marker) for story in stories],
    }


def _json_feed_item(story: Story, marker: str) -> dict[str, object]:
    item: dict[str, object] = {
        "id": f"meldung-{story.number}",
        "url": story.url,
        "title": story.title,
        "summary": story.teaser,
        "content_html": _paragraphs(story),
        "date_published": notation.rfc3339(story.at),
        "_beispiel": {"hinweis": marker},
    }
    if story.section:
        item["tags"] = [story.section]
    if story.revised:
        item["date_modified"] = notation.rfc3339(story.revised)
    return item


def wordpress_posts(
    source: Source, stories: Sequence[Story], query: Mapping[str, list[str]], marker: str
) -> tuple[int, dict[str, str], object]:
    """Status, headers and answer of ``/wp-json/wp/v2/posts`` (WordPress REST handbook).

    Understands ``per_page``, ``page`` and ``_embed``.
    """
    try:
        per_page = int(query.get("per_page", [str(_PER_PAGE)])[0])
        page = int(query.get("page", ["1"])[0])
    except ValueError:
        return _refusal("rest_invalid_param", "Ungültige(r) Parameter: page, per_page")
    if not 1 <= per_page <= _PER_PAGE_LIMIT or page < 1:
        return _refusal("rest_invalid_param", "Ungültige(r) Parameter: page, per_page")
    pages = math.ceil(len(stories) / per_page)
    if page > max(1, pages):
        return _refusal(
            "rest_post_invalid_page_number",
            "Die Seitennummer ist größer als die Anzahl der verfügbaren Seiten.",
        )
    headers = {"X-WP-Total": str(len(stories)), "X-WP-TotalPages": str(pages), "Allow": "GET"}
    shown = stories[(page - 1) * per_page : page * per_page]
    embed = "_embed" in query
    posts = [wordpress_post(source, story, marker, embed=embed) for story in shown]
    return 200, headers, posts


def _refusal(code: str, message: str) -> tuple[int, dict[str, str], object]:
    return 400, {}, {"code": code, "message": message, "data": {"status": 400}}


def wordpress_post(source: Source, story: Story, marker: str, *, embed: bool) -> dict[str, object]:
    """One post as WordPress 6 answers it; texts carry the entities its typography makes."""
    changed = story.revised or story.at
    post: dict[str, object] = {
        "id": story.number,
        "date": notation.local(story.at),
        "date_gmt": notation.local_utc(story.at),
        "guid": {"rendered": f"{source.homepage}?p={story.number}"},
        "modified": notation.local(changed),
        "modified_gmt": notation.local_utc(changed),
        "slug": story.slug,
        "status": "publish",
        "type": "post",
        "link": story.url,
        "title": {"rendered": _texture(story.title)},
        "content": {"rendered": _paragraphs(story), "protected": False},
        "excerpt": {"rendered": f"<p>{_texture(story.teaser)}</p>\n", "protected": False},
        "author": 1,
        "featured_media": 0,
        "sticky": False,
        "format": "standard",
        "meta": {"hinweis": marker},
        "categories": [7],
        "tags": [],
        "_links": {"self": [{"href": f"{source.url}/{story.number}"}]},
    }
    if embed:
        post["_embedded"] = {
            "author": [{"id": 1, "name": story.author or "Presseamt"}],
            "wp:term": [
                [{"id": 7, "name": story.section or "Meldungen", "taxonomy": "category"}],
                [],
            ],
        }
    return post


def _paragraphs(story: Story) -> str:
    return "\n".join(f"<p>{_texture(text)}</p>" for text in story.text)


def _texture(text: str) -> str:
    return html.escape(text, quote=False).translate(_TEXTURE)
