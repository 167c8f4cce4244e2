"""The open desk: its files, templates and clock, held once for all requests."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup

from datasette_config import language
from datasette_config.desk.words import plain
from datasette_config.peers import LOOPBACK
from datasette_config.site import HERE, Site, SiteError
from datasette_config.web import host_of, safe_url
from store.errors import RadarError
from store.newsroom import Newsroom
from store.publish import publish
from store.types import BERLIN

#: A sign-in works for a fifth of a second: three threads keep the desk answering meanwhile.
THREADS: Final = 3
#: So long a form waits for publishing; then it goes on without (a round may be publishing).
PUBLISH_WAIT_S: Final = 3.0

#: The cap that ``store.publish`` has by itself.
_TEASER_WORDS: Final = 40
_PATHS: Final = ("newsroom", "models", "own_sources", "backups")


@dataclass(frozen=True, slots=True)
class DeskConfig:
    """The plugin's configuration (Datasette plugin key ``kommunalradar-desk``)."""

    newsroom: Path
    #: folder of the classifier's models; None: no page about it
    models: Path | None = None
    #: folder of the newsroom's own source files, to tell which rule holds
    own_sources: Path | None = None
    backups: Path | None = None
    teaser_words: int = _TEASER_WORDS
    #: header in which a reverse proxy names the account it let in; None: passwords only
    proxy_header: str | None = None
    #: addresses of the proxies that are believed
    proxies: tuple[str, ...] = LOOPBACK

    @property
    def crawl_log(self) -> Path:
        """Scrapy's log, beside the newsroom (as ``radar.config`` has it)."""
        return self.newsroom.parent / "logs" / "crawl.log"

    @classmethod
    def from_plugin(cls, given: Mapping[str, Any]) -> DeskConfig:
        """The configuration from Datasette's metadata. Raises ``SiteError``."""
        known = {*_PATHS, "teaser_words", "proxy_header", "proxies"}
        unknown = sorted(set(given) - known)
        if unknown or not given.get("newsroom"):
            what = f"unknown key {', '.join(unknown)}" if unknown else "key newsroom is missing"
            raise SiteError(
                f"plugin config `kommunalradar-desk`: {what} (it takes {', '.join(sorted(known))})"
            )
        paths = {name: Path(given[name]) for name in _PATHS if given.get(name)}
        return cls(
            **paths,
            teaser_words=int(given.get("teaser_words") or _TEASER_WORDS),
            proxy_header=str(given["proxy_header"]).lower() if given.get("proxy_header") else None,
            proxies=tuple(given.get("proxies") or LOOPBACK),
        )


class Desk:
    """Everything a page of the desk needs. Pages run in :attr:`executor`."""

    def __init__(self, site: Site, config: DeskConfig) -> None:
        if not config.newsroom.is_file():
            raise SiteError(f"{config.newsroom} is not there; `radar crawl` makes it")
        self.site = site
        self.config = config
        self.executor = ThreadPoolExecutor(THREADS, thread_name_prefix="desk")
        self._publisher = ThreadPoolExecutor(1, thread_name_prefix="desk-publish")
        self._open = threading.local()
        self._templates = {code: _templates(self, code) for code in language.LANGUAGES}

    def now(self) -> datetime:
        """The present moment by the site's clock."""
        return self.site.now()

    def newsroom(self) -> Newsroom:
        """The newsroom, over a connection of this thread's own."""
        if not hasattr(self._open, "newsroom"):
            self._open.newsroom = Newsroom(self.config.newsroom, now=self.now)
        newsroom: Newsroom = self._open.newsroom
        return newsroom

    def render(self, template: str, code: str, /, **values: object) -> bytes:
        """A page in a language, from a template under ``templates/desk``."""
        return self._templates[code].get_template(template).render(**values).encode()

    def publish(self) -> str | None:
        """Bring the public site up to date: None when it is, else why not yet, in one line.

        A change of a few items takes milliseconds; where somebody else is publishing just now it
        is done after them, and the editor need not wait for that.
        """
        waiting = self._publisher.submit(self._publish)
        try:
            waiting.result(timeout=PUBLISH_WAIT_S)
        except LateError:
            return "another publishing is under way"
        except RadarError as error:
            return str(error)
        return None

    def _publish(self) -> None:
        publish(
            self.newsroom(),
            self.site.config.archive,
            self.site.config.search,
            teaser_words=self.config.teaser_words,
        )


def _templates(desk: Desk, code: str) -> jinja2.Environment:
    folders = [HERE / "templates" / "desk", HERE / "templates" / "site"]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    spoken = language.language(code)
    language.install(environment, spoken)
    environment.globals |= {
        "site": desk.site,
        "desk": desk,
        "safe_url": safe_url,
        "host_of": host_of,
        "ago": lambda at: spoken.ago(at, desk.now()),
    }
    environment.filters["plain"] = plain
    environment.filters["clock_seconds"] = lambda at: f"{at.astimezone(BERLIN):%H:%M:%S}"
    environment.filters["commands"] = commands
    environment.filters["as_json"] = lambda value: json.dumps(value, ensure_ascii=False)
    return environment


def commands(text: str) -> Markup:
    """The text with what stands between backticks set as commands."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else Markup("{}").format(part)
        for place, part in enumerate(parts)
    )
