"""What a page says of itself for machines: JSON-LD, microdata, OpenGraph, Dublin Core."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lxml import etree

from crawler.durations import parse_duration
from crawler.pages.document import Document, elements, line
from crawler.pages.schema_org import (
    Node,
    address_of,
    json_ld_nodes,
    microdata_nodes,
    names_of,
    text_of_value,
    types_of,
    views_of,
)
from crawler.text import clean, html_to_text

#: schema.org types that are one text with a headline (schema.org/Article and its subtypes, and
#: names seen in the wild for press releases).
ARTICLES = frozenset({
    "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle",
    "backgroundnewsarticle", "opinionnewsarticle", "reviewnewsarticle", "blogposting",
    "liveblogposting", "report", "scholarlyarticle", "techarticle",
    "advertisercontentarticle", "satiricalarticle", "socialmediaposting", "pressrelease",
    "pressrelation", "specialannouncement",
})  # fmt: skip
VIDEOS = frozenset({"videoobject", "videoclip", "clip", "broadcastevent"})
EVENTS = frozenset({
    "event", "businessevent", "educationevent", "festival", "exhibitionevent", "socialevent",
    "publicationevent",
})  # fmt: skip
#: What a page may be about.
_THINGS = ARTICLES | VIDEOS | EVENTS
LISTS = frozenset({"collectionpage", "searchresultspage", "itemlist"})
# By way of the attributes: that is three times as fast as asking each element for them.
_STAMPS = etree.XPath("//@itemprop[.='datePublished']/.. | //@pubdate/parent::time")
#: Letters of a day in ISO 8601, and of most German ones.
_DAY = 10
#: Pages whose dates are those of the text when no article node says more (Yoast's WebPage).
_PAGES = frozenset({
    "webpage", "itempage", "newspage", "aboutpage", "faqpage", "medicalwebpage", "creativework",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """One value and where it stood (``json-ld``, ``microdata``, ``meta`` …)."""

    value: str
    where: str


@dataclass(frozen=True, slots=True)
class Structured:
    """A page's own metadata. Each list holds candidates, the most trusted first."""

    #: lower-case schema.org types of the node that is the page's main thing
    types: frozenset[str] = frozenset()
    #: lower-case og:type
    og_type: str = ""
    site: str | None = None
    title: tuple[Fact, ...] = ()
    teaser: tuple[Fact, ...] = ()
    #: raw dates of first publication, unparsed
    published: tuple[Fact, ...] = ()
    #: raw dates that may be of the last change
    dated: tuple[Fact, ...] = ()
    author: tuple[Fact, ...] = ()
    section: tuple[Fact, ...] = ()
    image: tuple[Fact, ...] = ()
    language: str | None = None
    #: whose picture the image is
    credit: str | None = None
    #: schema.org isAccessibleForFree; None if it is not said
    free: bool | None = None
    #: of a video: its whole description, its length and its views
    description: str | None = None
    duration_s: int | None = None
    views: int | None = None
    found: dict[str, str] = field(default_factory=dict)

    @property
    def is_article(self) -> bool:
        """The page says that it is one text."""
        return bool(self.types & ARTICLES) or self.og_type == "article"

    @property
    def is_video(self) -> bool:
        """The page says that it is one video."""
        if self.types & ARTICLES or self.og_type == "article":
            return False
        return bool(self.types & VIDEOS) or self.og_type.startswith("video")

    @property
    def is_event(self) -> bool:
        """The page says that it is one event."""
        return bool(self.types & EVENTS)

    @property
    def is_list(self) -> bool:
        """The page says that it lists others."""
        return bool(self.types & LISTS)


