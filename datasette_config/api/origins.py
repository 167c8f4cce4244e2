"""Pages of every origin may read interface and files (CORS): they are public, no cookie counts."""

from __future__ import annotations

from typing import Final

from datasette_config.guard import Application, Message, Receive, Send

BENEATH: Final = ("/api/v1/", "/daten/")
_OPEN: Final = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Link, Retry-After, Content-Range, Accept-Ranges"),
]
#: Fetch standard, 3.2.3: what a browser asks before a request with headers of its own.
_PREFLIGHT: Final = [
    *_OPEN,
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"If-None-Match, If-Modified-Since, If-Range, Range"),
    (b"access-control-max-age", b"86400"),
    (b"allow", b"GET, HEAD, OPTIONS"),
]


def open_to_all(app: Application) -> Application:
    """The application, its interface readable from every origin."""

    async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(BENEATH):
            await app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
            await send({"type": "http.response.body", "body": b""})
            return

        async def send_openly(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *_OPEN]}
            await send(message)

        await app(scope, receive, send_openly)

    return wrapped
