"""Whatever happens, no byte of the public file holds text that its source does not let us show.

Every word of these texts occurs once in the world, so that a look into the bytes tells what leaked:
columns, indexes, free pages and logs alike.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.erasure import erase
from store.newsroom import Newsroom
from store.policy import EVIDENCE_TERMS, EVIDENCE_WORDS
from store.retention import prune
from store.types import DISPLAYS, Article, Link, Tag, Tagging
from tests.store.desk import MODEL, TOPICS, Clock, Desk, make_article, make_source

CAP = 8
WORD = re.compile(rb"z[a-z]\d+x\d+x\d+q")
SOURCES = ("eins", "zwei")


def words(letter: str, item: int, version: int, count: int) -> list[str]:
    """Words that no other field, item or version has."""
    return [f"z{letter}{item}x{version}x{number}q" for number in range(count)]


@dataclass
class Held:
    """What the test itself knows of an item."""

    source_id: str
    article: Article
    versions: list[Article]
    evidence: list[str] = field(default_factory=list)
    tagged: bool = False
    withdrawn: bool = False
    hidden: bool = False
    gone: bool = False


def article_of(number: int, version: int, source_id: str, teaser: bool) -> Article:
    return make_article(
        number + 1,
        source_id,
        kicker=" ".join(words("k", number, version, 2)),
        title=" ".join(words("h", number, version, 4)),
        teaser=" ".join(words("t", number, version, 20)) if teaser else None,
        body="\n".join(" ".join(words("b", number, version, 40)[n : n + 10]) for n in (0, 10, 20)),
        author=words("a", number, version, 1)[0],
        image=f"https://{source_id}.example/{words('i', number, version, 1)[0]}",
        links=(
            Link(
                f"https://{source_id}.example/link",
                " ".join(words("l", number, version, 3)),
                teaser=" ".join(words("m", number, version, 20)),
            ),
        ),
    )


def allowed(held: Held, display: str) -> set[str]:
    """The words of an item that may be in the public file, reckoned anew from the rules."""
    if held.gone or held.hidden:
        return set()
    shown: set[str] = set()
    for number, article in enumerate(held.versions):
        present = number == len(held.versions) - 1
        if not present and held.withdrawn:
            continue
        most = display
        if held.withdrawn and most != "link":
            most = "headline"
        if held.article.reservation and most == "full":
            most = "teaser"
        if most == "link":
            continue
        shown |= set(f"{article.kicker} {article.title} {article.author}".split())
        link = article.links[0]
        if present and not held.withdrawn:
            shown |= set(link.title.split())
        if most == "headline":
            continue
        shown |= set((article.teaser or article.body or "").split()[:CAP])
        if present:
            shown |= set((link.teaser or "").split()[: CAP if most == "teaser" else 99])
        if most == "full":
            shown |= set(f"{article.teaser or ''} {article.body}".split())
            shown.add((article.image or "").rpartition("/")[2])
    if held.tagged:
        for term in held.evidence[:EVIDENCE_TERMS]:
            shown |= set(term.split()[:EVIDENCE_WORDS])
    return shown


class Life:
    """A newsroom to which things happen, and what ought to be seen of it."""

    def __init__(self, folder: Path, newsroom: Newsroom, clock: Clock) -> None:
        self.desk = Desk(newsroom, clock, folder)
        self.newsroom = newsroom
        self.displays = dict.fromkeys(SOURCES, "full")
        self.held: list[Held] = []
        newsroom.set_topics(TOPICS)
        self.set_sources()

    def set_sources(self) -> None:
        self.newsroom.set_sources(
            make_source(source_id, display=display) for source_id, display in self.displays.items()
        )

    def number(self, held: Held) -> int:
        item = self.newsroom.item_by_url(held.article.url)
        assert item is not None
        return item.id

    def act(self, what: str, which: int, how: int) -> None:
        """One thing that happens, to the item or source of that number."""
        self.desk.clock.move(minutes=1)
        if what == "policy":
            self.displays[SOURCES[which % 2]] = DISPLAYS[how % 4]
            self.set_sources()
        elif what == "publish":
            self.desk.publish(teaser_words=CAP, rebuild=how % 4 == 0)
        elif what == "new" or not self.held:
            source_id = SOURCES[which % 2]
            article = article_of(len(self.held), 0, source_id, teaser=how % 2 == 0)
            self.newsroom.save(article)
            self.held.append(Held(source_id, article, [article]))
        else:
            held = self.held[which % len(self.held)]
            if not held.gone:
                self.change(what, held, how)

    def change(self, what: str, held: Held, how: int) -> None:
        number = self.held.index(held)
        if what == "correct":
            held.article = replace(
                article_of(number, len(held.versions), held.source_id, teaser=how % 2 == 0),
                url=held.article.url,
                reservation=held.article.reservation,
            )
            self.newsroom.save(held.article)
            held.versions.append(held.article)
            held.withdrawn = False  # but tagged as before, with its reasons, until it is anew
        elif what == "reserve" and not held.withdrawn:
            held.article = replace(held.article, reservation="meta" if how % 3 else None)
            self.newsroom.save(held.article)
        elif what == "withdraw":
            self.newsroom.withdraw(held.source_id, held.article.url, reason="HTTP 410")
            held.withdrawn = True
        elif what == "tag":
            item = self.newsroom.item(self.number(held))
            assert item is not None
            body = (held.article.body or "").split()
            held.evidence = [" ".join(body[at : at + 5]) for at in range(0, 30, 3)]
            tag = Tag("topic", "ozg", 0.9, MODEL, tuple(held.evidence))
            self.newsroom.set_taggings(
                [Tagging(item.id, item.content_hash, MODEL, (tag,), (), review=False)]
            )
            held.tagged = True
        elif what == "hide":
            item_id = self.number(held)
            seen = self.newsroom.word(item_id, "hidden")
            held.hidden = how % 3 > 0
            self.newsroom.correct(item_id, "hidden", held.hidden, editor="anna", expected=seen)
        elif what == "erase":
            erase(self.newsroom, self.number(held), reason="Antrag")
            held.gone = True
        elif what == "prune":
            self.desk.clock.move(days=1)
            prune(self.newsroom, days=90)

    def check(self) -> None:
        """Publish and look at every byte."""
        self.desk.publish(teaser_words=CAP)
        right = set[str]().union(*(allowed(h, self.displays[h.source_id]) for h in self.held))
        for path in self.desk.folder.glob("archive.db*"):
            found = {match.decode() for match in WORD.findall(path.read_bytes())}
            assert found <= right, (path.name, sorted(found - right)[:5])


ACTS = st.tuples(
    st.sampled_from(
        ["new", "new", "correct", "reserve", "withdraw", "tag", "hide", "erase", "policy", "policy",
         "publish", "publish", "prune"]
    ),
    st.integers(0, 5),
    st.integers(0, 11),
)  # fmt: skip


@settings(
    max_examples=15, deadline=timedelta(seconds=30), suppress_health_check=[HealthCheck.too_slow]
)
@given(st.lists(ACTS, min_size=4, max_size=25))
def test_no_byte_of_private_text_is_public(acts: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        clock = Clock()
        with Newsroom(Path(name) / "newsroom.db", now=clock) as newsroom:
            life = Life(Path(name), newsroom, clock)
            life.act("new", 0, 0)
            for act in acts:
                life.act(*act)
            life.check()


def test_the_look_into_the_bytes_finds_what_is_there(tmp_path: Path) -> None:
    """The test above could not fail if it saw nothing: all that is allowed is seen, no less."""
    clock = Clock()
    with Newsroom(tmp_path / "newsroom.db", now=clock) as newsroom:
        life = Life(tmp_path, newsroom, clock)
        for what, which, how in (("new", 0, 0), ("new", 1, 1), ("policy", 1, 2), ("tag", 0, 0)):
            life.act(what, which, how)
        life.check()
        right = set[str]().union(*(allowed(h, life.displays[h.source_id]) for h in life.held))
        content = life.desk.archive.read_bytes()
        assert {match.decode() for match in WORD.findall(content)} == right
        assert len(right) > 80
