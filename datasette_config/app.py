"""The site as one Datasette, ready to serve."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.utils import parse_metadata

from datasette_config.site import HERE
from store.archive import TABLES
from store.views import VIEWS


def make_datasette(
    archive: Path,
    search: Path,
    *,
    banner: str | None = None,
    address: str | None = None,
    contact: str | None = None,
    imprint: Path | None = None,
    privacy: Path | None = None,
    models: Path | None = None,
    tdm: str | None = None,
    dumps: Path | None = None,
    letters: bool = False,
    desk: Mapping[str, Any] | None = None,
) -> Datasette:
    """A Datasette that carries the site; ``make_datasette(…).app()`` is the ASGI application.

    Only archive.db is attached (mutable, since publishing writes it); the search index is opened
    by ``store``. What may be said besides is in ``site.SiteConfig``; ``desk``: the keys of
    ``desk.desk.DeskConfig``, or None for a site without the editors' desk.
    Raises ``SiteError`` if a file is not there.
    """
    metadata: dict[str, Any] = parse_metadata((HERE / "metadata.yaml").read_text("utf-8"))
    database = metadata["databases"]["archive"]
    given = database["tables"]
    database["tables"] = {
        table: {**described, **given.get(table, {})} for table, described in _descriptions().items()
    }
    metadata["databases"] = {archive.stem: database}
    metadata["plugins"] = {
        "kommunalradar": {
            "archive": str(archive),
            "search": str(search),
            "banner": banner,
            "address": address,
            "contact": contact,
            "imprint": str(imprint) if imprint else None,
            "privacy": str(privacy) if privacy else None,
            "models": str(models) if models else None,
            "tdm": tdm,
            "dumps": str(dumps) if dumps else None,
            "letters": letters,
        }
    }
    if desk is not None:
        metadata["plugins"]["kommunalradar-desk"] = {
            key: str(value) if isinstance(value, Path) else value for key, value in desk.items()
        }
    settings: dict[str, Any] = json.loads((HERE / "settings.json").read_text("utf-8"))
    settings["force_https_urls"] = bool(address and address.startswith("https:"))
    return Datasette([str(archive)], metadata=metadata, settings=settings)


def _descriptions() -> dict[str, Any]:
    """What each table, view and column of archive.db means, as Datasette's metadata wants it."""
    tables = {
        table: {
            "description": about,
            "columns": {name: meaning for name, _, meaning in fields},
        }
        for table, (about, fields, _) in TABLES.items()
    }
    views = {
        view: {"description": about, "columns": dict(meanings)}
        for view, (about, meanings, _) in VIEWS.items()
    }
    return tables | views
