"""What is told to whom after a round, and each minute: news to readers, troubles to editors."""

from __future__ import annotations

import os
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from radar import editors_alerts, telling
from radar.config import Config
from radar.crawling import STOP_S
from radar.holding import new_owner
from radar.mailing import Mailer
from radar.progress import say
from store.alerts import Trouble
from store.backup import backups, made_at
from store.errors import RadarError
from store.newsroom import Newsroom
from store.types import SourceStatus

#: Between two looks at what is due to be sent.
LOOK_S = 60.0
#: The editors' look costs a second or two over hundreds of sources: once an hour is enough.
EDITORS_S = 3600.0
#: Whoever sends does it alone; one who died is followed after so long.
LEASE_S = 600.0
#: Letters that were given up are shown for so long.
GIVEN_UP_KEPT = timedelta(days=14)


class LettersError(RadarError):
    """Letters ended by a fault of ours."""


def after_round(config: Config, newsroom: Newsroom, now: datetime) -> None:
    """Note what came to stand in the archive; once an hour look for what editors should know."""
    newsroom.note_public(config.archive)
    if newsroom.take_lease("alerts:editors", new_owner(), EDITORS_S):
        look(config, newsroom, now)


def look(config: Config, newsroom: Newsroom, now: datetime) -> None:
    """Look for all troubles; queue a letter to the editors about what changed."""
    last = newsroom.last_finished()
    offline = last is not None and set(last[1]) == {"offline"}
    kinds = None
    found = list(_of_the_house(config, newsroom, now))
    if offline:
        # Our own outage says nothing of the sources: what was known of them stays as it is.
        kinds = ("disk", "backup", "undelivered", "drift")
    else:
        found += _of_sources(newsroom, now)
    newsroom.tend_alerts(
        found,
        escalate_after=timedelta(days=config.alerts_escalate_days),
        letters=bool(config.alerts_to and config.mail_smtp_host),
        looked_at=kinds,
    )


def _of_sources(newsroom: Newsroom, now: datetime) -> Iterator[Trouble]:
    statuses = [one for one in newsroom.sources() if editors_alerts.is_watched(one)]
    filling = newsroom.filling_lately([one.source.id for one in statuses], 10, 40)
    found = newsroom.found_by_source(now - timedelta(days=40))
    first = newsroom.first_runs()
    for status in statuses:
        name = status.source.id
        published = newsroom.publication_times(name, 21)
        troubles = list(editors_alerts.of_source(status, published, filling.get(name), now))
        yield from troubles
        if not troubles and name in first:
            yield from editors_alerts.of_volume(
                name, status.source.name, found.get(name, ()), status.source.land, first[name],
                now, days=2,
            )  # fmt: skip
    yield from _of_all(statuses, found, first, now)


def _of_all(
    statuses: list[SourceStatus],
    found: dict[str, list[datetime]],
    first: dict[str, datetime],
    now: datetime,
) -> Iterator[Trouble]:
    """The volume of all sources that have been watched for the whole time together."""
    long_ago = now - timedelta(days=editors_alerts.USUAL_DAYS + 3)
    old = [one.source.id for one in statuses if first.get(one.source.id, now) <= long_ago]
    together = sorted(at for name in old for at in found.get(name, ()))
    if old:
        yield from editors_alerts.of_volume("", "", together, None, long_ago, now, days=1)


def _of_the_house(config: Config, newsroom: Newsroom, now: datetime) -> Iterator[Trouble]:
    week, month = now - timedelta(days=7), now - timedelta(days=35)
    labels = {topic: label for topic, label, _ in newsroom.topics()}
    yield from editors_alerts.of_drift(
        newsroom.tagged_between(week, now), newsroom.tagged_between(month, week), labels
    )
    yield from editors_alerts.of_disk(
        shutil.disk_usage(config.paths_data).free,
        config.alerts_disk_gb * 1e9,
        config.newsroom.stat().st_size,
    )
    known = backups(config.backups)
    yield from editors_alerts.of_backup(
        made_at(known[-1]) if known else None, config.backup_hours, now
    )
    yield from editors_alerts.of_letters(
        Counter(letter.kind for letter in newsroom.letters() if letter.given_up_at)
    )


def tend(
    config: Config,
    newsroom: Newsroom,
    clock: Callable[[], datetime],
    stop: threading.Event | None = None,
) -> int:
    """Queue the digests that are due and send what waits; how many letters were taken.

    Does nothing while another process does it. Never raises for a letter that is not taken.
    ``stop``: no further letter is begun once it is set.
    """
    owner = new_owner()
    if not newsroom.take_lease("alerts:sending", owner, LEASE_S):
        return 0
    try:
        newsroom.forget_ended()
        newsroom.forget_attempts()
        newsroom.forget_letters(GIVEN_UP_KEPT)
        if not config.archive.is_file():
            return 0
        telling.queue_news(config, newsroom, clock())
        mailer = Mailer(config, os.environ) if config.mail_smtp_host else None
        try:
            sender = telling.Sender(config, newsroom, mailer, clock)

            def go_on() -> bool:
                stopped = stop is not None and stop.is_set()
                return not stopped and newsroom.renew_lease("alerts:sending", owner, LEASE_S)

            return sender.send_due(say, go_on)
        finally:
            if mailer is not None:
                mailer.close()
    finally:
        newsroom.release_lease("alerts:sending", owner)


@contextmanager
def beside(config: Config, stop: threading.Event, clock: Callable[[], datetime]) -> Iterator[None]:
    """Tend to the letters once a minute while the block runs; a slow server delays no round.

    A letter that hangs when all is to stop is left behind: it is repeated at the next start. A
    fault of ours ends the block, too, and raises `LettersError`: else nobody would be written to
    any more, unseen.
    """
    sound = threading.Event()

    def work() -> None:
        try:
            with Newsroom(config.newsroom, now=clock) as newsroom:
                while not stop.is_set():
                    try:
                        tend(config, newsroom, clock, stop)
                    except RadarError as error:
                        say(f"letters: {error}")
                    stop.wait(LOOK_S)
            sound.set()
        finally:
            stop.set()

    worker = threading.Thread(target=work, name="letters", daemon=True)
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join(STOP_S)
    if not worker.is_alive() and not sound.is_set():
        raise LettersError("letters: a fault of ours ended them; its traceback stands above")
