"""Owns the shape of newsroom.db: how it is opened, its tables, and every step that led there."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from store.disk import DiskFullError, is_full
from store.errors import RadarError
from store.types import (
    DISPLAYS,
    EDITOR,
    FACETS,
    JOB_STATES,
    KINDS,
    ROLES,
    SOURCE_KINDS,
    STATES,
)

#: How long a writer waits for another before it gives up. Crawl, tag, publish and desk hold the
#: write lock for one short transaction each; a minute is far beyond any of them.
BUSY_SECONDS = 60

#: How a crawl can end (``store.types.RunResult``).
RUN_STATUSES = ("ok", "unchanged", "failed", "postponed", "offline")

newsroom_migrations = Migrations("newsroom")


class StoreError(RadarError):
    """The store cannot do what was asked; the message names the item or file and the mend."""


def connect(path: Path, *, read_only: bool = False, throwaway: bool = False) -> sqlite3.Connection:
    """A connection in WAL mode with explicit transactions (autocommit until BEGIN).

    ``secure_delete`` overwrites what is deleted, so that erased text does not live on in free
    pages. ``synchronous=NORMAL`` may lose the last commits when the power fails, never the
    file's integrity nor anything when a process is killed; the fetch state is lost with the
    items, so the next crawl fetches them again. ``throwaway``: nobody else reads the file and a
    kill makes it worthless, so its pages are written once, without a log.

    Raises ``StoreError`` when the file cannot be opened or is no SQLite database,
    ``DiskFullError`` when there is no room to open it.
    """
    try:
        if read_only:
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro",
                uri=True,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
        else:
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            connection.execute(f"PRAGMA journal_mode = {'OFF' if throwaway else 'WAL'}")
            connection.execute(f"PRAGMA synchronous = {'OFF' if throwaway else 'NORMAL'}")
            connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.DatabaseError as error:
        if is_full(error):
            raise DiskFullError(path, cause=error) from error
        raise StoreError(
            f"{path}: {error}. Check that the directory exists and is writable, and that the file "
            "is a SQLite database of this project."
        ) from error
    connection.row_factory = sqlite3.Row
    return connection


def is_older(path: Path, migrations: Migrations) -> bool:
    """Whether the file is there and of an older shape; ``StoreError`` if it is no database."""
    if not path.is_file():
        return False
    with closing(connect(path, read_only=True)) as connection:
        return bool(migrations.pending(Database(connection, execute_plugins=False)))


def migrate(
    connection: sqlite3.Connection, migrations: Migrations, *, stop_before: str = ""
) -> None:
    """Bring the file to the newest shape; two processes may call it at once."""
    database = Database(connection, execute_plugins=False)
    if not migrations.pending(database):
        return
    # The lock comes first: whoever waits for it finds nothing pending any more.
    connection.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(database, stop_before=stop_before or None)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def run_statements(database: Database, script: str) -> None:
    """Execute statements one by one: ``executescript`` would commit the migration half-way."""
    for statement in script.split(";\n"):
        if statement.strip():
            database.execute(statement)


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The SQL check that ``column`` holds one of ``values``."""
    return f"CHECK ({column} IN ({', '.join(repr(value) for value in values)}))"


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


