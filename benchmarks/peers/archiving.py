"""Web archives beside a warcio + trafilatura loop: the piece ``archives``."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.peers.measuring import HERE, run
from benchmarks.peers.piece import Piece, Ratio, Table
from benchmarks.peers.venvs import python_of, version

PAGES = 20_000


def archives(venvs: Path, rounds: int) -> Piece:
    """Records a processor second, and two workers against one."""
    command = [
        sys.executable, str(HERE.parent / "backfill.py"), "--pages", str(PAGES),
        "--repeat", str(rounds), "--peer", python_of("warcio", venvs), "--cluster",
    ]  # fmt: skip
    told = run(command, timeout_s=3000).told
    loops = {label: told[f"peer, {label}"] for label in ("every page", "our host")}
    two, struck = told["two_workers"], told["struck"]
    rows = [("Kommunalradar", told["records_a_cpu_second"], 1.0)]
    rows += [
        (f"loop, {label}", one["records"] / one["cpu_s"], 1 / one["ratio"])
        for label, one in loops.items()
    ]
    return Piece(
        name="archives",
        title="Backfill from web archives",
        how=(
            f"{told['pages']:,} invented pages in eight WARC files, of which one is cut off, "
            "one has a flipped bit and one is missing. The loop reads with warcio and extracts "
            "with trafilatura: every HTML page, or only those of the catalogue's host, as we do. "
            "Ours also looks at language and relevance, makes articles, and stores them with their "
            f"record. Median of {rounds} rounds."
        ),
        tables=(
            Table("One worker", ("who", "records a CPU-s", "ours = 1"), tuple(rows)),
            Table(
                "Two workers against one",
                ("what", "value"),
                (
                    ("wall time of one over that of two, median", two["wall"]),
                    ("… in each round", ", ".join(f"{wall:g}" for wall in two["walls"])),
                    ("two empty loops at once over one, on this machine", two["two_loops"]),
                    ("CPU of two over that of one", two["cpu"]),
                    ("the writer's share of all CPU", two["writer_share"]),
                    *struck.items(),
                    ("same newsroom: " + ", ".join(told["compared"]), str(told["identical"])),
                ),
            ),
        ),
        ratios=tuple(
            Ratio("archive records a CPU-s", f"warcio + trafilatura loop, {label}", one["ratio"])
            for label, one in loops.items()
        ),
        bars=(
            (f"two workers ≥ 1.8 × one: {two['wall']} × by the clock", two["wall"] >= 1.8),
        ),
        versions={
            "warcio": version("warcio", "warcio"), "trafilatura": version("warcio", "trafilatura"),
        },
        notes=(
            "By the clock two workers can only be twice as quick where two cores are idle: see the "
            "load above, and what two empty loops reached. The writer has a core to itself beside "
            "one worker; beside two it shares theirs.",
        ),
    )  # fmt: skip