def read_structured(doc: Document) -> Structured:
    """Everything machine-readable of the page; empty fields where it says nothing."""
    ld_nodes = json_ld_nodes(doc.parts["script"])
    md_nodes = microdata_nodes(doc.root, _THINGS)
    main_ld, main_md = _main_node(ld_nodes, doc), _main_node(md_nodes, doc)
    pages = [node for node in ld_nodes if types_of(node) & _PAGES]
    facts: dict[str, list[Fact]] = {}

    def add(name: str, value: str | None, where: str) -> None:
        if value:
            facts.setdefault(name, []).append(Fact(value, where))

    for node, where in ((main_ld, "json-ld"), (main_md, "microdata")):
        if node is None:
            continue
        add(
            "title",
            line(text_of_value(node.get("headline")) or text_of_value(node.get("name"))),
            where,
        )
        add("teaser", clean(html_to_text(text_of_value(node.get("description")) or "")), where)
        for key in ("datepublished", "uploaddate", "datecreated"):
            add("published", text_of_value(node.get(key)), where)
        add("author", line(names_of(node.get("author") or node.get("creator"))), where)
        add("section", line(text_of_value(node.get("articlesection"))), where)
        add("image", address_of(node.get("image") or node.get("thumbnailurl")), where)
    for names in (
        ("article:published_time", "og:article:published_time", "article:published"),
        ("datepublished", "date.published", "publish-date", "publish_date", "pubdate"),
        ("published_time", "og:published_time", "published_date", "date_published"),
        ("publication_date", "publicationdate", "release_date", "originalpublicationdate"),
        ("dcterms.issued", "dc.date.issued", "dc.issued", "dcterms.created", "dc.date.created"),
        ("dc.created", "datecreated", "date_created"),
        ("sailthru.date", "parsely-pub-date", "cxenseparse:recs:publishtime"),
        ("citation_publication_date",),
    ):
        add("published", doc.meta(*names), "meta")
    for page in pages:
        add("published", text_of_value(page.get("datepublished")), "json-ld")
    if "published" not in facts:
        add("published", _one_stamp(doc), "microdata")
    # TYPO3 and others write the last change here: believed only where nothing better is found
    for name in ("dc.date", "dcterms.date", "date"):
        add("dated", doc.meta(name), "meta")
    for title in ("og:title", "twitter:title", "dc.title", "dcterms.title"):
        add("title", line(doc.meta(title)), "meta")
    for teaser in ("og:description", "description", "twitter:description", "dc.description"):
        add("teaser", clean(html_to_text(doc.meta(teaser) or "")), "meta")
    for author in ("author", "article:author", "dc.creator", "dcterms.creator"):
        add("author", names_of(line(doc.meta(author))), "meta")
    add("section", line(doc.meta("article:section")), "meta")
    add("image", doc.meta("og:image", "og:image:url", "twitter:image"), "meta")

    node = next(
        (node for node in (main_ld, main_md) if node is not None and types_of(node) & VIDEOS), None
    )
    node = node if node is not None else {}
    return Structured(
        types=(types_of(main_ld) if main_ld else frozenset())
        | (types_of(main_md) if main_md else frozenset())
        or frozenset().union(*(types_of(page) for page in ld_nodes if types_of(page) & LISTS)),
        og_type=(doc.meta("og:type") or "").lower(),
        site=line(doc.meta("og:site_name", "application-name")),
        description=html_to_text(text_of_value(node.get("description")) or "") or None,
        duration_s=parse_duration(text_of_value(node.get("duration")) or ""),
        views=views_of(node),
        language=doc.language,
        credit=next(filter(None, map(_credit, (main_ld, main_md))), None),
        free=next(
            (free for free in map(_free, (main_ld, main_md, *pages)) if free is not None), None
        ),
        **{name: tuple(facts.get(name, ())) for name in _FACTS},  # type: ignore[arg-type]
    )


def _one_stamp(doc: Document) -> str | None:
    """What the page's elements marked as its publication agree on, whatever item they stand in."""
    values = [
        one.get("content") or one.get("datetime") or one.text_content()
        for one in elements(_STAMPS, doc.root)
    ]
    return values[0] if len({value.strip()[:_DAY] for value in values}) == 1 else None


def _credit(node: Node | None) -> str | None:
    image = node.get("image") if node else None
    if isinstance(image, list):
        image = next((one for one in image if isinstance(one, dict)), None)
    if not isinstance(image, dict):
        return None
    low = {str(key).lower(): value for key, value in image.items()}
    for name in ("credittext", "copyrightnotice", "copyrightholder", "creator", "author"):
        if text := names_of(low.get(name)):
            return line(text)
    return None


def _free(node: Node | None) -> bool | None:
    value = node.get("isaccessibleforfree") if node else None
    if isinstance(value, bool):
        return value
    said = re.split(r"[/#]", text_of_value(value) or "")[-1].lower()
    return {"true": True, "false": False}.get(said)


_FACTS = ("title", "teaser", "published", "dated", "author", "section", "image")


def _main_node(nodes: list[Node], doc: Document) -> Node | None:
    """The node that is the page: one text, event or video; never one of many teasers."""
    typed = [(node, types_of(node)) for node in nodes]
    for kinds in (ARTICLES, EVENTS, VIDEOS):
        found = [node for node, types in typed if types & kinds]
        if len(found) > 1:
            found = [node for node in found if _is_this_page(node, doc)]
        if kinds is VIDEOS and nodes and found and not _is_this_page(found[0], doc):
            continue
        if found:
            return found[0]
    return None


def _is_this_page(node: Node, doc: Document) -> bool:
    """The node's address or headline is the page's."""
    addresses = [node.get("url"), node.get("@id"), node.get("mainentityofpage")]
    here = {_plain_address(doc.url), _plain_address(_canonical(doc))}
    for address in addresses:
        if isinstance(address, dict):
            address = address.get("@id")
        if isinstance(address, str) and _plain_address(doc.link(address) or "") in here:
            return True
    title = clean(
        (text_of_value(node.get("headline")) or text_of_value(node.get("name")) or "")[:1000]
    )
    page = " ".join(filter(None, (doc.title_tag, doc.meta("og:title"))))
    return bool(title) and len(title or "") > 5 and (title or "").casefold() in page.casefold()


def _canonical(doc: Document) -> str:
    for element in doc.parts["link"]:
        if "canonical" in (element.get("rel") or "").lower().split():
            return doc.link(element.get("href")) or doc.url
    return doc.url


def _plain_address(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.netloc.removeprefix("www."), parts.path.rstrip("/"), parts.query
