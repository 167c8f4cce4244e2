"""Why a request failed, in one line, and whether the host was reached at all."""

from __future__ import annotations

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.python.failure import Failure

UNREACHABLE = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    DownloadFailedError,
    DNSLookupError,
    ConnectError,
)


def is_unreachable(failure: Failure) -> bool:
    """Whether nothing came back from the host: its fault or our line's."""
    return isinstance(failure.value, UNREACHABLE)


def describe(failure: Failure) -> str:
    """One line saying why a request failed, and the mend where there is one."""
    if isinstance(failure.value, (CannotResolveHostError, DNSLookupError)):
        return f"the host has no public address ({failure.getErrorMessage()})"
    if isinstance(failure.value, DownloadTimeoutError):
        return "no answer in time"
    if isinstance(failure.value, (DownloadConnectionRefusedError, ConnectError)):
        return "the host refuses the connection"
    if isinstance(failure.value, IgnoreRequest):
        return str(failure.value)
    return f"{type(failure.value).__name__}: {failure.getErrorMessage()}".replace("\n", " ")
