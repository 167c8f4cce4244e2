"""Owns the shape of archive.db, the public file: its tables and what each column means."""

from __future__ import annotations

import sqlite3
from functools import cache

from store.views import VIEWS, view_sql

#: Raised when the tables below change; publishing then rebuilds the file.
ARCHIVE_VERSION = 6

#: table → (what a row is, ((column, SQL type and constraints, what it holds), …), further SQL).
#: The descriptions are stored beside the data, where Datasette's metadata shows them.
TABLES: dict[str, tuple[str, tuple[tuple[str, str, str], ...], str]] = {
    "sources": (
        "Eine Quelle: eine Stadt, ein Kreis, ein Ministerium, ein Verband oder eine Redaktion.",
        (
            ("id", "TEXT PRIMARY KEY", "Kürzel der Quelle"),
            ("name", "TEXT NOT NULL", "Name der Quelle"),
            ("publisher", "TEXT NOT NULL", "Herausgeber"),
            ("homepage", "TEXT NOT NULL", "Startseite des Herausgebers"),
            ("land", "TEXT REFERENCES states (code)", "Land, für das der Herausgeber spricht"),
            ("kind", "TEXT NOT NULL", "Wie die Quelle gelesen wird: feed, sitemap, listing …"),
            ("licence", "TEXT NOT NULL", "Rechtlicher Stand: official, press, cc-by …"),
            ("display", "TEXT NOT NULL", "Was gezeigt werden darf: link, headline, teaser, full"),
            ("last_success", "TEXT", "Letzter gelungener Abruf (UTC, ISO 8601)"),
            ("last_new_item", "TEXT", "Wann der neueste Eintrag der Quelle erschien (UTC)"),
            ("status", "TEXT NOT NULL", "ok, failed, postponed, offline, silent, never, retired"),
            ("status_message", "TEXT", "Der Stand in einem Satz, wenn etwas zu sagen ist"),
            ("items", "INTEGER NOT NULL", "Zahl der öffentlichen Einträge"),
        ),
        "",
    ),
    "topics": (
        "Ein Thema der kommunalen Digitalisierung.",
        (
            ("id", "TEXT PRIMARY KEY", "Kürzel des Themas"),
            ("label", "TEXT NOT NULL", "Name des Themas"),
            ("description", "TEXT NOT NULL", "Was dazugehört"),
            ("position", "INTEGER NOT NULL", "Platz in der Themenliste"),
        ),
        "",
    ),
    "states": (
        "Ein Land oder der Bund.",
        (
            ("code", "TEXT PRIMARY KEY", "ISO 3166-2, oder bund"),
            ("label", "TEXT NOT NULL", "Name"),
        ),
        "",
    ),
    "items": (
        "Ein Eintrag: eine Meldung, Pressemitteilung, ein Interview, Video …",
        (
            ("id", "INTEGER PRIMARY KEY", "Nummer, bleibt für immer dieselbe"),
            ("source_id", "TEXT NOT NULL REFERENCES sources (id)", "Quelle"),
            ("url", "TEXT NOT NULL", "Adresse des Originals"),
            ("kind", "TEXT NOT NULL", "article, press_release, interview, report, study, video …"),
            ("kicker", "TEXT", "Dachzeile"),
            ("title", "TEXT NOT NULL", "Überschrift"),
            ("teaser", "TEXT", "Vorspann, soweit er gezeigt werden darf"),
            ("body", "TEXT", "Voller Text, nur wo er gezeigt werden darf; Absätze je Zeile"),
            ("section", "TEXT", "Rubrik der Quelle"),
            ("author", "TEXT", "Verfasser, wie die Quelle ihn nennt"),
            ("place", "TEXT", "Ortszeile des Originals, etwa „Köln“"),
            ("published_at", "TEXT", "Zeitpunkt der Veröffentlichung (UTC, ISO 8601)"),
            ("published", "TEXT", "Datum, wie gezeigt: der Tag, oder die Berliner Zeit"),
            ("day_only", "INTEGER", "1: nur der Tag ist bekannt"),
            ("date_source", "TEXT", "Woher das Datum stammt: entry, json-ld, meta, page …"),
            ("first_seen", "TEXT NOT NULL", "Zuerst gefunden (UTC)"),
            ("changed_at", "TEXT NOT NULL", "Seit wann der Text so ist (UTC)"),
            ("withdrawn_at", "TEXT", "Wann das Original zurückgezogen wurde (UTC)"),
            ("image", "TEXT", "Adresse des Bildes, nur wo es gezeigt werden darf"),
            ("image_credit", "TEXT", "Bildnachweis, wie die Quelle ihn gibt"),
            ("duration_s", "INTEGER", "Länge eines Videos in Sekunden"),
            ("views", "INTEGER", "Aufrufe eines Videos beim letzten Besuch"),
            ("language", "TEXT", "Sprache (BCP 47)"),
            ("paywalled", "INTEGER", "1: das Original ist nur für Abonnenten; leer: unbekannt"),
            (
                "reserved",
                "INTEGER NOT NULL",
                "1: Text und Data Mining sind vorbehalten; gezeigt wird höchstens der Vorspann",
            ),
            (
                "cluster_id",
                "INTEGER REFERENCES clusters (id) DEFERRABLE INITIALLY DEFERRED",
                "Gruppe fast gleicher Einträge, falls es weitere gibt",
            ),
            ("is_primary", "INTEGER NOT NULL", "1: steht für seine Gruppe (oder ist allein)"),
            ("review", "INTEGER NOT NULL", "1: die Verschlagwortung ist unsicher"),
        ),
        "CREATE INDEX items_newest ON items (published_at DESC, id DESC);\n"
        "CREATE INDEX items_source ON items (source_id, published_at DESC);\n"
        "CREATE INDEX items_cluster ON items (cluster_id) WHERE cluster_id IS NOT NULL;\n"
        "CREATE INDEX items_withdrawn ON items (withdrawn_at) WHERE withdrawn_at IS NOT NULL;\n",
    ),
    "item_topics": (
        "Ein Eintrag gehört zu einem Thema.",
        (
            ("item_id", "INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE", "Eintrag"),
            ("topic_id", "TEXT NOT NULL REFERENCES topics (id)", "Thema"),
            ("score", "REAL NOT NULL", "Wahrscheinlichkeit, 0 bis 1"),
            ("model_id", "TEXT NOT NULL", "Welches Modell es vergab"),
            (
                "evidence",
                "TEXT NOT NULL",
                "Ausschlaggebende Wörter (JSON); keine, wo nichts gezeigt wird",
            ),
        ),
        "CREATE INDEX item_topics_topic ON item_topics (topic_id, item_id);\n",
    ),
    "item_states": (
        "Ein Eintrag spielt in einem Land oder im Bund.",
        (
            ("item_id", "INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE", "Eintrag"),
            ("state_code", "TEXT NOT NULL REFERENCES states (code)", "Land oder bund"),
            ("score", "REAL NOT NULL", "Wahrscheinlichkeit, 0 bis 1"),
            ("model_id", "TEXT NOT NULL", "Welches Modell es vergab"),
            (
                "evidence",
                "TEXT NOT NULL",
                "Ausschlaggebende Wörter (JSON); keine, wo nichts gezeigt wird",
            ),
        ),
        "CREATE INDEX item_states_state ON item_states (state_code, item_id);\n",
    ),
    "item_places": (
        "Ein Eintrag spielt in einer Gemeinde oder einem Kreis.",
        (
            ("item_id", "INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE", "Eintrag"),
            ("ags", "TEXT NOT NULL", "Amtlicher Gemeindeschlüssel, bei Kreisen fünf Stellen"),
            ("name", "TEXT NOT NULL", "Name der Gemeinde oder des Kreises"),
            ("state_code", "TEXT NOT NULL REFERENCES states (code)", "Land, in dem er liegt"),
            ("lat", "REAL", "Geografische Breite (WGS 84)"),
            ("lon", "REAL", "Geografische Länge (WGS 84)"),
        ),
        "CREATE INDEX item_places_ags ON item_places (ags, item_id);\n",
    ),
    "versions": (
        "Eine Änderung, die ein Original nach dem ersten Fund erfuhr.",
        (
            ("item_id", "INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE", "Eintrag"),
            ("number", "INTEGER NOT NULL", "2 für die erste Änderung"),
            ("seen_at", "TEXT NOT NULL", "Wann die Änderung bemerkt wurde (UTC)"),
            ("changes", "TEXT NOT NULL", "JSON: field, before, after; nur was gezeigt werden darf"),
        ),
        "CREATE INDEX versions_seen ON versions (seen_at);\n",
    ),
    "clusters": (
        "Eine Gruppe fast gleicher Einträge, etwa eine nachgedruckte Pressemitteilung.",
        (
            ("id", "INTEGER PRIMARY KEY", "Nummer: die kleinste Eintragsnummer der Gruppe"),
            (
                "primary_item_id",
                "INTEGER NOT NULL REFERENCES items (id) DEFERRABLE INITIALLY DEFERRED",
                "Der Eintrag, der für die Gruppe steht: der des Absenders, sonst der früheste",
            ),
            ("size", "INTEGER NOT NULL", "Zahl der öffentlichen Einträge der Gruppe"),
        ),
        "",
    ),
    "item_links": (
        "Ein Verweis, den die Seite eines Eintrags auf einen anderen Text zeigt.",
        (
            ("item_id", "INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE", "Eintrag"),
            ("position", "INTEGER NOT NULL", "Reihenfolge auf der Seite"),
            ("url", "TEXT NOT NULL", "Adresse"),
            ("title", "TEXT NOT NULL", "Überschrift"),
            ("kicker", "TEXT", "Dachzeile"),
            ("date", "TEXT", "Datum, wie gezeigt"),
            ("genre", "TEXT", "Gattung, wie die Seite sie nennt"),
            ("teaser", "TEXT", "Vorspann, soweit er gezeigt werden darf"),
        ),
        "",
    ),
    "info": (
        "Angaben über dieses Archiv selbst.",
        (
            ("key", "TEXT PRIMARY KEY", "Name der Angabe"),
            ("value", "TEXT NOT NULL", "Wert"),
        ),
        "",
    ),
    "descriptions": (
        "Was jede Tabelle und jede Spalte bedeutet.",
        (
            ("table_name", "TEXT NOT NULL", "Tabelle"),
            ("column_name", "TEXT NOT NULL", "Spalte; leer für die Tabelle selbst"),
            ("description", "TEXT NOT NULL", "Bedeutung"),
        ),
        "",
    ),
}

