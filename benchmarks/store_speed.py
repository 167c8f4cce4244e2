"""How quick the store is, each figure beside what does the bare work in the same run: JSON.

    python benchmarks/store_speed.py [--items 5000] [--rounds 3]

Texts are generated: words with Zipf frequencies, about 3 kB an item, under the press contact that
every release of an office ends with. Near-duplicates are held against datasketch where it can be
imported; it is no dependency of this project (``pip install datasketch``).
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import json
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from store.dictionary import load_dictionary
from store.duplicates import update_clusters
from store.newsroom import Newsroom
from store.publish import publish
from store.resemblance import compared_text
from store.rows import ARTICLE_COLUMNS, article_values
from store.types import Article, PublicationDate, Saved, Source, Tag, Tagging, Visit

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
WORDS_IN_ITEM = 230
FORMS = 30_000
OFFICES = 20
#: Items in one transaction where many are saved at once.
BATCH = 500
#: datasketch's own example threshold; more would miss what ours finds.
THRESHOLD = 0.5
_SYLLABLES = (
    "ver be ge an auf ein aus um stadt land kreis amt haus werk netz dienst plan rat tag bau form "
    "schul geld recht markt weg platz port al dat en er ung heit keit lich isch end te ter bar sam"
)


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


class Writer:
    """Generates texts; the same number gives the same text."""

    def __init__(self) -> None:
        chance = random.Random(1)
        parts = _SYLLABLES.split()
        forms: dict[str, None] = {}
        while len(forms) < FORMS:
            forms["".join(chance.choices(parts, k=chance.randint(2, 4)))] = None
        self._forms = list(forms)
        self._weights = list(itertools.accumulate(1 / rank for rank in range(1, FORMS + 1)))

    def words(self, seed: object, count: int) -> list[str]:
        chance = random.Random(repr(seed))
        return chance.choices(self._forms, cum_weights=self._weights, k=count)

    def body(self, seed: object, office: int) -> str:
        """A text with the office's press contact, which all its releases share."""
        return joined(self.words(seed, WORDS_IN_ITEM)) + "\n" + self.contact(office)

    def contact(self, office: int) -> str:
        return joined(["Pressekontakt", *self.words(("contact", office), 30)])


def joined(words: Sequence[str]) -> str:
    """Words as sentences in paragraphs."""
    sentences = [" ".join(words[at : at + 12]) + "." for at in range(0, len(words), 12)]
    return "\n".join(" ".join(sentences[at : at + 5]) for at in range(0, len(sentences), 5))


def sources() -> list[Source]:
    return [
        Source(
            id=f"amt_{number}", name=f"Amt {number}", publisher=f"Amt {number}",
            homepage=f"https://amt{number}.example/", kind="feed",
            url=f"https://amt{number}.example/feed", licence="official", display="full",
            relevance="all", schedule="adaptive", reference=f"https://amt{number}.example/",
            land="DE-NW", checked="2026-02-01",
        )
        for number in range(OFFICES)
    ]  # fmt: skip


def article(number: int, body: str, *, office: int | None = None) -> Article:
    office = number % OFFICES if office is None else office
    return Article(
        source_id=f"amt_{office}",
        url=f"https://amt{office}.example/meldung/{number}",
        kind="press_release",
        title=body[:60],
        teaser=body[60:260],
        body=body,
        fetched_at=START,
        language="de",
        published=PublicationDate(START - timedelta(minutes=7 * number), False, "heute"),
    )


def articles(writer: Writer, numbers: Iterable[int]) -> list[Article]:
    return [article(number, writer.body(number, number % OFFICES)) for number in numbers]


def seconds(work: Callable[[], object]) -> float:
    """Processor time, the kernel's included: what others do on the machine is left out."""
    start = time.process_time()
    work()
    return time.process_time() - start


def ratio(raw: Sequence[float], ours: Sequence[float]) -> dict[str, float]:
    """How many times as long the bare work takes: of the quickest turns, and of the usual ones.

    Both took turns, so that a busy minute of the machine meets both.
    """
    return {
        "ratio": round(min(raw) / min(ours), 3),
        "ratio_of_medians": round(statistics.median(raw) / statistics.median(ours), 3),
    }


def opened(folder: Path, name: str, clock: Clock) -> Newsroom:
    newsroom = Newsroom(folder / name, now=clock)
    newsroom.set_sources(sources())
    newsroom.set_topics([("ozg", "OZG", "Online-Dienste")])
    return newsroom


