"""The open site: its files, its templates and its clock, held once for all requests."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup

from datasette_config.addresses import Address
from datasette_config.archive import Archive
from datasette_config.differences import differences
from datasette_config.language import LANGUAGES, SOURCE, Language, install, language
from datasette_config.sentences import in_their_tongue, is_german
from datasette_config.sql_search import SqlSearch
from datasette_config.web import Ask, Page, host_of, in_language, safe_url
from datasette_config.wording import DISPLAYS
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
    #: an e-mail address that readers may write to: errors, rights, erasure; None: none is shown
    contact: str | None = None
    #: text files (see ``legal``) of the operator; None: no such page, or what holds of every site
    imprint: Path | None = None
    privacy: Path | None = None
    #: folder of the classifier's models; None: no page about the model
    models: Path | None = None
    #: the site's own stance on text and data mining: ``reserved``, ``allowed``; None: none is taken
    tdm: str | None = None
    #: folder of dated files of the whole archive (``radar dumps``); None: none are offered
    dumps: Path | None = None
    #: readers can have news sent by e-mail (``/abo``)
    letters: bool = False

    @classmethod
    def from_plugin(cls, given: Mapping[str, Any]) -> SiteConfig:
        """The configuration from Datasette's metadata. Raises :class:`SiteError`."""
        known = [*cls.__dataclass_fields__]
        unknown = set(given) - set(known)
        missing = {"archive", "search"} - {key for key, value in given.items() if value}
        if unknown or missing:
            raise SiteError(
                "plugin config `kommunalradar`: "
                + "; ".join(
                    [f"unknown key {key}" for key in sorted(unknown)]
                    + [f"key {key} is missing" for key in sorted(missing)]
                )
                + f" (it takes {', '.join(known)})"
            )
        address = safe_url(given.get("address"))
        if given.get("address") and not address:
            raise SiteError("plugin config `kommunalradar`: address must be an http(s) URL")
        paths = {
            name: Path(str(given[name])) if given.get(name) else None
            for name in ("imprint", "privacy", "models", "dumps")
        }
        for name in ("imprint", "privacy"):
            path = paths[name]
            if path is not None and not path.is_file():
                raise SiteError(f"plugin config `kommunalradar`: {name}: {path} is not there")
        if given.get("tdm") not in (None, "", "reserved", "allowed"):
            raise SiteError("plugin config `kommunalradar`: tdm must be reserved or allowed")
        return cls(
            archive=Path(str(given["archive"])),
            search=Path(str(given["search"])),
            banner=given.get("banner"),
            address=address.rstrip("/") if address else None,
            contact=given.get("contact") or None,
            tdm=given.get("tdm") or None,
            letters=bool(given.get("letters")),
            **paths,
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
        self.sql = SqlSearch(self.search)
        #: where Datasette's own pages about the archive begin: it names a database by its file
        self.data_path = f"/{config.archive.stem}"
        self.assets = _assets(HERE / "static")
        self.executor = ThreadPoolExecutor(THREADS, thread_name_prefix="site")
        #: for reading what is downloaded: a slow disk holds up no page
        self.files = ThreadPoolExecutor(2, thread_name_prefix="files")
        self._open = threading.local()
        self._templates = {code: _templates(self, language(code)) for code in LANGUAGES}

    def archive(self) -> Archive:
        """The archive, over a read-only connection of this thread's own."""
        if not hasattr(self._open, "archive"):
            uri = f"{self.config.archive.resolve().as_uri()}?mode=ro"
            self._open.archive = Archive(sqlite3.connect(uri, uri=True))
        archive: Archive = self._open.archive
        return archive

    def page(
        self, template: str, ask: Ask, *, status: int = 200, max_age: int = 60, **values: object
    ) -> Page:
        """An HTML page in the reader's language, from a template under ``templates/site``."""
        chosen = self._templates[ask.language].get_template(template)
        return Page(chosen.render(ask=ask, **values).encode(), status=status, max_age=max_age)

    def part(self, template: str, *, path: str = "") -> Markup:
        """A part of the frame in German, for pages that Datasette renders itself."""
        chosen = self._templates["de"].get_template(template)
        return Markup(chosen.render(ask=Ask(path)))

    @property
    def has_model(self) -> bool:
        """Whether there is a model to tell of (``model_card``)."""
        models = self.config.models
        return models is not None and (models / "promotions.jsonl").is_file()

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
        if path.suffix == ".css":  # comments and spaces are for who writes it
            body = re.sub(rb"/\*.*?\*/", b"", body, flags=re.DOTALL)
            body = re.sub(rb"\s*([{};])\s*", rb"\1", body)
            body = re.sub(rb"([a-z-]): ", rb"\1:", body)
        digest = hashlib.blake2b(body, digest_size=6).hexdigest()
        found[path.name] = Asset(body, _TYPES[path.suffix], digest)
    return found


def _templates(site: Site, spoken: Language) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates" / "site"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    install(environment, spoken)

    def entries(count: int) -> str:
        return spoken.ngettext("%(num)s Eintrag", "%(num)s Einträge", count)

    def shown(path: str | Address) -> str:
        return in_language(spoken.code, path.url() if isinstance(path, Address) else path)

    values: dict[str, Any] = {
        "site": site,
        "DISPLAYS": DISPLAYS,
        "languages": LANGUAGES,
        "in_language": in_language,
        "to": shown,
        "Address": Address,
        "differences": differences,
        "safe_url": safe_url,
        "host_of": host_of,
        "entries": entries,
        "ago": lambda at: spoken.ago(at, site.now()),
        "day_heading": spoken.day_heading,
    }
    environment.globals |= values
    # A topic's label is data: unlike ``_()`` this does not take what it returns for markup.
    environment.filters["said"] = spoken.gettext
    environment.filters["told"] = lambda text: in_their_tongue(text, spoken)
    environment.tests["german"] = lambda text: spoken.code != SOURCE and is_german(text)
    return environment