@newsroom_migrations()
def m007_desk(database: Database) -> None:
    """What a fetch tells beside the content; jobs, leases, corrections, permanent redirects.

    ``decisions`` is the editors' word in force; ``given_tags`` what an item carries: the editors'
    labels, and the model's where no editor spoke. Corrections go only with their item.
    """
    run_statements(
        database,
        f"""
        ALTER TABLE items ADD COLUMN image_credit TEXT;
        ALTER TABLE items ADD COLUMN paywalled INTEGER CHECK (paywalled IN (0, 1));
        ALTER TABLE items ADD COLUMN place TEXT;
        ALTER TABLE items ADD COLUMN reservation TEXT CHECK (reservation <> '');
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL CHECK (kind <> ''),
            argument TEXT NOT NULL CHECK (json_type(argument) = 'object'),
            asked_by TEXT NOT NULL CHECK (asked_by <> ''),
            asked_at TEXT NOT NULL,
            state TEXT NOT NULL {one_of("state", JOB_STATES)},
            done INTEGER NOT NULL DEFAULT 0 CHECK (done >= 0),
            total INTEGER CHECK (total >= 0),
            line TEXT,
            owner TEXT,
            expires_at TEXT,
            started_at TEXT,
            finished_at TEXT,
            outcome TEXT,
            attempts INTEGER NOT NULL DEFAULT 0,
            CHECK ((state = 'running') = (owner IS NOT NULL)),
            CHECK ((owner IS NULL) = (expires_at IS NULL)),
            CHECK ((state IN ('queued', 'running')) = (finished_at IS NULL))
        ) STRICT;
        CREATE INDEX jobs_state ON jobs (state, id);
        CREATE TABLE leases (
            name TEXT PRIMARY KEY,
            owner TEXT NOT NULL CHECK (owner <> ''),
            expires_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE corrections (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
            facet TEXT NOT NULL {one_of("facet", FACETS)},
            before TEXT NOT NULL CHECK (json_valid(before)),
            after TEXT NOT NULL CHECK (json_valid(after)),
            in_force INTEGER NOT NULL CHECK (in_force IN (0, 1)),
            editor TEXT NOT NULL CHECK (editor <> ''),
            at TEXT NOT NULL,
            note TEXT,
            undoes INTEGER REFERENCES corrections (id) ON DELETE CASCADE
        ) STRICT;
        CREATE INDEX corrections_item ON corrections (item_id, facet, id);
        CREATE TRIGGER corrections_stay BEFORE UPDATE ON corrections
            BEGIN SELECT RAISE(ABORT, 'corrections are never changed'); END;
        CREATE VIEW decisions AS
            SELECT item_id, facet, after AS value FROM corrections
            WHERE in_force AND NOT EXISTS (
                SELECT 1 FROM corrections AS later WHERE later.item_id = corrections.item_id
                AND later.facet = corrections.facet AND later.id > corrections.id
            );
        CREATE VIEW given_tags AS
            SELECT item_id, facet, value, score, model_id, evidence FROM tags
            WHERE candidate = 0 AND NOT EXISTS (
                SELECT 1 FROM decisions
                WHERE decisions.item_id = tags.item_id AND decisions.facet = tags.facet
            )
            UNION ALL
            SELECT item_id, facet, json_each.value, 1.0, '{EDITOR}', '[]'
            FROM decisions, json_each(decisions.value) WHERE facet IN ('topic', 'state');
        CREATE TABLE redirects (
            source_id TEXT NOT NULL REFERENCES sources (id),
            from_url TEXT NOT NULL,
            to_url TEXT NOT NULL,
            times INTEGER NOT NULL CHECK (times >= 1),
            first_seen TEXT NOT NULL,
            last_seen TEXT NOT NULL,
            PRIMARY KEY (source_id, from_url)
        ) STRICT, WITHOUT ROWID;
        """,
    )


@newsroom_migrations()
def m008_schedule(database: Database) -> None:
    """What decides when a source is asked: paused by an editor, wishes of its server, the plan.

    ``wishes``: JSON object with ``at_least_s``, ``skip_hours``, ``skip_days`` (``types.Wishes``).
    ``plans.steps``: JSON list of pairs, a code and an English sentence.
    """
    run_statements(
        database,
        """
        ALTER TABLE sources ADD COLUMN paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1));
        ALTER TABLE fetch_states ADD COLUMN wishes TEXT NOT NULL DEFAULT '{}'
            CHECK (json_type(wishes) = 'object');
        ALTER TABLE jobs ADD COLUMN result TEXT CHECK (json_type(result) = 'object');
        CREATE TABLE plans (
            source_id TEXT PRIMARY KEY REFERENCES sources (id),
            due_at TEXT NOT NULL,
            steps TEXT NOT NULL CHECK (json_type(steps) = 'array')
        ) STRICT, WITHOUT ROWID;
        """,
    )