def save_all(newsroom: Newsroom, items: Sequence[Article]) -> list[Saved]:
    """The same as a backfill does: large pieces, each one transaction."""
    saved = []
    for at in range(0, len(items), BATCH):
        saved += newsroom.save_all(items[at : at + BATCH])
    return saved


# --- saving --------------------------------------------------------------------------------


def raw_rows(items: Sequence[Article]) -> list[tuple[object, ...]]:
    """The rows that saving writes into ``items``, ready made."""
    stamp = START.isoformat(timespec="seconds")
    return [
        (*article_values(item), item.content_hash(), 1, stamp, stamp, stamp, None, number)
        for number, item in enumerate(items, 1)
    ]


def raw_insert(newsroom: Newsroom, rows: Sequence[tuple[object, ...]]) -> None:
    columns = (
        *ARTICLE_COLUMNS, "content_hash", "version", "first_seen", "last_seen", "changed_at",
        "run_id", "change_seq",
    )  # fmt: skip
    with newsroom.batch() as connection:
        connection.executemany(
            f"INSERT INTO items ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            rows,
        )


def saving(writer: Writer, count: int, rounds: int) -> dict[str, Any]:
    """Saving new items in a batch beside ``executemany`` of the same rows in one transaction."""
    items = articles(writer, range(count))
    rows = raw_rows(items)
    ours, raw, corrected = [], [], []
    for _ in range(2 * rounds):
        with tempfile.TemporaryDirectory() as name, opened(Path(name), "a", Clock()) as newsroom:
            raw.append(seconds(lambda: raw_insert(newsroom, rows)))
        with tempfile.TemporaryDirectory() as name, opened(Path(name), "b", Clock()) as newsroom:
            ours.append(seconds(lambda: save_all(newsroom, items)))
            changed = [replace(item, body=f"Neu. {item.body}") for item in items]
            corrected.append(seconds(lambda: save_all(newsroom, changed)))  # noqa: B023
            assert newsroom.counts()["versions"] == count
    return {
        "items_per_s": round(count / min(ours)),
        "executemany_per_s": round(count / min(raw)),
        **ratio(raw, ours),
        "wanted_ratio": 0.5,
        "corrections_per_s": round(count / min(corrected)),
        "corrections_ratio": round(min(raw) / min(corrected), 3),
    }


def recrawl(writer: Writer, count: int, rounds: int) -> dict[str, Any]:
    """A crawl whose lists name everything again and one item in a hundred is corrected.

    Beside sqlite-utils' ``upsert_all`` of the same rows. Both get what they need ready made:
    the lists' addresses and hashes here, the rows there.
    """
    items = articles(writer, range(count))
    hashes = {item.url: item.content_hash()[:32] for item in items}
    ours: list[float] = []
    later: list[float] = []
    raw: list[float] = []
    with (
        tempfile.TemporaryDirectory() as name,
        opened(Path(name), "a", clock := Clock()) as store,
        opened(Path(name), "b", Clock()) as other,
    ):
        for item in items:
            store.save(item, visit=Visit(item.url, hashes[item.url], START, item_url=item.url))
        raw_insert(other, raw_rows(items))
        database = Database(other.connection, execute_plugins=False)
        names = [row[1] for row in other.connection.execute("PRAGMA table_info(items)")]
        rows = [
            dict(zip(names, row, strict=True))
            for row in other.connection.execute("SELECT * FROM items")
        ]
        for turn in range(rounds):
            for hours, into in ((1, ours), (24, later)):
                clock.at += timedelta(hours=hours)
                text = f"Neu {turn} {hours}. "
                changed = [replace(item, body=text + str(item.body)) for item in items[::100]]
                for item in changed:
                    hashes[item.url] = item.content_hash()[:32]
                before = store.counts()["versions"]
                into.append(seconds(lambda: read_lists(store, items, hashes, changed)))  # noqa: B023
                assert store.counts()["versions"] == before + len(changed)  # type: ignore[operator]
            raw.append(seconds(lambda: database["items"].upsert_all(rows, pk="id")))  # type: ignore[union-attr]
    return {
        "items_per_s": round(count / min(ours)),
        "next_day_items_per_s": round(count / min(later)),
        "upsert_all_per_s": round(count / min(raw)),
        **ratio(raw, ours),
        "next_day_ratio": round(min(raw) / min(later), 1),
        "wanted_ratio": 20,
        "versions_per_change": 1,
    }


