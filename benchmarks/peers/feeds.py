"""Other projects' feed tests, read by our reader: counts of agreement, and what differs and why.

    python benchmarks/peers/feeds.py feedparser FOLDER    # …/feedparser/tests
    python benchmarks/peers/feeds.py gofeed FOLDER        # …/gofeed/testdata/translator
    python benchmarks/peers/feeds.py feedvalidator FOLDER # …/feedvalidator/testcases

README.md beside this file says how to get the folders. Their expectations are compared where the
fields correspond, as we keep them: plain text instead of HTML, canonical addresses, aware times.
``--show CLASS`` prints the differing cases of one class.
"""

from __future__ import annotations

import argparse
import ast
import html
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from crawler.dates import parse_date  # noqa: E402
from crawler.feeds import FeedError, parse_feed  # noqa: E402
from crawler.text import html_to_text  # noqa: E402
from crawler.types import Entry, EntryList  # noqa: E402
from crawler.urls import UrlError, canonical_url  # noqa: E402

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
#: where feedparser's own tests pretend that a feed came from
URL = "http://127.0.0.1:8097/"
#: given to entries that have no address, since we keep none without
ADDED = "http://added.example/entry"

_ENTRY_START = re.compile(rb"<(\w+:)?(item|entry)(?:\s[^<>]*)?>")
_HEADER = re.compile(r"^Header:\s+([^:]+):(.*)$", re.MULTILINE)
_EXPECT = re.compile(r"Expect:\s*(.*?)\s*-->", re.DOTALL)


@dataclass
class Tally:
    """How many comparisons agreed, and the others by the reason why they do not."""

    passed: int = 0
    files: int = 0
    differing: dict[str, list[str]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)

    def differ(self, reason: str, case: str) -> None:
        self.differing.setdefault(reason, []).append(case)

    def report(self) -> dict[str, object]:
        return {
            "files": self.files,
            "comparisons passed": self.passed,
            "comparisons that differ": {
                reason: len(cases) for reason, cases in sorted(self.differing.items())
            },
            "left out": dict(self.left_out.most_common()),
        }


def plain(text: object) -> str:
    """A text of theirs as we would keep it: no markup, one kind of white space."""
    return " ".join((html_to_text(str(text)) or "").split())


def bare(text: object) -> str:
    """As ``plain``, with what was escaped twice undone once more, for texts about markup."""
    return plain(html.unescape(plain(text)))


def address(url: object) -> str | None:
    try:
        return canonical_url(str(url), URL)
    except UrlError:
        return None


# --- feedparser ----------------------------------------------------------------------------


def feedparser_suite(folder: Path, tally: Tally) -> None:
    """Each file's comment holds a Python expression over feedparser's result."""
    for path in sorted(folder.rglob("*.xml")):
        body = path.read_bytes()
        text = decoded(body)
        match = _EXPECT.search(text)
        if match is None:
            continue
        tally.files += 1
        case = str(path.relative_to(folder))
        headers = {name.lower(): value.strip() for name, value in _HEADER.findall(text)}
        url = headers.get("content-location", URL)
        url = url if url.startswith("http") else URL
        try:
            found = read(body, url, headers.get("content-type"))
        except FeedError as error:
            tally.differ(refusal(str(error)), f"{case}: {error}")
            continue
        for clause in clauses(match[1]):
            judge_clause(clause, found, case, tally)


def refusal(message: str) -> str:
    for part in ("entities", "none of its", "gzip", "HTML page", "no feed", "empty", "larger"):
        if part in message:
            return f"refused: {part}"
    return "refused"


