"""What goes to a worker of a fleet, and what comes back from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from radar.config import Config
from store.slices import Slice, SourceChanges
from store.types import RunResult

#: The folder of `crawler.shelf`, within the data.
HOST_FILES = "hosts"
#: Bodies go along for items whose pages are looked at again (RECHECK_UNTIL_DAYS), and a day more.
TEXT_FOR = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker must know to crawl a shard. Can be sent to another machine."""

    config: Config
    sources: tuple[str, ...]
    hosts: frozenset[str]
    held: Slice
    #: robots.txt and the like of these hosts: file → its text
    host_files: dict[str, str]
    lease_s: float
    #: seconds to wait first, where another shard may have asked one of the hosts a moment ago
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is nothing of a shard."""

    reason: str
    #: its process died, perhaps over one of its sources; else something was in its way
    died: bool = False


@dataclass(frozen=True, slots=True)
class Crawled:
    """What came of a shard."""

    results: dict[str, RunResult]
    changes: tuple[SourceChanges, ...]
    #: hosts that pages of a source are on and that were not this shard's, by source
    elsewhere: dict[str, frozenset[str]]
    host_files: dict[str, str] = field(default_factory=dict)
    #: stored responses: file name → WARC
    responses: dict[str, bytes] = field(default_factory=dict)
    log: str = ""
