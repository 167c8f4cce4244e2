"""How any page is read as a list, in steps that a site system's class may replace."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from crawler.pages import listing, paging
from crawler.pages.document import Document, PageError
from crawler.pages.headline import Headline, read_headline
from crawler.pages.reading import Reading
from crawler.pages.structured import Structured, read_structured
from crawler.text import fold
from crawler.types import Entry, EntryList, PageData
from crawler.urls import same_site

#: Prose from this length on counts as a paragraph when a page is judged list or text.
_PARAGRAPH = 80
#: A description shorter than this is a title or a place.
_SUMMARY = 25
#: An introduction to a list has so many letters.
_INTRODUCTION = 40
#: A list page has at least so many teasers.
_LIST = 3
#: What stands under a linked headline and is longer than this is a chapter, not a teaser.
_TEASER = 600
#: How a description that was cut short ends, within its last so many letters.
_CUT_REACH = 40
_CUT = re.compile(r"\s*(?:\.\.\.|…|\[…\]|\[\.\.\.\])\s*(?:\[?(?:mehr|weiterlesen)\]?)?\s*$", re.I)


class ListSteps:
    """Any page as a list of others, and whether it is one. Stateless."""

    #: the system sets a kicker over its headlines, whatever its class is called
    sets_kicker: ClassVar[bool] = False

    def begin(self, doc: Document, facts: Structured | None = None) -> Reading:
        """What all steps look at, from ``facts`` if they are read already."""
        facts = facts or read_structured(doc)
        return Reading(doc, facts, self.headline(doc, facts))

    def headline(self, doc: Document, facts: Structured) -> Headline:
        """Headline and kicker."""
        return read_headline(doc, facts, structural_kicker=self.sets_kicker)

    def is_list(self, reading: Reading) -> bool:
        """The page only lists others."""
        group = self.main_group(reading, expected=reading.facts.is_list)
        if group is None or len(group.teasers) < _LIST or reading.facts.is_video:
            return False
        if reading.facts.is_list:
            return True
        own = [
            len(block.text)
            for block in reading.blocks
            if len(block.text) >= _PARAGRAPH
            and not block.is_linked
            and not group.holds(block.element)
        ]
        if reading.facts.is_article or reading.facts.published or reading.is_dated_text(group):
            return False
        links = [teaser.link for teaser in group.teasers]
        inside = [link for link in links if same_site(link.url, reading.doc.url)]
        short = [link for link in links if len(link.teaser or "") <= _TEASER]
        if len(inside) * 5 < len(links) * 4 or len(short) * 5 < len(links) * 4:
            return False
        return len(own) <= _LIST and sum(own) < group.weight

    def main_group(self, reading: Reading, *, expected: bool = False) -> listing.Group | None:
        """The list the page is about: the one with the most text.

        Where the page is ``expected`` to be a list, lists of bare links count too, and, if it also
        says that it is one, a teaser that is left alone on its last page.
        """
        groups = [(group.weight * 2, group) for group in reading.groups]
        if expected and not groups and self.is_known_list(reading):
            groups += [(group.weight * 2, group) for group in reading.lone_groups]
        if expected:
            groups += [(group.weight, group) for group in reading.plain_groups]
        return max(groups, key=lambda pair: pair[0])[1] if groups else None

    def is_known_list(self, reading: Reading) -> bool:
        """The page says that it lists others, or is one of several pages of a list."""
        return reading.facts.is_list or paging.is_paged(reading.doc)

    def read_list(self, doc: Document, facts: Structured | None = None) -> EntryList:
        """The entries of a parsed list page, and its next page."""
        reading = self.begin(doc, facts)
        group = self.main_group(reading, expected=True)
        if group is None:
            raise PageError(
                f"{doc.url}: no repeated teasers found; is it a list page without JavaScript?"
            )
        page = self.list_page(reading, group)
        entries = tuple(
            Entry(
                url=link.url,
                title=link.title,
                kicker=link.kicker,
                teaser=link.teaser,
                published=link.date,
                genre=link.genre,
            )
            for link in page.links
        )
        further = paging.next_page(doc)
        return EntryList(page.title, page.teaser, entries, (), (further,) if further else ())

    def list_page(self, reading: Reading, group: listing.Group | None = None) -> PageData:
        """A list page: its heading, its introduction, its teasers."""
        group = group or self.main_group(reading, expected=True)
        groups = () if group is None else self.with_likes(reading, group)
        links = {teaser.link.url: teaser.link for one in groups for teaser in one.teasers}
        return PageData(
            url=reading.doc.url,
            kind="listing",
            title=reading.headline.title,
            teaser=self.introduction(reading, groups) or self.description(reading),
            language=reading.facts.language,
            links=tuple(links.values()),
            found={"title": reading.headline.where, "links": "structure"},
        )

    def with_likes(self, reading: Reading, main: listing.Group) -> tuple[listing.Group, ...]:
        """The main list and those that say as much: the first few teasers often look different."""
        aside = {above for one in reading.doc.root.iter("aside") for above in one.iter()}
        return tuple(
            group
            for group in (reading.groups if main in reading.groups else (main,))
            if group is main or (group.resembles(main) and not aside & set(group.teasers[0].parts))
        )

    def introduction(self, reading: Reading, groups: Sequence[listing.Group]) -> str | None:
        """The first paragraph between the list page's heading and its list."""
        heading = reading.headline.element
        inside = set() if heading is None else set(heading.iter())
        started = heading is None
        for block in reading.blocks:
            if block.element in inside:
                started = True
            elif any(group.holds(block.element) for group in groups):
                return None
            elif started and len(block.text) >= _INTRODUCTION and not block.is_linked:
                return block.text
        return None

    def description(self, reading: Reading, lines: Sequence[str] = ()) -> str | None:
        """The page's description; where it is cut short, the paragraph that it was cut from."""
        title = fold(reading.headline.title or "")
        for text in dict.fromkeys(fact.value for fact in reading.facts.teaser):
            if fold(text) == title:
                continue
            if _CUT.search(text, max(0, len(text) - _CUT_REACH)):
                stem = fold(_CUT.sub("", text))
                for paragraph in lines[:3]:
                    if stem and fold(paragraph).startswith(stem):
                        return paragraph
            if len(text) >= _SUMMARY:
                return text
        return None
