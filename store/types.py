"""The nouns of the archive: frozen records that every stage passes to the next.

Imports none of the tables. All times are aware UTC; a day-only date is the midnight of
that day in Europe/Berlin, marked ``day_only``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from store.fingerprint import fingerprint

BERLIN = ZoneInfo("Europe/Berlin")

#: What an item is (codebook, "Kinds").
KINDS = ("article", "press_release", "interview", "report", "study", "video", "event", "notice")

#: How much of an item the public may see, least first.
DISPLAYS = ("link", "headline", "teaser", "full")

#: The name that stands where a model's would when an editor gave the tag.
EDITOR = "editor"

#: What an editor may put right of an item. ``hidden``: True keeps it from the public, False is the
#: editor's yes to an item that the relevance rule would keep back.
FACETS = ("topic", "state", "kind", "published", "hidden")

#: What people of the desk may do, each all that the ones before it may: look; correct items; change
#: sources, erase, train; keep accounts.
ROLES = ("reader", "editor", "chief", "admin")

#: How far a job is.
JOB_STATES = ("queued", "running", "done", "failed", "cancelled")

#: How a source is crawled.
SOURCE_KINDS = ("feed", "sitemap", "listing", "wordpress", "video", "mail")

#: ISO 3166-2 codes of the Länder with their German names, then the federation.
STATES = {
    "DE-BW": "Baden-Württemberg",
    "DE-BY": "Bayern",
    "DE-BE": "Berlin",
    "DE-BB": "Brandenburg",
    "DE-HB": "Bremen",
    "DE-HH": "Hamburg",
    "DE-HE": "Hessen",
    "DE-MV": "Mecklenburg-Vorpommern",
    "DE-NI": "Niedersachsen",
    "DE-NW": "Nordrhein-Westfalen",
    "DE-RP": "Rheinland-Pfalz",
    "DE-SL": "Saarland",
    "DE-SN": "Sachsen",
    "DE-ST": "Sachsen-Anhalt",
    "DE-SH": "Schleswig-Holstein",
    "DE-TH": "Thüringen",
    "bund": "Bund",
}


@dataclass(frozen=True, slots=True)
class PublicationDate:
    """When an item was published, and how sure we are of it."""

    at: datetime
    day_only: bool
    raw: str
    #: where the zone came from: ``given`` by the source, or ``berlin`` because it was absent
    zone: str = "berlin"

    def iso(self) -> str:
        """The plain day (``2025-03-10``) where only the day is known, else the Berlin time."""
        local = self.at.astimezone(BERLIN)
        return local.date().isoformat() if self.day_only else local.isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Link:
    """A teaser that a page shows of another page."""

    url: str
    title: str
    kicker: str | None = None
    date: PublicationDate | None = None
    teaser: str | None = None
    genre: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of the catalogue: facts only (``crawler/sources/*.toml``)."""

    id: str
    name: str
    publisher: str
    homepage: str
    kind: str
    url: str
    licence: str
    display: str
    relevance: str
    schedule: str
    reference: str
    land: str | None = None
    page: str | None = None
    #: False: the list's own teaser is all that is kept, its pages are not fetched
    follow: bool = True
    #: fewer entries than this in one list is a failure (a silent or broken source)
    min_items: int = 1
    #: day of a successful fetch; None means on probation
    checked: str | None = None
    #: an editor wants it left alone for now
    paused: bool = False
    #: beginnings of paths, apart by blanks: of its list only addresses with one of them are taken,
    #: and none with one that stands after a ``-``; a plain sitemap names all of a site's pages
    paths: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """What we keep of one item of any kind: the page and the list's entry combined."""

    source_id: str
    url: str
    kind: str
    title: str
    fetched_at: datetime
    guid: str | None = None
    kicker: str | None = None
    teaser: str | None = None
    section: str | None = None
    body: str | None = None
    author: str | None = None
    published: PublicationDate | None = None
    #: which part of the source gave the date: ``entry``, ``json-ld``, ``meta``, ``page`` …
    date_source: str | None = None
    image: str | None = None
    duration_s: int | None = None
    views: int | None = None
    language: str | None = None
    #: who made the image, as the source says it
    image_credit: str | None = None
    #: the page shows its text to subscribers only; None: it does not say
    paywalled: bool | None = None
    #: the place line ("Köln" of "Köln, 3. März"), which is no part of the body
    place: str | None = None
    #: evidence of a reservation of text and data mining that was found with this fetch, such as
    #: ``header tdm-reservation: 1 at https://…``; None: none was found
    reservation: str | None = None
    links: tuple[Link, ...] = field(default=())

    def content_hash(self) -> str:
        """SHA-256 over what a reader would call the content.

        Views, links, fetch times and what is told beside the content (credit of the image,
        paywall, place line, reservation) change without the item changing; they are left out.
        """
        return fingerprint((
            self.kind, self.kicker, self.title, self.teaser, self.section, self.body,
            self.author, self.published.iso() if self.published else None, self.duration_s,
        ))  # fmt: skip


