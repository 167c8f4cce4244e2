"""What the program has to report: alerts, what is told to whom, letters that nobody took."""

from __future__ import annotations

import re
from typing import Final

from datasette_config.desk.alert_words import told
from datasette_config.desk.request import Answer
from datasette_config.desk.visit import Visit
from datasette_config.web import host_of

#: Alerts that are over and are shown still.
OVER: Final = 30
_ADDRESS: Final = re.compile(r"[^\s<>@]+@(?=[\w.-]+)")


def show(visit: Visit) -> Answer:
    """Alerts in force and over; for who runs the place, hooks and the outbox, too."""
    found = [(alert, *told(alert.trouble, visit.language)) for alert in visit.newsroom.alerts()]
    known = {one.source.id for one in visit.newsroom.sources()}
    chief = visit.may("chief")
    return visit.page(
        "news.html",
        standing=[one for one in found if one[0].resolved_at is None],
        over=[one for one in found if one[0].resolved_at is not None][:OVER],
        sources=known,
        # An address of a hook can hold a secret of the receiver's: its host is enough.
        hooks=[(one, host_of(one.url)) for one in visit.newsroom.hooks()] if chief else [],
        letters=[(one, without_names(one.error or "")) for one in visit.newsroom.letters()]
        if chief
        else [],
    )


def without_names(said: str) -> str:
    """What a mail server said, without whom it said it of."""
    return _ADDRESS.sub("…@", said)
