"""Owns the views of archive.db: ready counts for analysts, under names that stay."""

from __future__ import annotations

#: view → (what a row is, ((column, what it holds), …), the query). Withdrawn items count nowhere.
VIEWS: dict[str, tuple[str, tuple[tuple[str, str], ...], str]] = {
    "topic_by_month": (
        "Wie viele Einträge ein Thema in einem Monat hat.",
        (
            ("month", "Monat in Berliner Zeit, etwa 2026-03"),
            ("topic_id", "Thema"),
            ("topic", "Name des Themas"),
            ("items", "Zahl der Einträge"),
            ("sources", "Zahl der Quellen, die sie brachten"),
        ),
        """SELECT substr(i.published, 1, 7), t.id, t.label, count(*), count(DISTINCT i.source_id)
        FROM items i JOIN item_topics it ON it.item_id = i.id JOIN topics t ON t.id = it.topic_id
        WHERE i.published IS NOT NULL AND i.withdrawn_at IS NULL
        GROUP BY 1, 2""",
    ),
    "state_by_month": (
        "Wie viele Einträge ein Land (oder der Bund) in einem Monat hat.",
        (
            ("month", "Monat in Berliner Zeit, etwa 2026-03"),
            ("state_code", "Land nach ISO 3166-2, oder bund"),
            ("state", "Name"),
            ("items", "Zahl der Einträge"),
            ("sources", "Zahl der Quellen, die sie brachten"),
        ),
        """SELECT substr(i.published, 1, 7), s.code, s.label, count(*), count(DISTINCT i.source_id)
        FROM items i JOIN item_states st ON st.item_id = i.id
        JOIN states s ON s.code = st.state_code
        WHERE i.published IS NOT NULL AND i.withdrawn_at IS NULL
        GROUP BY 1, 2""",
    ),
    "source_activity": (
        "Was eine Quelle bisher geliefert hat.",
        (
            ("source_id", "Quelle"),
            ("source", "Name der Quelle"),
            ("land", "Land, für das der Herausgeber spricht"),
            ("licence", "Rechtlicher Stand"),
            ("items", "Zahl der Einträge"),
            ("first_published", "Der früheste Tag"),
            ("last_published", "Der späteste Tag"),
            ("months", "Zahl der Monate, in denen etwas erschien"),
            ("corrected", "Einträge, deren Text sich nach dem ersten Fund änderte"),
        ),
        """SELECT s.id, s.name, s.land, s.licence, count(i.id), min(substr(i.published, 1, 10)),
        max(substr(i.published, 1, 10)), count(DISTINCT substr(i.published, 1, 7)),
        count(CASE WHEN i.changed_at > i.first_seen THEN 1 END)
        FROM sources s LEFT JOIN items i ON i.source_id = s.id AND i.withdrawn_at IS NULL
        GROUP BY s.id""",
    ),
    "places": (
        "Eine Gemeinde oder ein Kreis, in dem Einträge spielen.",
        (
            ("ags", "Amtlicher Gemeindeschlüssel, bei Kreisen fünf Stellen"),
            ("name", "Name der Gemeinde oder des Kreises"),
            ("state_code", "Land, in dem er liegt"),
            ("lat", "Geografische Breite (WGS 84)"),
            ("lon", "Geografische Länge (WGS 84)"),
            ("items", "Zahl der Einträge"),
            ("last_published", "Der späteste Tag"),
        ),
        """SELECT p.ags, p.name, p.state_code, p.lat, p.lon, count(*),
        max(substr(i.published, 1, 10))
        FROM item_places p JOIN items i ON i.id = p.item_id
        WHERE i.withdrawn_at IS NULL
        GROUP BY p.ags""",
    ),
}


def view_sql(view: str) -> str:
    """The statement that makes a view."""
    _, fields, query = VIEWS[view]
    return f"CREATE VIEW {view} ({', '.join(name for name, _ in fields)}) AS {query}"
