"""One invented source as a web site: which address shows what, in which crawl."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from radar.sample import interfaces, notation
from radar.sample.content import SampleItem
from radar.sample.story import Story, slugify
from store.types import Source

#: stands on every page, in every list and at every entry of one
MARKER = "Beispieltext, erfunden"

_XML = "application/xml"
_CONTENT_TYPES = {
    "feeds/wordpress.xml": "application/rss+xml",
    "feeds/rss2.xml": "application/rss+xml",
    "feeds/rdf.xml": "application/rdf+xml",
    "feeds/atom.xml": "application/atom+xml",
    "feeds/video.xml": "text/xml",
    "feeds/news_sitemap.xml": _XML,
    "feeds/sitemap.xml": _XML,
}


@dataclass(frozen=True, slots=True)
class Render:
    """How a source is rendered; the fields are explained in ``sources.toml``."""

    system: str
    item: str
    list: str
    list_later: str | None = None
    next: str | None = None
    page_size: int | None = None
    dates: str = "rfc822"
    encoding: str = "utf-8"
    declared: str | None = None
    charset: str | None = None
    full: bool = False
    campaign: str = ""
    unavailable: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """What an address answers before conditional requests are looked at."""

    content_type: str
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    #: when the content last changed; None for what is no document of its own (errors)
    modified: datetime | None = None


def environment() -> Environment:
    """The templates, with every notation of a date as a filter."""
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(notation.FILTERS)
    found.globals["news_article"] = interfaces.news_article
    found.filters["notation"] = lambda at, name: notation.FILTERS[name](at)
    return found


class Site:
    """One source's web site; the same for a given clock and stage."""

    def __init__(
        self,
        source: Source,
        render: Render,
        items: tuple[SampleItem, ...],
        now: datetime,
        templates: Environment,
    ) -> None:
        self.source = source
        self.render = render
        self.host = urlsplit(source.homepage).netloc
        self._items = items
        self._now = now
        self._templates = templates
        self._routes: dict[int, dict[str, Callable[[], Document]]] = {}

    # What the templates may ask of a site.
    @property
    def name(self) -> str:
        return self.source.name

    @property
    def publisher(self) -> str:
        return self.source.publisher

    @property
    def homepage(self) -> str:
        return self.source.homepage

    @property
    def list_url(self) -> str:
        return self.source.url

    @property
    def declared(self) -> str:
        return self.render.declared or self.render.encoding

    @property
    def dates(self) -> str:
        return self.render.dates

    @property
    def full(self) -> bool:
        return self.render.full

    @property
    def campaign(self) -> str:
        return self.render.campaign

    def stories(self, stage: int) -> tuple[Story, ...]:
        """What the list shows in this stage, newest first."""
        shown = [
            self._story(item, stage)
            for item in self._items
            if item.stage <= stage and not (item.withdrawn and stage > 1)
        ]
        return tuple(sorted(shown, key=lambda story: (-story.at.timestamp(), story.slug)))

    def document(self, path: str, stage: int) -> Document:
        """What ``path`` (with its query) answers; an unknown query is ignored."""
        if path == "/robots.txt":
            return self._robots()
        if self.render.unavailable:
            return self._unavailable()
        bare, _, query = path.partition("?")
        if self.render.list == "wordpress" and bare == urlsplit(self.source.url).path:
            return self._posts(parse_qs(query), stage)
        if stage not in self._routes:
            self._routes[stage] = self._lay_out(stage)
        routes = self._routes[stage]
        build = routes.get(path) or routes.get(bare)
        return build() if build else self._error(404, "missing.html")

    def _story(self, item: SampleItem, stage: int) -> Story:
        number = 10000 + zlib.crc32(item.slug.encode()) % 89999
        digest = hashlib.sha256(item.slug.encode()).digest()
        video = base64.urlsafe_b64encode(digest)[:11].decode()
        path = self.render.item.format(
            slug=item.slug, section=slugify(item.section or "nachrichten"),
            number=number, video=video,
        )  # fmt: skip
        at = item.published(self._now)
        revision = dict(item.revision) if stage > 1 else {}
        story = Story(
            item=item, url=self.homepage.rstrip("/") + path, path=path,
            image=f"{self.homepage}bilder/{item.slug}.svg", number=number, video=video, at=at,
            revised=max(at, self._now - timedelta(minutes=20)) if revision else None,
            title=item.title, teaser=item.teaser, body=item.body,
            # A talk goes on being watched between two crawls without becoming another talk.
            views=None if item.views is None else item.views + 17 * (stage - 1),
        )  # fmt: skip
        return replace(story, **revision)  # type: ignore[arg-type]

    def _lay_out(self, stage: int) -> dict[str, Callable[[], Document]]:
        stories = self.stories(stage)
        routes: dict[str, Callable[[], Document]] = {
            "/": lambda: self._page("front.html", stage, canonical=self.homepage),
            "/impressum/": lambda: self._page("imprint.html", stage),
        }
        for item in self._items:
            if item.withdrawn and stage > 1:
                routes[self._story(item, stage).path] = lambda: self._error(410, "gone.html")
        for story in stories:
            routes[story.path] = lambda story=story: self._item(story, stage)  # type: ignore[misc]
            routes[urlsplit(story.image).path] = self._picture
            if self.render.list == "wordpress":
                routes[f"{urlsplit(self.source.url).path}/{story.number}"] = (
                    lambda story=story: self._post(story)  # type: ignore[misc]
                )
        if self.render.list != "wordpress":
            routes.update(self._lists(stories, stage))
        return routes

    def _lists(self, stories: tuple[Story, ...], stage: int) -> dict[str, Callable[[], Document]]:
        url = urlsplit(self.source.url)
        first = url.path + (f"?{url.query}" if url.query else "")
        template = (self.render.list_later if stage > 1 else None) or self.render.list
        if template == "feeds/jsonfeed":
            return {first: lambda: self._json_feed(stories)}
        if template in _CONTENT_TYPES:
            return {first: lambda: self._feed(template, stories)}
        size = self.render.page_size or max(1, len(stories))
        pages = max(1, math.ceil(len(stories) / size))
        paths = [first, *(str(self.render.next).format(page=n) for n in range(2, pages + 1))]

        def build(number: int) -> Callable[[], Document]:
            return lambda: self._page(
                template, stage,
                stories=stories[(number - 1) * size : number * size],
                page=number, pages=pages,
                previous_path=paths[number - 2] if number > 1 else None,
                next_path=paths[number] if number < pages else None,
                canonical=self.homepage.rstrip("/") + paths[number - 1],
            )  # fmt: skip

        return {path: build(number) for number, path in enumerate(paths, 1)}

    def _changed(self, stories: tuple[Story, ...]) -> datetime:
        return max((s.revised or s.at for s in stories), default=self._now)

    def _html(self, template: str, **context: Any) -> bytes:
        text = self._templates.get_template(template).render(
            {"canonical": None, **context},
            site=self, today=self._now, marker=MARKER,
            layout=f"{self.render.system}/layout.html",
        )  # fmt: skip
        # What the encoding lacks („ in Latin-1) is written as a character reference.
        return text.encode(self.render.encoding, "xmlcharrefreplace")

    def _type(self, media: str) -> str:
        charset = self.declared if self.render.charset is None else self.render.charset
        return f"{media}; charset={charset}" if charset else media

    def _page(self, template: str, stage: int, **context: Any) -> Document:
        context.setdefault("stories", self.stories(stage)[:5])
        body = self._html(template, **context)
        modified = self._changed(self.stories(stage))
        return Document(self._type("text/html"), body, modified=modified)

    def _item(self, story: Story, stage: int) -> Document:
        others = tuple(other for other in self.stories(stage) if other.slug != story.slug)
        body = self._html(
            f"{self.render.system}/item.html", story=story, others=others, canonical=story.url,
        )  # fmt: skip
        return Document(self._type("text/html"), body, modified=story.revised or story.at)

    def _feed(self, template: str, stories: tuple[Story, ...]) -> Document:
        body = self._html(
            template, stories=stories, changed=self._changed(stories),
            first=min((story.at for story in stories), default=self._now),
        )  # fmt: skip
        # Sitemaps and feeds of sites in other encodings say so in the XML declaration alone.
        media = _CONTENT_TYPES[template]
        return Document(self._type(media), body, modified=self._changed(stories))

    def _json_feed(self, stories: tuple[Story, ...]) -> Document:
        body = _json(interfaces.json_feed(self.source, stories, MARKER))
        changed = self._changed(stories)
        return Document("application/feed+json; charset=utf-8", body, modified=changed)

    def _posts(self, query: Mapping[str, list[str]], stage: int) -> Document:
        stories = self.stories(stage)
        status, headers, answer = interfaces.wordpress_posts(self.source, stories, query, MARKER)
        changed = self._changed(stories) if status == 200 else None
        return Document(interfaces.WORDPRESS_TYPE, _json(answer), status, headers, changed)

    def _post(self, story: Story) -> Document:
        answer = interfaces.wordpress_post(self.source, story, MARKER, embed=False)
        return Document(
            interfaces.WORDPRESS_TYPE, _json(answer), modified=story.revised or story.at
        )

    def _picture(self) -> Document:
        text = self._templates.get_template("picture.svg").render()
        # The drawing is older than every item.
        return Document("image/svg+xml", text.encode(), modified=self._now - timedelta(days=365))

    def _robots(self) -> Document:
        lines = [f"# {MARKER}", "User-agent: *", "Allow: /", "Disallow: /suche/"]
        if self.source.kind == "sitemap":
            lines.append(f"Sitemap: {self.source.url}")
        modified = self._now - timedelta(days=365)
        return Document(
            "text/plain; charset=utf-8", "\n".join([*lines, ""]).encode(), modified=modified
        )

    def _unavailable(self) -> Document:
        body = self._html("unavailable.html")
        # An hour, as in RFC 9110, section 10.2.3 (delay-seconds).
        return Document(self._type("text/html"), body, 503, {"Retry-After": "3600"})

    def _error(self, status: int, template: str) -> Document:
        return Document(self._type("text/html"), self._html(template), status)


def _json(answer: object) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode()
