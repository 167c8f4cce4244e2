"""Owns the steps that made jobs, corrections, plans, copies, accounts, places and alerts."""

from __future__ import annotations

import re

from sqlite_utils import Database

from store.migrations.steps import newsroom_migrations, one_of, run_statements
from store.types import EDITOR, FACETS, JOB_STATES, ROLES, SOURCE_KINDS


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
