"""The review queue: one item after the other, least certain first, one key a decision."""

from __future__ import annotations

from datasette_config.desk.deciding import Decision, decide, seen, whose
from datasette_config.desk.labels import choices, picked
from datasette_config.desk.request import Answer, whole
from datasette_config.desk.undoing import undoable
from datasette_config.desk.visit import Visit
from datasette_config.desk.words import plain
from datasette_config.web import MissingPageError
from store.corrections import StaleError
from store.types import Word

PATH = "/desk/durchsicht"
#: Characters of the body that are shown: enough to judge, little enough to see at once.
EXCERPT = 1400


def show(visit: Visit) -> Answer:
    """The next item to decide. ``ab``: how many were passed over."""
    position = whole(visit.request.argument("ab")) or 0
    queue = visit.newsroom.review_queue(1, position)
    if not queue and position:
        position, queue = 0, visit.newsroom.review_queue(1)
    item = visit.newsroom.item(queue[0].item_id) if queue else None
    last = undoable(visit)
    if item is None:
        return visit.page("review_empty.html", last=last)
    topics, states = choices(visit, item.id)
    body = item.article.body or ""
    return visit.page(
        "review.html",
        item=item,
        article=item.article,
        source=visit.newsroom.source(item.article.source_id),
        doubt=queue[0].doubt,
        topics=topics,
        states=states,
        seen={facet: plain(visit.newsroom.word(item.id, facet))
              for facet in ("topic", "state", "hidden")},
        excerpt=body[:EXCERPT].rsplit(" ", 1)[0] + " …" if len(body) > EXCERPT else body,
        position=position,
        last=last,
    )  # fmt: skip


def do(visit: Visit) -> Answer:
    """The decision; then the next item. Where someone was quicker, nothing is overwritten."""
    request = visit.request
    item_id = number_of(visit, request.value("eintrag"))
    topics, states = choices(visit, item_id)
    what = request.value("tun", "entscheiden")
    wanted: dict[str, Word] = {
        "topic": () if what == "keins" else picked(request.values("topic"), topics),
        "state": picked(request.values("state"), states),
    }
    expected = {facet: seen(request, facet) for facet in wanted}
    decisions = [Decision("topic", wanted["topic"], expected["topic"])]
    if set(wanted["state"]) != set(expected["state"]):  # type: ignore[arg-type]
        decisions.append(Decision("state", wanted["state"], expected["state"]))
    if what == "verbergen":
        # Nothing is said of its topics but what stood there: it is only not to be seen.
        decisions = [
            Decision("topic", expected["topic"], expected["topic"]),
            Decision("hidden", True, seen(request, "hidden")),
        ]
    try:
        made = decide(visit, item_id, decisions)
    except StaleError:
        return conflict(visit, item_id, {one.facet: one.value for one in decisions})
    late = visit.desk.publish()
    position = request.value("ab", "0")
    return visit.done(PATH, made=made, late=late, ab=position if position != "0" else "")


def number_of(visit: Visit, text: str) -> int:
    """The number of an item that there is; raises ``MissingPageError``."""
    number = whole(text)
    if number is None or visit.newsroom.item(number) is None:
        raise MissingPageError(visit.language.gettext("Diesen Eintrag gibt es nicht (mehr)."))
    return number


def conflict(visit: Visit, item_id: int, wanted: dict[str, Word]) -> Answer:
    """Someone else decided meanwhile: both answers side by side, and a choice.

    Where both came to the same answer there is nothing to choose.
    """
    item = visit.newsroom.item(item_id)
    present = {facet: visit.newsroom.word(item_id, facet) for facet in wanted}
    if all(plain(present[facet]) == plain(value) for facet, value in wanted.items()):
        return visit.done(visit.request.path, "agreed")
    return visit.page(
        "conflict.html",
        status=409,
        item=item,
        path=visit.request.path,
        wanted={facet: plain(value) for facet, value in wanted.items()},
        present={facet: plain(value) for facet, value in present.items()},
        by=whose(visit, item_id, wanted),
        position=visit.request.value("ab", "0"),
    )
