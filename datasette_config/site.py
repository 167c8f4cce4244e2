"""The open site: its files, its templates and its clock, held once for all requests."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import jinja2

from datasette_config import formats
from datasette_config.addresses import Address
from datasette_config.archive import Archive
from datasette_config.differences import differences
from datasette_config.web import Page, host_of, safe_url
from store.errors import RadarError
from store.search import Search

HERE: Final = Path(__file__).parent
#: Two requests at once keep two cores busy; more threads would only wait for each other (the GIL).
THREADS: Final = 4


class SiteError(RadarError):
    """The site cannot be opened; the message names the file or key and the mend."""


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """The plugin's configuration (Datasette plugin key ``kommunalradar``)."""

    archive: Path
    search: Path
    #: a sentence above every page, for the demo; None for none
    banner: str | None = None
    #: the public address (``https://…``), for feeds and tag ids; None: the host that was asked
    address: str | None = None

    @classmethod
    def from_plugin(cls, given: Mapping[str, str | None]) -> SiteConfig:
        """The configuration from Datasette's metadata. Raises :class:`SiteError`."""
        unknown = set(given) - {"archive", "search", "banner", "address"}
        missing = {"archive", "search"} - {key for key, value in given.items() if value}
        if unknown or missing:
            raise SiteError(
                "plugin config `kommunalradar`: "
                + "; ".join(
                    [f"unknown key {key}" for key in sorted(unknown)]
                    + [f"key {key} is missing" for key in sorted(missing)]
                )
                + " (it takes archive, search, banner, address)"
            )
        address = safe_url(given.get("address"))
        if given.get("address") and not address:
            raise SiteError("plugin config `kommunalradar`: address must be an http(s) URL")
        return cls(
            archive=Path(str(given["archive"])),
            search=Path(str(given["search"])),
            banner=given.get("banner"),
            address=address.rstrip("/") if address else None,
        )


class Site:
    """Everything a page needs. Pages run in :attr:`executor`, never on the event loop."""

    def __init__(
        self, config: SiteConfig, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        for path in (config.archive, config.search):
            if not path.is_file():
                raise SiteError(f"{path} is not there; `radar publish` makes it")
        self.config = config
        self.now = now
        self.search = Search(config.search, config.archive)
        #: where Datasette's own pages about the archive begin: it names a database by its file
        self.data_path = f"/{config.archive.stem}"
        self.assets = _assets(HERE / "static")
        self.executor = ThreadPoolExecutor(THREADS, thread_name_prefix="site")
        self._open = threading.local()
        self._templates = _templates(self)

    def archive(self) -> Archive:
        """The archive, over a read-only connection of this thread's own."""
        if not hasattr(self._open, "archive"):
            uri = f"{self.config.archive.resolve().as_uri()}?mode=ro"
            self._open.archive = Archive(sqlite3.connect(uri, uri=True))
        archive: Archive = self._open.archive
        return archive

    def page(
        self, template: str, *, status: int = 200, max_age: int = 60, **values: object
    ) -> Page:
        """An HTML page from a template under ``templates/site``."""
        body = self._templates.get_template(template).render(**values)
        return Page(body.encode(), status=status, max_age=max_age)

    def asset_url(self, name: str) -> str:
        """The address of a static file, which changes with its content."""
        return f"/static/{self.assets[name].digest}/{name}"


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file, held in memory."""

    body: bytes
    content_type: str
    digest: str


_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def _assets(folder: Path) -> dict[str, Asset]:
    found: dict[str, Asset] = {}
    for path in sorted(folder.iterdir()):
        body = path.read_bytes()
        digest = hashlib.blake2b(body, digest_size=6).hexdigest()
        found[path.name] = Asset(body, _TYPES[path.suffix], digest)
    return found


def _templates(site: Site) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates" / "site"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {
        "site": site,
        "Address": Address,
        "differences": differences,
        "safe_url": safe_url,
        "host_of": host_of,
        "plural": formats.plural,
        "ago": lambda at: formats.ago(at, site.now()),
        "day_heading": formats.day_heading,
    }
    for function in (
        formats.number, formats.percent, formats.day, formats.clock, formats.moment,
        formats.duration, formats.kind_label, formats.listed, formats.shown_date,
    ):  # fmt: skip
        environment.filters[function.__name__] = function
    return environment
