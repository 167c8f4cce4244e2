"""A crawl of many hosts by two workers of a real Dask cluster, one of them killed: JSON.

    python benchmarks/fleet.py [--hosts 400] [--pages 8] [--delay 2.0] [--alone]

``shortest_gap_share`` is the shortest pause between two requests to one host over the delay, at the
server; ``lost`` and ``doubled`` compare what the newsroom holds with what the server offers;
``asked_twice`` is the price of the kill: requests beyond one for each page and list, which the
killed worker's crawl had made; without any the kill did not bite, and nothing is told. ``--alone``
crawls the same again by one process on one machine: ``cpu_ratio`` is what the fleet's processes
(coordinator, Dask, workers, crawls) took over that.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from radar import crawling, fleet_cluster
from radar.config import Config
from store.newsroom import Newsroom
from store.types import Source
from tests.clusters import local_cluster, wait_for_workers
from tests.press import source

ROOT = Path(__file__).resolve().parents[1]
LEASE_S = 6.0
Asked = list[tuple[float, str, str]]


@contextmanager
def web(pages: int, folder: Path) -> Iterator[tuple[str, Path]]:
    """The address of a server that answers for every host, and its log, whole when it ends."""
    log = folder / "asked.json"
    command = [
        sys.executable, str(ROOT / "benchmarks" / "crawl_speed.py"),
        "--serve", str(log), "--pages", str(pages),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"127.0.0.1:{process.stdout.readline().strip()}", log
        finally:
            process.terminate()


def sources(hosts: int) -> list[Source]:
    return [source(f"stadt{number}") for number in range(hosts)]


def crawl_there(config: Config, hosts: int, kill_after_s: float) -> dict[str, object]:
    """Crawl by two workers, the second killed in the middle."""
    with local_cluster() as (address, processes):
        wait_for_workers(address, 2)
        killer = threading.Thread(target=kill_in_the_middle, args=(processes[-1], kill_after_s))
        killer.start()
        begun = time.monotonic()
        outcomes = fleet_cluster.crawl(
            config, [one.id for one in sources(hosts)], lambda *_: None,
            address=address, tell=lambda _: None, lease_s=LEASE_S,
        )  # fmt: skip
        killer.join()
        seconds = time.monotonic() - begun
        if processes[-1].poll() is None:
            raise SystemExit("the crawl ended before a worker was killed: fewer hosts or pages?")
    return {
        "seconds": round(seconds, 1),
        "outcomes": dict(Counter(one.result.status for one in outcomes)),
    }


def kill_in_the_middle(worker: subprocess.Popen[bytes], after_s: float) -> None:
    """Kill a worker so many seconds after its crawl has begun."""
    while not any(b"scrapy" in line for line in below(worker.pid)):
        time.sleep(0.2)
    time.sleep(after_s)
    worker.kill()


def below(pid: int) -> Iterator[bytes]:
    """The command lines of all processes below one."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            line = (entry / "cmdline").read_bytes()
        except OSError:  # it has just ended
            continue
        if parent == pid:
            yield line
            yield from below(int(entry.name))


def judge(asked: Asked, newsroom: Path, hosts: int, pages: int, delay: float) -> dict[str, object]:
    """What the server saw, beside what the newsroom holds."""
    moments: dict[str, list[float]] = defaultdict(list)
    for moment, host, _ in asked:
        moments[host].append(moment)
    gaps = [b - a for times in moments.values() for a, b in pairwise(times)]
    offered = {
        f"https://www.stadt{host}.example/{page}" for host in range(hosts) for page in range(pages)
    }
    with Newsroom(newsroom, now=crawling.utc_now) as store:
        held = Counter(item.article.url for item in store.items())
        versions = sum(item.version - 1 for item in store.items())
    needed = hosts * (pages + 1)
    wanted = [path for _, _, path in asked if path == "/feed.xml" or path[1:].isdigit()]
    return {
        "hosts": len(moments),
        "requests": len(asked),
        "shortest_gap_share": round(min(gaps) / delay, 3),
        "gaps_under_the_delay": sum(gap < delay for gap in gaps),
        "lost": len(offered - held.keys()),
        "doubled": sum(held.values()) - len(held) + versions,
        "strange": len(held.keys() - offered),
        "asked_twice": len(wanted) - needed,
    }


def processor_seconds() -> float:
    """Of this process and of all that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=400)
    parser.add_argument("--pages", type=int, default=8, help="of each host")
    parser.add_argument("--delay", type=float, default=2.0)
    parser.add_argument("--alone", action="store_true")
    given = parser.parse_args()
    found: dict[str, object] = {"load": round(os.getloadavg()[0], 1), **vars(given)}
    spent = {}
    for way in ("fleet", "alone") if given.alone else ("fleet",):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            before = processor_seconds()
            with web(given.pages, folder) as (address, log):
                config = Config(
                    paths_data=folder / "data", crawl_connect_to=address, crawl_delay_s=given.delay
                )
                with crawling.open_newsroom(config) as newsroom:
                    newsroom.set_sources(sources(given.hosts))
                if way == "fleet":
                    told = crawl_there(config, given.hosts, given.pages * given.delay)
                else:
                    ids = [one.id for one in sources(given.hosts)]
                    begun = time.monotonic()
                    crawling.crawl(config, ids, lambda *_: None)
                    told = {"seconds": round(time.monotonic() - begun, 1)}
            spent[way] = processor_seconds() - before
            asked: Asked = json.loads(log.read_text(encoding="utf-8"))
            judged = judge(asked, config.newsroom, given.hosts, given.pages, given.delay)
            if way == "fleet" and not judged["asked_twice"]:
                raise SystemExit("no crawl was cut off by the kill: fewer or more pages?")
            found[way] = {**told, "cpu_s": round(spent[way], 1), **judged}
    if given.alone:
        found["cpu_ratio"] = round(spent["fleet"] / spent["alone"], 2)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
