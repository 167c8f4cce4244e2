"""The last step before the network: where a request really goes, whether it still may, how much.

``CONNECT_TO`` sends every request to one local address. Like curl's ``--connect-to``: the URL,
the Host header and the politeness slots stay those of the real host, only the connection goes
elsewhere, in plain HTTP. That is how the sample press and the tests are crawled over real HTTP
under their own https host names.

Pauses that a host asks for are kept here and not in a middleware: requests that wait for their
turn have passed all middlewares, and the next one leaves before an answer reaches them.
"""

from __future__ import annotations

from time import monotonic
from urllib.parse import urlsplit, urlunsplit

from scrapy import signals
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Headers, Request, Response

from crawler.clock import clock_of
from crawler.pauses import Pauses

#: Types that an item's page may have; anything else is not worth its bytes.
_READABLE = ("html", "xml", "text/", "pdf", "octet-stream", "x-download")


class DownloadHandler(HTTP11DownloadHandler):
    """Scrapy's own HTTP handler, obeying ``CONNECT_TO`` (``host:port`` or None) and pauses."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._address: str | None = crawler.settings.get("CONNECT_TO")
        if self._address:
            # All hosts are behind one address, each with its own connection to be kept.
            self._pool.maxPersistentPerHost = crawler.settings.getint("CONCURRENT_REQUESTS")
        self._pauses = Pauses(clock_of(crawler.settings))
        self._page_maxsize = crawler.settings.getint("PAGE_MAXSIZE")
        self._pdf_maxsize = crawler.settings.getint("PDF_MAXSIZE")
        crawler.signals.connect(self._answering, signals.headers_received)

    async def download_request(self, request: Request) -> Response:
        self._pauses.check(request)
        response = await (self._elsewhere(request) if self._address else self._there(request))
        self._pauses.note(request, response)
        return response

    async def _there(self, request: Request) -> Response:
        return await super().download_request(request)

    async def _elsewhere(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        path = parts.path or "/"
        local = request.replace(url=urlunsplit(("http", self._address, path, parts.query, "")))
        local.headers["Host"] = parts.netloc
        response = await super().download_request(local)
        # Others read from the request they know: AutoThrottle the latency, decompression the cap.
        request.meta.update(local.meta)
        return response.replace(url=request.url)

    def _answering(self, headers: Headers, request: Request) -> None:
        """An answer begins: let the host's pause begin, and look whether the rest is wanted."""
        assert self._crawler.engine is not None
        slot = self._crawler.engine.downloader.slots.get(request.meta.get("download_slot", ""))
        if slot:
            # Scrapy counts from its decision to send; in a busy crawl the request may leave a
            # second later, and the next one would follow too soon. Besides, a slow server gets
            # a longer rest like this.
            slot.lastseen = monotonic()
        if request.meta.get("asks_for") == "page":
            self._weigh(headers, request)

    def _weigh(self, headers: Headers, request: Request) -> None:
        """Set the cap by what is coming, and stop what is not read anyway."""
        kind = (headers.get("Content-Type") or b"text/html").decode("latin-1").lower()
        if not any(part in kind for part in _READABLE):
            raise StopDownload(fail=False)
        pdf = "pdf" in kind or "octet-stream" in kind or "x-download" in kind
        request.meta["download_maxsize"] = self._pdf_maxsize if pdf else self._page_maxsize
