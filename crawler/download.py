"""The last step before the network: where a request really goes, and whether it still may.

``CONNECT_TO`` sends every request to one local address. Like curl's ``--connect-to``: the URL,
the Host header and the politeness slots stay those of the real host, only the connection goes
elsewhere, in plain HTTP. That is how the sample press and the tests are crawled over real HTTP
under their own https host names.

Pauses that a host asks for are kept here and not in a middleware: requests that wait for their
turn have passed all middlewares, and the next one leaves before an answer reaches them.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from crawler.clock import clock_of
from crawler.pauses import Pauses


class DownloadHandler(HTTP11DownloadHandler):
    """Scrapy's own HTTP handler, obeying ``CONNECT_TO`` (``host:port`` or None) and pauses."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._address: str | None = crawler.settings.get("CONNECT_TO")
        self._pauses = Pauses(clock_of(crawler.settings))

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
        # AutoThrottle reads the latency from the request it knows.
        if "download_latency" in local.meta:
            request.meta["download_latency"] = local.meta["download_latency"]
        return response.replace(url=request.url)
