"""How the editors' alerts read as one letter; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any, Final

from datasette_config.desk.alert_words import told
from datasette_config.language import language
from store.alerts import Alert
from store.types import BERLIN

#: The parts of a letter with their headings, the most urgent first.
_PARTS: Final = (
    ("new", "Neu"),
    ("lasting", "Besteht weiter"),
    ("over", "Erledigt"),
)
_WIDTH: Final = 72
_GERMAN = language("de")


def write_alerts(
    content: Mapping[str, Any], alerts: Mapping[int, Alert], desk: str
) -> tuple[str, str] | None:
    """Subject and text of a letter about the alerts whose numbers ``content`` holds, by part.

    None where there is nothing left to say: what was new and is over before the letter could be
    sent, the editors need not hear of. ``desk``: its address, or empty.
    """
    parts = {
        name: [alerts[number] for number in content.get(name, ()) if number in alerts]
        for name, _ in _PARTS
    }
    parts["new"] = [alert for alert in parts["new"] if alert.resolved_at is None]
    parts["lasting"] = [alert for alert in parts["lasting"] if alert.resolved_at is None]
    parts["over"] = [alert for alert in parts["over"] if alert.told_at is not None]
    if not any(parts.values()):
        return None
    counted = [
        f"{len(parts['new'])} neu" if parts["new"] else "",
        f"{len(parts['lasting'])} weiterhin" if parts["lasting"] else "",
        f"{len(parts['over'])} erledigt" if parts["over"] else "",
    ]
    lines: list[str] = []
    for name, heading in _PARTS:
        if parts[name]:
            lines += [heading, "-" * len(heading), ""]
            lines += _told(parts[name], mend=name != "over")
    lines += ["", f"Redaktion: {desk}"] if desk else []
    subject = f"Kommunalradar: {', '.join(part for part in counted if part)}"
    if len(parts["new"]) == 1 and not parts["lasting"] and not parts["over"]:
        subject = f"Kommunalradar: {told(parts['new'][0].trouble, _GERMAN)[0]}"
    return subject, "\n".join(lines).rstrip() + "\n"


def _told(alerts: Sequence[Alert], *, mend: bool) -> list[str]:
    lines: list[str] = []
    for alert in alerts:
        since = f"{alert.since.astimezone(BERLIN):%d.%m. %H:%M}"
        line, what_to_do = told(alert.trouble, _GERMAN)
        lines.append(fill(f"{line} (seit {since})", _WIDTH))
        if mend:
            lines.append(fill(what_to_do, _WIDTH, initial_indent="  ", subsequent_indent="  "))
        lines.append("")
    return lines
