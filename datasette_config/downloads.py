"""Sends the dated files piece by piece: ranges, conditions and checksums (RFC 9110, RFC 9530)."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Mapping
from concurrent.futures import Executor
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from datasette_config.delivery import moment
from datasette_config.dumps import TYPES, Dump, checksums, dumps, newest
from datasette_config.guard import Application, Message, Receive, Send

BENEATH: Final = "/daten/"
#: Bytes read at a time.
PIECE: Final = 256 * 1024
#: Seconds: a file of today may be made anew, and one that held an erased item goes.
_MAX_AGE: Final = 300
_NEWEST: Final = re.compile(r"neueste/(?P<name>[a-z_]+)\.(?P<format>[a-z]+)", re.ASCII)
_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


def downloads(app: Application, folder: Path | None, executor: Executor) -> Application:
    """The application with the files of the folder before it, under ``/daten/``.

    Only names that a list of checksums holds are opened, so no path can lead elsewhere.
    """
    if folder is None:
        return app

    async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
        path: str = scope["path"] if scope["type"] == "http" else ""
        if not path.startswith(BENEATH) or scope["method"] not in ("GET", "HEAD"):
            await app(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(executor, dumps, folder)
        name = path.removeprefix(BENEATH)
        if name == "SHA256SUMS" and found:
            body = checksums(found).encode()
            kind = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body))}
            await _begin(send, 200, kind)
            await _end(send, b"" if scope["method"] == "HEAD" else body)
        elif latest := _latest(found, name):
            await _begin(send, 302, {"location": BENEATH + latest.name, "content-length": 0})
            await _end(send)
        elif dump := next((dump for dump in found if dump.name == name), None):
            asked = {key.lower(): value.decode("latin-1") for key, value in scope["headers"]}
            try:
                await _send_file(dump, scope["method"], asked, send, executor)
            except FileNotFoundError:  # dropped or erased since the list was read
                await app(scope, receive, send)
        else:
            await app(scope, receive, send)

    return wrapped


def span(asked: str | None, size: int) -> tuple[int, int] | None:
    """First byte and end of what is asked for; None for the whole file.

    Several ranges are answered by the whole, as RFC 9110 (14.2) allows. Raises ``ValueError`` for
    a range that the file does not reach.
    """
    match = _RANGE.fullmatch(asked.replace(" ", "")) if asked else None
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        first, end = max(0, size - int(match[2])), size
    else:
        first = int(match[1])
        end = min(size, int(match[2]) + 1) if match[2] else size
        if match[2] and int(match[2]) < first:
            return None
    if first >= size or first >= end:
        raise ValueError(f"{asked} of {size} bytes")
    return first, end


def _latest(found: list[Dump], name: str) -> Dump | None:
    match = _NEWEST.fullmatch(name)
    if match is None:
        return None
    whole = match["name"] == "archive" and match["format"] == "sqlite"
    return newest(found, match["format"], None if whole else match["name"])


async def _send_file(
    dump: Dump, method: str, asked: Mapping[bytes, str], send: Send, executor: Executor
) -> None:
    tag = f'"{dump.sha256[:32]}"'
    headers: dict[str, str | int] = {
        "content-type": TYPES[dump.format],
        "content-disposition": f'attachment; filename="{dump.name}"',
        "accept-ranges": "bytes",
        "etag": tag,
        "last-modified": format_datetime(dump.changed, usegmt=True),
        "cache-control": f"public, max-age={_MAX_AGE}, no-transform",
        "repr-digest": f"sha-256=:{b64encode(bytes.fromhex(dump.sha256)).decode()}:",
    }
    if _is_known(dump, tag, asked):
        await _begin(send, 304, headers)
        await _end(send)
        return
    try:
        part = span(asked.get(b"range"), dump.size) if _may_be_part(dump, tag, asked) else None
    except ValueError:
        headers |= {"content-range": f"bytes */{dump.size}", "content-length": 0}
        await _begin(send, 416, headers)
        await _end(send)
        return
    first, end = part or (0, dump.size)
    headers["content-length"] = end - first
    if part:
        headers["content-range"] = f"bytes {first}-{end - 1}/{dump.size}"
    loop = asyncio.get_running_loop()
    file = await loop.run_in_executor(executor, dump.path.open, "rb")
    try:
        await _begin(send, 206 if part else 200, headers)
        await loop.run_in_executor(executor, file.seek, first)
        left = end - first if method == "GET" else 0
        while left:
            piece = await loop.run_in_executor(executor, file.read, min(PIECE, left))
            if not piece:  # the file is shorter than it was: the reader sees it from the length
                break
            left -= len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await _end(send)
    finally:
        file.close()


def _is_known(dump: Dump, tag: str, asked: Mapping[bytes, str]) -> bool:
    tags = asked.get(b"if-none-match")
    if tags is not None:
        known = [one.strip().removeprefix("W/") for one in tags.split(",")]
        return tags.strip() == "*" or tag in known
    since = moment(asked.get(b"if-modified-since"))
    return since is not None and dump.changed <= since


def _may_be_part(dump: Dump, tag: str, asked: Mapping[bytes, str]) -> bool:
    """Whether the rest of what the reader has fits this file (If-Range)."""
    condition = asked.get(b"if-range")
    if condition is None:
        return True
    return condition.strip() == tag or moment(condition) == dump.changed


async def _begin(send: Send, status: int, headers: Mapping[str, str | int]) -> None:
    raw = [(name.encode(), str(value).encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def _end(send: Send, body: bytes = b"") -> None:
    await send({"type": "http.response.body", "body": body})
