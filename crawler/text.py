"""Text as a reader sees it: white space, entities and markup of foreign sources levelled."""

from __future__ import annotations

import html as html_entities
import re
import unicodedata

import nh3

#: Soft hyphen, zero-width characters, joiners, direction marks and the byte order mark: invisible,
#: and each would make a word unfindable.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe]")
_NO_LETTERS = re.compile(r"[\W_]+")
#: Control characters that XML 1.0 and HTML forbid.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]\w{1,31});", re.IGNORECASE)
_TAG = re.compile(
    r"<(?:/?[a-z][^<>]*>|!--.*?(?:-->|\Z)|!\[CDATA\[.*?(?:\]\]>|\Z))", re.IGNORECASE | re.DOTALL
)

#: Elements that end a line in a browser; all other markup runs on.
_BLOCKS = [
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody",
    "tfoot", "thead", "tr", "ul",
]  # fmt: skip
_CELLS = ["td", "th"]
_KEPT_TAGS = {*_BLOCKS, *_CELLS}
#: Elements whose content is no text.
_DROPPED_TAGS = {
    "audio", "button", "canvas", "head", "iframe", "map", "math", "noscript", "object", "script",
    "select", "style", "svg", "template", "textarea", "title", "video",
}  # fmt: skip
_DROPPED_START = re.compile(rf"<({'|'.join(sorted(_DROPPED_TAGS))})\b[^<>]*>", re.IGNORECASE)
_CELL_BREAK = re.compile(r"</?t[dh]>")
#: What is left of markup when all but the tags kept is gone, and text has its "<" escaped.
_LINE_BREAK = re.compile(r"</?[a-z0-9]+>")

#: What UTF-8 looks like after it was read as Windows-1252: two or three characters for one.
_MOJIBAKE = re.compile(r"Ã[\x80-¿ŒœŠšŽžŸƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]|â€[\x80-¿\w“”„™¦–—˜]|â‚¬|Â[\xa0-¿]")
#: A question mark within a word: it stands for a letter that nobody can give back.
_LOST = re.compile(r"(?<=[A-Za-zÄÖÜäöüß])\?(?=[a-zäöüß]{2,}(?![\w/=]))")

#: A kicker is a place or a catchword: rarely longer than this, and never a sentence.
MAX_KICKER = 60


def clean(text: str | None) -> str | None:
    """Return one line of plain text, or None if nothing visible is left.

    Entities are decoded once; NBSP and every other white space become single spaces; soft hyphens,
    zero-width and control characters go; Unicode is composed (NFC).
    """
    if text is None:
        return None
    plain = " ".join(text.split())
    # Most texts are plain already; asking costs a third of the substitutions below.
    if plain.isprintable() and "&" not in plain and unicodedata.is_normalized("NFC", plain):
        return plain or None
    if "&" in text:
        text = _ENTITY.sub(lambda match: html_entities.unescape(match[0]), text)
    text = _CONTROL.sub(" ", _INVISIBLE.sub("", text))
    return " ".join(unicodedata.normalize("NFC", text).split()) or None


def clean_lines(text: str | None) -> str | None:
    """Return the text with each line ``clean`` and the empty ones left out, or None."""
    if text is None:
        return None
    lines = [clean(line) for line in text.splitlines()]
    return "\n".join(line for line in lines if line) or None


def looks_like_html(text: str) -> bool:
    """Return whether a string holds a tag or an entity (``a < b`` and ``R&D`` are plain text)."""
    return bool(_TAG.search(text) or _ENTITY.search(text))


def html_to_text(html: str | None) -> str | None:
    """Return the visible text of an HTML fragment, one paragraph a line, or None if there is none.

    Parsed as a browser does (html5ever by way of nh3), so that broken markup is no error.
    """
    if html is None:
        return None
    if "<" not in html:
        return clean_lines(html)
    text = nh3.clean(
        _without_unclosed(html),
        tags=_KEPT_TAGS,
        clean_content_tags=_DROPPED_TAGS,
        attributes={},
        strip_comments=True,
        link_rel=None,
    )
    # a line break of the source is white space to a browser; only markup ends a line
    text = _CELL_BREAK.sub(" ", text.replace("\n", " "))
    return clean_lines(_LINE_BREAK.sub("\n", text))


def repair_encoding(text: str) -> str:
    """Undo UTF-8 that was read as Windows-1252 (``MÃ¼nchen``), once or twice, where it is certain.

    Certain is the whole text if it goes back to bytes and forward as valid UTF-8; else the pieces
    that begin with Ã, Â or â€, with which no German text begins a letter pair.
    """
    for _ in range(3):
        if not _MOJIBAKE.search(text):
            break
        try:
            repaired = _from_windows(text)
        except UnicodeError:
            repaired = _MOJIBAKE.sub(_repaired_piece, text)
        if repaired == text:
            break
        text = repaired
    return text


def is_damaged(text: str) -> bool:
    """Return whether letters of a text were lost or misread in a way that is not certain."""
    if "\ufffd" in text or ("?" in text and _LOST.search(text)):
        return True
    return bool(_MOJIBAKE.search(text))


def split_kicker(title: str) -> tuple[str | None, str]:
    """Split ``Köln: Neue App`` into kicker and headline at the first ``": "``.

    Only for sources known to write titles so: in general a colon is part of a headline. Returns
    (None, title) if what stands before the colon is too long for a kicker or has a sentence's end.
    """
    kicker, colon, rest = title.partition(": ")
    kicker, rest = kicker.strip(), rest.strip()
    if not colon or not rest or not kicker or len(kicker) > MAX_KICKER:
        return None, title
    if re.search(r"[!?„“\"]|[a-zäöüß]{4,}\. ", kicker):
        return None, title
    return kicker, rest


def without_site_name(title: str, *names: str) -> str:
    """Return a page title without a trailing `` | Site`` or `` - Site`` for any of the names."""
    for name in names:
        if not name:
            continue
        pattern = rf"\s*[|\-–—:·•»]+\s*{re.escape(name)}\s*$"
        shorter = re.sub(pattern, "", title, flags=re.IGNORECASE)
        if shorter.strip():
            title = shorter
    return title.strip()


def fold(text: str) -> str:
    """Return text for comparison: its letters and digits alone, in lower case."""
    return _NO_LETTERS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _without_unclosed(html: str) -> str:
    """Drop start tags of elements whose content is dropped, if nothing ends them.

    ``<iframe src="…"/>`` is whole in XHTML, as which many systems write it; in HTML it swallows the
    rest of the text.
    """
    if not _DROPPED_START.search(html):
        return html
    ended = html.lower()
    return _DROPPED_START.sub(
        lambda tag: tag[0] if f"</{tag[1].lower()}" in ended and tag[0][-2] != "/" else " ", html
    )


def _from_windows(text: str) -> str:
    return b"".join(map(_windows_byte, text)).decode("utf-8")


def _repaired_piece(match: re.Match[str]) -> str:
    try:
        return _from_windows(match[0])
    except UnicodeError:
        return match[0]


def _windows_byte(letter: str) -> bytes:
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        # Windows-1252 leaves five bytes undefined; browsers map them to the control characters
        return letter.encode("latin-1")
