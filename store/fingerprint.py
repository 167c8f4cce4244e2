"""Owns the SHA-256 of a list of texts and numbers, written as JSON without JSON's encoder; pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256

#: Signs that JSON writes otherwise, but the line's end, which nearly every text holds.
_RARE = bytes(sign for sign in range(0x20) if sign != ord("\n"))


def fingerprint(values: Iterable[str | int | None]) -> str:
    """Hexadecimal digits of the hash of ``json.dumps(values, ensure_ascii=False)`` in UTF-8.

    The encoder looks at every letter twice; searching the bytes takes a third of the time for a
    text of three kilobytes. Raises ``UnicodeEncodeError`` for half a surrogate pair.
    """
    return sha256(b"[" + b", ".join(map(_written, values)) + b"]").hexdigest()


def _written(value: str | int | None) -> bytes:
    if value is None:
        return b"null"
    if isinstance(value, int):
        return b"%d" % value
    text = value.encode()
    if len(text.translate(None, _RARE)) < len(text):
        return json.dumps(value, ensure_ascii=False).encode()
    text = text.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"%b"' % text
