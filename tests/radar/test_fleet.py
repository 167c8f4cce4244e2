"""Crawls shared out by host: what is shared, what travels, and a real Dask cluster of which one
worker dies."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from radar import crawling
from radar.config import Config
from radar.crawling import CrawlError
from radar.fleet import crawl, crawl_on
from radar.fleet_child import LEASE_LOST
from radar.fleet_job import Crawled, Failure, Job
from radar.fleet_queue import GIVE_UP, TRIES, ShardQueue
from radar.fleet_shards import MOST, groups, host_of, shards
from store.erasure import erase
from store.errors import RadarError
from store.newsroom import Newsroom
from store.slices import changes, fill, merge, named_hosts, take_slice
from store.types import Article, FetchState, RunResult, Source, Visit
from tests.clusters import local_cluster, wait_for_workers
from tests.press import feed, page, source
from tests.web import Answer, LocalWeb, local_web, newsroom_of

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DELAY_S = 0.3
#: A few signs of life; a crawl that misses them on a crowded machine is begun again.
LEASE_S = 3.0


# --- how hosts are shared out --------------------------------------------------------------


def test_what_shares_a_host_goes_together_over_any_number_of_steps() -> None:
    hosts = {"a": {"a", "ab"}, "b": {"ab", "bc"}, "c": {"bc"}, "d": {"d"}, "e": set()}
    assert [one.sources for one in groups(hosts)] == [("a", "b", "c"), ("d",), ("e",)]
    assert groups(hosts)[0].hosts == {"a", "ab", "bc"}


def test_shards_are_of_about_equal_size_and_never_share_a_host() -> None:
    hosts = {f"s{n}": {f"h{n // 3}", "www.own"[:3] + str(n)} for n in range(600)}
    found = shards(hosts, slots=4)
    assert len(found) == 4
    assert sorted(source for one in found for source in one.sources) == sorted(hosts)
    assert {len(one.sources) for one in found} == {150}
    assert len(frozenset().union(*(one.hosts for one in found))) == sum(
        len(one.hosts) for one in found
    )
    assert found == shards(dict(reversed(hosts.items())), slots=4)


def test_few_sources_make_one_shard_and_many_make_more_than_there_are_slots() -> None:
    assert len(shards({f"s{n}": {str(n)} for n in range(10)}, slots=8)) == 1
    assert len(shards({f"s{n}": {str(n)} for n in range(3 * MOST)}, slots=1)) == 3
    assert shards({}, slots=2) == []


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Stadt.example:8443/x", "stadt.example"),
        ("http://stadt.example", "stadt.example"),
        ("http://[x", ""),
        ("mailto:x", ""),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert host_of(url) == host


# --- what travels ----------------------------------------------------------------------------


def article(name: str, body: str = "Text", **facts: object) -> Article:
    given = {"kind": "article", "title": name, "fetched_at": NOW, "body": body, **facts}
    return Article("stadt", f"https://www.stadt.example/{name}", **given)  # type: ignore[arg-type]


def visit(name: str, item: str | None = None) -> Visit:
    url = f"https://www.stadt.example/{name}"
    return Visit(url, f"hash {name}", NOW, item_url=item or url)


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    """Items of a month ago (their bodies do not travel) and of today."""
    clock = [NOW - timedelta(days=30)]
    with Newsroom(tmp_path / "newsroom.db", now=lambda: clock[0]) as newsroom:
        newsroom.set_sources([source(), source("kreis")])
        for name in ("alt", "alt2", "alt3", "weg"):
            newsroom.save(article(name), visit=visit(name))
        clock[0] = NOW
        for name in ("neu", "neu2", "geheim"):
            newsroom.save(article(name), visit=visit(name))
        newsroom.seen_redirect("stadt", "https://www.stadt.example/f", "https://neu.example/f")
        newsroom.set_fetch_state("stadt", FetchState(etag="1"))
        erase(newsroom, ["https://www.stadt.example/geheim"], reason="Antrag")
        yield newsroom


def crawled(newsroom: Newsroom) -> None:
    """What a crawl writes, each way of it."""
    run = newsroom.start_run("stadt")
    newsroom.save(article("dazu", links=()), visit=visit("dazu"), run_id=run)
    newsroom.save(article("alt", "Anders"), visit=visit("alt"), run_id=run)
    newsroom.save(article("alt2", reservation="header"), visit=visit("alt2"), run_id=run)
    newsroom.save(article("neu"), visit=visit("neu"), run_id=run)
    newsroom.withdraw("stadt", "https://www.stadt.example/weg", reason="HTTP 410")
    newsroom.touch("stadt", "https://www.stadt.example/alt3", visited=True)
    newsroom.set_visit("stadt", Visit("https://www.stadt.example/liste", "x", NOW))
    newsroom.forget_redirect("stadt", "https://www.stadt.example/f")
    newsroom.seen_redirect("stadt", "https://www.stadt.example/g", "https://neu.example/g")
    newsroom.save_listing("stadt", "https://www.stadt.example/feed.xml", "Presse", None, 9)
    newsroom.set_fetch_state("stadt", FetchState(etag="2"))
    newsroom.finish_run(run, RunResult("ok", new=1, changed=1, same=2, withdrawn=1))


TABLES = ("items", "versions", "links", "visits", "fetch_states", "redirects", "listings", "runs")


def content(newsroom: Newsroom) -> dict[str, list[tuple[object, ...]]]:
    left_out = {"change_seq"}
    found = {}
    for table in TABLES:
        rows = newsroom.connection.execute(f"SELECT * FROM {table}").fetchall()
        names = [name for name in (rows[0].keys() if rows else ()) if name not in left_out]
        found[table] = sorted((tuple(row[name] for name in names) for row in rows), key=str)
    return found


def there(newsroom: Newsroom, path: Path) -> Newsroom:
    path.parent.mkdir()  # apart from the log of erasures
    elsewhere = Newsroom(path, now=lambda: NOW)
    fill(elsewhere, take_slice(newsroom, ["stadt"], text_since=NOW - timedelta(days=8)))
    return elsewhere


def test_a_crawl_elsewhere_leaves_the_newsroom_as_a_crawl_here(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    held = take_slice(newsroom, ["stadt"], text_since=NOW - timedelta(days=8))
    with there(newsroom, tmp_path / "there" / "slice.db") as elsewhere:
        assert elsewhere.sources()[0].source == source()
        erased = "https://www.stadt.example/geheim"
        assert elsewhere.unchanged("stadt", {erased: "x"}) == {erased}
        crawled(elsewhere)
        found = list(changes(elsewhere, held))
    newsroom.connection.execute("VACUUM INTO ?", (str(tmp_path / "there" / "copy.db"),))
    with Newsroom(tmp_path / "there" / "copy.db", now=lambda: NOW) as here:
        crawled(here)
        for change in found:
            merge(newsroom, change)
        assert content(newsroom) == content(here)
        assert newsroom.counts()["versions"] == 1


def test_old_bodies_stay_at_home_and_young_ones_travel(newsroom: Newsroom, tmp_path: Path) -> None:
    with there(newsroom, tmp_path / "there" / "slice.db") as elsewhere:
        bodies = {item.article.title: item.article.body for item in elsewhere.items()}
    assert bodies == dict.fromkeys(("alt", "alt2", "alt3", "weg")) | {"neu": "Text", "neu2": "Text"}


def test_what_was_erased_meanwhile_stays_away(newsroom: Newsroom, tmp_path: Path) -> None:
    held = take_slice(newsroom, ["stadt"], text_since=NOW)
    with there(newsroom, tmp_path / "there" / "slice.db") as elsewhere:
        crawled(elsewhere)
        found = list(changes(elsewhere, held))
    erase(newsroom, ["https://www.stadt.example/alt2"], reason="Antrag")
    for change in found:
        merge(newsroom, change)
    assert newsroom.item_by_url("https://www.stadt.example/alt2") is None
    assert "https://www.stadt.example/alt2" not in newsroom.visits("stadt")


def test_a_result_is_stored_whole_or_not_at_all(newsroom: Newsroom, tmp_path: Path) -> None:
    held = take_slice(newsroom, ["stadt"], text_since=NOW)
    with there(newsroom, tmp_path / "there" / "slice.db") as elsewhere:
        crawled(elsewhere)
        (found,) = changes(elsewhere, held)
    before = content(newsroom)
    newsroom.connection.execute(
        "CREATE TEMP TRIGGER stopped BEFORE INSERT ON listings "
        "BEGIN SELECT raise(ABORT, 'stopped'); END"
    )
    with pytest.raises(Exception, match="stopped"):
        merge(newsroom, found)
    assert content(newsroom) == before


def test_known_hosts_are_those_of_lists_and_pages(newsroom: Newsroom) -> None:
    newsroom.set_visit(
        "stadt", Visit("http://blog.example/a/b", None, NOW, item_url="https://x.example")
    )
    assert named_hosts(newsroom, ["stadt", "kreis"]) == {
        "stadt": {
            "https://www.stadt.example", "http://blog.example", "https://x.example",
            "https://neu.example",
        },
        "kreis": set(),
    }  # fmt: skip


# --- what goes wrong ---------------------------------------------------------------------------


class Broken:
    """Workers whose every crawl fails, but for those of which there is nothing to say."""

    slots = 1
    lease_s = LEASE_S

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def run(
        self, take: Callable[[], tuple[int, Job] | None], ended: Callable[[], bool]
    ) -> Iterator[tuple[int, Crawled | Failure]]:
        while not ended() and (following := take()):
            number, job = following
            self.jobs.append(job)
            yield number, self.what(job)

    def what(self, job: Job) -> Crawled | Failure:
        return Failure("no room in the temporary folder")


class Deadly(Broken):
    """Workers that crawl in vain, and whose process dies over some sources."""

    def __init__(self, *deadly: str) -> None:
        super().__init__()
        self.deadly = set(deadly)

    def what(self, job: Job) -> Crawled | Failure:
        if self.deadly & set(job.sources):
            return Failure("code -9:\nkilled", died=True)
        return Crawled({one: RunResult("unchanged") for one in job.sources}, (), {})


def test_a_shard_that_cannot_be_crawled_is_told_and_held_no_longer(tmp_path: Path) -> None:
    config = Config(paths_data=tmp_path)
    workers = Broken()
    with newsroom_of(config, [source(), source("kreis")]) as newsroom:
        newsroom.take_lease("source:kreis", "somebody", 90)
        told: list[tuple[str, str]] = []
        with pytest.raises(CrawlError, match=r"stadt … \(1 sources\): no room in the temporary"):
            crawl(
                config, ["stadt", "kreis"],
                lambda event, name, result: told.append((name, result.status)), None, workers,
            )  # fmt: skip
        assert told == [("kreis", "busy")]
        assert [job.sources for job in workers.jobs] == [("stadt",)] * TRIES
        assert workers.jobs[0].hosts == {"stadt.example"}
        assert [job.pause_s for job in workers.jobs] == [0.0, 2.0, 2.0]
        assert newsroom.leases() == {"source:kreis": "somebody"}


def crawl_deadly(
    config: Config, workers: Deadly, wanted: list[str]
) -> tuple[dict[str, RunResult], list[str]]:
    told: list[str] = []
    outcomes = crawl(config, wanted, lambda _, name, result: told.append(name), None, workers)
    return {one.source_id: one.result for one in outcomes}, told


def test_a_source_over_which_the_process_dies_is_found_and_takes_no_other_along(
    tmp_path: Path,
) -> None:
    config, workers = Config(paths_data=tmp_path), Deadly("s07", "s21")
    names = [f"s{n:02}" for n in range(40)]
    with newsroom_of(config, [source(name) for name in names]) as newsroom:
        results, told = crawl_deadly(config, workers, names)
        assert sorted(told) == sorted(results) == names
        assert {name for name, one in results.items() if one.status == "failed"} == workers.deadly
        message = results["s07"].message or ""
        assert message.startswith("the crawl's process dies over this source (code -9: killed)")
        # the desk and `radar sources list` read it there; the planner asks it more and more rarely
        held = {one.source.id: one for one in newsroom.sources()}
        assert held["s07"].error_streak == 1
        assert held["s07"].last_run is not None
        assert held["s07"].last_run.result == results["s07"]
        # from now on it is alone, and nobody is asked twice
        workers.jobs.clear()
        crawl_deadly(config, workers, names)
        assert [job.sources for job in workers.jobs if len(job.sources) == 1] == [
            ("s07",), ("s21",), ("s07",), ("s21",), ("s07",), ("s21",),
        ]  # fmt: skip
        for name in workers.deadly:
            newsroom.finish_run(newsroom.start_run(name), RunResult("ok"))
        workers.deadly.clear()
        workers.jobs.clear()
        crawl_deadly(config, workers, names)
        assert {len(job.sources) for job in workers.jobs} == {40}


def test_where_all_die_the_cluster_is_to_blame(tmp_path: Path) -> None:
    config, names = Config(paths_data=tmp_path), [f"s{n}" for n in range(5)]
    with newsroom_of(config, [source(name) for name in names]) as newsroom:
        with pytest.raises(CrawlError, match=r"s0 … \(1 sources\): code -9"):
            crawl_deadly(config, Deadly(*names), names)
        assert newsroom.runs() == []
        # of one alone nobody can tell: it is told, and asked more rarely
        results, _ = crawl_deadly(config, Deadly(*names), names[:1])
        assert results["s0"].status == "failed"
        # … and what has died before is told again, whatever else there is
        results, _ = crawl_deadly(config, Deadly(*names), names[:1])
        assert len(newsroom.runs("s0")) == 2


def test_a_cluster_on_which_nothing_works_is_given_up(tmp_path: Path) -> None:
    config, names = Config(paths_data=tmp_path), [f"s{n:03}" for n in range(300)]
    workers = Deadly(*names)
    with (
        newsroom_of(config, [source(name) for name in names]) as newsroom,
        pytest.raises(CrawlError, match="not crawled"),
    ):
        crawl_deadly(config, workers, names)
    assert len(workers.jobs) == GIVE_UP
    assert newsroom.path.exists()


def test_shards_that_share_a_host_are_crawled_one_after_another() -> None:
    hosts = {"a": {"x"}, "b": {"x"}, "c": {"y"}, "d": {"x", "z"}}
    queue = ShardQueue(shards(hosts, slots=1), hosts)
    whole = queue.take()
    assert whole is not None
    assert queue.take() is None
    queue.failed(whole.number, Failure("code -9", died=True))
    group, lonely = queue.take(), queue.take()
    assert group is not None
    assert lonely is not None
    assert (group.shard.sources, lonely.shard.sources) == (("a", "b", "d"), ("c",))
    assert group.after_another
    queue.failed(group.number, Failure("code -9", died=True))
    first = queue.take()
    assert first is not None
    assert first.shard.sources == ("a",)
    # the other half asks the same host
    assert queue.take() is None
    queue.crawled(first.number)
    second = queue.take()
    assert second is not None
    assert second.shard.sources == ("b", "d")
    assert second.shard.hosts == {"x", "z"}


def test_a_pause_that_a_host_asked_another_source_for_travels(tmp_path: Path) -> None:
    config, workers = Config(paths_data=tmp_path), Broken()
    other = source("kreis", url="https://stadt.example/kreis.xml")
    until = datetime.now(UTC) + timedelta(hours=1)
    with newsroom_of(config, [source(), other]) as newsroom:
        newsroom.set_fetch_state("kreis", FetchState(retry_after=until))
        with pytest.raises(CrawlError):
            crawl(config, ["stadt"], lambda *_: None, None, workers)
    with Newsroom(tmp_path / "slice.db", now=lambda: NOW) as elsewhere:
        fill(elsewhere, workers.jobs[0].held)
        paused = {one.source.id for one in elsewhere.sources() if one.retry_after}
    assert workers.jobs[0].sources == ("stadt",)
    assert paused == {"kreis"}


def test_a_crawl_that_is_told_to_stop_is_no_failure(tmp_path: Path) -> None:
    config, stop = Config(paths_data=tmp_path), threading.Event()
    stop.set()
    with newsroom_of(config, [source()]) as newsroom:
        assert crawl(config, ["stadt"], lambda *_: None, stop, Broken()) == []
        assert newsroom.leases() == {}


def test_without_dask_a_cluster_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "radar.fleet_cluster", raising=False)
    monkeypatch.delattr("radar.fleet_cluster", raising=False)
    monkeypatch.delitem(sys.modules, "radar.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CrawlError, match="needs Dask"):
        crawl_on("tcp://127.0.0.1:9")
    assert crawl_on(None) is crawling.crawl


def test_what_is_no_address_is_refused_before_anything_is_due() -> None:
    pytest.importorskip("distributed", reason="needs the extra `dask`")
    with pytest.raises(RadarError, match="'quatsch': no address of a Dask scheduler"):
        crawl_on("quatsch")


def test_a_crawl_that_nobody_holds_ends_itself(web: LocalWeb, tmp_path: Path) -> None:
    config = Config(paths_data=tmp_path / "data", crawl_connect_to=web.address, crawl_delay_s=0.5)
    one = town(web, "stadt", 60)
    with newsroom_of(config, [one]) as newsroom:
        held = take_slice(newsroom, ["stadt"], text_since=NOW)
    folder = tmp_path / "shard"
    folder.mkdir()
    job = Job(config, ("stadt",), frozenset({"stadt.example"}), held, {}, lease_s=3.0)
    (folder / "job").write_bytes(pickle.dumps(job))
    with subprocess.Popen(
        [sys.executable, "-m", "radar.fleet_child", str(folder)], stdin=subprocess.PIPE
    ) as child:
        assert child.wait(120) == LEASE_LOST
    assert not folder.exists()
    asked = len(web.asked)
    assert asked < 61
    time.sleep(1.5)
    assert len(web.asked) <= asked + 1


# --- a real cluster ---------------------------------------------------------------------------


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    with local_web() as web:
        yield web


def town(web: LocalWeb, name: str, items: int, host: str | None = None) -> Source:
    """A source whose feed names so many pages, on its own host or another one."""
    one = source(name)
    urls = [f"https://{host or f'www.{name}.example'}/{name}-{n}" for n in range(items)]
    for url in urls:
        web.answers[url] = Answer(page(f"Meldung {url}"))
    web.answers[one.url] = Answer(
        feed(*((f"Meldung {url}", url) for url in urls)),
        "application/rss+xml; charset=utf-8",
        headers={"ETag": f'"{name}"'},
    )
    return one


def gaps(web: LocalWeb) -> list[float]:
    """Seconds between two requests to one host."""
    moments = defaultdict(list)
    for moment, url in web.moments:
        moments[urlsplit(url).netloc].append(moment)
    return [b - a for times in moments.values() for a, b in pairwise(times)]


def test_a_fleet_loses_and_doubles_nothing_though_a_worker_dies(
    web: LocalWeb, tmp_path: Path
) -> None:
    pytest.importorskip("distributed", reason="needs the extra `dask`")
    from radar import fleet_cluster

    config = Config(
        paths_data=tmp_path / "data",
        crawl_connect_to=web.address,
        crawl_delay_s=DELAY_S,
        crawl_keep_responses_days=1.0,
    )
    towns = [town(web, f"stadt{n:02}", 3) for n in range(24)]
    # pages on hosts that nobody knows of before: two sources share one of them
    towns += [town(web, f"blog{n}", 2, host="www.presse.example") for n in range(2)]
    finished: list[str] = []

    def on_event(event: str, source_id: str, result: RunResult) -> None:
        finished.append(source_id)

    with (
        newsroom_of(config, towns) as newsroom,
        local_cluster() as (address, processes),
    ):
        wait_for_workers(address, 2)
        killer = threading.Thread(target=kill_when_busy, args=(web, processes[-1]))
        killer.start()

        def crawl_them(wanted: list[Source]) -> dict[str, RunResult]:
            outcomes = fleet_cluster.crawl(
                config, [one.id for one in wanted], on_event,
                address=address, tell=lambda _: None, lease_s=LEASE_S,
            )  # fmt: skip
            return {one.source_id: one.result for one in outcomes}

        first = crawl_them(towns)
        killer.join()
        assert processes[-1].poll() is not None
        assert {(one.status, one.new) for one in first.values()} == {("ok", 3), ("ok", 2)}
        assert sorted(finished) == sorted(one.id for one in towns)
        urls = [item.article.url for item in newsroom.items()]
        pages = {url for url, _ in web.asked if url in web.answers and not url.endswith("feed.xml")}
        assert len(urls) == len(set(urls)) == 24 * 3 + 2 * 2
        assert set(urls) == pages
        assert all(item.version == 1 for item in newsroom.items())
        assert min(gaps(web)) >= DELAY_S * 0.95
        # what the first crawl learned travels with the second: nothing is fetched twice
        before = len(web.asked)
        assert {one.status for one in crawl_them(towns[-4:]).values()} == {"unchanged"}
        assert [status for _, status in web.asked[before:]] == [304] * 4
        assert newsroom.leases() == {}
    assert list((tmp_path / "data" / "responses").glob("*.warc.gz"))
    assert "Spider closed" in config.crawl_log.read_text(encoding="utf-8")


def kill_when_busy(web: LocalWeb, worker: subprocess.Popen[bytes]) -> None:
    """Kill a worker once its crawl has begun to ask."""
    deadline = time.monotonic() + 60
    while len(web.asked) < 30 and time.monotonic() < deadline:
        time.sleep(0.02)
    worker.kill()
    worker.wait()
