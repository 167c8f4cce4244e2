"""Owns what newsroom.db knows of the editors' alerts: what is wrong, since when, who was told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from store.outbox import OutboxTables
from store.rows import maybe_moment, moment, stamp

#: Alerts that were resolved are shown for so long.
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something an editor should know of. ``kind`` and ``target`` together say what it is of."""

    kind: str
    #: a source's id, or the empty text
    target: str
    #: what is so: ``what``, a code, and the plain data that belongs to it, from which
    #: `datasette_config.desk.alert_words` makes sentences
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Alert:
    """A trouble with its past."""

    id: int
    trouble: Trouble
    since: datetime
    #: when it was last found to be so
    seen_at: datetime
    told_at: datetime | None
    #: when it was told again, because it lasted
    escalated_at: datetime | None
    resolved_at: datetime | None


class AlertTables(OutboxTables):
    """Reads and writes of the editors' alerts."""

    def tend_alerts(
        self,
        found: Iterable[Trouble],
        *,
        escalate_after: timedelta,
        letters: bool,
        looked_at: Iterable[str] | None = None,
    ) -> None:
        """Note the troubles there are now; queue one letter for what is new, lasts, or is over.

        Each is told once, once more after ``escalate_after``, and once when it is over; all in
        one transaction with the note of it. ``looked_at``: the kinds that were looked at, None
        for all; others stay as they are. Without ``letters`` they are only kept for the desk.
        """
        now = self.stamp()
        troubles = {(one.kind, one.target): one for one in found}
        looked = None if looked_at is None else set(looked_at)
        with self.batch() as connection:
            held = {
                (alert.trouble.kind, alert.trouble.target): alert
                for alert in self.alerts(resolved=False)
                if looked is None or alert.trouble.kind in looked
            }
            new, lasting, over = [], [], []
            for key, trouble in troubles.items():
                alert = held.get(key)
                if alert is None:
                    row = connection.execute(
                        "INSERT INTO alerts (kind, target, line, mend, since, seen_at) "
                        "VALUES (?, ?, ?, '', ?, ?) RETURNING id",
                        (*key, _as_json(trouble.facts), now, now),
                    ).fetchone()
                    new.append(row["id"])
                    continue
                connection.execute(
                    "UPDATE alerts SET line = ?, mend = '', seen_at = ? WHERE id = ?",
                    (_as_json(trouble.facts), now, alert.id),
                )
                if alert.escalated_at is None and self.now() - alert.since >= escalate_after:
                    connection.execute(
                        "UPDATE alerts SET escalated_at = ? WHERE id = ?", (now, alert.id)
                    )
                    lasting.append(alert.id)
            for key, alert in held.items():
                if key not in troubles:
                    connection.execute(
                        "UPDATE alerts SET resolved_at = ? WHERE id = ?", (now, alert.id)
                    )
                    over.append(alert.id)
            if letters and (new or lasting or over):
                self.queue("alert", {"new": new, "lasting": lasting, "over": over})
            connection.execute(
                "DELETE FROM alerts WHERE resolved_at <= ?", (stamp(self.now() - KEPT),)
            )

    def alerts_told(self, numbers: Iterable[int]) -> None:
        """The letter that tells of these was taken: only now will be told when they are over."""
        with self.batch() as connection:
            connection.executemany(
                "UPDATE alerts SET told_at = coalesce(told_at, ?) WHERE id = ?",
                [(self.stamp(), number) for number in numbers],
            )

    def alerts(self, *, resolved: bool = True) -> list[Alert]:
        """Every alert, those in force first, the newest first of each; ``resolved``: those too."""
        rows = self.connection.execute(
            f"SELECT * FROM alerts {'' if resolved else 'WHERE resolved_at IS NULL'} "
            "ORDER BY resolved_at IS NOT NULL, id DESC"
        )
        return [_make_alert(row) for row in rows]

    # -- what the troubles are read from --------------------------------------------------------

    def found_by_source(self, since: datetime) -> dict[str, list[datetime]]:
        """When each source's items were first seen since then, in order."""
        found: dict[str, list[datetime]] = {}
        for row in self.connection.execute(
            "SELECT source_id, first_seen FROM items WHERE first_seen >= ? ORDER BY first_seen",
            (stamp(since),),
        ):
            found.setdefault(row["source_id"], []).append(moment(row["first_seen"]))
        return found

    def tagged_between(self, since: datetime, until: datetime) -> tuple[int, int, dict[str, int]]:
        """Of the items first seen then: how many, how many the model was unsure of, by topic."""
        span = (stamp(since), stamp(until))
        row = self.connection.execute(
            "SELECT count(*) AS items, coalesce(sum(review), 0) AS reviews FROM items "
            "JOIN taggings ON taggings.item_id = items.id "
            "WHERE first_seen >= ? AND first_seen < ?",
            span,
        ).fetchone()
        topics = self.connection.execute(
            "SELECT value, count(*) AS items FROM tags JOIN items ON items.id = tags.item_id "
            "WHERE facet = 'topic' AND candidate = 0 AND first_seen >= ? AND first_seen < ? "
            "GROUP BY value",
            span,
        )
        return row["items"], row["reviews"], {one["value"]: one["items"] for one in topics}


def _as_json(facts: Mapping[str, Any]) -> str:
    return json.dumps(dict(facts), ensure_ascii=False)


def _facts(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the column ``line`` holds; an older program wrote German sentences there."""
    if row["mend"]:
        return {"what": "said", "line": row["line"], "mend": row["mend"]}
    facts: Mapping[str, Any] = json.loads(row["line"])
    return facts


def _make_alert(row: Mapping[str, Any]) -> Alert:
    return Alert(
        id=row["id"],
        trouble=Trouble(row["kind"], row["target"], _facts(row)),
        since=moment(row["since"]),
        seen_at=moment(row["seen_at"]),
        told_at=maybe_moment(row["told_at"]),
        escalated_at=maybe_moment(row["escalated_at"]),
        resolved_at=maybe_moment(row["resolved_at"]),
    )
