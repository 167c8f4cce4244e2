"""What keeps readers out of what is not theirs: response headers and the SQL authorizer."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final
from weakref import ReferenceType, ref

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

POLICY_HEADER: Final = "Content-Security-Policy"
#: Every page: nothing from elsewhere, no script and no style but our own files.
STRICT_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    POLICY_HEADER: STRICT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
#: For a site with a public https address: two years, as preload lists ask (hstspreload.org).
STRICT_TRANSPORT: Final = {"Strict-Transport-Security": "max-age=63072000"}

_HOST: Final = re.compile(rb"(?:[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")

#: Functions that reach beyond the database, where SQLite or a shell brings them.
_FORBIDDEN: Final = frozenset(
    ("load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "fsdir", "lsdir", "eval")
)
#: Tables that show pages and memory of SQLite instead of rows.
_INNER_TABLES: Final = frozenset(
    ("sqlite_dbpage", "dbstat", "sqlite_stmt", "bytecode", "tables_used", "sqlite_memstat")
)
#: What Datasette asks to describe tables; none takes a value here, which could change a setting.
_ASKED: Final = frozenset(
    ("table_info", "table_xinfo", "foreign_key_list", "index_list", "index_info", "index_xinfo")
)
_PLAIN: Final = frozenset(("data_version", "schema_version", "compile_options", "encoding"))
_READING: Final = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE))

#: Bytes of one value, and of one statement, that a reader's SQL may make: more only fills memory.
LARGEST_VALUE: Final = 4 * 1024 * 1024
LONGEST_SQL: Final = 100_000
#: Columns of a result; two of the widest tables side by side have 56.
MOST_COLUMNS: Final = 100
#: Characters and bytes of a whole result: two thousand texts of ten pages each.
LARGEST_RESULT: Final = 48 * 1024 * 1024


def with_headers(app: Application, further: Mapping[str, str]) -> Application:
    """The application with :data:`HEADERS` and ``further`` on every answer that lacks them."""
    added = [
        (name.lower().encode(), value.encode()) for name, value in {**HEADERS, **further}.items()
    ]

    async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                given = {name.lower() for name, _ in headers}
                headers += [(name, value) for name, value in added if name not in given]
                message = {**message, "headers": headers}
            await send(message)

        await app(scope, receive, send_with_headers)

    return wrapped


def named_plainly(app: Application) -> Application:
    """The application, refusing a Host header that is no name or address (RFC 9110, 7.2).

    Where no public address is configured links are made of it, and caches may keep them.
    """

    async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            hosts = [value for name, value in scope["headers"] if name.lower() == b"host"]
            if len(hosts) > 1 or not all(_HOST.fullmatch(host) for host in hosts):
                headers = [(b"content-type", b"text/plain"), (b"content-length", b"4")]
                await send({"type": "http.response.start", "status": 400, "headers": headers})
                await send({"type": "http.response.body", "body": b"Host"})
                return
        await app(scope, receive, send)

    return wrapped


def close(connection: sqlite3.Connection) -> None:
    """Make a connection to the archive one that can only read the archive."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, LONGEST_SQL)
    connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, MOST_COLUMNS)
    connection.row_factory = Measured()
    connection.set_authorizer(authorize)


class Measured:
    """Makes the rows of a connection, and ends a result that would fill the memory.

    Two seconds are enough to make gigabytes of zeros. Used by one thread.
    """

    def __init__(self) -> None:
        self._cursor: ReferenceType[sqlite3.Cursor] | None = None
        self._size = 0

    def __call__(self, cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        if self._cursor is None or self._cursor() is not cursor:
            # Only a weak reference: a cursor that lives on would hold the archive's old state.
            self._cursor, self._size = ref(cursor), 0
        self._size += sum(len(value) for value in values if isinstance(value, (str, bytes)))
        if self._size > LARGEST_RESULT:
            raise sqlite3.OperationalError(
                f"Das Ergebnis ist zu groß (mehr als {LARGEST_RESULT // 1024**2} MB): weniger "
                "Spalten oder ein LIMIT helfen."
            )
        return sqlite3.Row(cursor, values)


def authorize(
    action: int, first: str | None, second: str | None, database: str | None, trigger: str | None
) -> int:
    """SQLite's verdict on one step of a statement (https://www.sqlite.org/c3ref/set_authorizer.html).

    Reading is allowed, and nothing else: nothing is written or attached, no setting changed, no
    path of this machine named (``database_list`` is empty).
    """
    if action in _READING:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ:
        return sqlite3.SQLITE_DENY if first in _INNER_TABLES else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION:
        named = (second or "").lower()
        return sqlite3.SQLITE_DENY if named in _FORBIDDEN else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA:
        return _pragma((first or "").lower(), second)
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
        # json_each and its like declare their columns so; SQLite itself lets no statement do it.
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def authorize_own(
    action: int, first: str | None, second: str | None, database: str | None, trigger: str | None
) -> int:
    """The verdict for Datasette's own databases in memory, which it writes itself."""
    if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and first == "database_list":
        return sqlite3.SQLITE_IGNORE
    return sqlite3.SQLITE_OK


def _pragma(name: str, value: str | None) -> int:
    if name == "database_list":
        return sqlite3.SQLITE_IGNORE
    if name in _ASKED or (name in _PLAIN and value is None):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY
