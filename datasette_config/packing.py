"""Compression of what Datasette itself answers: JSON, CSV and its pages, streams included."""

from __future__ import annotations

import zlib
from typing import Final

from datasette_config.guard import Application, Message, Receive, Send

_PACKED_TYPES: Final = (b"text/", b"application/json", b"application/javascript")
#: A shorter body fits one packet as it is.
WORTH_PACKING: Final = 600
#: Bodies are made for one reader each, so the time counts.
_LEVEL: Final = 4
#: zlib's number for a gzip frame (RFC 1952) around the largest window.
_GZIP: Final = 31


def packed(app: Application, *, but: str) -> Application:
    """The application with its text answers compressed for whoever takes gzip.

    Nothing beneath the path ``but``: a page that holds a secret beside what the asker wrote must
    not be compressed (the BREACH attack).
    """

    async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(but) or not _takes_gzip(scope):
            await app(scope, receive, send)
        else:
            await app(scope, receive, _Packer(send))

    return wrapped


def _takes_gzip(scope: Message) -> bool:
    for name, value in scope["headers"]:
        if name.lower() == b"accept-encoding":
            return b"gzip" in value.lower() and b"gzip;q=0" not in value.lower().replace(b" ", b"")
    return False


class _Packer:
    """Holds the beginning of an answer back until its first piece tells how it is sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        self._packs = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if self._start is not None:
            self._packs = _worth(self._start, body, more)
            if self._packs:
                self._start["headers"] = _headers(self._start)
            await self._send(self._start)
            self._start = None
        if self._packs:
            body = self._stream.compress(body) + (b"" if more else self._stream.flush())
        if body or not more:
            await self._send({**message, "body": body})


def _worth(start: Message, body: bytes, more: bool) -> bool:
    given = {name.lower(): value for name, value in start.get("headers", [])}
    return (
        start["status"] == 200
        and b"content-encoding" not in given
        and given.get(b"content-type", b"").startswith(_PACKED_TYPES)
        and (more or len(body) >= WORTH_PACKING)
    )


def _headers(start: Message) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    return [*kept, (b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
