"""Owns looking at a page that is open: by axe-core in both themes, and at every width."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

#: WCAG 2.2 A and AA, and axe's own best practices. Nothing is loaded before: of these rules only
#: that on media that play by themselves would ask for it, and there are none.
AXE_OPTIONS: dict[str, Any] = {
    "preload": False,
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 390), ("dark", 1280))
WIDTHS = (320, 390, 768, 1280, 2560)


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is loaded, light on a telephone and dark on a desk.

    One visit for both, because loading a page takes longer than turning it around.
    """
    page.evaluate(Axe().axe_script)
    found = [line for look in LOOKS for line in _run(page, *look)]
    page.emulate_media(color_scheme="light")
    return found


def too_wide(page: Page) -> list[int]:
    """The widths at which the page has to be scrolled to the side."""

    def at(width: int) -> int:
        page.set_viewport_size({"width": width, "height": 800})
        found: int = page.evaluate("document.documentElement.scrollWidth")
        return found

    return [width for width in WIDTHS if at(width) > width]


def _run(page: Page, scheme: Literal["light", "dark"], width: int) -> Iterator[str]:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    found = page.evaluate(f"axe.run({json.dumps(AXE_OPTIONS)}).then(found => found.violations)")
    for one in found:
        for node in one["nodes"][:2]:
            yield f"{scheme} {width}: {one['id']}: {node['html'][:120]}"
