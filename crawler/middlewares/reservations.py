"""Looks with every page whether mining it is reserved, and leaves the evidence with the answer."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from crawler.asking import header
from crawler.documents import is_pdf, metadata_packets
from crawler.failures import FETCH_ERRORS
from crawler.middlewares.host_files import HostFiles
from crawler.middlewares.robots import RobotsMiddleware
from crawler.reservations import (
    TDM_FILE,
    Rule,
    evidence,
    of_file,
    of_headers,
    of_html,
    of_pdf,
    parse_tdm_file,
)


class ReservationMiddleware:
    """Puts one line of evidence, or None, into ``response.meta["reservation"]``.

    For what becomes an item only: pages, and lists whose pages are not followed.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._files: HostFiles[tuple[Rule, ...]] = HostFiles(crawler, TDM_FILE, _rules)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ReservationMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        # TDMRep wants the file read before anything is taken from the host.
        if _concerned(request):
            await self._rules_of(request.url)

    async def process_response(self, request: Request, response: Response) -> Response:
        if _concerned(request) and response.status == 200:
            request.meta["reservation"] = await self._evidence(response)
        return response

    async def _evidence(self, response: Response) -> str | None:
        robots = self._crawler.get_downloader_middleware(RobotsMiddleware)
        if is_pdf(response.body):
            inside = of_pdf(b"".join(metadata_packets(response.body)))
        else:
            inside = of_html(response.body)
        return evidence(
            [
                (await robots.of(response.url)).reservations.of(response.url) if robots else None,
                of_file(await self._rules_of(response.url), response.url),
                of_headers(header(response, "tdm-reservation"), header(response, "tdm-policy")),
                inside,
            ],
            response.url,
        )

    async def _rules_of(self, url: str) -> tuple[Rule, ...]:
        try:
            return await self._files.of(url)
        except (*FETCH_ERRORS, IgnoreRequest):
            # "Failure to provide access … implies that the server does not implement this protocol"
            return ()


def _rules(response: Response) -> tuple[Rule, ...]:
    return parse_tdm_file(response.body) if response.status == 200 else ()


def _concerned(request: Request) -> bool:
    return bool(request.meta.get("becomes_items"))
