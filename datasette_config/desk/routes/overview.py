"""The first page in the morning: what came in, what broke, what went quiet, what to decide."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from datasette_config.desk.alert_words import told
from datasette_config.desk.asking import is_stuck
from datasette_config.desk.charts import against_usual, bars
from datasette_config.desk.job_words import job_name, job_state
from datasette_config.desk.listing import rows
from datasette_config.desk.request import Answer
from datasette_config.desk.visit import Visit
from datasette_config.language import Language
from store.backup import backups, made_at
from store.free_days import is_free
from store.types import BERLIN

#: Less room than this is trouble: an index that is merged needs twice its own.
SCARCE_SHARE, SCARCE_BYTES = 0.1, 2_000_000_000
#: A backup is overdue after so long.
BACKUP_AGE = timedelta(hours=26)
_DAYS = 28


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of the overview with what it means."""

    title: str
    value: str
    tone: str
    note: str
    href: str | None = None


def show(visit: Visit) -> Answer:
    """Ten seconds' worth of the desk."""
    now, newsroom = visit.now(), visit.newsroom
    arrived = newsroom.found_by_day(now - timedelta(days=_DAYS))
    today = now.astimezone(BERLIN).date()
    days = [today - timedelta(days=back) for back in range(_DAYS - 1, -1, -1)]
    counts = [arrived.get(day.isoformat(), 0) for day in days]
    listed = rows(visit)
    jobs = newsroom.jobs(6)
    return visit.page(
        "overview.html",
        facts=[
            _round(visit),
            _arrivals(visit),
            _review(visit),
            _disk(visit.desk.config.newsroom.parent, visit.language),
            _backup(visit.desk.config.backups, now, visit.language),
        ],
        days=list(zip(days, bars(counts), strict=True)),
        troubled=[row for row in listed if row.condition.tone == "bad"],
        quiet=[row for row in listed if row.condition.code in ("silent", "postponed", "offline")],
        # Troubles of a source stand there with its own state; disk and backup above.
        alerts=[
            told(alert.trouble, visit.language)
            for alert in newsroom.alerts(resolved=False)
            if alert.trouble.kind in ("volume", "drift", "undelivered")
        ],
        delivering=sum(row.condition.code == "ok" for row in listed),
        total=sum(row.status.active for row in listed),
        jobs=[(job, job_name(job.kind, visit.language), job_state(job.state, visit.language))
              for job in jobs],
        stuck=any(is_stuck(job, visit) for job in jobs),
    )  # fmt: skip


def _round(visit: Visit) -> Fact:
    _, words = visit.language.gettext, visit.language
    last = visit.newsroom.last_finished()
    title = _("Letzte Runde")
    if last is None:
        return Fact(title, _("noch keine"), "wait", _("`radar run` beginnt sie."))
    at, ended = last
    failed = ended.get("failed", 0)
    note = words.ngettext(
        "%(num)s Abruf in der letzten Stunde davor", "%(num)s Abrufe in der letzten Stunde davor",
        sum(ended.values()),
    )  # fmt: skip
    if failed:
        note += ", " + words.ngettext("%(num)s gescheitert", "%(num)s gescheitert", failed)
    late = visit.now() - at > timedelta(hours=25)
    return Fact(title, words.ago(at, visit.now()), "bad" if late else "good", note + ".")


def _arrivals(visit: Visit) -> Fact:
    _, words = visit.language.gettext, visit.language
    found = visit.newsroom.arrivals(visit.now() - timedelta(days=_DAYS + 1))
    usual = against_usual([at for times in found.values() for at in times], visit.now())
    if usual.least is None or usual.most is None:
        tone, note = "good", _("Was üblich ist, zeigt sich nach einer Woche.")
    else:
        span = (
            words.number(usual.least)
            if usual.least == usual.most
            else f"{words.number(usual.least)}–{words.number(usual.most)}"
        )
        note = _("Üblich sind um diese Zeit %(span)s.", span=span)
        tone = "wait" if usual.today < usual.least / 2 or usual.today > usual.most * 2 else "good"
    today = visit.now().astimezone(BERLIN).date()
    if is_free(today, None) and today.weekday() < 5:
        tone, note = "good", _("Heute ist Feiertag.") + " " + note
    return Fact(_("Heute neu"), words.number(usual.today), tone, note, "/desk/eintraege")


def _review(visit: Visit) -> Fact:
    _, words = visit.language.gettext, visit.language
    waiting = visit.newsroom.review_count()
    note = _("Unsicherste zuerst.") if waiting else _("Alles entschieden.")
    return Fact(
        _("Zur Durchsicht"), words.number(waiting), "wait" if waiting else "good", note,
        "/desk/durchsicht",
    )  # fmt: skip


def _disk(folder: Path, words: Language) -> Fact:
    _ = words.gettext
    disk = shutil.disk_usage(folder)
    used = sum(path.stat().st_size for path in folder.glob("*.db*"))
    scarce = disk.free < SCARCE_BYTES or disk.free < SCARCE_SHARE * disk.total
    note = _("Die Datenbanken belegen %(size)s.", size=words.bytes(used))
    if scarce:
        note += " " + _("Platz schaffen, bevor das Schreiben scheitert.")
    return Fact(_("Platte frei"), words.bytes(disk.free), "bad" if scarce else "good", note)


def _backup(folder: Path | None, now: datetime, words: Language) -> Fact:
    _ = words.gettext
    title = _("Sicherung")
    held = backups(folder) if folder is not None and folder.is_dir() else []
    if not held:
        return Fact(title, _("keine"), "bad", _("`radar backup ORDNER` macht eine."))
    at = made_at(held[-1])
    overdue = now - at > BACKUP_AGE
    note = words.ngettext("%(num)s aufgehoben.", "%(num)s aufgehoben.", len(held))
    if overdue:
        note += " " + _("Überfällig: `radar backup` regelmäßig laufen lassen.")
    return Fact(title, words.ago(at, now), "bad" if overdue else "good", note)