@newsroom_migrations()
def m009_kinds_of_source(database: Database) -> None:
    """Allow the kinds of source that came later, as sqlite.org/lang_altertable.html says.

    A looser check needs no other content, so the table is not written anew.
    """
    told = database.execute("SELECT sql FROM sqlite_schema WHERE name = 'sources'").fetchone()[0]
    looser = re.sub(
        r"CHECK \(kind IN \([^)]*\)\)", lambda _: one_of("kind", SOURCE_KINDS), told, count=1
    )
    version = database.execute("PRAGMA schema_version").fetchone()[0]
    database.execute("PRAGMA writable_schema = ON")
    database.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'sources'", [looser])
    database.execute(f"PRAGMA schema_version = {version + 1}")
    database.execute("PRAGMA writable_schema = RESET")


@newsroom_migrations()
def m010_copies(database: Database) -> None:
    """The folders that hold copies of items outside the databases: an erasure must reach them."""
    run_statements(
        database,
        """
        CREATE TABLE copies (
            folder TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('exports', 'responses')),
            since TEXT NOT NULL,
            PRIMARY KEY (folder, kind)
        ) STRICT, WITHOUT ROWID;
        """,
    )


@newsroom_migrations()
def m011_accounts(database: Database) -> None:
    """The desk's people and what they did; the editors' word on which items are one story.

    ``sessions`` and ``sign_ins`` hold hashes of tokens and names; ``audit`` is only added to.
    ``near``: the pairs that count, found or said by an editor (``groupings``).
    """
    run_statements(
        database,
        f"""
        CREATE TABLE accounts (
            name TEXT PRIMARY KEY,
            role TEXT NOT NULL {one_of("role", ROLES)},
            language TEXT NOT NULL,
            password TEXT CHECK (password <> ''),
            created_at TEXT NOT NULL,
            disabled_at TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE sessions (
            token_hash TEXT PRIMARY KEY,
            account TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
            begun_at TEXT NOT NULL,
            seen_at TEXT NOT NULL,
            expires_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sessions_account ON sessions (account);
        CREATE TABLE sign_ins (
            id INTEGER PRIMARY KEY,
            name_hash TEXT NOT NULL,
            address TEXT NOT NULL,
            at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX sign_ins_name ON sign_ins (name_hash, at);
        CREATE INDEX sign_ins_address ON sign_ins (address, at);
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            actor TEXT NOT NULL CHECK (actor <> ''),
            action TEXT NOT NULL CHECK (action <> ''),
            target TEXT NOT NULL,
            detail TEXT NOT NULL CHECK (json_type(detail) = 'object')
        ) STRICT;
        CREATE INDEX audit_target ON audit (target, id);
        CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
        CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit trail is never shortened'); END;
        CREATE INDEX taggings_review ON taggings (item_id) WHERE review;
        CREATE TABLE groupings (
            item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
            other_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
            together INTEGER NOT NULL CHECK (together IN (0, 1)),
            PRIMARY KEY (item_id, other_id),
            CHECK (item_id < other_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX groupings_other ON groupings (other_id);
        CREATE VIEW near AS
            SELECT item_id, other_id FROM pairs WHERE NOT EXISTS (
                SELECT 1 FROM groupings WHERE groupings.item_id = pairs.item_id
                AND groupings.other_id = pairs.other_id AND NOT together
            )
            UNION
            SELECT item_id, other_id FROM groupings WHERE together;
        """,
    )


@newsroom_migrations()
def m012_paths(database: Database) -> None:
    """Which part of a site a source is: beginnings of paths (``types.Source.paths``)."""
    run_statements(database, "ALTER TABLE sources ADD COLUMN paths TEXT NOT NULL DEFAULT ''")