class Saved(Enum):
    """What saving an article did."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Tag:
    """One topic or state of one item, with the reason it was given."""

    facet: str  # "topic" | "state"
    value: str  # topic id, or a key of STATES
    score: float  # calibrated probability, 0–1
    model_id: str
    evidence: tuple[str, ...] = ()  # the words that moved it, strongest first


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality or county that an item takes place in, so that the site can show a map."""

    #: official key: 8 digits, of counties the first 5
    ags: str
    name: str
    #: key of ``STATES``
    land: str
    #: degrees, WGS 84; None where the register gives none
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Tagging:
    """The classifier's whole answer for one item."""

    item_id: int
    content_hash: str
    model_id: str
    tags: tuple[Tag, ...]
    #: what came close without being given, strongest first: for the review queue
    candidates: tuple[Tag, ...]
    review: bool
    #: in the order in which a reader meets them
    places: tuple[Place, ...] = ()


#: What an editor says of a facet: the labels in order (``topic``, ``state``), a kind, a date or
#: that there is none, or whether the item is hidden.
Word = tuple[str, ...] | str | PublicationDate | bool | None


@dataclass(frozen=True, slots=True)
class Correction:
    """What an editor put right, or confirmed (``before == after``). Never changed, never deleted.

    ``undoes``: the correction it takes back. Where no editor's word is left by that, ``in_force``
    is False: the model's or the source's word, which is ``after``, counts again.
    """

    id: int
    item_id: int
    facet: str
    before: Word
    after: Word
    editor: str
    at: datetime
    note: str | None = None
    undoes: int | None = None
    in_force: bool = True


@dataclass(frozen=True, slots=True)
class Job:
    """Something the desk asked for and the scheduler carries out, with how far it is."""

    id: int
    kind: str
    argument: dict[str, Any]
    asked_by: str
    asked_at: datetime
    #: one of ``JOB_STATES``
    state: str
    done: int = 0
    total: int | None = None
    #: what it is doing, in one line
    line: str | None = None
    #: who carries it out, and until when that is certain without another sign of life
    owner: str | None = None
    expires_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    #: how it ended, in words
    outcome: str | None = None
    #: what it found, for the desk to show
    result: dict[str, Any] | None = None
    #: how often it was begun: more than once where one who had it died
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a source's server asks of us: ttl, max-age, Expires, sy:update…, skipHours, skipDays."""

    #: not again before so many seconds
    at_least_s: int = 0
    #: hours of the day in UTC, 0–23, in which it wants not to be asked (RSS 2.0, skipHours)
    skip_hours: tuple[int, ...] = ()
    #: days of the week in UTC, Monday = 0, on which it wants not to be asked (RSS 2.0, skipDays)
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """When a source is due, aware UTC, and the steps that led there, in the order they count.

    A step is a code (``first outage cut rhythm cron streak wish skip pause``) and its facts, plain
    data from which `datasette_config.desk.plans` makes a sentence: ``seconds``, ``at`` (ISO 8601),
    ``items``, ``count``, ``weight``, ``cron``.
    """

    due: datetime
    steps: tuple[tuple[str, Mapping[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class FetchState:
    """What the next polite request to a source's list must know."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    full_fetch_at: datetime | None = None
    retry_after: datetime | None = None
    wishes: Wishes = Wishes()


@dataclass(frozen=True, slots=True)
class RunResult:
    """How one crawl of one source ended.

    ``status``: ``ok``; ``unchanged`` (304 or same bytes); ``failed`` (``message`` says why, in
    one line with the mend); ``postponed`` (Retry-After); ``offline`` (our own outage).
    """

    status: str
    message: str | None = None
    http_status: int | None = None
    entries: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    withdrawn: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """What we remember of one address that a list named, so that we need not fetch it again."""

    url: str  # as the list names it
    entry_hash: str | None = None
    visited_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    #: address of the item it led to (after redirects); None: it led to none
    item_url: str | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl of one source; ``finished_at`` and ``result`` are None while it runs."""

    id: int
    source_id: str
    started_at: datetime
    finished_at: datetime | None
    result: RunResult | None


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source with how its crawls have gone."""

    source: Source
    #: False: no longer in the catalogue; its items stay
    active: bool
    items: int
    last_run: Run | None
    #: end of the last run that ended ``ok`` or ``unchanged``
    last_success: datetime | None
    #: when the newest item was first seen
    last_new_item: datetime | None
    #: failed runs since the last success (postponed and offline runs do not count)
    error_streak: int
    retry_after: datetime | None
    #: never fetched with success, neither by a person (``checked``) nor by a run
    on_probation: bool
    #: items first seen within the last 28 days, for the adaptive schedule
    items_28_days: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list page or feed says of itself."""

    source_id: str
    url: str
    title: str | None
    teaser: str | None
    entries: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An article as the newsroom keeps it."""

    id: int
    article: Article
    content_hash: str
    publisher_land: str | None
    first_seen: datetime
    last_seen: datetime
    #: when the present content was first seen; equals ``first_seen`` if it never changed
    changed_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None
    #: 1 for the first content, one more for each change
    version: int = 1
    cluster_id: int | None = None
    change_seq: int = 0
    #: when its text was dropped; only the hash is kept, and the item is never public
    pruned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One content an item had; the last one is the present content. Links are not kept."""

    number: int
    seen_at: datetime
    content_hash: str
    article: Article
