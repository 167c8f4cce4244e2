"""Near-duplicates: reprints cluster, forms and titles do not; clusters follow their items."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

import store.duplicates
import store.resemblance
from store.clusters import Member, choose_primary
from store.duplicates import cluster_of, update_clusters
from store.resemblance import BANDS, band_keys, compared_text, same_text, word_pairs
from store.schema import StoreError
from store.types import Article
from tests.store.desk import Desk, make_article, make_source

WORDS = [f"wort{number}" for number in range(4000)]


def invented(seed: int, length: int = 180) -> list[str]:
    """Words drawn with the frequencies of language: few are common, most are rare."""
    chance = random.Random(seed)
    return [WORDS[min(3999, int(chance.paretovariate(0.6)))] for _ in range(length)]


def edited(words: list[str], share: float, seed: int = 0) -> str:
    """The text with that share of its words replaced, here and there."""
    chance = random.Random(seed)
    return " ".join(f"neu{chance.random()}" if chance.random() < share else w for w in words)


def clusters(desk: Desk) -> set[frozenset[int]]:
    """The clusters as sets of item numbers, after bringing them up to date."""
    update_clusters(desk.newsroom)
    found: dict[int, set[int]] = {}
    for item in desk.newsroom.items():
        if item.cluster_id is not None:
            found.setdefault(item.cluster_id, set()).add(item.id)
    held = {row[0] for row in desk.newsroom.connection.execute("SELECT id FROM clusters")}
    assert held == set(found)
    assert all(cluster_id == min(members) for cluster_id, members in found.items())
    return {frozenset(members) for members in found.values()}


def reprint(number: int, source_id: str, body: str, **changes: object) -> Article:
    return replace(
        make_article(number, source_id, url=f"https://{source_id}.example/r{number}", teaser=None),
        body=body,
        **changes,  # type: ignore[arg-type]
    )


def test_edited_reprints_of_one_release_cluster(desk: Desk) -> None:
    release = invented(1)
    half = len(release) // 2
    ids = desk.save(
        reprint(1, "stadt_a", " ".join(release), title="Stadt eröffnet Amt"),
        reprint(2, "zeitung", edited(release, 0.1), title="Neues Amt"),
        reprint(3, "kurz", " ".join([*invented(7, 20), *release[10:]]), title="Amt offen"),
        reprint(4, "verweis", " ".join(release[: half + 40]), title="Kurz gemeldet"),
        reprint(5, "rathaus", " ".join(invented(2)), title="Stadt eröffnet Amt"),
    )
    assert clusters(desk) == {frozenset(ids[:4])}
    primary = desk.newsroom.connection.execute("SELECT primary_item_id FROM clusters").fetchone()
    assert primary[0] == ids[0]


def test_titles_and_short_texts_never_cluster(desk: Desk) -> None:
    desk.save(
        *(
            reprint(n, source_id, "Siehe Anlage.", title="Bekanntmachung")
            for n, source_id in enumerate(["stadt_a", "zeitung", "kurz"], start=1)
        ),
        *(
            reprint(n, source_id, " ".join(invented(n)), title="Stellenausschreibung")
            for n, source_id in enumerate(["stadt_a", "zeitung", "kurz"], start=10)
        ),
    )
    assert clusters(desk) == set()


def test_one_sources_forms_are_not_reprints(desk: Desk) -> None:
    form = invented(3, 120)
    ids = desk.save(*(reprint(n, "stadt_a", edited(form, 0.08, n)) for n in range(4)))
    assert clusters(desk) == set()
    again = desk.save(reprint(9, "stadt_a", edited(form, 0.08, 2)))
    assert clusters(desk) == {frozenset([ids[2], *again])}


def test_a_common_footer_is_no_common_text(desk: Desk) -> None:
    footer = " ".join(invented(99, 50))
    desk.save(
        *(
            reprint(n, source_id, f"{' '.join(invented(n + 50, 120))} {footer}")
            for n, source_id in enumerate(["stadt_a", "zeitung", "kurz", "verweis"])
        )
    )
    assert clusters(desk) == set()


def test_one_page_in_two_lists_is_one(desk: Desk) -> None:
    one = make_article(1, url="https://x.example/1", body="Kurz.", teaser=None)
    ids = desk.save(one, replace(one, source_id="zeitung", title="Anders"))
    assert clusters(desk) == {frozenset(ids)}


def test_clusters_merge_split_and_vanish(desk: Desk) -> None:
    first = invented(1, 160)
    far = " ".join([*first[80:], *invented(5, 80)])
    (a,) = desk.save(reprint(1, "stadt_a", " ".join(first)))
    (b,) = desk.save(reprint(2, "zeitung", far))
    assert clusters(desk) == set()
    bridge = reprint(3, "kurz", " ".join([*first[40:], *invented(5, 40)]))
    (c,) = desk.save(bridge)
    assert clusters(desk) == {frozenset([a, b, c])}
    desk.newsroom.withdraw("kurz", bridge.url, reason="HTTP 410")
    assert clusters(desk) == set()
    desk.save(bridge)
    assert clusters(desk) == {frozenset([a, b, c])}
    desk.save(replace(bridge, body=" ".join(first)))
    assert clusters(desk) == {frozenset([a, c])}
    desk.newsroom.withdraw("stadt_a", reprint(1, "stadt_a", "").url, reason="HTTP 410")
    assert clusters(desk) == set()
    left = desk.newsroom.connection.execute(
        "SELECT count(*) FROM bands WHERE item_id = ?", (a,)
    ).fetchone()
    assert left[0] == 0


@pytest.mark.parametrize("seed", range(4))
def test_step_by_step_gives_the_same_clusters_as_at_once(
    desk: Desk, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.duplicates, "PAGE", 5)
    chance = random.Random(seed)
    bases = [invented(n) for n in range(4)]
    articles: list[Article] = []
    for step in range(40):
        body = edited(chance.choice(bases), chance.choice([0.02, 0.1, 0.5]), step)
        source_id = chance.choice(["stadt_a", "zeitung", "kurz", "verweis"])
        if articles and chance.random() < 0.3:
            index = chance.randrange(len(articles))
            articles[index] = replace(articles[index], body=body)
            desk.save(articles[index])
        elif articles and chance.random() < 0.1:
            gone = chance.choice(articles)
            desk.newsroom.withdraw(gone.source_id, gone.url, reason="HTTP 404")
        else:
            articles.append(reprint(step, source_id, body))
            desk.save(articles[-1])
        if step % 3 == 0:
            update_clusters(desk.newsroom)
    grown = clusters(desk)
    assert grown
    with desk.newsroom.batch() as connection:
        connection.execute("DELETE FROM signatures")
        connection.execute("DELETE FROM bands")
        connection.execute("DELETE FROM clusters")
        connection.execute("UPDATE items SET cluster_id = NULL")
        connection.execute("DELETE FROM counters WHERE name = 'clustered'")
    assert clusters(desk) == grown


def test_without_changes_nothing_is_written(desk: Desk) -> None:
    release = invented(1)
    desk.save(*(reprint(1, s, " ".join(release)) for s in ("stadt_a", "zeitung")))
    clusters(desk)
    change = desk.newsroom.counts()["change"]
    writes = desk.newsroom.connection.total_changes
    update_clusters(desk.newsroom)
    assert desk.newsroom.counts()["change"] == change
    assert desk.newsroom.connection.total_changes == writes


def test_signatures_of_another_release_are_made_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = invented(1)
    ids = desk.save(*(reprint(1, s, " ".join(release)) for s in ("stadt_a", "zeitung")))
    assert clusters(desk) == {frozenset(ids)}
    monkeypatch.setattr(store.duplicates, "SIGNATURE_VERSION", 7)
    monkeypatch.setattr(store.resemblance, "SEED", 7)
    assert clusters(desk) == {frozenset(ids)}
    versions = desk.newsroom.connection.execute("SELECT DISTINCT version FROM signatures")
    assert [row[0] for row in versions] == [7]
    held = desk.newsroom.connection.execute("SELECT count(*) FROM bands").fetchone()
    assert held[0] == 2 * BANDS


def test_recall_and_precision_of_the_bands() -> None:
    """Findings ask .97 at ten scattered words in a hundred; unrelated texts must not meet."""
    originals = [word_pairs(" ".join(invented(n))) for n in range(200)]
    changed = [word_pairs(edited(invented(n), 0.1, n)) for n in range(200)]
    one, other = band_keys(originals), band_keys(changed)
    found = [bool(np.intersect1d(one[n], other[n]).size) for n in range(200)]
    same = [same_text(originals[n], changed[n], same_source=False) for n in range(200)]
    recall = sum(hit and near is not None for hit, near in zip(found, same, strict=True)) / 200
    assert recall >= 0.97
    wrong = [
        same_text(originals[n], originals[m], same_source=False)
        for n in range(200)
        for m in range(n)
    ]
    assert all(similarity is None for similarity in wrong)


def test_band_keys_are_the_same_every_time() -> None:
    pairs = word_pairs("Die Stadt eröffnet ein neues Amt am Markt")
    keys = band_keys([pairs, pairs[:0]])
    assert keys.shape == (2, BANDS)
    # Stored ones must be found again by another process; these change with SIGNATURE_VERSION.
    assert keys[0, :3].tolist() == [-1273507904, 1232051298, 838103247]
    assert (keys == band_keys([pairs, pairs[:0]])).all()
    assert keys.dtype == np.int32


def test_what_is_compared() -> None:
    assert compared_text("Anfang.", "Anfang. Mehr.") == "Anfang. Mehr."
    assert compared_text("Vorspann.", "Text.") == "Vorspann.\nText."
    assert compared_text(None, None) == ""


def test_word_pairs_know_order_and_words_and_nothing_else() -> None:
    pairs = word_pairs("Ein Wort")
    assert len(pairs) == 1
    for same in ("ein wort", "„Ein“ – Wort!", "EIN\n(Wort)", "Ein Wo\u00adrt"):
        assert word_pairs(same).tolist() == pairs.tolist()
    for other in ("Wort ein", "Ein Worte", "Ein, ein Wort ein", "Münster ein", ""):
        assert word_pairs(other).tolist() != pairs.tolist()
    assert word_pairs("Wort").tolist() == []
    assert word_pairs("Straße Straße Straße Straße").size == 1
    assert word_pairs("Mu\u0308nster Rat").tolist() == word_pairs("Münster Rat").tolist()


def test_similarity_is_exact() -> None:
    one = word_pairs(" ".join(f"a{n}" for n in range(41)))
    other = word_pairs(" ".join([*(f"a{n}" for n in range(31)), *(f"b{n}" for n in range(10))]))
    assert (len(one), len(other)) == (40, 40)
    assert same_text(one, other, same_source=False) == 30 / 50
    assert same_text(one, other, same_source=True) is None
    assert same_text(one, one, same_source=True) == 1.0
    assert same_text(one, one[:19], same_source=False) is None


def test_the_issuing_authority_stands_for_the_others(desk: Desk) -> None:
    sources = {s.id: s for s in (make_source(), make_source("zeitung", licence="press", land=None))}
    ids = desk.save(
        reprint(9, "zeitung", "x", published=None),
        reprint(5, "zeitung", "y"),
        reprint(1, "stadt_a", "z"),
    )
    with desk.newsroom.batch() as connection:
        connection.execute("UPDATE items SET cluster_id = 1")
    late, early, town = desk.newsroom.members([1, 7])[1]
    assert [member.id for member in (late, early, town)] == ids
    assert late == Member(ids[0], "zeitung", "2026-03-10T09:00:00+00:00", withdrawn=False)
    assert choose_primary([late, early, town], sources) == town
    assert choose_primary([late, early], sources) == early
    assert choose_primary([replace(town, withdrawn=True), early], sources) == early


def test_cluster_of_an_item(desk: Desk) -> None:
    release = " ".join(invented(1))
    ids = desk.save(
        reprint(1, "stadt_a", release), reprint(1, "zeitung", release), reprint(1, "kurz", "Kurz.")
    )
    update_clusters(desk.newsroom)
    assert [item.id for item in cluster_of(desk.newsroom, ids[1])] == ids[:2]
    assert cluster_of(desk.newsroom, ids[2]) == []
    with pytest.raises(StoreError, match="Item 99"):
        cluster_of(desk.newsroom, 99)
