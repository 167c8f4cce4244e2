"""Archives in pieces, so that all workers are busy to the end; put together, as if read in one.

Only whoever runs the tasks knows pieces: manifest and newsroom know whole archives, so that what is
done does not depend on how many workers there were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from crawler.archives import is_separable
from radar.backfill_parts import ArchiveError, Part, opened
from radar.backfill_results import TROUBLES, PartResult

#: Pieces for each worker, about: the last worker to end keeps the others waiting for one of them.
_EACH = 16
#: Times as many of the last archive: while it is read, workers run out of pieces.
_LAST = 4
#: Bytes of a piece at least; a smaller one would cost more to hand about than to read.
_LEAST = 128 << 10


@dataclass(frozen=True, slots=True)
class Piece:
    """The records of an archive that begin in a span of its bytes, the unit of work."""

    part: Part
    begin: int = 0
    #: None: to the archive's end
    end: int | None = None

    @property
    def span(self) -> tuple[int, int | None]:
        """Its first byte, and the one behind its last."""
        return self.begin, self.end


def pieces_of(parts: Iterable[Part], workers: int) -> list[Piece]:
    """The archives in their order, cut where there are too few of them for so many workers.

    Only files are cut: one over HTTP is loaded whole.
    """
    parts = list(parts)
    if workers < 2 or not parts:
        return [Piece(part) for part in parts]
    wanted = sum(part.size or 0 for part in parts) // (workers * _EACH)
    sizes = [wanted] * (len(parts) - 1) + [wanted // _LAST]
    return [
        piece
        for part, size in zip(parts, sizes, strict=True)
        for piece in _cut(part, (part.size or 0) // max(size, _LEAST))
    ]


def _cut(part: Part, number: int) -> list[Piece]:
    if number < 2 or not _is_separable(part):
        return [Piece(part)]
    cuts = [(part.size or 0) * at // number for at in range(number)]
    return [Piece(part, a, b) for a, b in zip(cuts, [*cuts[1:], None], strict=True)]


def _is_separable(part: Part) -> bool:
    try:
        with opened(part) as file:
            return is_separable(file)
    except (ArchiveError, OSError):
        return False  # who reads it will tell why it cannot be read


class Assembly:
    """Puts the results of pieces together, archive by archive."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._missing = Counter(piece.part.key for piece in pieces)
        self._found: dict[str, dict[int, PartResult]] = {}

    def wants(self, piece: Piece) -> bool:
        """Whether its archive is still to be had; not, once a piece of it has failed."""
        return self._missing[piece.part.key] > 0

    def put(self, piece: Piece, result: PartResult) -> PartResult | None:
        """The archive's result once its last piece has come, or one has failed for good."""
        key = piece.part.key
        if not self.wants(piece):
            return None
        found = self._found.setdefault(key, {})
        found[piece.begin] = result
        self._missing[key] -= 1
        if result.failed is not None:
            self._missing[key] = 0
        elif self._missing[key]:
            return None
        del self._found[key]
        return joined([found[begin] for begin in sorted(found)])


def joined(results: Sequence[PartResult]) -> PartResult:
    """One archive's pieces in their order as one result; the failed one of them if there is one."""
    counts: Counter[str] = Counter()
    for one in results:
        counts.update(one.counts)
    failed = next((one for one in results if one.failed is not None), None)
    return replace(
        failed or results[0],
        counts={} if failed else dict(sorted(counts.items())),
        troubles=() if failed else tuple(t for one in results for t in one.troubles)[:TROUBLES],
        position=max(one.position for one in results),
        cpu_s=sum(one.cpu_s for one in results),
        seconds=sum(one.seconds for one in results),
        again=sum(one.again for one in results),
        # members of gzip one after another are one file of gzip
        items=b"" if failed else b"".join(one.items for one in results),
    )
