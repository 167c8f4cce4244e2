"""One item: what editors may decide of it, its history, its group; never its text."""

from __future__ import annotations

from datasette_config.desk.asking import ask
from datasette_config.desk.deciding import (
    Decision,
    FormError,
    date_fields,
    decide,
    read_date,
    seen,
)
from datasette_config.desk.labels import choices, picked
from datasette_config.desk.request import Answer, whole
from datasette_config.desk.routes.review import conflict
from datasette_config.desk.undoing import undoable
from datasette_config.desk.visit import Visit
from datasette_config.desk.words import plain
from datasette_config.web import MissingPageError
from store.corrections import StaleError
from store.grouping import join, part
from store.types import FACETS, KINDS, StoredItem


def show(visit: Visit) -> Answer:
    """The item with the form of what may be decided."""
    item = _item(visit)
    newsroom = visit.newsroom
    topics, states = choices(visit, item.id)
    words = {facet: newsroom.word(item.id, facet) for facet in FACETS}
    decided = newsroom.decisions([item.id]).get(item.id, {})
    history = list(newsroom.corrections(item.id))
    undone = {one.undoes for one in history}
    standing = {one.facet: one.id for one in history if one.undoes is None and one.id not in undone}
    public = visit.desk.site.archive().item(item.id)
    return visit.page(
        "item.html",
        item=item,
        article=item.article,
        source=newsroom.source(item.article.source_id),
        topics=topics,
        states=states,
        words=words,
        seen={facet: plain(word) for facet, word in words.items()},
        decided=decided,
        date=date_fields(words["published"]),
        kinds=KINDS,
        history=history[::-1],
        standing=set(standing.values()),
        names={id: label for id, label, _ in newsroom.topics()},
        versions=newsroom.versions(item.id)[:-1][::-1],
        group=[one for one in (newsroom.cluster_members(item.cluster_id)
                               if item.cluster_id else []) if one.id != item.id],
        public=public is not None,
        stamp=history[-1].id if history else 0,
        last=undoable(visit),
    )  # fmt: skip


def do(visit: Visit) -> Answer:
    """Record what the form changed, and only that."""
    item, request = _item(visit), visit.request
    topics, states = choices(visit, item.id)
    decisions = []
    for facet, choice in (("topic", topics), ("state", states)):
        if f"gesehen_{facet}" in request.form:
            before = seen(request, facet)
            wanted = picked(request.values(facet), choice)
            if wanted != before:
                decisions.append(Decision(facet, wanted, before))
    if request.value("kind") in KINDS:
        kind = seen(request, "kind")
        if request.value("kind") != kind:
            decisions.append(Decision("kind", request.value("kind"), kind))
    if "gesehen_published" in request.form:
        published = seen(request, "published")
        if (request.value("tag"), request.value("zeit")) != date_fields(published):
            date = read_date(request, visit.language, visit.desk.now())
            decisions.append(Decision("published", date, published))
    if request.value("sichtbar") in ("verbergen", "zeigen"):
        hidden, wanted_hidden = seen(request, "hidden"), request.value("sichtbar") == "verbergen"
        if hidden is not wanted_hidden:
            decisions.append(Decision("hidden", wanted_hidden, hidden))
    try:
        made = decide(visit, item.id, decisions)
    except StaleError:
        return conflict(visit, item.id, {one.facet: one.value for one in decisions})
    late = visit.desk.publish() if made else None
    return visit.done(request.path, "saved", made=made, late=late)


def erase(visit: Visit) -> Answer:
    """Ask for the item to be erased for good; the reason is kept, the item is not."""
    item, _ = _item(visit), visit.language.gettext
    reason = visit.request.value("grund")
    if not reason:
        raise FormError(_("Zum Löschen gehört ein Grund."))
    if visit.request.value("sicher") != "ja":
        raise FormError(_("Bitte bestätigen, dass der Eintrag für immer gelöscht werden soll."))
    return ask(visit, "erase", {"item": str(item.id), "reason": reason}, str(item.id))


def group(visit: Visit) -> Answer:
    """Put the item into another one's group, or take it out of its own."""
    item, _ = _item(visit), visit.language.gettext
    newsroom = visit.newsroom
    if visit.request.value("tun") == "loesen":
        with newsroom.batch():
            part(newsroom, item.id)
            newsroom.record(visit.name, "item.part", item.id)
    else:
        given = visit.request.value("mit")
        number = whole(given)
        other = newsroom.item_by_url(given) if number is None else newsroom.item(number)
        if other is None or other.id == item.id:
            raise FormError(_("Diesen anderen Eintrag gibt es nicht: Nummer oder Adresse nennen."))
        with newsroom.batch():
            join(newsroom, item.id, other.id)
            newsroom.record(visit.name, "item.join", item.id, {"with": other.id})
    late = visit.desk.publish()
    return visit.done(f"/desk/eintraege/{item.id}", "grouped", late=late)


def _item(visit: Visit) -> StoredItem:
    item = visit.newsroom.item(int(visit.request.parts["id"]))
    if item is None:
        raise MissingPageError(visit.language.gettext("Diesen Eintrag gibt es nicht (mehr)."))
    return item
