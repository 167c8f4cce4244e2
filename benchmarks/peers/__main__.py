"""Measures us and our peers on the same data, and writes ``benchmarks/RESULTS.md``.

    python -m benchmarks.peers [PIECE …] [--rounds 3] [--cache DIR] [--table-only]

Pieces: pages extraction updates search classification archives (default: all). Each peer has an
environment of its own with pinned versions below the cache, which also keeps what each piece came
to: the table is made of all pieces there, each with its day.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.peers.archiving import archives
from benchmarks.peers.classifying import classification
from benchmarks.peers.measuring import load
from benchmarks.peers.piece import Piece, as_markdown, keep
from benchmarks.peers.reading import extraction, pages
from benchmarks.peers.searching import search
from benchmarks.peers.updating import updates

PIECES: dict[str, Callable[[Path, int], Piece]] = {
    "pages": pages,
    "extraction": extraction,
    "updates": updates,
    "search": search,
    "classification": classification,
    "archives": archives,
}
RESULTS = Path(__file__).parents[1] / "RESULTS.md"


def main() -> None:
    """Run the pieces that are wanted, then write the table of all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("pieces", nargs="*", metavar="PIECE")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--cache", type=Path, default=Path.home() / ".cache" / "kommunalradar-peers"
    )
    parser.add_argument("--table-only", action="store_true")
    given = parser.parse_args()
    if unknown := set(given.pieces) - PIECES.keys():
        parser.error(f"no such piece: {', '.join(sorted(unknown))}; there are {', '.join(PIECES)}")
    results = given.cache / "results"
    for name in () if given.table_only else given.pieces or PIECES:
        sys.stderr.write(f"{name} …\n")
        before = load()
        keep(PIECES[name](given.cache / "venvs", given.rounds), results, before)
    found = [
        json.loads(path.read_text(encoding="utf-8"))
        for name in PIECES
        if (path := results / f"{name}.json").is_file()
    ]
    RESULTS.write_text(as_markdown(found), encoding="utf-8")
    sys.stderr.write(f"{RESULTS}: {len(found)} of {len(PIECES)} pieces\n")


if __name__ == "__main__":
    main()