def read_lists(
    newsroom: Newsroom, items: Sequence[Article], hashes: dict[str, str], changed: list[Article]
) -> None:
    """What the spiders ask of the store: what is as before; then the corrections, one by one."""
    by_source: dict[str, list[str]] = {}
    for item in items:
        by_source.setdefault(item.source_id, []).append(item.url)
    for source_id, urls in by_source.items():
        newsroom.unchanged(source_id, {url: hashes[url] for url in urls})
    for item in changed:
        visit = Visit(item.url, hashes[item.url], START, item_url=item.url)
        assert newsroom.save(item, visit=visit) is Saved.CHANGED


# --- near-duplicates -----------------------------------------------------------------------


def scattered(words: list[str], writer: Writer, seed: int) -> list[str]:
    """One word in ten replaced, anywhere."""
    chance = random.Random(seed)
    places = chance.sample(range(len(words)), len(words) // 10)
    for place, word in zip(places, writer.words(("edit", seed), len(places)), strict=True):
        words[place] = word
    return words


def one_block(words: list[str], writer: Writer, seed: int) -> list[str]:
    """One stretch of a tenth of the words replaced."""
    length = len(words) // 10
    at = random.Random(seed).randrange(len(words) - length)
    return [*words[:at], *writer.words(("block", seed), length), *words[at + length :]]


def near_duplicates(writer: Writer, count: int, rounds: int) -> dict[str, Any]:
    """Clusters in the database beside datasketch's signatures and look-up in memory.

    A third of the items are reprints by another office; half of these under its own press
    contact instead of the first one's.
    """
    third = count // 3
    items, pairs = [], {}
    for number in range(third):
        office = number % OFFICES
        other = (office + 1) % OFFICES
        items.append(article(number, writer.body(number, office), office=office))
        edit = scattered if number % 2 else one_block
        words = edit(writer.words(number, WORDS_IN_ITEM), writer, number)
        own_contact = number % 4 > 1
        contact = writer.contact(other if own_contact else office)
        reprint = article(number + third, joined(words) + "\n" + contact, office=other)
        pairs[items[-1].url, reprint.url] = (edit.__name__, own_contact)
        items.append(reprint)
    items += articles(writer, range(2 * third, count))
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds):
        clusters: dict[int, list[str]] = {}
        with tempfile.TemporaryDirectory() as name, opened(Path(name), "a", Clock()) as newsroom:
            save_all(newsroom, items)
            before = size(newsroom)
            ours.append(seconds(lambda: update_clusters(newsroom)))
            bytes_an_item = (size(newsroom) - before) / len(items)
            for item in newsroom.items():
                if item.cluster_id is not None:
                    clusters.setdefault(item.cluster_id, []).append(item.article.url)
        if (took := datasketch_seconds(items)) is not None:
            theirs.append(took)
    found = {
        pair
        for urls in clusters.values()
        for pair in itertools.permutations(urls, 2)
        if pair[0] < pair[1]
    }
    wanted = {tuple(sorted(pair)): kind for pair, kind in pairs.items()}
    recall = {
        f"recall_{edit}{'_other_contact' * own_contact}": round(
            sum(pair in found for pair, of in wanted.items() if of == (edit, own_contact))
            / sum(of == (edit, own_contact) for of in wanted.values()),
            4,
        )
        for edit, own_contact in itertools.product(("scattered", "one_block"), (False, True))
    }
    return {
        "items": len(items),
        "items_per_s": round(len(items) / min(ours)),
        "datasketch_per_s": round(len(items) / min(theirs)) if theirs else "not installed",
        **(ratio(theirs, ours) if theirs else {}),
        "wanted_ratio": 2.2,
        **recall,
        "precision": round(len(found & wanted.keys()) / max(1, len(found)), 4),
        "bytes_an_item": round(bytes_an_item),
    }


def size(newsroom: Newsroom) -> int:
    """Bytes of the file without its free pages."""
    newsroom.connection.execute("VACUUM")
    pages, free, of = (
        newsroom.connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * of)


def plain_pairs(text: str) -> frozenset[str]:
    """Word pairs as one writes them down at first."""
    return frozenset(map(" ".join, itertools.pairwise(re.findall(r"\w+", text.lower()))))


def datasketch_seconds(items: Sequence[Article]) -> float | None:
    """Near-duplicates by the same word pairs, held in memory by datasketch; None without it.

    What it finds is confirmed exactly, as ours is: it promises candidates only.
    """
    if importlib.util.find_spec("datasketch") is None:
        return None
    from datasketch import MinHash, MinHashLSH  # type: ignore[import-not-found]

    def work() -> None:
        index = MinHashLSH(threshold=THRESHOLD, num_perm=128)
        texts = [plain_pairs(compared_text(item.teaser, item.body)) for item in items]
        for number, text in enumerate(texts):
            signature = MinHash(num_perm=128)
            signature.update_batch([pair.encode() for pair in text])
            for other in index.query(signature):
                common = len(text & texts[other])
                assert common / (len(text) + len(texts[other]) - common) <= 1
            index.insert(number, signature)

    return seconds(work)