def decoded(body: bytes) -> str:
    for mark, encoding in (
        (b"\x00\x00\xfe\xff", "utf-32-be"), (b"\xff\xfe\x00\x00", "utf-32-le"),
        (b"\x00\x00\x00<", "utf-32-be"), (b"<\x00\x00\x00", "utf-32-le"),
        (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"),
        (b"\x00<", "utf-16-be"), (b"<\x00", "utf-16-le"),
    ):  # fmt: skip
        if body.startswith(mark):
            return body.decode(encoding, "ignore")
    return body.decode("utf-8", "ignore")


def read(body: bytes, url: str, content_type: str | None = None) -> EntryList:
    """Our reading; entries that it leaves out for want of an address are given one."""
    try:
        found = parse_feed(body, url, now=NOW, content_type=content_type)
    except FeedError as error:
        if "it has no link" not in str(error):
            raise
    else:
        if not any("it has no link" in line for line in found.skipped):
            return found
    numbers = count(1)
    return parse_feed(
        _ENTRY_START.sub(lambda start: start[0] + _link(start, next(numbers)), body),
        url,
        now=NOW,
        content_type=content_type,
    )


def _link(start: re.Match[bytes], number: int) -> bytes:
    prefix, name = start[1] or b"", start[2]
    link = f"{ADDED}{number}".encode()
    if name == b"entry":
        return b'<%slink rel="alternate" href="%s"/>' % (prefix, link)
    return b"<%slink>%s</%slink>" % (prefix, link, prefix)


def clauses(expression: str) -> Iterator[ast.expr]:
    tree = ast.parse(expression.strip(), mode="eval").body
    if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And):
        yield from tree.values
    else:
        yield tree


def judge_clause(clause: ast.expr, found: EntryList, case: str, tally: Tally) -> None:
    if not (isinstance(clause, ast.Compare) and isinstance(clause.ops[0], ast.Eq)):
        tally.left_out["no comparison with a value"] += 1
        return
    path = re.sub(r"\.(\w+)", r"['\1']", ast.unparse(clause.left))
    path = re.sub(r"['\"\]]", "", path).replace("[", ".")
    try:
        wanted = ast.literal_eval(clause.comparators[0])
    except ValueError:
        tally.left_out["no comparison with a value"] += 1
        return
    answer = ours(path, wanted, found)
    if answer is None:
        tally.left_out["no field of ours"] += 1
    elif answer[0]:
        tally.passed += 1
    else:
        tally.differ(answer[1], f"{case}: {path} wanted {wanted!r}, got {answer[2]!r}")


def ours(path: str, wanted: Any, found: EntryList) -> tuple[bool, str, object] | None:
    """Whether our field at one of their paths agrees; None where we have no such field."""
    place, _, name = path.partition(".")
    if place == "feed":
        head = {"title": found.title, "title_detail.value": found.title}
        head |= {
            f"{key}{end}": found.teaser
            for key in ("subtitle", "tagline", "description")
            for end in ("", "_detail.value")
        }
        return texts(name, wanted, (head[name],)) if name in head else None
    if place != "entries":
        return None
    number, _, name = name.partition(".")
    if not number.isdigit() or int(number) >= len(found.entries):
        return (False, "entry lost", found.skipped) if number.isdigit() else None
    return entry_field(name, wanted, found.entries[int(number)])


def entry_field(name: str, wanted: Any, entry: Entry) -> tuple[bool, str, object] | None:
    texts_of = (entry.teaser, entry.body, entry.title)
    if name in ("title", "title_detail.value"):
        return texts(name, wanted, (entry.title,))
    if re.fullmatch(r"(summary|description)(_detail\.value)?|content\.\d+\.value", name):
        return texts(name, wanted, texts_of)
    if name == "link":
        return entry.url == address(wanted), "link", entry.url
    if name in ("id", "guid"):
        return entry.guid == plain(wanted), "guid: ours is kept as written", entry.guid
    if name in ("author", "author_detail.name", "authors.0.name"):
        names = (entry.author or "").split(", ")
        # an address is no name; and where one of several was the wish, we have them all
        fits = re.sub(r" \([^)]*@[^)]*\)", "", plain(wanted)) in (entry.author, *names)
        return fits, "author", entry.author
    if name in ("published", "updated", "created", "issued", "modified", "date"):
        raw = (entry.published.raw if entry.published else None, entry.modified)
        return wanted in raw, "date as written", raw
    if name in (
        "published_parsed",
        "updated_parsed",
        "created_parsed",
        "date_parsed",
    ) and isinstance(wanted, tuple):
        moment = datetime(*wanted[:6]).replace(tzinfo=UTC)
        known = [entry.published.at] if entry.published else []
        if entry.modified and (changed := parse_date(entry.modified, now=NOW)):
            known.append(changed.at)
        return moment in known, "date", (str(known), entry.modified)
    if name in ("category", "tags.0.term"):
        fits = plain(wanted) == entry.section
        return fits, "section: ours is the label, not the term", entry.section
    if name in ("image.href", "media_thumbnail.0.url"):
        return entry.image == address(wanted), "image", entry.image
    return None


