"""The pauses that hosts ask for by Retry-After (RFC 9110, section 10.2.3) on 429 and 503.

Scrapy knows no Retry-After.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

#: A server may not put a source to sleep for longer than this.
LONGEST = timedelta(days=7)
#: How long a host is left alone that says "too many requests" and not for how long.
UNSAID = timedelta(minutes=15)


class HostOnHoldError(IgnoreRequest):
    """The host asked for a pause that is not over; ``until`` is aware UTC."""

    def __init__(self, host: str, until: datetime) -> None:
        super().__init__(f"{host} asked us to wait until {until:%Y-%m-%d %H:%M} UTC")
        self.until = until


def parse_retry_after(value: str, now: datetime) -> datetime | None:
    """The moment a Retry-After header names (seconds or an HTTP date), at most `LONGEST` away.

    None if the header cannot be read or names the past.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        # Capped before it is added: a server may name more seconds than a date, more digits than
        # an int can hold.
        until = now + timedelta(seconds=min(float(value), LONGEST.total_seconds()))
    else:
        try:
            until = parsedate_to_datetime(value).astimezone(now.tzinfo)
        except (ValueError, OverflowError):
            return None
    return min(until, now + LONGEST) if until > now else None


class Pauses:
    """The pauses that hosts asked for during one crawl."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._until: dict[str, datetime] = {}

    def check(self, request: Request) -> None:
        """Raises `HostOnHoldError` while the request's host wants to be left alone."""
        host = urlsplit(request.url).netloc
        until = self._until.get(host)
        if until and until > self._clock():
            raise HostOnHoldError(host, until)

    def note(self, request: Request, response: Response) -> None:
        """Keep the pause an answer asks for: in ``request.meta["retry_after"]``, and by host.

        The answer is not to be fetched a second time, so Scrapy's own retries are switched off.
        """
        if response.status not in (429, 503):
            return
        header = (response.headers.get("Retry-After") or b"").decode("latin-1")
        now = self._clock()
        until = parse_retry_after(header, now)
        if until is None and response.status == 429:
            until = now + UNSAID
        if until:
            self._until[urlsplit(request.url).netloc] = until
            request.meta.update(dont_retry=True, retry_after=until)
