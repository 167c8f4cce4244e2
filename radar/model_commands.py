"""The commands that treat the classifier's models: train, evaluate, models, explain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from radar.config import Config
from radar.output import json_option, print_json


@click.command(short_help="Train the classifier anew, with the editors' corrections.")
@json_option
@click.pass_obj
def train(config: Config, as_json: bool) -> None:
    """Train on the project's texts and the editors' corrections.

    The new model is put in force unless it is worse than the present one, on the frozen evaluation
    set or on the corrections held out for measuring. The present one is kept: `radar models
    rollback` goes back to it. `radar tag` then gives all items their tags anew.
    """
    from radar import crawling, learning
    from radar.progress import say

    say("Training, about a minute …")
    with crawling.open_newsroom(config) as newsroom:
        trained = learning.train_again(config, newsroom, by="command", now=crawling.utc_now)
    if as_json:
        print_json(asdict(trained))
        return
    click.echo(f"{trained.corrections} corrections learnt, {trained.held_out} held out")
    for one in trained.comparisons:
        for facet in ("topics", "states"):
            old, new = getattr(one.old, facet).micro, getattr(one.new, facet).micro
            click.echo(
                f"{one.name} ({one.new.items} items), {facet}: F1 {old.f1:.3f} → {new.f1:.3f}, "
                f"precision {old.precision:.3f} → {new.precision:.3f}, "
                f"recall {old.recall:.3f} → {new.recall:.3f}"
            )
        for label, change in one.changes.items():
            click.echo(
                f"  {label}: {change.found} found, {change.mended} mended, "
                f"{change.lost} lost, {change.spoilt} spoilt"
            )
    click.echo(trained.verdict)


@click.command(short_help="Measure the classifier on a file of labelled items.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--model", "model_id", help="A model's id (default: the one in force).")
@json_option
@click.pass_obj
def evaluate(config: Config, file: Path, model_id: str | None, as_json: bool) -> None:
    """Measure the classifier on FILE (JSON Lines).

    Lines hold title, summary or teaser, body, url and the right topics, topics_optional, states
    and states_optional; optional labels count neither way. Intervals are 95 % bootstrap ones.
    """
    from classifier.registry import Registry
    from radar import crawling, learning

    gold = learning.read_file(file)
    model = (
        Registry(config.models).load(model_id)
        if model_id
        else learning.model_in_force(config, None, crawling.utc_now)
    )
    report = learning.measure(model, gold)
    if as_json:
        print_json(asdict(report))
        return
    click.echo(f"model {report.model_id}, {report.items} items")
    for name, facet in (("topics", report.topics), ("states", report.states)):
        click.echo(
            f"\n{name}: macro F1 {facet.macro_f1:.3f}, calibration error "
            f"{facet.calibration_error:.3f}, {facet.share_without_review:.0%} answered without "
            f"review at precision {facet.without_review.precision:.3f}"
        )
        rows = {
            "all": facet.micro,
            **{k: v for k, v in facet.labels.items() if v.wanted or v.given},
        }
        width = max(map(len, rows))
        click.echo(f"  {'':<{width}}  gold given right  precision  recall  F1     95 %")
        for label, row in rows.items():
            low, high = row.f1_interval
            click.echo(
                f"  {label:<{width}}  {row.wanted:>4} {row.given:>5} {row.right:>5}  "
                f"{row.precision:>9.3f}  {row.recall:>6.3f}  {row.f1:.3f}  {low:.2f}–{high:.2f}"
            )


@click.group()
def models() -> None:
    """The classifier's models: which there are, which is in force."""


@models.command("list")
@json_option
@click.pass_obj
def list_models(config: Config, as_json: bool) -> None:
    """Every model of the data folder, oldest first, with how it did in cross-validation."""
    from classifier.registry import Registry

    entries = Registry(config.models).entries()
    if as_json:
        print_json([asdict(entry) for entry in entries])
        return
    for entry in entries:
        figures: Any = entry.card["cross_validation"]
        whole: Mapping[str, Mapping[str, float]] = figures["whole"]
        state = ", ".join(
            word
            for word, holds in (("in force", entry.in_force), ("cannot be used", not entry.usable))
            if holds
        )
        click.echo(
            f"{entry.id}  topics F1 {whole['topics']['f1']:.3f}  states F1 "
            f"{whole['states']['f1']:.3f}  {entry.card['examples']} texts  "
            f"{entry.card['corrections']} corrections  {state}".rstrip()
        )
    if not entries:
        click.echo("no model yet; `radar train` makes one", err=True)


@models.command("show")
@click.argument("model_id", metavar="ID")
@click.pass_obj
def show_model(config: Config, model_id: str) -> None:
    """The card of a model, as JSON: data, figures, versions, and when it came into force."""
    from classifier.registry import Registry

    registry = Registry(config.models)
    card = registry.load(model_id).card
    promotions = [asdict(p) for p in registry.promotions() if p.model_id == model_id]
    print_json({**card, "promotions": promotions})


@models.command("promote")
@click.argument("model_id", metavar="ID")
@click.option("--why", default="by hand", show_default=True)
@click.pass_obj
def promote_model(config: Config, model_id: str, why: str) -> None:
    """Put the model ID in force. `radar tag` then gives all items their tags anew."""
    from classifier.registry import Registry
    from radar import crawling

    Registry(config.models).promote(model_id, by="command", why=why, now=crawling.utc_now())
    click.echo(f"{model_id} is in force; `radar tag` and `radar publish` apply it")


@models.command("rollback")
@click.pass_obj
def roll_back(config: Config) -> None:
    """Put the model in force that was so before. `radar tag` then applies it."""
    from classifier.registry import Registry
    from radar import crawling

    promotion = Registry(config.models).roll_back(by="command", now=crawling.utc_now())
    click.echo(f"{promotion.model_id} is in force; `radar tag` and `radar publish` apply it")


@click.command(short_help="Why an item has its topics and Länder.")
@click.argument("which", metavar="URL|ID")
@json_option
@click.pass_obj
def explain(config: Config, which: str, as_json: bool) -> None:
    """Why an item has its topics and Länder: scores, thresholds, the words behind them.

    URL is the original's address, ID the last part of its address on the site.
    """
    from radar import crawling, learning

    with crawling.open_newsroom(config) as newsroom:
        told = learning.explain(config, newsroom, which, crawling.utc_now)
    if as_json:
        print_json(told)
        return
    click.echo(f"{told['id']}  {told['title']}\n{told['url']}\nmodel {told['model']}")
    for facet in ("topics", "states"):
        click.echo(f"\n{facet}: {_named(told['carries'][facet])}" + (
            f" (decided by an editor: {_named(told['decided'][facet])})"
            if facet in told["decided"] else ""
        ))  # fmt: skip
        for row in told[facet]:
            words = ", ".join(row["words"])
            click.echo(
                f"  {row['label']:<18} {row['score']:.3f} (needed {row['needed']:.2f}) "
                f"{'given' if row['given'] else 'near':<5}  {words}".rstrip()
            )
    if told["places"]:
        click.echo("\nplaces: " + ", ".join(f"{p['name']} ({p['ags']})" for p in told["places"]))
    if told["review"]:
        click.echo("\na person should look: the nearest decision was too close")


def _named(labels: Iterable[str]) -> str:
    return ", ".join(labels) or "none"


MODEL_COMMANDS = (train, evaluate, models, explain)
