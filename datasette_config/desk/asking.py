"""Asking the scheduler for a job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from datasette_config.desk.request import Answer, redirect
from datasette_config.desk.visit import Visit
from store.types import Job

#: A job that waits so long has nobody who carries it out.
STUCK: Final = timedelta(seconds=15)


def ask(visit: Visit, kind: str, argument: Mapping[str, Any], target: str = "") -> Answer:
    """Queue a job, note who asked for it, and go to its page."""
    newsroom = visit.newsroom
    with newsroom.batch():
        number = newsroom.ask_job(kind, argument, asked_by=visit.name)
        newsroom.record(visit.name, f"job.{kind}", target or number, _detail(argument, number))
    return redirect(f"/desk/auftraege/{number}")


def _detail(argument: Mapping[str, Any], number: int) -> dict[str, Any]:
    """What the audit trail keeps of a job: never a reason or a whole address, which can name
    somebody who has to be forgotten."""
    kept = {key: value for key, value in argument.items() if key not in ("reason", "url", "facts")}
    if "url" in argument:
        kept["host"] = urlsplit(str(argument["url"])).hostname or ""
    return {**kept, "job": number}


def is_stuck(job: Job, visit: Visit) -> bool:
    """Whether it waits although nothing is under way: then no scheduler runs."""
    if job.state != "queued" or visit.now() - job.asked_at < STUCK:
        return False
    return not visit.newsroom.jobs(1, "running")