@newsroom_migrations()
def m013_places(database: Database) -> None:
    """The towns and counties an item takes place in, as the model found them."""
    run_statements(
        database,
        """
        CREATE TABLE item_places (
            item_id INTEGER NOT NULL REFERENCES taggings (item_id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            ags TEXT NOT NULL,
            name TEXT NOT NULL,
            land TEXT NOT NULL,
            lat REAL,
            lon REAL,
            PRIMARY KEY (item_id, ags)
        ) STRICT, WITHOUT ROWID
        """,
    )


@newsroom_migrations()
def m014_alerts(database: Database) -> None:
    """Who wants to be told what: readers' subscriptions, hooks, the editors' alerts, the outbox.

    ``publications``: in which order items came to stand in the public archive. ``outbox`` names
    items by number and holds no text of theirs: what was erased meanwhile is not sent.
    """
    run_statements(
        database,
        """
        CREATE TABLE publications (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            item_id INTEGER NOT NULL UNIQUE REFERENCES items (id) ON DELETE CASCADE,
            at TEXT NOT NULL,
            fresh INTEGER NOT NULL CHECK (fresh IN (0, 1))
        ) STRICT;
        CREATE TABLE subscriptions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            address TEXT NOT NULL CHECK (address <> ''),
            query TEXT NOT NULL,
            rhythm TEXT NOT NULL CHECK (rhythm IN ('instant', 'daily', 'weekly')),
            language TEXT NOT NULL,
            token TEXT NOT NULL UNIQUE,
            asked_at TEXT NOT NULL,
            confirmed_at TEXT,
            looked_at TEXT,
            upto INTEGER NOT NULL,
            UNIQUE (address, query, rhythm)
        ) STRICT;
        CREATE TABLE sign_ups (
            id INTEGER PRIMARY KEY,
            hash TEXT NOT NULL,
            at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX sign_ups_hash ON sign_ups (hash, at);
        CREATE TABLE hooks (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            url TEXT NOT NULL,
            query TEXT NOT NULL,
            secret TEXT NOT NULL,
            made_by TEXT NOT NULL,
            made_at TEXT NOT NULL,
            upto INTEGER NOT NULL,
            stopped_at TEXT
        ) STRICT;
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL CHECK (kind IN ('confirm', 'digest', 'alert', 'hook')),
            subscription_id INTEGER REFERENCES subscriptions (id) ON DELETE CASCADE,
            hook_id INTEGER REFERENCES hooks (id) ON DELETE CASCADE,
            message_id TEXT NOT NULL UNIQUE,
            content TEXT NOT NULL CHECK (json_type(content) = 'object'),
            made_at TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            next_at TEXT NOT NULL,
            error TEXT,
            given_up_at TEXT
        ) STRICT;
        CREATE INDEX outbox_next ON outbox (next_at) WHERE given_up_at IS NULL;
        CREATE TABLE alerts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL CHECK (kind <> ''),
            target TEXT NOT NULL,
            line TEXT NOT NULL,
            mend TEXT NOT NULL,
            since TEXT NOT NULL,
            seen_at TEXT NOT NULL,
            told_at TEXT,
            escalated_at TEXT,
            resolved_at TEXT
        ) STRICT;
        CREATE UNIQUE INDEX alerts_open ON alerts (kind, target) WHERE resolved_at IS NULL;
        """,
    )


@newsroom_migrations()
def m015_provenance(database: Database) -> None:
    """In which web archive an item was found, and when that captured it.

    The day of the capture says nothing of the day of publication, which the item itself holds.
    """
    run_statements(
        database,
        """
        CREATE TABLE provenance (
            item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
            archive TEXT NOT NULL CHECK (archive <> ''),
            record_id TEXT NOT NULL,
            offset INTEGER NOT NULL,
            captured_at TEXT NOT NULL,
            PRIMARY KEY (item_id, archive, record_id)
        ) STRICT, WITHOUT ROWID
        """,
    )
