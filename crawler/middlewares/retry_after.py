"""Honours Retry-After (RFC 9110, section 10.2.3) on 429 and 503, for the whole host.

Scrapy knows no Retry-After. The answer itself goes on to the spider, unrepeated; further
requests of this crawl to the same host are refused with `HostOnHoldError`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from crawler.clock import clock_of

#: A server may not put a source to sleep for longer than this.
LONGEST = timedelta(days=7)


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
        # Capped before it is added: a server may name more seconds than a date can hold.
        until = now + timedelta(seconds=min(int(value), LONGEST.total_seconds()))
    else:
        try:
            until = parsedate_to_datetime(value).astimezone(now.tzinfo)
        except (ValueError, OverflowError):
            return None
    return min(until, now + LONGEST) if until > now else None


class RetryAfterMiddleware:
    """Keeps the pauses that hosts asked for during one crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._clock = clock_of(crawler.settings)
        self._until: dict[str, datetime] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RetryAfterMiddleware:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        host = urlsplit(request.url).netloc
        until = self._until.get(host)
        if until and until > self._clock():
            raise HostOnHoldError(host, until)

    def process_response(self, request: Request, response: Response) -> Response:
        if response.status in (429, 503):
            header = (response.headers.get("Retry-After") or b"").decode("latin-1")
            until = parse_retry_after(header, self._clock())
            if until:
                self._until[urlsplit(request.url).netloc] = until
                request.meta["dont_retry"] = True
                request.meta["retry_after"] = until
        return response
