"""Owns the steps that made sources, runs, items, tags, clusters and erasures."""

from __future__ import annotations

from sqlite_utils import Database

from store.migrations.steps import newsroom_migrations, one_of, run_statements
from store.types import DISPLAYS, KINDS, SOURCE_KINDS, STATES

#: How a crawl can end (``store.types.RunResult``).
RUN_STATUSES = ("ok", "unchanged", "failed", "postponed", "offline")


@newsroom_migrations()
def m001_sources_and_runs(database: Database) -> None:
    """The catalogue as last read, how each crawl went, and what the next fetch must know."""
    run_statements(
        database,
        f"""
        CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO counters VALUES ('change', 0), ('identity', random());
        CREATE TABLE sources (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            publisher TEXT NOT NULL,
            homepage TEXT NOT NULL,
            kind TEXT NOT NULL {one_of("kind", SOURCE_KINDS)},
            url TEXT NOT NULL,
            licence TEXT NOT NULL,
            display TEXT NOT NULL {one_of("display", DISPLAYS)},
            relevance TEXT NOT NULL {one_of("relevance", ("all", "topic"))},
            schedule TEXT NOT NULL,
            reference TEXT NOT NULL,
            land TEXT {one_of("land", tuple(STATES))},
            page TEXT,
            follow INTEGER NOT NULL CHECK (follow IN (0, 1)),
            min_items INTEGER NOT NULL,
            checked TEXT,
            active INTEGER NOT NULL CHECK (active IN (0, 1))
        ) STRICT;
        CREATE TABLE topics (
            id TEXT PRIMARY KEY,
            label TEXT NOT NULL,
            description TEXT NOT NULL,
            position INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            source_id TEXT NOT NULL REFERENCES sources (id),
            started_at TEXT NOT NULL,
            finished_at TEXT,
            status TEXT {one_of("status", RUN_STATUSES)},
            message TEXT,
            http_status INTEGER,
            entries INTEGER NOT NULL DEFAULT 0,
            new INTEGER NOT NULL DEFAULT 0,
            changed INTEGER NOT NULL DEFAULT 0,
            same INTEGER NOT NULL DEFAULT 0,
            withdrawn INTEGER NOT NULL DEFAULT 0,
            skipped INTEGER NOT NULL DEFAULT 0,
            CHECK ((finished_at IS NULL) = (status IS NULL))
        ) STRICT;
        CREATE INDEX runs_source ON runs (source_id, id);
        CREATE TABLE fetch_states (
            source_id TEXT PRIMARY KEY REFERENCES sources (id),
            etag TEXT,
            last_modified TEXT,
            body_hash TEXT,
            full_fetch_at TEXT,
            retry_after TEXT
        ) STRICT;
        CREATE TABLE listings (
            source_id TEXT NOT NULL REFERENCES sources (id),
            url TEXT NOT NULL,
            title TEXT,
            teaser TEXT,
            entries INTEGER NOT NULL,
            seen_at TEXT NOT NULL,
            PRIMARY KEY (source_id, url)
        ) STRICT;
        """,
    )


@newsroom_migrations()
def m002_items(database: Database) -> None:
    """Items, their earlier contents, the links their pages show, and the addresses visited."""
    run_statements(
        database,
        f"""
        CREATE TABLE items (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            source_id TEXT NOT NULL REFERENCES sources (id),
            url TEXT NOT NULL,
            guid TEXT,
            kind TEXT NOT NULL {one_of("kind", KINDS)},
            kicker TEXT,
            title TEXT NOT NULL CHECK (title <> ''),
            teaser TEXT,
            section TEXT,
            body TEXT,
            author TEXT,
            published_at TEXT,
            published_raw TEXT,
            published_zone TEXT,
            day_only INTEGER CHECK (day_only IN (0, 1)),
            date_source TEXT,
            image TEXT,
            duration_s INTEGER CHECK (duration_s >= 0),
            views INTEGER CHECK (views >= 0),
            language TEXT,
            content_hash TEXT NOT NULL,
            version INTEGER NOT NULL CHECK (version >= 1),
            fetched_at TEXT NOT NULL,
            first_seen TEXT NOT NULL,
            last_seen TEXT NOT NULL,
            changed_at TEXT NOT NULL,
            withdrawn_at TEXT,
            withdrawn_reason TEXT,
            run_id INTEGER REFERENCES runs (id),
            cluster_id INTEGER,
            change_seq INTEGER NOT NULL,
            CHECK ((published_at IS NULL) = (day_only IS NULL)),
            CHECK ((withdrawn_at IS NULL) = (withdrawn_reason IS NULL)),
            UNIQUE (url, source_id)
        ) STRICT;
        CREATE UNIQUE INDEX items_change ON items (change_seq);
        CREATE INDEX items_source ON items (source_id, first_seen);
        CREATE INDEX items_cluster ON items (cluster_id) WHERE cluster_id IS NOT NULL;
        CREATE TABLE versions (
            item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
            number INTEGER NOT NULL CHECK (number >= 1),
            seen_at TEXT NOT NULL,
            content_hash TEXT NOT NULL,
            article TEXT NOT NULL CHECK (json_valid(article)),
            PRIMARY KEY (item_id, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE links (
            item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            url TEXT NOT NULL,
            title TEXT NOT NULL,
            kicker TEXT,
            date_at TEXT,
            date_raw TEXT,
            date_zone TEXT,
            date_day_only INTEGER CHECK (date_day_only IN (0, 1)),
            teaser TEXT,
            genre TEXT,
            PRIMARY KEY (item_id, position)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE visits (
            source_id TEXT NOT NULL REFERENCES sources (id),
            url TEXT NOT NULL,
            entry_hash TEXT,
            visited_at TEXT,
            etag TEXT,
            last_modified TEXT,
            item_url TEXT,
            withdrawn INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)),
            seen_at TEXT NOT NULL,
            PRIMARY KEY (source_id, url)
        ) STRICT, WITHOUT ROWID;
        """,
    )


