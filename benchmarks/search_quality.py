"""How well German queries are answered, beside plain FTS5 and Snowball: one JSON object.

    python benchmarks/search_quality.py [--misses]

The queries and what answers them stand in ``search_queries.toml``. They are put to the sample press
and to one generated item for each judged form, saved in a newsroom and published; the same public
texts go into a plain FTS5 table (unicode61) and, where ``snowballstemmer`` can be imported, into
one of German stems. An item is relevant if a judged form stands in it as a word or as the part of
one with hyphens, in any case of letters. Recall is over all that is found, precision over the first
ten by relevance; both are means over the queries of a category. ``--misses`` names what was missed
and what was found wrongly.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sqlite3
import sys
import tempfile
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from radar.sample.press import SamplePress  # noqa: E402
from store.german import written_words  # noqa: E402
from store.marks import Terms  # noqa: E402
from store.newsroom import Newsroom  # noqa: E402
from store.publish import publish  # noqa: E402
from store.search import Query, Search  # noqa: E402
from store.types import Article, PublicationDate, Source  # noqa: E402

QUERIES = Path(__file__).with_name("search_queries.toml")
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
FIRST = 10
#: What the judged forms stand in; none of its words is asked for.
FRAMES = (
    "Notiz {number}: {form}",
    "Unter der Überschrift {form} steht hier eine kurze Notiz.",
    "Hinweis am Nachmittag ({form}), mehr folgt",
)
Ask = Callable[[str], list[int]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A query with the forms that answer it."""

    category: str
    text: str
    forms: tuple[str, ...]
    others: tuple[str, ...]

    def relevant(self, texts: dict[int, str]) -> set[int]:
        forms = "|".join(re.escape(_folded(form)).replace(r"\*", r"\w*") for form in self.forms)
        # The part of a word with a hyphen is one: a KI-Register is a register.
        form = re.compile(rf"(?<!\w)(?:{forms})(?!\w)")
        refused = {_folded(other) for other in self.others if " -" in self.text}
        return {
            number
            for number, text in texts.items()
            if form.search(text) and not any(other in text for other in refused)
        }


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFC", text).replace("\u00ad", "")
    return " ".join(text.casefold().replace("‑", "-").replace("‐", "-").split())


def load_queries() -> list[Judged]:
    tables: dict[str, dict[str, dict[str, str]]] = tomllib.loads(
        QUERIES.read_text(encoding="utf-8")
    )
    return [
        Judged(category, text, tuple(row["yes"].split("|")), tuple(row["no"].split("|")))
        for category, rows in tables.items()
        for text, row in rows.items()
    ]


def articles(queries: list[Judged]) -> Iterator[Article]:
    """The sample press, then an item for every judged form."""
    press = SamplePress(NOW)
    for source_id, stories in press.items.items():
        for story in stories:
            yield Article(
                source_id="presse",
                url=f"https://presse.example/{source_id}/{story.slug}",
                kind=story.kind,
                title=story.title,
                fetched_at=NOW,
                kicker=story.kicker,
                teaser=story.teaser,
                body="\n".join(story.body),
                published=PublicationDate(story.published(NOW), False, "x"),
            )
    forms = dict.fromkeys(
        form for query in queries for form in (*query.forms, *query.others) if "*" not in form
    )
    for number, form in enumerate(forms):
        frame = FRAMES[number % len(FRAMES)].format(form=form, number=number)
        title, teaser = (frame, "Kurz notiert.") if number % 2 else ("Kurz notiert", frame)
        yield Article(
            source_id="presse",
            url=f"https://presse.example/notiz/{number}",
            kind="article",
            title=title,
            fetched_at=NOW,
            teaser=teaser,
            published=PublicationDate(NOW - timedelta(days=400, minutes=number), False, "x"),
        )


def fill(folder: Path, queries: list[Judged]) -> None:
    """Save everything in a newsroom and publish it."""
    source = Source(
        id="presse", name="Presse", publisher="Presse", homepage="https://presse.example/",
        kind="feed", url="https://presse.example/feed", licence="official", display="full",
        relevance="all", schedule="adaptive", reference="https://presse.example/", land=None,
        checked="2026-02-01",
    )  # fmt: skip
    with Newsroom(folder / "newsroom.db", now=lambda: NOW) as newsroom:
        newsroom.set_sources([source])
        with newsroom.batch():
            for article in articles(queries):
                newsroom.save(article)
        publish(newsroom, folder / "archive.db", folder / "search.db")


def public_texts(archive: Path) -> dict[int, str]:
    connection = sqlite3.connect(archive)
    rows = connection.execute("SELECT id, kicker, title, teaser, body FROM items").fetchall()
    connection.close()
    return {row[0]: "\n".join(filter(None, row[1:])) for row in rows}


