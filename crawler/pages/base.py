"""The page class: how any page is read, in steps that a site system's class may replace."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

from crawler.pages import labelled_date, published
from crawler.pages.blocks import is_bold
from crawler.pages.body import (
    below,
    text_by_trafilatura,
    text_in_order,
    trim,
    with_lead,
    without_opening,
    without_tail,
    without_teasers,
)
from crawler.pages.byline import byline, is_no_one, marked_author, without_byline
from crawler.pages.changed_date import date_of_change
from crawler.pages.details import image_credit, is_paywalled, shown_image, split_place
from crawler.pages.document import Document, read_document
from crawler.pages.kinds import kind_of_labels, kind_of_path
from crawler.pages.list_steps import ListSteps
from crawler.pages.reading import Reading
from crawler.pages.searched_date import date_by_htmldate
from crawler.pages.structured import Structured, read_structured
from crawler.text import fold
from crawler.types import EntryList, PageData
from store.types import Link, PublicationDate

#: Where metadata tell a date.
_TOLD = frozenset({"json-ld", "microdata", "meta"})
_LEAD_CLASS = re.compile(r"lead|teaser|intro|vorspann|abstract|anriss|summary|standfirst", re.I)


class Page(ListSteps):
    """Any page at all. Stateless; one instance serves all pages."""

    #: the name a source's TOML gives it
    name: ClassVar[str] = "generic"
    #: what its items are unless the page says otherwise (one of store.types.KINDS)
    kind: ClassVar[str] = "article"

    def detects(self, doc: Document, facts: Structured) -> bool:
        """The page is of this system."""
        return True

    def parse(self, html: bytes | str, url: str, *, now: datetime) -> PageData:
        """What the page at ``url`` says; raises PageError if it is no readable HTML."""
        return self.read(read_document(html, url, now=now))

    def links(self, html: bytes | str, url: str, *, now: datetime) -> EntryList:
        """What the list page at ``url`` lists; raises PageError if it lists nothing."""
        return self.read_list(read_document(html, url, now=now))

    # The steps -----------------------------------------------------------------------------

    def read(self, doc: Document, facts: Structured | None = None) -> PageData:
        """What a parsed page says, each field with where it stood."""
        reading = self.begin(doc, facts)
        return self.list_page(reading) if self.is_list(reading) else self.item_page(reading)

    def item_page(self, reading: Reading) -> PageData:
        """A page that is one item."""
        doc = reading.doc
        facts, headline = reading.facts, reading.headline
        found: dict[str, str] = {}
        lines, found_body = self.body(reading)
        date, found_date = self.published(reading)
        if date is None and not doc.dated:
            date, found_date = date_of_change(reading), "changed"
        if facts.published and found_date not in _TOLD:
            published.tell_refused(doc, facts.published)
        section = self.section(reading)
        author, found_author = self.author(reading)
        image = next(((doc.link(fact.value), fact.where) for fact in facts.image), (None, ""))
        if image[0] is None:
            image = shown_image(doc, reading.region), "text"
        place, lines = split_place(without_byline(lines))
        teaser = self.teaser(reading, lines)
        data = PageData(
            url=doc.url,
            kind=self.kind_of(reading),
            title=headline.title,
            kicker=headline.kicker,
            teaser=teaser,
            section=section,
            published=date,
            body="\n".join(lines) or None,
            author=author,
            image=image[0],
            image_credit=image_credit(reading.region, facts.credit) if image[0] else None,
            paywalled=self.paywalled(reading),
            place=place,
            language=facts.language,
            links=self.related(reading, lines),
            found=found,
        )
        places = {
            "title": headline.where,
            "body": found_body,
            "published": found_date,
            "author": found_author,
            "image": image[1],
        }
        found.update((name, at) for name, at in places.items() if at and getattr(data, name))
        return data

    def metadata_page(self, doc: Document) -> PageData:
        """What head and headline say of an item whose text could not be read in time."""
        facts = read_structured(doc)
        headline = self.headline(doc, facts)
        date, where = published.date_of_facts(facts.published, now=doc.now)
        return PageData(
            url=doc.url,
            kind="video" if facts.is_video else kind_of_path(doc.path) or self.kind,
            title=headline.title,
            kicker=headline.kicker,
            teaser=next((fact.value for fact in facts.teaser), None),
            published=date,
            language=facts.language,
            found={"title": headline.where, "body": "timeout"}
            | ({"published": where} if date else {}),
        )

    def body(self, reading: Reading) -> tuple[list[str], str]:
        """The paragraphs of the text with its lead, and where they were found."""
        lines, where = text_by_trafilatura(reading.doc), "trafilatura"
        if reading.groups:
            lines = without_teasers(lines, reading.page_blocks, reading.in_group)
        if not lines:
            lines = text_in_order(reading.blocks, reading.headline, reading.in_group)
            where = "order"
        lines = without_tail(lines, reading.blocks)
        lines = trim(lines, reading.headline, (reading.doc.title_tag,))
        between = below(reading.blocks, reading.headline)
        lines = with_lead(without_opening(lines, between), between)
        return self.without_bracket_date(reading, lines), where

    def without_bracket_date(self, reading: Reading, lines: list[str]) -> list[str]:
        """The paragraphs without the date that the first may open with (``[30.03.2023] …``)."""
        return [
            published.split_bracket_date(text, now=reading.doc.now)[1] for text in lines[:1]
        ] + lines[1:]

    def published(self, reading: Reading) -> tuple[PublicationDate | None, str]:
        """The date of first publication and where it stood; (None, "") if the page has none."""
        doc = reading.doc
        date, where = published.date_of_facts(reading.facts.published, now=doc.now)
        if date is not None:
            return self.as_shown(reading, date, where)
        date, where = self.date_by_sight(reading)
        if date is None and not doc.dated:
            date, where = date_by_htmldate(doc, reading.region), "htmldate"
        return (date, where) if date else (None, "")

    def as_shown(
        self, reading: Reading, told: PublicationDate, where: str
    ) -> tuple[PublicationDate, str]:
        """The metadata's date, or the other day that the page shows at its headline.

        Metadata tell of the first draft or of the text's move to another system, or of a time zone
        far away: on 26 labelled pages whose two days differ, the shown one was right 23 times.
        """
        doc = reading.doc
        if doc.dated or reading.facts.is_event:
            return told, where
        shown = published.date_near_headline(doc, reading.headline, reading.blocks)
        if shown is None or published.is_today(shown, doc.now):
            return told, where
        return (shown, "headline") if published.is_other_day(shown, told) else (told, where)

    def date_by_sight(self, reading: Reading) -> tuple[PublicationDate | None, str]:
        """The date where readers see it: at the headline, in the address, after a label."""
        doc, blocks = reading.doc, reading.blocks
        steps: tuple[tuple[str, Callable[[], PublicationDate | None]], ...] = (
            ("headline", lambda: published.date_near_headline(doc, reading.headline, blocks)),
            ("url", lambda: published.date_of_url(doc)),
            ("label", lambda: labelled_date.date_of_labels(doc, blocks)),
            ("label", lambda: labelled_date.date_of_pairs(doc, reading.region, blocks)),
            ("mark", lambda: self.date_of_marks(reading)),
            ("column", lambda: self.date_of_column(reading)),
            ("meta", lambda: published.date_of_facts(reading.facts.dated, now=doc.now)[0]),
        )
        for where, step in steps:
            date = step()
            if date is not None:
                return date, where
        return None, ""

    def date_of_marks(self, reading: Reading) -> PublicationDate | None:
        """The day of marks in the text's part, unless metadata tell of a change before it.

        Then it is another text's: nothing is published after its last change.
        """
        doc = reading.doc
        date = published.date_of_marks(doc, reading.region, reading.in_group)
        changed = published.date_of_facts(reading.facts.dated, now=doc.now)[0] if date else None
        return None if date and changed and changed.iso()[:10] < date.iso()[:10] else date

    def date_of_column(self, reading: Reading) -> PublicationDate | None:
        """The day that marks around the headline agree on where no element says what the text is.

        Never today's: such a column may hold the site's header.
        """
        doc = reading.doc
        if reading.region.tag not in {"body", "html"}:
            return None
        part = published.column(doc, reading.headline, reading.blocks)
        date = published.date_of_marks(doc, part, reading.in_group) if part is not None else None
        return date if date and not published.is_today(date, doc.now) else None

    def teaser(self, reading: Reading, lines: Sequence[str]) -> str | None:
        """The summary or lead that the source itself gives."""
        return self.lead(reading, lines) or self.description(reading, lines)

    def lead(self, reading: Reading, lines: Sequence[str]) -> str | None:
        """The first paragraph, if the page sets it apart by name or in bold."""
        for block in reading.blocks if lines else ():
            if block.text == lines[0]:
                element = block.element
                names = f"{element.get('class') or ''} {element.getparent().get('class') or ''}"
                return block.text if _LEAD_CLASS.search(names) or is_bold(block) else None
        return None

    def author(self, reading: Reading) -> tuple[str | None, str]:
        """Who wrote it, and where that stood: structured data, a byline, the head's metadata."""
        facts = reading.facts.author
        site = fold(reading.facts.site or "")
        named = [fact for fact in facts if fold(fact.value) != site and not is_no_one(fact.value)]
        if named and named[0].where != "meta":
            return named[0].value, named[0].where
        shown = byline(reading.headline, reading.blocks) or marked_author(reading.region)
        if shown:
            return shown, "byline"
        fact = next(iter(named or facts), None)
        return (fact.value, fact.where) if fact else (None, "")

    def paywalled(self, reading: Reading) -> bool | None:
        """Only a part is shown to those who do not pay; None if the page does not say."""
        texts = (block.text for block in reading.blocks)
        return is_paywalled(reading.doc, reading.facts.free, texts)

    def section(self, reading: Reading) -> str | None:
        """The part of the publication that the text stands in."""
        fact = next(iter(reading.facts.section), None)
        return fact.value if fact else None

    def kind_of(self, reading: Reading) -> str:
        """What the item is (one of store.types.KINDS)."""
        headline, facts = reading.headline, reading.facts
        if facts.is_video:
            return "video"
        if facts.is_event:
            return "event"
        labels = (headline.kicker, (headline.title or "").partition(":")[0], self.section(reading))
        if "pressrelease" in facts.types:
            return "press_release"
        return kind_of_labels(labels) or kind_of_path(reading.doc.path) or self.kind

    def related(self, reading: Reading, lines: Sequence[str]) -> tuple[Link, ...]:
        """Teasers of other texts that the page shows beside its own."""
        return tuple(
            teaser.link
            for group in reading.groups
            if any(teaser.link.teaser or teaser.link.date for teaser in group.teasers)
            for teaser in group.teasers
        )
