"""What the archive is, how it works, and how to search it."""

from __future__ import annotations

from datetime import datetime

from datasette_config.site import Site
from datasette_config.web import Ask, Page


def page(site: Site, ask: Ask) -> Page:
    """The page about the archive."""
    archive = site.archive()
    published = archive.info().get("published_at")
    return site.page(
        "about.html",
        here=ask.path,
        published=datetime.fromisoformat(published) if published else None,
        topics=archive.topics().values(),
        sources=len(archive.source_names()),
    )
