"""The classifier: the model in force, its figures over time, and what can be done with it."""

from __future__ import annotations

from pathlib import Path

from datasette_config.desk.asking import ask
from datasette_config.desk.charts import line
from datasette_config.desk.models import FACETS, REGISTERS, Models, read_models
from datasette_config.desk.request import Answer
from datasette_config.desk.visit import Visit
from datasette_config.web import MissingPageError


def show(visit: Visit) -> Answer:
    """The card, beside another one where the address asks for it."""
    models = read_models(_folder(visit))
    chosen = models.card(visit.request.argument("mit")) if models.cards else None
    return visit.page(
        "model.html",
        models=models,
        card=models.in_force,
        other=chosen,
        registers=REGISTERS,
        facets=FACETS,
        chart=_chart(models),
        topic_names={id: label for id, label, _ in visit.newsroom.topics()},
        decided=len(visit.newsroom.decisions()),
        jobs=[job for job in visit.newsroom.jobs(50)
              if job.kind in ("train", "promote", "rollback")][:5],
    )  # fmt: skip


def do(visit: Visit) -> Answer:
    """Ask for training, for another model, or for the one before."""
    what = visit.request.value("tun")
    if what == "trainieren":
        return ask(visit, "train", {})
    if what == "zurueck":
        return ask(visit, "rollback", {})
    model_id = visit.request.value("modell")
    if what != "in-kraft" or read_models(_folder(visit)).card(model_id) is None:
        raise MissingPageError(visit.language.gettext("Dieses Modell gibt es nicht."))
    return ask(visit, "promote", {"model": model_id}, model_id)


def _folder(visit: Visit) -> Path:
    folder = visit.desk.config.models
    if folder is None:
        raise MissingPageError(
            visit.language.gettext("Der Ordner der Modelle ist nicht eingerichtet.")
        )
    return folder


def _chart(models: Models) -> dict[str, object] | None:
    """The F1 of topics and Länder from promotion to promotion; None with fewer than two."""
    told = [
        (promotion, card)
        for promotion in reversed(models.promotions)
        if (card := models.card(promotion.model_id)) is not None
    ]
    if len(told) < 2:
        return None
    figures = {
        facet: [card.figure("whole", facet) or 0.0 for _, card in told]
        for facet in ("topics", "states")
    }
    values = [value for one in figures.values() for value in one]
    least, most = min(values) - 0.02, min(max(values) + 0.02, 1.0)
    return {
        "lines": {facet: line(one, least, most) for facet, one in figures.items()},
        "least": least,
        "most": most,
        "since": told[0][0].at,
        "until": told[-1][0].at,
    }
