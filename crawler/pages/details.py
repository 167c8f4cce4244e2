"""Small things a page tells beside its text: image and credit, paywall, place line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from lxml.html import HtmlElement

from crawler.pages.document import Document, line
from crawler.pages.marks import carries
from crawler.text import clean, fold

_CREDIT_CLASS = re.compile(
    r"credit|copyright|bildnachweis|bildquelle|fotograf|photographer|caption|bildunterschrift", re.I
)
#: So many different ``class`` attributes are remembered.
_MOST_CLASSES = 10_000
_CREDIT = re.compile(
    r"(?:\b(?:fotos?|bild(?:er|quelle|nachweis|rechte)?|symbolbild|grafik|quelle|credits?|copyright)"
    r"\s*:|©|\(c\)|\bcopyright\b)\s*(?:[:©]\s*)?(?P<credit>[^()|\[\]]{2,100})",
    re.I,
)
_LABEL = re.compile(r"^(?:fotos?|bild(?:er)?|quelle|grafik)\s*:\s*", re.I)
_SENTENCE = re.compile(r"(?<=[a-zäöüß]{3})\.\s+(?=[A-ZÄÖÜ])")
#: „© 2020 Firma“ is the site's own line.
_YEAR = re.compile(r"\d{4}\b")
_SURE_CLASS = re.compile(r"credit|copyright|bildnachweis|bildquelle|fotograf|photographer", re.I)
_PICTURE_CLASS = re.compile(r"picture|image|bild|media|foto|photo", re.I)
_NO_PICTURE = re.compile(r"logo|icon|pixel|spacer|avatar|\.svg(?:$|\?)|^data:", re.I)
#: Classes and texts by which German publishers close an article. A mere offer to subscribe is none.
WALL_CLASSES = frozenset({
    "paywall", "c-paywall", "paywall-active", "paid-content", "paidcontent", "is-premium",
    "premium-content", "article--plus", "plus-article", "park-article--reduced", "article-locked",
})  # fmt: skip
_WALL_TEXT = re.compile(
    r"^(?:weiterlesen mit\b.{0,40}(?:plus|\+|abo|premium)"
    r"|(?:dieser|der) (?:artikel|beitrag|inhalt) ist (?:exklusiv )?(?:nur )?(?:für|unseren)\b"
    r".{0,40}(?:abonnent|mitglieder|plus)"
    r"|(?:jetzt )?(?:diesen artikel )?weiterlesen mit\b.{0,30}"
    r"|(?:lesen sie|sie möchten) (?:diesen|den) (?:ganzen |vollständigen )?(?:artikel|beitrag)"
    r"\b.{0,30}\b(?:mit|plus|abo)\b|nur für abonnent\w*|exklusiv für abonnent\w*)",
    re.I,
)
_CAPITAL = r"[A-ZÄÖÜ][\wäöüß.'’-]*"
_PLACE = (
    rf"(?P<place>{_CAPITAL}(?:[ /-](?:{_CAPITAL}|am|an|der|im|in|ob|bei|\([^)]{{1,20}}\))){{0,4}})"
)
_DAY = r"(?:(?:den|der)\s+)?\d{1,2}\.\s?(?:\d{1,2}\.|[A-ZÄa-zä]+\.?)\s?(?:\d{4}|\d{2})?"
#: „Köln, 3. März 2025 –“, „(Köln, 03.03.2025)“, „Hannover (ots) -“, „STUTTGART. Der …“.
_PLACE_LINES = (
    re.compile(rf"^\(?{_PLACE},?\s+{_DAY}(?:\s*\)\s+|\s*\)?\s*(?:[-–—:.|/]+(?=\s)|$)\s*)"),
    re.compile(rf"^{_PLACE}\s*\(ots\)\s*(?:[-–—:/]+(?=\s)|$)\s*"),
    re.compile(
        r"^(?P<place>[A-ZÄÖÜ]{4,}(?:[ /-][A-ZÄÖÜ]{2,}){0,3})(?:\.| [–—-])\s+(?=[A-ZÄÖÜ„\"])"
    ),
)
#: What stands where a place would, and is none.
_NO_PLACES = frozenset({
    "am", "vom", "seit", "bis", "ab", "zum", "im", "in", "der", "die", "das", "den", "mit", "nach",
    "bei", "anzeige", "update", "info", "infos", "eilmeldung", "video", "hinweis", "achtung", "neu",
    "stand", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag",
    "veröffentlicht", "erstellt", "datum", "termin", "fazit", "wichtig", "tipp",
})  # fmt: skip


def split_place(lines: Sequence[str]) -> tuple[str | None, list[str]]:
    """The place line that a text opens with („Köln, 3. März 2025 – Der …“), and the text without.

    (None, the text as it is) where there is none.
    """
    first = lines[0] if lines else ""
    for pattern in _PLACE_LINES:
        match = pattern.match(first)
        if match and fold(match["place"]).split(" ")[0] not in _NO_PLACES:
            place = match["place"]
            rest = first[match.end() :]
            if len(lines) == 1 and not rest:
                break
            return place.title() if place.isupper() else place, [*filter(None, [rest]), *lines[1:]]
    return None, list(lines)


def shown_image(doc: Document, part: HtmlElement) -> str | None:
    """The first picture of the text, where the page's metadata name none."""
    for image in part.iter("img"):
        source = image.get("src") or image.get("data-src") or ""
        if not source or _NO_PICTURE.search(source):
            continue
        around = [image, *list(image.iterancestors())[:3]]
        if any(
            one.tag == "figure" or _PICTURE_CLASS.search(one.get("class") or "") for one in around
        ):
            return doc.link(source)
    return None


def image_credit(part: HtmlElement, stated: str | None = None) -> str | None:
    """Whose picture the text's first one is: as structured data say, else as its caption does."""
    if stated:
        return line(_CREDIT.sub(lambda match: match["credit"], stated, count=1).strip(" ).;"))
    for element in part.iter("figcaption", "p", "span", "small", "div", "em", "cite"):
        names = element.get("class") or ""
        if element.tag != "figcaption" and not (names and _may_credit(names)):
            continue
        text = clean(element.text_content()[:600]) or ""
        found = list(_CREDIT.finditer(text))
        if found and not _YEAR.match(found[-1]["credit"]):
            credit = _SENTENCE.split(_LABEL.sub("", found[-1]["credit"]))[0]
            return line(credit.strip(" ).;,"))
        if _SURE_CLASS.search(names) and 2 < len(text) <= 100:
            return line(text)
    return None


@lru_cache(maxsize=_MOST_CLASSES)
def _may_credit(names: str) -> bool:
    """A ``class`` attribute that credits may have; sites repeat theirs."""
    return bool(_CREDIT_CLASS.search(names))


def is_paywalled(
    doc: Document, free: bool | None, texts: Iterable[str], *, walled: bool | None = None
) -> bool | None:
    """The page shows only a part to those who do not pay; None if it does not say.

    ``free`` is schema.org's isAccessibleForFree; ``walled`` whether one of ``WALL_CLASSES`` is
    there, which is looked up unless given.
    """
    if free is not None:
        return not free
    tier = (doc.meta("article:content_tier", "content_tier") or "").lower()
    if tier:
        return tier in {"locked", "metered", "premium", "paid"}
    if walled is None:
        parts = doc.root.iter("div", "article", "section", "p")
        walled = any(carries(one, WALL_CLASSES) for one in parts)
    if walled:
        return True
    return True if any(_WALL_TEXT.match(text) for text in texts if len(text) <= 160) else None
