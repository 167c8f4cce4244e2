"""What the archive is, how it works, how to search it, and who can use it."""

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
        ask,
        published=datetime.fromisoformat(published) if published else None,
        topics=archive.topics().values(),
        sources=len(archive.source_names()),
    )


def accessibility(site: Site, ask: Ask) -> Page:
    """What was done so that everybody can use the pages, and what is known not to work."""
    return site.page("accessibility.html", ask)
