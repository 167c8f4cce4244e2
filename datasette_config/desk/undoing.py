"""Taking decisions back: which ones the page before made, and the form's answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from datasette_config.desk.deciding import undo
from datasette_config.desk.request import Answer, whole
from datasette_config.desk.visit import Visit
from store.corrections import StaleError
from store.types import Correction

#: So many decisions can be taken back with one key.
MOST = 200


@dataclass(frozen=True, slots=True)
class Undoable:
    """What the editor has just done."""

    corrections: tuple[Correction, ...]
    #: the item, where it was one
    item_id: int | None
    title: str


def undoable(visit: Visit) -> Undoable | None:
    """The corrections named in the address (``getan``), as far as they are the visitor's own."""
    numbers = _numbers(visit.request.argument("getan").split(","))
    made = [one for one in visit.newsroom.these_corrections(numbers) if one.editor == visit.name]
    if not made:
        return None
    items = {one.item_id for one in made}
    item = visit.newsroom.item(made[0].item_id) if len(items) == 1 else None
    return Undoable(
        tuple(made), item.id if item else None, item.article.title if item else str(len(items))
    )


def take_back(visit: Visit) -> Answer:
    """Undo the corrections of the form; the page they were made on says so."""
    numbers = _numbers(visit.request.values("korrektur"))
    back = visit.request.value("zurueck")
    path = back if re.fullmatch(r"/desk(/[\w.-]+){0,3}", back) else "/desk"
    try:
        undo(visit, numbers)
    except StaleError:
        _ = visit.language.gettext
        return visit.refused(
            _("Inzwischen hat jemand neu entschieden; das lässt sich nicht mehr zurücknehmen."),
            status=409,
            back=path,
        )
    return visit.done(path, "undone", late=visit.desk.publish())


def _numbers(texts: Iterable[str]) -> list[int]:
    return [number for text in texts if (number := whole(text)) is not None][:MOST]