def bare_engine(texts: dict[int, str], stem: Callable[[str], str] | None) -> Ask:
    """A plain FTS5 table of the texts, of their stems if ``stem`` is given."""
    table = sqlite3.connect(":memory:")
    table.execute("CREATE VIRTUAL TABLE bare USING fts5(text)")
    word = re.compile(r"\w+")

    def stemmed(text: str) -> str:
        return text if stem is None else word.sub(lambda found: stem(found[0].lower()), text)

    table.executemany(
        "INSERT INTO bare (rowid, text) VALUES (?, ?)",
        ((number, stemmed(text)) for number, text in texts.items()),
    )

    def ask(text: str) -> list[int]:
        wanted: list[str] = []
        refused: list[str] = []
        either = False
        for minus, phrase, plain in re.findall(r'(-(?=\w))?(?:["„“](.+?)["“”]|(\S+))', text):
            if plain in ("OR", "ODER"):
                either = True
                continue
            words = word.findall(phrase or plain)
            if not words:
                continue
            quoted = '"' + " ".join(stemmed(one) for one in words) + '"'
            quoted += "*" if plain.endswith("*") else ""
            if minus:
                refused.append(quoted)
            elif either:
                wanted[-1] = f"({wanted[-1]} OR {quoted})"
            else:
                wanted.append(quoted)
            either = False
        expression = " AND ".join(wanted) + "".join(f" NOT {one}" for one in refused)
        rows = table.execute(
            "SELECT rowid FROM bare WHERE bare MATCH ? ORDER BY rank", (expression,)
        )
        return [row[0] for row in rows]

    return ask


def snowball() -> Callable[[str], str] | None:
    """The German stemmer, if it is installed."""
    try:
        module = importlib.import_module("snowballstemmer")
    except ImportError:
        return None
    stem: Callable[[str], str] = module.stemmer("german").stemWord
    return stem


def measure(
    ask: Ask, queries: list[Judged], relevant: dict[str, set[int]], texts: dict[int, str], *,
    misses: bool
) -> dict[str, Any]:  # fmt: skip
    scores: dict[str, list[tuple[float, float]]] = {}
    for query in queries:
        right = relevant[query.text]
        found = ask(query.text)
        recall = len(right & set(found)) / len(right) if right else 1.0
        first = found[:FIRST]
        precision = len(right & set(first)) / len(first) if first else 0.0
        scores.setdefault(query.category, []).append((recall, precision))
        if misses and (recall < 1 or set(found) - right):
            missed = [texts[number] for number in sorted(right - set(found))]
            _tell(query, missed, [texts[number] for number in found if number not in right], ask)
    scores["all"] = [score for group in scores.values() for score in group]
    return {
        category: {
            "queries": len(group),
            "recall": round(sum(score[0] for score in group) / len(group), 3),
            f"precision_at_{FIRST}": round(sum(score[1] for score in group) / len(group), 3),
        }
        for category, group in scores.items()
    }


def _tell(query: Judged, missed: list[str], wrong: list[str], ask: Ask) -> None:
    sys.stderr.write(f"{query.category}: {query.text}\n")
    forms = re.compile("|".join(map(re.escape, query.forms)), re.IGNORECASE)
    for text in missed:
        sys.stderr.write(f"   missed: {sorted(set(forms.findall(text)))}\n")
    for text in wrong:
        keys = Terms(ask.terms)  # type: ignore[attr-defined]
        words = {word[0] for word in written_words(text) if keys.match(word[0])}
        sys.stderr.write(f"   wrong: {sorted(words)}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--misses", action="store_true", help="name them on stderr")
    chosen = parser.parse_args()
    queries = load_queries()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, queries)
        texts = public_texts(folder / "archive.db")
        folded = {number: _folded(text) for number, text in texts.items()}
        relevant = {query.text: query.relevant(folded) for query in queries}
        report: dict[str, Any] = {"items": len(texts), "queries": len(queries)}
        with Search(folder / "search.db", folder / "archive.db") as search:

            def ours(text: str) -> list[int]:
                results = search.run(Query(text, order="relevance", limit=len(texts)))
                ours.terms = results.terms  # type: ignore[attr-defined]
                return [hit.item_id for hit in results.hits]

            report["kommunalradar"] = measure(ours, queries, relevant, texts, misses=chosen.misses)
        report["plain_fts5"] = measure(
            bare_engine(texts, None), queries, relevant, texts, misses=False
        )
        stem = snowball()
        report["snowball_fts5"] = (
            measure(bare_engine(texts, stem), queries, relevant, texts, misses=False)
            if stem
            else "snowballstemmer is not installed"
        )
    sys.stdout.write(json.dumps(report, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