_KEYS = {
    "item_topics": "PRIMARY KEY (item_id, topic_id)",
    "item_states": "PRIMARY KEY (item_id, state_code)",
    "item_places": "PRIMARY KEY (item_id, ags)",
    "versions": "PRIMARY KEY (item_id, number)",
    "item_links": "PRIMARY KEY (item_id, position)",
    "descriptions": "PRIMARY KEY (table_name, column_name)",
}


@cache
def columns(table: str) -> tuple[str, ...]:
    """The table's column names in order."""
    return tuple(name for name, _, _ in TABLES[table][1])


@cache
def insert_sql(table: str) -> str:
    """The statement that inserts or replaces one row of the table, all columns in order."""
    names = columns(table)
    return f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(names))})"


def upsert_sql(table: str) -> str:
    """The statement that writes one row of a table by its first column without replacing it.

    ``INSERT OR REPLACE`` would delete the old row first, and with it what refers to it.
    """
    first, *others = columns(table)
    changes = ", ".join(f"{name} = excluded.{name}" for name in others)
    different = " OR ".join(f"{table}.{name} IS NOT excluded.{name}" for name in others)
    return (
        f"INSERT INTO {table} VALUES ({', '.join('?' * (1 + len(others)))}) "
        f"ON CONFLICT ({first}) DO UPDATE SET {changes} WHERE {different}"
    )


def create_archive(connection: sqlite3.Connection) -> None:
    """Make the tables and store their descriptions; the caller holds the transaction."""
    for table, (_, fields, further) in TABLES.items():
        lines = [f"{name} {sql}" for name, sql, _ in fields]
        if table in _KEYS:
            lines.append(_KEYS[table])
        connection.execute(f"CREATE TABLE {table} ({', '.join(lines)}) STRICT")
        for statement in further.split(";\n"):
            if statement:
                connection.execute(statement)
    rows = [
        (table, name, text)
        for table, (about, fields, _) in TABLES.items()
        for name, text in [("", about), *((name, text) for name, _, text in fields)]
    ]
    for view, (about, meanings, _) in VIEWS.items():
        connection.execute(view_sql(view))
        rows += [(view, name, text) for name, text in (("", about), *meanings)]
    connection.executemany(insert_sql("descriptions"), rows)
    connection.execute(f"PRAGMA user_version = {ARCHIVE_VERSION}")
