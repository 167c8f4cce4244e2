"""Bytes of a feed or sitemap → text that is safe to give to a parser."""

from __future__ import annotations

import codecs
import re
import zlib

from store.errors import RadarError

#: The largest feed or sitemap that is read, compressed or not: three times the largest press feed
#: seen, and a third of the sitemap protocol's 50 MB, which only shop-like catalogues reach.
MAX_BYTES = 15_000_000

#: Entity declarations a document may make. Netscape's RSS 0.91 DTD, the only one that real feeds
#: quote, declares the 96 Latin-1 letters.
_MAX_ENTITIES = 300
_MAX_ENTITY_LENGTH = 200

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: "<?" or "<r" without a byte order mark (XML 1.0, appendix F).
_WIDE = ((b"<\x00\x00\x00", "utf-32-le"), (b"\x00\x00\x00<", "utf-32-be"),
         (b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))  # fmt: skip

#: What the WHATWG encoding standard reads for these labels, since that is what servers mean.
_MEANT = {
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252",
    "us-ascii": "cp1252", "ascii": "cp1252", "iso-8859-9": "cp1254", "gb2312": "gb18030",
    "shift_jis": "cp932", "tis-620": "cp874",
}  # fmt: skip

_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")
_DECLARED = re.compile(rb"<\?xml[^>]{0,300}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
#: Characters that XML 1.0 (section 2.2) forbids; NULs come from broken exports.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ENTITY = re.compile(
    r"<!ENTITY\s+(%\s+)?[^\s>]+\s+(SYSTEM|PUBLIC\s+\"-//W3C//ENTITIES|PUBLIC|\"[^\"]*\"|'[^']*')"
)

_WINDOWS = "kommunalradar-windows-1252"


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are no UTF-8 as Windows-1252: pages pasted together hold both."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    piece = error.object[error.start : error.end]
    # the five bytes that Windows-1252 leaves undefined are what Latin-1 says they are
    text = "".join(
        bytes([byte]).decode("latin-1" if byte in _UNDEFINED else "cp1252") for byte in piece
    )
    return text, error.end


_UNDEFINED = b"\x81\x8d\x8f\x90\x9d"
codecs.register_error(_WINDOWS, _as_windows)


class DecodingError(RadarError):
    """A body that must not or cannot be read; the message says why and knows no address."""


def decode_xml(body: bytes, content_type: str | None = None) -> str:
    """Return the text of an XML document without its declaration and forbidden characters.

    Unpacks gzip. The encoding is that of the byte order mark; else UTF-8 if the bytes are valid
    UTF-8 (other encodings' umlauts never are, so this mends wrong labels); else the one the HTTP
    header names, else the one the XML declaration names (RFC 7303, section 3.2), else Windows-1252.
    Raises ``DecodingError`` for a body that is empty, larger than ``MAX_BYTES``, broken gzip, or an
    entity bomb.
    """
    raw = gunzip(body)
    if len(raw) > MAX_BYTES:
        raise DecodingError(f"the body is larger than {MAX_BYTES // 1_000_000} MB")
    if not raw.strip(b"\x00 \t\r\n"):
        raise DecodingError("the body is empty")
    text = _FORBIDDEN.sub("", _decode(raw, content_type)).lstrip("\ufeff \t\r\n")
    text = _DECLARATION.sub("", text, count=1).lstrip()
    _refuse_bombs(text)
    return text


def gunzip(body: bytes) -> bytes:
    """Return the body unpacked if it is gzip, else as it is. Raises ``DecodingError``."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        # one byte over the limit is enough to know; the rest of a bomb is never unpacked
        raw = unpacker.decompress(body, MAX_BYTES + 1)
    except zlib.error as error:
        raise DecodingError(f"its gzip compression is broken ({error})") from error
    if not unpacker.eof and len(raw) <= MAX_BYTES:
        raise DecodingError("its gzip compression breaks off")
    return raw


def _decode(raw: bytes, content_type: str | None) -> str:
    for mark, encoding in _BOMS + _WIDE:
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace")
    if not raw.isascii():
        try:
            # final=False: a letter cut in two by a broken transfer is no sign of another encoding
            return codecs.getincrementaldecoder("utf-8")().decode(raw, final=False)
        except UnicodeDecodeError:
            pass
    header, declared = _CHARSET.search(content_type or ""), _DECLARED.search(raw[:1000])
    for name in (header and header[1], declared and declared[1].decode("ascii")):
        if not name or name.lower().replace("_", "-") in ("utf-8", "utf8"):
            continue
        try:
            # seven-bit encodings (ISO-2022, UTF-7) are pure ASCII and come here too
            return raw.decode(_MEANT.get(name.lower(), name))
        except (LookupError, UnicodeDecodeError):
            continue
    return raw.decode("utf-8", errors=_WINDOWS)


def _refuse_bombs(text: str) -> None:
    """Raise ``DecodingError`` if declared entities could grow or reach out when expanded."""
    if "<!ENTITY" not in text:
        return
    # declarations stand before the root element
    start = re.search(r"<[A-Za-z]", text)
    head = text[: start.start()] if start else text
    entities = _ENTITY.findall(head)
    if len(entities) > _MAX_ENTITIES:
        raise DecodingError(f"it declares {len(entities)} XML entities, an attack or a mistake")
    for parameter, value in entities:
        # the W3C's lists of letters, which old RSS 1.0 feeds name: never fetched, so harmless
        if value.endswith("W3C//ENTITIES"):
            continue
        outside = bool(parameter) or value in ("SYSTEM", "PUBLIC")
        nested = re.search(r"&(?!#|lt;|gt;|amp;|quot;|apos;)", value)
        if outside or nested or len(value) > _MAX_ENTITY_LENGTH:
            raise DecodingError("it declares XML entities that grow or fetch other files")
