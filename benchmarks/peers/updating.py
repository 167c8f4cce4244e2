"""Updates of 300 feeds of which 5 % changed: the piece ``updates``."""

from __future__ import annotations

import statistics
import sys
import tempfile
import urllib.request
from pathlib import Path

from benchmarks.peers.measuring import HERE, Ran, press, run
from benchmarks.peers.piece import Piece, Ratio, Table
from benchmarks.peers.venvs import python_of, version

FEEDS, CHANGED = 300, 15
PEERS = {"feedparser": "plain feedparser", "reader": "lemon24's reader"}


def updates(venvs: Path, rounds: int) -> Piece:
    """The first update of all feeds, then updates of which 5 % brought one entry each."""
    commands = {"ours": [sys.executable, str(HERE / "runners" / "ours.py"), "updates"]}
    for name in PEERS:
        commands[name] = [
            python_of("reader", venvs), str(HERE / "runners" / "updates.py"), name,
        ]  # fmt: skip
    first: dict[str, Ran] = {}
    later: dict[str, list[Ran]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder, press(None) as (address, _):
        places = {name: Path(folder, name) for name in commands}
        for name, command in commands.items():
            places[name].mkdir()
            first[name] = run([*command, address, str(places[name]), str(FEEDS)])
        for _ in range(rounds):
            urllib.request.urlopen(f"http://{address}/change").read()
            for name, command in commands.items():
                later[name].append(run([*command, address, str(places[name]), str(FEEDS)]))
        start = {}
        for name, command in commands.items():
            alone = Path(folder, f"{name} alone")
            alone.mkdir()
            start[name] = run([*command, address, str(alone), "1"]).cpu_s
    cpu = {name: statistics.median(one.cpu_s for one in ran) for name, ran in later.items()}
    net = {name: max(cpu[name] - start[name], 0.01) for name in cpu}
    rows = [
        (
            PEERS.get(name, "Kommunalradar"),
            cpu[name], cpu[name] / cpu["feedparser"], net[name] / net["feedparser"],
            first[name].cpu_s, max(one.peak_mb for one in later[name]),
            first[name].told["stored"], ", ".join(str(one.told["stored"]) for one in later[name]),
        )
        for name in commands
    ]  # fmt: skip
    return Piece(
        name="updates",
        title="Updates of 300 feeds, of which 5 % changed",
        how=(
            f"{FEEDS} invented feeds of 20 entries in three usual shapes on loopback; every second "
            f"server knows ETag. After a first update each change gives {CHANGED} feeds one more "
            f"entry; median of {rounds} updates, each a fresh process. The start is what an update "
            "of one feed costs. Plain feedparser keeps ids and ETags only; reader keeps entries in "
            "SQLite; ours also asks each host's robots.txt and tdmrep.json once a day, keeps a run "
            "for each source, and would hold each host's pause."
        ),
        tables=(
            Table(
                "One update",
                ("who", "CPU-s", "CPU, feedparser = 1", "without the start, feedparser = 1",
                 "CPU-s of the first update", "peak MB", "entries at first", "new at each update"),
                tuple(rows),
            ),
        ),
        ratios=tuple(
            ratio
            for name, label in PEERS.items()
            for ratio in (
                Ratio("update of 300 feeds, CPU", label, cpu[name] / cpu["ours"]),
                Ratio("update of 300 feeds, CPU without start", label, net[name] / net["ours"]),
                Ratio("first update of 300 feeds, CPU", label,
                      first[name].cpu_s / first["ours"].cpu_s),
            )
        ),
        versions={
            "feedparser": version("reader", "feedparser"), "reader": version("reader", "reader"),
        },
    )  # fmt: skip
