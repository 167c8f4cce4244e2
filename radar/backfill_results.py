"""What came of one archive, as it travels from the worker and is kept in the manifest."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

#: Lines of trouble that are kept of one archive; all are counted.
TROUBLES = 50


@dataclass(frozen=True, slots=True)
class PartResult:
    """What came of one archive, or of a piece of it."""

    key: str
    location: str
    #: why there is nothing; None: it was read to its end
    failed: str | None = None
    #: records by what became of them: ``kept``, or why not
    counts: dict[str, int] = field(default_factory=dict)
    #: places that could not be read and pages that failed, one line each
    troubles: tuple[str, ...] = ()
    #: how far it was read, in bytes as stored
    position: int = 0
    #: processor seconds, the page reader's included; 0 where other tasks shared the process
    cpu_s: float = 0.0
    seconds: float = 0.0
    #: times that it, or a piece of it, was tried again
    again: int = 0
    #: the items, as ``backfill_items.pack`` writes them
    items: bytes = b""

    @property
    def records(self) -> int:
        """Responses that the archive holds as far as it was read."""
        return sum(number for name, number in self.counts.items() if name != "damaged")


#: The results of archives as they come; closing it ends the workers.
Results = Generator[PartResult, None, None]