def texts(name: str, wanted: object, ours: tuple[str | None, ...]) -> tuple[bool, str, object]:
    known = [" ".join(text.split()) for text in ours if text]
    fits = not plain(wanted) or plain(wanted) in known or bare(wanted) in known
    return fits, name.partition(".")[0].replace("_detail", ""), known


# --- gofeed --------------------------------------------------------------------------------


def gofeed_suite(folder: Path, tally: Tally) -> None:
    """Pairs: a feed, and what the universal translator makes of it."""
    for pair in sorted(folder.rglob("*.json")):
        path = pair.with_suffix(".xml")
        if pair.stem.endswith("_expected"):
            path = pair.with_stem(pair.stem.removesuffix("_expected"))
        if not path.exists():
            continue
        tally.files += 1
        case = str(path.relative_to(folder))
        wanted = json.loads(pair.read_text(encoding="utf-8"))
        body = path.read_bytes()
        try:
            found = read(body, URL)
        except FeedError as error:
            tally.differ(refusal(str(error)), f"{case}: {error}")
            continue
        pairs = [("feed.title", wanted.get("title")), ("feed.subtitle", wanted.get("description"))]
        for number, item in enumerate(wanted.get("items") or ()):
            pairs += [(f"entries.{number}.{name}", value) for name, value in gofeed_item(item)]
        for name, value in pairs:
            if value is None:
                continue
            answer = ours(name, value, found)
            if answer is None:
                tally.left_out["no field of ours"] += 1
            elif answer[0]:
                tally.passed += 1
            else:
                tally.differ(answer[1], f"{case}: {name} wanted {value!r}, got {answer[2]!r}")


def gofeed_item(item: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for theirs, name in {
        "title": "title", "description": "summary", "content": "content.0.value", "link": "link",
        "guid": "id", "published": "published", "updated": "updated",
    }.items():  # fmt: skip
        yield name, item.get(theirs)
    for theirs in ("publishedParsed", "updatedParsed"):
        if moment := item.get(theirs):
            at = datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(UTC)
            yield "published_parsed", tuple(at.timetuple())[:6]
    for person in (item.get("authors") or [])[:1]:
        yield "author", person.get("name")
    yield "tags.0.term", next(iter(item.get("categories") or ()), None)
    yield "image.href", (item.get("image") or {}).get("url")


# --- W3C -----------------------------------------------------------------------------------


def feedvalidator_suite(folder: Path, tally: Tally) -> None:
    """Most of these are broken on purpose: each is read, or refused in one line."""
    for path in sorted(folder.rglob("*.xml")):
        tally.files += 1
        case = str(path.relative_to(folder))
        try:
            parse_feed(path.read_bytes(), URL, now=NOW)
            tally.passed += 1
        except FeedError as error:
            tally.left_out[refusal(str(error))] += 1
            if "\n" in str(error) or len(str(error)) > 400:
                tally.differ("refused in more than a line", case)
        except Exception as error:  # noqa: BLE001 - any other exception is what this looks for
            tally.differ(f"exception {type(error).__name__}", f"{case}: {error}")


SUITES = {
    "feedparser": feedparser_suite,
    "gofeed": gofeed_suite,
    "feedvalidator": feedvalidator_suite,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite", choices=SUITES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", help="print the cases of one class of differences")
    arguments = parser.parse_args()
    tally = Tally()
    SUITES[arguments.suite](arguments.folder, tally)
    for case in tally.differing.get(arguments.show or "", ()):
        print(case)  # noqa: T201
    print(json.dumps({arguments.suite: tally.report()}, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
