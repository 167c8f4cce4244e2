"""Subscriptions: consent, silence about who is known, what is news, and the outbox."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store.erasure import erase
from store.outbox import ATTEMPTS
from store.subscriptions import (
    ENDED_LOG,
    LETTERS_A_DAY,
    MOST,
    REQUESTS_A_DAY,
    Subscription,
    ThrottledSignUpError,
)
from tests.store.desk import Desk, make_article

ADDRESS = "leserin@post.example"


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """Two public items from before anybody asked."""
    desk.save(make_article(1), make_article(2))
    desk.publish()
    desk.newsroom.note_public(desk.archive)
    return desk


def ask(desk: Desk, address: str = ADDRESS, query: str = "q=Glasfaser", client: str = "c") -> None:
    desk.newsroom.subscribe(address, query, "daily", language="de", client=client)


def confirmed(desk: Desk) -> Subscription:
    ask(desk)
    (letter,) = [one for one in desk.newsroom.letters() if one.kind == "confirm"]
    assert letter.subscription_id is not None
    pending = desk.newsroom.subscription_of(letter.subscription_id)
    assert pending is not None
    desk.newsroom.letter_taken(letter)
    found = desk.newsroom.confirm(pending.token)
    assert found is not None
    return found


def test_nobody_is_told_without_consent(filled: Desk) -> None:
    ask(filled)
    assert filled.newsroom.subscriptions() == []
    filled.clock.move(hours=47)
    (letter,) = filled.newsroom.letters()
    pending = filled.newsroom.subscription_of(letter.subscription_id or 0)
    assert pending is not None
    assert pending.confirmed_at is None
    assert filled.newsroom.confirm(pending.token) is not None
    assert [one.address for one in filled.newsroom.subscriptions()] == [ADDRESS]


def test_a_request_runs_out_with_its_address(filled: Desk) -> None:
    ask(filled)
    (letter,) = filled.newsroom.letters()
    pending = filled.newsroom.subscription_of(letter.subscription_id or 0)
    assert pending is not None
    filled.clock.move(hours=49)
    assert filled.newsroom.confirm(pending.token) is None
    assert filled.newsroom.forget_ended() == 1
    assert filled.newsroom.letters() == []
    assert ADDRESS.encode() not in _all_bytes(filled)


def test_unsubscribing_erases_the_address_and_what_waits_for_it(filled: Desk) -> None:
    subscription = confirmed(filled)
    filled.save(make_article(3))
    filled.publish()
    filled.newsroom.note_public(filled.archive)
    (news,) = filled.newsroom.news_after(subscription.upto)
    filled.newsroom.tell_subscriber(subscription, news.number, [news.item_id])
    assert filled.newsroom.unsubscribe(subscription.token)
    assert filled.newsroom.letters() == []
    assert not filled.newsroom.unsubscribe(subscription.token)
    assert ADDRESS.encode() not in _all_bytes(filled)


def _all_bytes(desk: Desk) -> bytes:
    desk.newsroom.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return b"".join(path.read_bytes() for path in desk.folder.iterdir() if path.is_file())


def test_what_a_backup_brings_back_is_ended_again(filled: Desk) -> None:
    subscription = confirmed(filled)
    row = tuple(filled.newsroom.connection.execute("SELECT * FROM subscriptions").fetchone())
    filled.newsroom.unsubscribe(subscription.token)
    log = (filled.folder / ENDED_LOG).read_text()
    assert subscription.token not in log
    filled.newsroom.connection.execute(
        f"INSERT INTO subscriptions VALUES ({', '.join('?' * len(row))})", row
    )
    assert filled.newsroom.forget_ended() == 1
    assert filled.newsroom.subscriptions() == []


def test_asking_again_changes_nothing_that_can_be_seen(filled: Desk) -> None:
    subscription = confirmed(filled)
    ask(filled)
    assert filled.newsroom.letters() == []
    assert filled.newsroom.subscriptions() == [subscription]


def test_an_address_gets_few_letters_whoever_asks(filled: Desk) -> None:
    for number in range(LETTERS_A_DAY + 3):
        ask(filled, query=f"q={number}", client=f"client {number}")
    assert len(filled.newsroom.letters()) == LETTERS_A_DAY
    filled.clock.move(hours=25)
    ask(filled, query="q=morgen")
    assert len(filled.newsroom.letters()) == LETTERS_A_DAY + 1


def test_a_client_is_slowed_down_whatever_it_types(filled: Desk) -> None:
    for number in range(REQUESTS_A_DAY):
        ask(filled, address=f"a{number}@post.example")
    with pytest.raises(ThrottledSignUpError):
        ask(filled, address="neu@post.example")
    ask(filled, address="neu@post.example", client="another")
    kept = filled.newsroom.connection.execute("SELECT hash FROM sign_ups").fetchall()
    assert all(ADDRESS not in row[0] and len(row[0]) == 32 for row in kept)


def test_of_who_asked_nothing_is_kept_after_a_day(filled: Desk) -> None:
    ask(filled)
    filled.clock.move(days=1, seconds=1)
    filled.newsroom.forget_ended()
    assert filled.newsroom.connection.execute("SELECT * FROM sign_ups").fetchall() == []


def test_an_address_has_a_bounded_number(filled: Desk) -> None:
    for number in range(MOST + 1):
        filled.clock.move(hours=25)
        ask(filled, query=f"q={number}")
        row = filled.newsroom.connection.execute(
            "SELECT token FROM subscriptions ORDER BY id DESC"
        ).fetchone()
        filled.newsroom.confirm(row["token"])
    assert len(filled.newsroom.subscriptions()) == MOST


def test_news_is_what_comes_after_and_is_young(filled: Desk) -> None:
    newsroom = filled.newsroom
    before = newsroom.newest_publication()
    assert newsroom.news_after(0) == []
    (young, _old) = filled.save(make_article(3), make_article(24 * 20))
    filled.publish()
    assert newsroom.note_public(filled.archive) == 1
    assert newsroom.note_public(filled.archive) == 0
    assert [one.item_id for one in newsroom.news_after(before)] == [young]


def test_an_erased_item_is_no_news(filled: Desk) -> None:
    (number,) = filled.save(make_article(3))
    filled.publish()
    filled.newsroom.note_public(filled.archive)
    erase(filled.newsroom, number, reason="Antrag")
    assert filled.newsroom.news_after(0) == []


def test_an_item_is_in_one_digest(filled: Desk) -> None:
    subscription = confirmed(filled)
    filled.newsroom.tell_subscriber(subscription, 7, [1])
    # Another process that had read the same state comes later and changes nothing.
    filled.newsroom.tell_subscriber(subscription, 6, [1])
    assert [letter.content for letter in filled.newsroom.letters()] == [{"items": [1]}]
    (after,) = filled.newsroom.subscriptions()
    filled.newsroom.tell_subscriber(after, 9, [])
    assert len(filled.newsroom.letters()) == 1


def test_a_letter_is_tried_ever_more_rarely_and_then_given_up(filled: Desk) -> None:
    subscription = confirmed(filled)
    filled.newsroom.tell_subscriber(subscription, 5, [1])
    pauses = []
    for attempt in range(1, ATTEMPTS + 1):
        (letter,) = filled.newsroom.letters_due()
        gave_up = filled.newsroom.letter_failed(letter, "no server")
        assert gave_up == (attempt == ATTEMPTS)
        (kept,) = filled.newsroom.letters()
        pauses.append(kept.next_at - filled.clock.at)
        assert kept.message_id == letter.message_id
        filled.clock.at = kept.next_at
    assert pauses[:4] == [timedelta(minutes=m) for m in (1, 4, 16, 64)]
    assert max(pauses) == timedelta(hours=6)
    assert list(filled.newsroom.letters_due()) == []
    filled.newsroom.forget_letters(timedelta(0))
    assert filled.newsroom.letters() == []


def test_a_hook_that_does_not_answer_is_stopped_and_can_go_on(filled: Desk) -> None:
    newsroom = filled.newsroom
    hook = newsroom.add_hook("https://hook.example/", "", by="chefin")
    newsroom.tell_hook(hook, 5, [1])
    newsroom.tell_hook(hook, 6, [2])
    first, second = newsroom.letters_due()
    assert newsroom.letter_failed(first, "404", for_good=True)
    assert [letter.id for letter in newsroom.letters()] == [first.id]
    assert second.id != first.id
    (stopped,) = newsroom.hooks()
    assert stopped.stopped_at == filled.clock.at.replace(microsecond=0)
    newsroom.tell_hook(stopped, 9, [3])
    assert len(newsroom.letters()) == 1
    assert newsroom.resume_hook(hook.id)
    assert newsroom.letters() == []
    assert newsroom.remove_hook(hook.id)
    assert newsroom.hooks() == []
