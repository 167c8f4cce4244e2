"""The clear cases of the review queue: many confirmed at a time."""

from __future__ import annotations

from datasette_config.desk.deciding import Decision, decide, seen
from datasette_config.desk.labels import choices
from datasette_config.desk.request import Answer, whole
from datasette_config.desk.undoing import undoable
from datasette_config.desk.visit import Visit
from datasette_config.desk.words import plain
from store.corrections import StaleError

PATH = "/desk/durchsicht/stapel"
SIZE = 25


def show(visit: Visit) -> Answer:
    """The surest of the queue with the model's answer."""
    found = []
    for waiting in visit.newsroom.review_queue(SIZE, surest=True):
        item = visit.newsroom.item(waiting.item_id)
        if item is not None:
            topics, states = choices(visit, item.id)
            word = plain(visit.newsroom.word(item.id, "topic"))
            found.append((item, topics, states, word, waiting.doubt))
    return visit.page(
        "stack.html",
        found=found,
        skipped=whole(visit.request.argument("uebergangen")) or 0,
        last=undoable(visit),
    )


def do(visit: Visit) -> Answer:
    """Confirm what is ticked; what somebody changed meanwhile is left alone and counted."""
    made, skipped = [], 0
    for text in visit.request.values("eintrag")[:SIZE]:
        number = whole(text)
        if number is None:
            continue
        word = seen(visit.request, "topic", f"_{text}")
        try:
            made += decide(visit, number, [Decision("topic", word, word)])
        except StaleError:
            skipped += 1
    late = visit.desk.publish() if made else None
    return visit.done(PATH, made=made, late=late, uebergangen=skipped)
