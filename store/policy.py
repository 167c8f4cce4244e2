"""Owns what the public may see of an item: the display policy of its source, applied; pure."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace

from store.types import BERLIN, Article, Link, Source, Tag, Version

#: Words of the model's evidence that are shown with a tag, and the longest run of words in one:
#: enough to judge the tag, too little to quote from.
EVIDENCE_TERMS = 6
EVIDENCE_WORDS = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One public difference between two versions; None where there was nothing."""

    field: str
    before: str | None
    after: str | None


def cut(text: str, words: int) -> str:
    """The first ``words`` words, with an ellipsis where something was left out.

    White space is folded. The number is the operator's choice: German law speaks of "very short
    extracts" (§ 87g UrhG) and names none.
    """
    found = text.split()
    return " ".join(found) if len(found) <= words else " ".join(found[:words]) + " …"


def public_article(
    article: Article, source: Source, *, teaser_words: int, withdrawn: bool = False
) -> Article:
    """The article with nothing in it that the source's display policy does not allow.

    ``full`` shows everything. ``teaser`` cuts the teaser (the body's beginning where there is
    none) at ``teaser_words``. ``headline`` keeps headline and facts. ``link`` keeps address,
    kind and date, with a neutral line as title. A withdrawn item keeps at most its headline; one
    whose rights to text and data mining are reserved at most its teaser.
    """
    display = source.display
    if withdrawn and display != "link":
        display = "headline"
    if article.reservation is not None and display == "full":
        display = "teaser"
    if display == "full":
        return article
    teaser = None
    if display == "teaser":
        whole = article.teaser or article.body
        teaser = cut(whole, teaser_words) if whole else None
    shown = replace(
        article,
        teaser=teaser,
        body=None,
        image=None,
        image_credit=None,
        links=tuple(_public_link(link, display, teaser_words) for link in article.links),
    )
    if display == "link":
        shown = replace(
            shown,
            kicker=None,
            title=_neutral_title(article, source),
            section=None,
            author=None,
            place=None,
            links=(),
        )
    return replace(shown, links=()) if withdrawn else shown


def _public_link(link: Link, display: str, teaser_words: int) -> Link:
    if display == "teaser" and link.teaser:
        return replace(link, teaser=cut(link.teaser, teaser_words))
    return replace(link, teaser=None)


def _neutral_title(article: Article, source: Source) -> str:
    if article.published is None:
        return f"Eintrag von {source.publisher}"
    day = article.published.at.astimezone(BERLIN)
    return f"Eintrag von {source.publisher} vom {day.day}.{day.month}.{day.year}"


def public_changes(
    versions: list[Version], source: Source, *, teaser_words: int
) -> list[tuple[Version, list[Change]]]:
    """What each version after the first changed, as far as the policy shows it.

    A version whose changes are all in fields that are not shown has an empty list: that there
    was a correction is a fact, its text is not ours to show. A reservation that came with the
    present version (the last) covers the earlier ones too.
    """
    reserved = versions[-1].article.reservation
    shown = [
        public_article(
            replace(version.article, reservation=reserved or version.article.reservation),
            source,
            teaser_words=teaser_words,
        )
        for version in versions
    ]
    return [
        (version, _differences(before, after))
        for version, before, after in zip(versions[1:], shown, shown[1:], strict=False)
    ]


def _differences(before: Article, after: Article) -> list[Change]:
    changes = [
        Change(name, old, new)
        for name in ("kind", "kicker", "title", "teaser", "section", "author")
        if (old := getattr(before, name)) != (new := getattr(after, name))
    ]
    dates = [article.published.iso() if article.published else None for article in (before, after)]
    if dates[0] != dates[1]:
        changes.append(Change("published", dates[0], dates[1]))
    told = {(change.before, change.after) for change in changes}
    # Many sources repeat the teaser as the body's first paragraph; one correction is told once.
    changes.extend(
        change
        for change in _paragraph_changes(before.body or "", after.body or "")
        if (change.before, change.after) not in told
    )
    return changes


def _paragraph_changes(before: str, after: str) -> list[Change]:
    """Only the paragraphs that differ: a reader looks for the correction, not the whole text."""
    old, new = before.splitlines(), after.splitlines()
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    return [
        Change("body", "\n".join(old[a:b]) or None, "\n".join(new[c:d]) or None)
        for operation, a, b, c, d in matcher.get_opcodes()
        if operation != "equal"
    ]


def public_evidence(tag: Tag, source: Source, *, withdrawn: bool) -> list[str]:
    """The few words shown as reason for a tag.

    They are the text's: none is told of a withdrawn item, nor where only the link may be shown.
    """
    if withdrawn or source.display == "link":
        return []
    return [" ".join(term.split()[:EVIDENCE_WORDS]) for term in tag.evidence[:EVIDENCE_TERMS]]


def is_published(source: Source, tags: list[Tag], *, hidden: bool | None = None) -> bool:
    """The relevance rule: of a source with other news too, only items with a topic leave.

    ``hidden``: the editors' word, which goes before it; None where they said nothing.
    """
    if hidden is not None:
        return not hidden
    return source.relevance == "all" or any(tag.facet == "topic" for tag in tags)
