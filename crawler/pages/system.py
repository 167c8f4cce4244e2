"""A page of a site system: its text stands where the system says, so nothing need be guessed.

What a system declares are marks (see `crawler.pages.marks`). Where a page has none of them, as
after a relaunch, it is read as any other page is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import dropwhile, islice
from typing import ClassVar

from lxml import etree
from lxml.html import HtmlElement

from crawler.dates import better_date, parse_date
from crawler.pages import listing, published
from crawler.pages.base import Page
from crawler.pages.blocks import Block, read_blocks, text_of
from crawler.pages.body import (
    below,
    out_of_text,
    text_of_container,
    trim,
    with_lead,
    without_opening,
)
from crawler.pages.byline import without_by
from crawler.pages.details import WALL_CLASSES, is_paywalled
from crawler.pages.document import Document, line
from crawler.pages.headline import read_headline
from crawler.pages.marks import Marked, find_marks, first_of
from crawler.pages.reading import Reading
from crawler.pages.structured import Structured, read_structured
from crawler.types import PageData
from store.types import Link, PublicationDate

#: So many linked headings in a text may be a list of teasers rather than its chapters.
_TEASERS = 2
_LINKED_HEADINGS = etree.XPath(
    "count(.//h2[.//a] | .//h3[.//a] | .//h4[.//a] | .//a[.//h2] | .//a[.//h3] | .//a[.//h4])"
)
_WALLS = tuple(f".{name}" for name in sorted(WALL_CLASSES))
#: Related texts stand at most so many elements up from the text, and so many are kept.
_AROUND = 3
_RELATED = 12
_HEADS = ("h2", "h3", "h4", "h5")


@dataclass(frozen=True)
class SystemReading(Reading):
    """A page whose text stands in ``container``, where ``outside`` are classes of what is none."""

    container: HtmlElement
    system: SystemPage
    #: the mark of the container stands on pages of one item only
    is_item: bool = True
    #: the page has one of ``WALL_CLASSES``
    is_walled: bool = False

    @cached_property
    def region(self) -> HtmlElement:
        """The smallest element that holds headline and text; the text alone if they are apart."""
        heading = self.headline.element
        if heading is not None:
            above = set(heading.iterancestors())
            for around in (self.container, *self.container.iterancestors()):
                if around in above:
                    return self.container if around.tag == "body" else around
        return self.container

    @cached_property
    def marked(self) -> Marked:
        """The elements of ``region`` by the system's marks, those of ``outside`` among them."""
        return find_marks(self.region.iter(), self.system.marks_of_text)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of ``region`` without what the system sets apart."""
        marked = self.marked
        apart = {one for mark in self.system.marks_outside for one in marked.get(mark, ())}
        apart.difference_update((self.container,), self.container.iterancestors())
        apart |= out_of_text(self.headline, self.region)
        return tuple(read_blocks(self.region, apart))

    def of_text(self, marks: Iterable[str]) -> Iterator[HtmlElement]:
        """The elements of the marks in the order of the marks, without those of other texts."""
        for mark in marks:
            yield from self.marked.get(mark, ())

    def text_at(self, marks: Iterable[str]) -> str | None:
        """The first text at one of the marks."""
        return next(filter(None, (line(text_of(one)) for one in self.of_text(marks))), None)

    @cached_property
    def among_teasers(self) -> frozenset[HtmlElement]:
        """The elements of lists of other texts that stand within the text."""
        heads = list(self.container.iter(*_HEADS))
        if len(heads) < _TEASERS:
            return frozenset()
        if float(_LINKED_HEADINGS(self.container)) < _TEASERS:  # type: ignore[arg-type]
            return frozenset()
        groups = listing.find_groups(self.doc, self.headline.element, heads)
        return frozenset().union(*(group.elements for group in groups))


class SystemPage(Page):
    """A page of a site system that says where its text stands."""

    #: where the text of one item stands, best first
    texts: ClassVar[tuple[str, ...]] = ()
    #: where it stands on pages that may be lists as well
    places: ClassVar[tuple[str, ...]] = ()
    #: where its headline stands
    titles: ClassVar[tuple[str, ...]] = ()
    #: where its day of publication stands
    dates: ClassVar[tuple[str, ...]] = ()
    #: where its lead stands
    leads: ClassVar[tuple[str, ...]] = ()
    #: where the writer's name stands, and the body that issued the text
    authors: ClassVar[tuple[str, ...]] = ()
    issuers: ClassVar[tuple[str, ...]] = ()
    #: where the part of the publication stands
    sections: ClassVar[tuple[str, ...]] = ()
    #: classes of what stands in or beside the text and is not of it
    outside: ClassVar[frozenset[str]] = frozenset()

    def read(self, doc: Document, facts: Structured | None = None) -> PageData:
        """What the page says: as an item if it has the system's mark of one."""
        reading = self.begin(doc, facts)
        is_item = isinstance(reading, SystemReading) and reading.is_item
        as_list = not is_item and self.is_list(reading)
        return self.list_page(reading) if as_list else self.item_page(reading)

    def begin(self, doc: Document, facts: Structured | None = None) -> Reading:
        """A reading that knows the text's place, if the page has one."""
        facts = facts or read_structured(doc)
        headings = find_marks(doc.headings, self.titles)
        headline = read_headline(
            doc,
            facts,
            structural_kicker=self.sets_kicker,
            preferred=first_of(headings, self.titles),
        )
        marked = find_marks(doc.holders, self._holders)
        container = self.container(doc, marked)
        is_item = container is not None
        if container is None:
            container = only_one(marked, self.places)
        if container is None:
            return Reading(doc, facts, headline)
        walled = not marked.keys().isdisjoint(_WALLS)
        return SystemReading(doc, facts, headline, container, self, is_item, walled)

    @cached_property
    def _holders(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.texts, *self.places, *_WALLS)))

    @cached_property
    def marks_outside(self) -> tuple[str, ...]:
        """``outside`` as marks."""
        return tuple(f".{name}" for name in sorted(self.outside))

    @cached_property
    def marks_of_text(self) -> tuple[str, ...]:
        """What is looked for around and in a text."""
        return tuple(dict.fromkeys((
            *self.dates, *self.leads, *self.authors, *self.issuers, *self.sections,
            *self.marks_outside,
        )))  # fmt: skip

    def container(self, doc: Document, marked: Marked) -> HtmlElement | None:
        """Where the text of the one item stands that the page is about; None if it is not seen."""
        return only_one(marked, self.texts)

    def body(self, reading: Reading) -> tuple[list[str], str]:
        """The text of the container and the lead over it, without a tail."""
        if not isinstance(reading, SystemReading):
            return super().body(reading)
        in_group = reading.among_teasers.__contains__
        headline = reading.headline
        lines = text_of_container(reading.blocks, reading.container, headline, in_group)
        if not lines:
            return super().body(reading)
        lines = trim(lines, headline, (reading.doc.title_tag,))
        between = below(reading.blocks, headline)
        lines = with_lead(without_opening(lines, between), between)
        return self.without_bracket_date(reading, lines), "container"

    def published(self, reading: Reading) -> tuple[PublicationDate | None, str]:
        """The metadata's date, the one in its place, or the one beside headline or label."""
        if not isinstance(reading, SystemReading):
            return super().published(reading)
        doc = reading.doc
        date, where = published.date_of_facts(reading.facts.published, now=doc.now)
        if date is not None:
            return self.as_shown(reading, date, where)
        for element in reading.of_text(self.dates):
            date = date_in(element, doc)
            if date is not None:
                return date, "time"
        return self.date_by_sight(reading)

    def lead(self, reading: Reading, lines: Sequence[str]) -> str | None:
        """What the system calls the lead, else the first paragraph if it is set apart."""
        return self.marked_text(reading, self.leads) or super().lead(reading, lines)

    def marked_text(self, reading: Reading, marks: Iterable[str]) -> str | None:
        """What the page shows at one of the marks; None if it is not of this system."""
        return reading.text_at(marks) if isinstance(reading, SystemReading) else None

    def paywalled(self, reading: Reading) -> bool | None:
        """As of any page; the marks are known already."""
        if not isinstance(reading, SystemReading):
            return super().paywalled(reading)
        texts = (block.text for block in reading.blocks)
        return is_paywalled(reading.doc, reading.facts.free, texts, walled=reading.is_walled)

    def section(self, reading: Reading) -> str | None:
        """The metadata's section, or the one that the page shows in its place."""
        return super().section(reading) or self.marked_text(reading, self.sections)

    def author(self, reading: Reading) -> tuple[str | None, str]:
        """The writer in its place, else what any page tells, else the body that issued it."""
        if name := without_by(self.marked_text(reading, self.authors)):
            return name, "byline"
        name, where = super().author(reading)
        if name is None:
            name, where = self.marked_text(reading, self.issuers), "issuer"
        return name, where if name else ""

    def related(self, reading: Reading, lines: Sequence[str]) -> tuple[Link, ...]:
        """Teasers of other texts below this one."""
        if not isinstance(reading, SystemReading):
            return super().related(reading, lines)
        container = reading.container
        inside = set(container.iter(*_HEADS))
        # teasers near the text are about its subject; those of the page's other columns are not
        around = list(islice(container.iterancestors(), _AROUND))[-1:] or [container]
        order = around[0].iter(*_HEADS, str(container.tag))
        after = dropwhile(lambda element: element is not container, order)
        heads = [one for one in after if one not in inside and one.tag in _HEADS][:_RELATED]
        if sum(map(_is_linked, heads)) < _TEASERS:
            return ()
        groups = listing.find_groups(reading.doc, reading.headline.element, heads)
        return tuple(
            teaser.link
            for group in groups
            if any(teaser.link.teaser or teaser.link.date for teaser in group.teasers)
            for teaser in group.teasers
        )


def _is_linked(heading: HtmlElement) -> bool:
    """A link is in it or around it."""
    return heading.find(".//a") is not None or next(heading.iterancestors("a"), None) is not None


def only_one(marked: Marked, marks: Iterable[str]) -> HtmlElement | None:
    """The element with the first of the marks that one element has, or one and some in it."""
    for mark in marks:
        found = marked.get(mark, ())
        if len(found) == 1 or (found and set(found[0].iter()).issuperset(found)):
            return found[0]
    return None


def date_in(element: HtmlElement, doc: Document) -> PublicationDate | None:
    """The date of an element that is nothing but one (and a label): its ``datetime``, its text."""
    stamps = [stamp.get("datetime") or "" for stamp in element.iter("time")]
    read = [parse_date(stamp, now=doc.now) for stamp in stamps if stamp]
    shown = next(published.dates_in(" ".join(element.itertext()), now=doc.now), None)
    return better_date(shown, next(filter(None, read), None)) or next(filter(None, read), None)
