"""What the interface answers when it cannot: one JSON form for every error (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from datasette_config.web import Page

PROBLEM: Final = "application/problem+json"
TITLES: Final = {
    400: "So lässt sich das nicht beantworten",
    404: "Das gibt es nicht",
    405: "Nur lesen",
    429: "Zu viele Abfragen",
    500: "Da ist etwas schiefgegangen",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong with a request: at which parameter, and what would be right."""

    parameter: str
    detail: str


def problem(
    status: int,
    detail: str = "",
    *,
    mistakes: Sequence[Mistake] = (),
    headers: Mapping[str, str] | None = None,
) -> Page:
    """The answer; ``about:blank`` as type says that the status tells all there is to tell."""
    told: dict[str, Any] = {"type": "about:blank", "title": title_of(status), "status": status}
    if detail:
        told["detail"] = detail
    if mistakes:
        told["errors"] = [
            {"parameter": mistake.parameter, "detail": mistake.detail} for mistake in mistakes
        ]
    body = json.dumps(told, ensure_ascii=False).encode()
    return Page(body, status=status, content_type=PROBLEM, headers=headers or {})


def title_of(status: int) -> str:
    """What a status is called; that of its class where it has no name of its own."""
    return TITLES.get(status, TITLES[400 if status < 500 else 500])
