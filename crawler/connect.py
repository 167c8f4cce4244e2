"""The download handler that can send every request to one local address.

Like curl's ``--connect-to``: the URL, the Host header and the politeness slots stay those of
the real host, only the connection goes elsewhere, in plain HTTP. That is how the sample
press and the tests are crawled over real HTTP under their own https host names.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Request, Response


class ConnectToHandler(HTTP11DownloadHandler):
    """Scrapy's own HTTP handler, obeying the setting ``CONNECT_TO`` (``host:port`` or None)."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._address: str | None = crawler.settings.get("CONNECT_TO")

    async def download_request(self, request: Request) -> Response:
        if not self._address:
            return await super().download_request(request)
        parts = urlsplit(request.url)
        local = request.replace(
            url=urlunsplit(("http", self._address, parts.path or "/", parts.query, ""))
        )
        local.headers["Host"] = parts.netloc
        response = await super().download_request(local)
        # AutoThrottle reads the latency from the request it knows.
        if "download_latency" in local.meta:
            request.meta["download_latency"] = local.meta["download_latency"]
        return response.replace(url=request.url)
