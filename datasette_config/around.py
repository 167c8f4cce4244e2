"""The service before the site, as one ASGI application: answers its own addresses, counts all.

Knows no Datasette: every other request is handed on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from re import Pattern
from time import perf_counter
from typing import Final
from urllib.parse import parse_qs

from datasette_config.desk.request import Request
from datasette_config.guard import Application, Message, Receive, Send, with_headers
from datasette_config.peers import PEER, behind_proxies
from datasette_config.routes import operation, subscriptions
from datasette_config.service import Asked, Service, View
from datasette_config.web import Page, spoken_in

#: The longest form, in bytes, and the most fields: an address and a search.
LONGEST_FORM: Final = 8192
MOST_FIELDS: Final = 10

Routes = tuple[tuple[Pattern[str], Mapping[str, View]], ...]

#: On every answer. Addresses of subscriptions are secrets of one reader: nothing keeps them, and
#: no other site is told of them.
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


def around(app: Application, service: Service) -> Application:
    """The application with the service before it."""
    routes: Routes = operation.ROUTES
    if service.config.letters and service.config.newsroom is not None:
        routes = (*routes, *subscriptions.ROUTES)

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        await _send(await _page(service, routes, scope, receive), scope["method"], send)

    ours = behind_proxies(with_headers(answer, _HEADERS), service.config.proxies)

    async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        _, path = spoken_in(scope["path"])
        begun, status = perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            known = any(pattern.fullmatch(path) for pattern, _ in routes)
            await (ours if known else app)(scope, receive, noted)
        finally:
            service.measures.count(path, scope["method"], status, perf_counter() - begun)

    return wrapped


async def _page(service: Service, routes: Routes, scope: Message, receive: Receive) -> Page:
    spoken, path = spoken_in(scope["path"])
    (match, views), *_ = (
        (match, views) for pattern, views in routes if (match := pattern.fullmatch(path))
    )
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    if method not in views:
        return Page(b"", 405, "text/plain", headers={"Allow": ", ".join(["HEAD", *views])})
    body = await _body(receive) if method == "POST" else b""
    if body is None or body.count(b"&") >= MOST_FIELDS:
        return Page(b"", 413, "text/plain")
    asked = Asked(service, _request(scope, body), spoken, path, match.groupdict())
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(service.executor, views[method], asked)


async def _send(page: Page, method: str, send: Send) -> None:
    headers = {
        "Content-Type": page.content_type,
        "Content-Length": str(len(page.body)),
        **page.headers,
    }
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": page.status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else page.body})


async def _body(receive: Receive) -> bytes | None:
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LONGEST_FORM:
            return None
    return body


def _request(scope: Message, body: bytes) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope.get("query_string", b"").decode("latin-1")
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=query,
        arguments=parse_qs(query, errors="replace"),
        form=parse_qs(body.decode("utf-8", "replace"), errors="replace"),
        headers=headers,
        address=str((scope.get("client") or ("",))[0]),
        peer=str(scope.get(PEER, "")),
        origin=f"{scope.get('scheme', 'http')}://{headers.get('host', 'localhost')}",
    )