@newsroom_migrations()
def m003_tags(database: Database) -> None:
    """The classifier's answers; one row in ``taggings`` for each item that was looked at."""
    run_statements(
        database,
        """
        CREATE TABLE taggings (
            item_id INTEGER PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
            content_hash TEXT NOT NULL,
            model_id TEXT NOT NULL,
            review INTEGER NOT NULL CHECK (review IN (0, 1)),
            tagged_at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE tags (
            item_id INTEGER NOT NULL REFERENCES taggings (item_id) ON DELETE CASCADE,
            facet TEXT NOT NULL CHECK (facet IN ('topic', 'state')),
            value TEXT NOT NULL,
            candidate INTEGER NOT NULL CHECK (candidate IN (0, 1)),
            score REAL NOT NULL CHECK (score BETWEEN 0 AND 1),
            model_id TEXT NOT NULL,
            evidence TEXT NOT NULL CHECK (json_valid(evidence)),
            PRIMARY KEY (item_id, facet, value)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX tags_value ON tags (facet, value) WHERE candidate = 0;
        """,
    )


@newsroom_migrations()
def m004_near_duplicates(database: Database) -> None:
    """MinHash signatures, the bands that find candidates, and the clusters they lead to."""
    run_statements(
        database,
        """
        CREATE TABLE signatures (
            item_id INTEGER PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
            content_hash TEXT NOT NULL,
            version INTEGER NOT NULL,
            keys BLOB NOT NULL
        ) STRICT;
        CREATE TABLE bands (
            key INTEGER NOT NULL,
            item_id INTEGER NOT NULL,
            PRIMARY KEY (key, item_id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE pairs (
            item_id INTEGER NOT NULL REFERENCES signatures (item_id) ON DELETE CASCADE,
            other_id INTEGER NOT NULL REFERENCES signatures (item_id) ON DELETE CASCADE,
            similarity REAL NOT NULL CHECK (similarity BETWEEN 0 AND 1),
            PRIMARY KEY (item_id, other_id),
            CHECK (item_id < other_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX pairs_other ON pairs (other_id);
        CREATE TABLE clusters (
            id INTEGER PRIMARY KEY,
            primary_item_id INTEGER NOT NULL REFERENCES items (id)
        ) STRICT;
        """,
    )


@newsroom_migrations()
def m005_erasures_and_retention(database: Database) -> None:
    """What was erased and must not come back; when an item's text was dropped.

    Tombstones are hashes: an address can hold the very name that had to go.
    """
    run_statements(
        database,
        """
        ALTER TABLE items ADD COLUMN pruned_at TEXT;
        CREATE TABLE erasures (
            id INTEGER PRIMARY KEY,
            erased_at TEXT NOT NULL,
            reason TEXT NOT NULL CHECK (reason <> ''),
            finished_at TEXT
        ) STRICT;
        CREATE TABLE erased_items (
            item_id INTEGER PRIMARY KEY,
            erasure_id INTEGER NOT NULL REFERENCES erasures (id)
        ) STRICT;
        CREATE TABLE tombstones (
            hash TEXT PRIMARY KEY CHECK (length(hash) = 64),
            erasure_id INTEGER NOT NULL REFERENCES erasures (id)
        ) STRICT, WITHOUT ROWID;
        """,
    )


@newsroom_migrations()
def m006_dates(database: Database) -> None:
    """By when a source's items are dated: its rhythm is asked for in every round."""
    run_statements(
        database,
        "CREATE INDEX items_date ON items (source_id, coalesce(published_at, first_seen));",
    )
