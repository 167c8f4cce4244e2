"""What stands beside the site for subscriptions, health and metrics: newsroom and counters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from datasette_config.desk.request import Request
from datasette_config.measuring import Measures
from datasette_config.peers import LOOPBACK
from datasette_config.site import Site
from datasette_config.web import Page
from store.newsroom import Newsroom

#: These pages are rarely asked for and short: two threads are plenty.
THREADS: Final = 2


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """What the service needs to know beside the site."""

    #: None: there is none on this machine, so no subscriptions and no details
    newsroom: Path | None = None
    #: letters can be sent: readers may subscribe
    letters: bool = False
    #: addresses that may see metrics and the details of health
    monitors: tuple[str, ...] = LOOPBACK
    #: addresses of the reverse proxies that are believed
    proxies: tuple[str, ...] = LOOPBACK


class Service:
    """The open service. Its pages run in :attr:`executor`, never on the event loop."""

    def __init__(self, site: Site, config: ServiceConfig) -> None:
        self.site = site
        self.config = config
        self.measures = Measures()
        self.executor = ThreadPoolExecutor(THREADS, thread_name_prefix="service")
        self._open = threading.local()

    def newsroom(self) -> Newsroom | None:
        """The newsroom, over a connection of this thread's own; None where there is none."""
        path = self.config.newsroom
        if path is None or not path.is_file():
            return None
        if not hasattr(self._open, "newsroom"):
            self._open.newsroom = Newsroom(path, now=self.site.now)
        newsroom: Newsroom = self._open.newsroom
        return newsroom


@dataclass(frozen=True)
class Asked:
    """One request for a page of the service."""

    service: Service
    request: Request
    language: str
    #: the path without the language's prefix
    path: str
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def from_monitor(self) -> bool:
        """Whether who asks may see what is not public.

        A proxy that does not say for whom it asks makes everybody look as if on this machine; its
        requests name the public host, and are refused.
        """
        request = self.request
        if request.address not in self.service.config.monitors:
            return False
        through = request.peer in self.service.config.proxies
        named = "x-forwarded-for" in request.headers
        return not through or named or _is_bare(request.headers.get("host", ""))

    @property
    def from_elsewhere(self) -> bool:
        """Whether another site's page made the browser send this (Fetch Metadata, Origin).

        There is no cookie that could be misused; this keeps others from ordering with our
        readers' browsers.
        """
        headers = self.request.headers
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return True
        origin = headers.get("origin")
        if origin is None:
            return False
        own = {self.request.origin, self.service.site.config.address}
        return urlsplit(origin).netloc not in {urlsplit(one).netloc for one in own if one}


#: A page of the service: what was asked in, the answer out.
View = Callable[[Asked], Page]


def _is_bare(host: str) -> bool:
    """Whether a Host header is no public name: an IP address or localhost."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        ip_address(name)
    except ValueError:
        return host.partition(":")[0] == "localhost"
    return True
