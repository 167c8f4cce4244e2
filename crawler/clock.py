"""The crawl's clock, which a test or the demo may replace through the setting ``CLOCK``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from scrapy.settings import BaseSettings


def utc_now() -> datetime:
    """The present moment, aware UTC."""
    return datetime.now(UTC)


def clock_of(settings: BaseSettings) -> Callable[[], datetime]:
    """The callable set as ``CLOCK``, else the system's clock."""
    clock: Callable[[], datetime] | None = settings.get("CLOCK")
    return clock or utc_now
