"""What the scheduler was asked for: all of it, and one job with its progress."""

from __future__ import annotations

from datasette_config.desk.asking import is_stuck
from datasette_config.desk.job_words import job_name, job_state
from datasette_config.desk.request import Answer
from datasette_config.desk.visit import Visit
from datasette_config.web import MissingPageError
from store.types import Job

ENDED = ("done", "failed", "cancelled")


def show_all(visit: Visit) -> Answer:
    """The newest jobs first."""
    return visit.page(
        "jobs.html",
        jobs=[
            (job, job_name(job.kind, visit.language), job_state(job.state, visit.language))
            for job in visit.newsroom.jobs(100)
        ],
    )


def show(visit: Visit) -> Answer:
    """One job: how far it is while it runs, what it found when it has ended."""
    job = _job(visit)
    return visit.page(
        "job.html",
        job=job,
        name=job_name(job.kind, visit.language),
        state=job_state(job.state, visit.language),
        ended=job.state in ENDED,
        stuck=is_stuck(job, visit),
        source=str(job.argument.get("source") or (job.argument.get("facts") or {}).get("id", "")),
        result=job.result or {},
    )


def progress(visit: Visit) -> Answer:
    """The same as plain data, for the page to ask every second."""
    job = _job(visit)
    return visit.json(
        {
            "state": job.state,
            "word": job_state(job.state, visit.language)[0],
            "done": job.done,
            "total": job.total,
            "line": job.line,
            "ended": job.state in ENDED,
            "stuck": is_stuck(job, visit),
        }
    )


def cancel(visit: Visit) -> Answer:
    """Take the job back; its worker learns it at its next sign of life."""
    job = _job(visit)
    with visit.newsroom.batch():
        if visit.newsroom.cancel_job(job.id, outcome=f"cancelled by {visit.name}"):
            visit.newsroom.record(visit.name, "job.cancel", job.id, {"kind": job.kind})
    return visit.done(f"/desk/auftraege/{job.id}", "cancelled")


def _job(visit: Visit) -> Job:
    job = visit.newsroom.job(int(visit.request.parts["id"]))
    if job is None:
        raise MissingPageError(visit.language.gettext("Diesen Auftrag gibt es nicht."))
    return job