# --- publishing, memory --------------------------------------------------------------------


def tag_all(newsroom: Newsroom) -> None:
    tag = Tag("topic", "ozg", 0.9, "model", ("Antrag",))
    state = Tag("state", "DE-NW", 0.9, "model")
    newsroom.set_taggings(
        Tagging(item.id, item.content_hash, "model", (tag, state), (), review=False)
        for item in newsroom.items()
    )


def publishing(writer: Writer, count: int) -> dict[str, Any]:
    """Publishing everything anew, the index included, then one item in a hundred.

    By the clock, since a process beside writes a large index; and by the processor time of both.
    """
    items = articles(writer, range(count))
    with tempfile.TemporaryDirectory() as name, opened(Path(name), "n", Clock()) as newsroom:
        save_all(newsroom, items)
        tag_all(newsroom)
        files = Path(name) / "archive.db", Path(name) / "search.db"
        start, used = time.perf_counter(), all_processor_time()
        publish(newsroom, *files, rebuild=True)
        took, used = time.perf_counter() - start, all_processor_time() - used
        # The first item analysed here reads the dictionary, once in a process.
        load_dictionary()
        save_all(newsroom, [replace(item, body=f"Neu. {item.body}") for item in items[::100]])
        more = seconds(lambda: publish(newsroom, *files))
        nothing = seconds(lambda: publish(newsroom, *files))
    return {
        "items_per_s": round(count / took),
        "items_per_cpu_s": round(count / used),
        "wanted_per_s": 4000,
        "changed_ms_an_item": round(1000 * (more - nothing) / len(items[::100]), 2),
        "nothing_to_do_ms": round(1000 * nothing, 1),
    }


def all_processor_time() -> float:
    """Seconds of this process and of those it started that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


#: What a process of its own does for each figure of memory, each on what the ones before left.
STAGES = ("save", "near_duplicates", "publish_anew", "change", "publish_changes")


def memory(count: int) -> dict[str, dict[str, int]]:
    """Most memory resident in each stage, in MB: so many items, twice and four times as many."""
    found: dict[str, dict[str, int]] = {stage: {} for stage in STAGES}
    for number in (count, 2 * count, 4 * count):
        with tempfile.TemporaryDirectory() as name:
            for stage in STAGES:
                done = subprocess.run(
                    [sys.executable, __file__, "--memory-of", stage, name, str(number)],
                    capture_output=True, text=True, check=True,
                )  # fmt: skip
                found[stage][f"items_{number}"] = int(done.stdout)
    return found


def memory_of(stage: str, folder: Path, count: int) -> int:
    """A stage in small pieces, as the service does it: the most memory it took, in MB.

    Of publishing that of the larger of the two processes.
    """
    files = folder / "archive.db", folder / "search.db"
    with opened(folder, "n", Clock()) as newsroom:
        if stage in ("save", "change"):
            writer, step = Writer(), 1 if stage == "save" else 3
            for at in range(0, count, BATCH):
                items = articles(writer, range(at, min(at + BATCH, count), step))
                if stage == "change":
                    items = [replace(item, body=f"Neu. {item.body}") for item in items]
                save_all(newsroom, items)
            tag_all(newsroom)
        elif stage == "near_duplicates":
            update_clusters(newsroom)
        elif stage == "publish_anew":
            publish(newsroom, *files, rebuild=True)
        else:
            publish(newsroom, *files)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return max(one.ru_maxrss for one in used) // 1024


def main() -> None:
    """Read the arguments, print the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true", help="that alone")
    parser.add_argument("--memory-of", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory_of:
        stage, folder, number = arguments.memory_of
        print(memory_of(stage, Path(folder), int(number)))  # noqa: T201
        return
    if arguments.memory:
        print(json.dumps({"resident_mb": memory(arguments.items)}, indent=1))  # noqa: T201
        return
    writer, count = Writer(), arguments.items
    result = {
        "items": count,
        "bytes_of_text": len(writer.body(1, 1).encode()),
        "batch_save": saving(writer, count, arguments.rounds),
        "recrawl": recrawl(writer, count, arguments.rounds),
        "near_duplicates": near_duplicates(writer, count, arguments.rounds),
        "publish": publishing(writer, count),
        "resident_mb": memory(count),
    }
    print(json.dumps(result, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
