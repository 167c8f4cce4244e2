"""Why a request failed, in one line, and whether the host was reached at all."""

from __future__ import annotations

import gzip
import zlib

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectError, ConnectionClosed, DNSLookupError
from twisted.python.failure import Failure

UNREACHABLE = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    DownloadFailedError,
    DNSLookupError,
    ConnectError,
)

#: What unpacking raises, besides OSError.
_BADLY_PACKED = (gzip.BadGzipFile, EOFError, zlib.error)

#: Everything by which a fetch may end without an answer (Scrapy's RETRY_EXCEPTIONS and the caps).
FETCH_ERRORS = (
    *UNREACHABLE,
    DownloadCancelledError,
    ResponseDataLossError,
    ConnectionClosed,
    OSError,
    *_BADLY_PACKED,
)


def is_unreachable(failure: Failure) -> bool:
    """Whether nothing came back from the host: its fault or our line's."""
    return isinstance(failure.value, UNREACHABLE)


def describe(failure: Failure) -> str:
    """One line saying why a request failed, and the mend where there is one."""
    error = failure.value
    if isinstance(error, (CannotResolveHostError, DNSLookupError)):
        return f"the host has no public address ({failure.getErrorMessage()})"
    if isinstance(error, DownloadTimeoutError):
        return "no answer in time"
    if isinstance(error, (DownloadConnectionRefusedError, ConnectError)):
        return "the host refuses the connection"
    if isinstance(error, DownloadCancelledError):
        return "the answer is larger than what we read of its kind; look what the address gives"
    if isinstance(error, (ResponseDataLossError, ConnectionClosed)):
        return "the answer was cut short"
    if isinstance(error, _BADLY_PACKED):
        return "the answer is packed (Content-Encoding), but damaged"
    if isinstance(error, IgnoreRequest):
        return str(error)
    # Of a message of many lines, such as a traceback from the page worker, the last one tells.
    last = (failure.getErrorMessage().strip().splitlines() or [""])[-1]
    return f"{type(error).__name__}: {last.strip()}"
