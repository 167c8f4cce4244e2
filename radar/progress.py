"""Shows on the terminal how far a crawl is, and afterwards what came of it. Writes to stderr,
so that standard output stays clean for ``--json``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, TextIO

import click

from radar.crawling import OnEvent, Outcome
from radar.logs import RUN_ID, as_json
from store.types import RunResult

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

#: Endings of a run that an editor must look at, and two that only wait.
TROUBLE = ("failed", "postponed", "busy")


def say(line: str) -> None:
    """One line for the person at the terminal; a JSON object where log.format is ``json``."""
    if os.environ.get("RADAR_LOG_FORMAT") == "json":
        line = as_json(line, datetime.now(UTC), RUN_ID)
    click.echo(line, err=True)


def _stderr() -> TextIO:
    return sys.stderr


@contextmanager
def crawl_bar(label: str, sources: int) -> Iterator[OnEvent]:
    """A progress bar over the sources of a crawl, with the items found so far."""
    items: dict[str, int] = {}

    def shown(_: object) -> str:
        return f"{sum(items.values())} items"

    bar: ProgressBar[int] = click.progressbar(
        length=sources, label=label, item_show_func=shown, show_eta=False, file=_stderr()
    )
    with bar:

        def on_event(event: str, source_id: str, result: RunResult) -> None:
            items[source_id] = result.new + result.changed + result.same
            bar.update(1 if event == "finish" else 0, current_item=bar.pos)

        yield on_event


@contextmanager
def count_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar for a stage that reports (done, of)."""
    bar: ProgressBar[int] = click.progressbar(length=1, label=label, show_eta=False, file=_stderr())
    with bar:

        def on_progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield on_progress
        bar.update((bar.length or 1) - bar.pos)


def report_crawl(outcomes: Sequence[Outcome], on_probation: Collection[str] = ()) -> None:
    """What the crawl found, then one line for each source in trouble.

    Sources that were never fetched with success stand apart: they alarm nobody.
    """
    results = [outcome.result for outcome in outcomes]
    if results and all(result.status == "offline" for result in results):
        say("No network: nothing was asked, no source is blamed; the next round tries again.")
        return
    totals = ", ".join(
        f"{sum(getattr(result, name) for result in results)} {name}"
        for name in ("new", "changed", "same", "withdrawn", "skipped")
    )
    answered = sum(result.status in ("ok", "unchanged") for result in results)
    say(f"  {answered} of {len(results)} sources fine: {totals}")
    troubled = [outcome for outcome in outcomes if outcome.result.status in TROUBLE]
    for outcome in troubled:
        if outcome.source_id not in on_probation:
            say(f"  {outcome.result.status}: {outcome.source_id}: {outcome.result.message}")
    new = [outcome for outcome in troubled if outcome.source_id in on_probation]
    if new:
        say("  on probation, never fetched with success yet:")
    for outcome in new:
        say(f"    {outcome.source_id}: {outcome.result.message}")


class Stopwatch:
    """Seconds by stage, in the order in which the stages first ran."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage; a stage that runs again is added up."""
        begun = perf_counter()
        try:
            yield
        finally:
            spent = perf_counter() - begun
            self.seconds[name] = round(self.seconds.get(name, 0.0) + spent, 3)
