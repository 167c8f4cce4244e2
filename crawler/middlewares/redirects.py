"""Follows redirects as Scrapy does, but keeps the pause of each host and says what went wrong."""

from __future__ import annotations

from typing import Any

from scrapy.downloadermiddlewares.redirect import (
    BaseRedirectMiddleware,
    MetaRefreshMiddleware,
    RedirectMiddleware,
)
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

#: Scrapy looks for a refresh in as much of a page (w3lib, get_meta_refresh).
_REFRESH_WITHIN = 4096


class RedirectError(IgnoreRequest):
    """An address that leads in circles."""


class _Steps(BaseRedirectMiddleware):
    """What one step of a redirect takes along. Each step passes all guards anew."""

    def _engine_started(self) -> None:
        """Do not look for what sends a Referer, nor warn that none is sent: that is our wish."""

    def _build_redirect_request(
        self, source_request: Request, response: Response, *, url: str, **kwargs: Any
    ) -> Request:
        redirected = super()._build_redirect_request(source_request, response, url=url, **kwargs)
        # Scrapy would queue it with the host that sent us away, beside the new host's own requests.
        redirected.meta.pop("download_slot", None)
        return redirected

    def _redirect(self, redirected: Request, request: Request, reason: Any) -> Request:
        first = (request.meta.get("redirect_urls") or [request.url])[0]
        if redirected.url == request.url:
            raise RedirectError(f"{first}: redirects to itself; it probably wants a cookie")
        if request.meta.get("redirect_times", 0) >= self.max_redirect_times:
            raise RedirectError(f"{first}: more than {self.max_redirect_times} redirects")
        return super()._redirect(redirected, request, reason)


class HostRedirectMiddleware(_Steps, RedirectMiddleware):
    """Redirects by status, at most ``REDIRECT_MAX_TIMES`` times."""


class PageRefreshMiddleware(_Steps, MetaRefreshMiddleware):
    """Redirects by ``<meta http-equiv="refresh">``; pages without one cost nothing."""

    def process_response(  # type: ignore[override]  # Scrapy warns of the superclass's third
        self, request: Request, response: Response
    ) -> Request | Response:
        # Scrapy would decode every page in order to look.
        if b"http-equiv" not in response.body[:_REFRESH_WITHIN].lower():
            return response
        return super().process_response(request, response)
