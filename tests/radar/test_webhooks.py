"""Hooks: signed, never inside our own network, tried again, given up visibly; called for real."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.addresses import is_public
from radar import telling, webhooks
from radar.webhooks import Call, HookError, check_url, deliver, public_address, verify
from store.outbox import ATTEMPTS
from tests.radar.post import SITE, House, Receiver, house, receiver
from tests.store.desk import START, make_article

SECRET = "ab" * 32


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as found:
        yield found


def send(home: House, told: list[str] | None = None) -> int:
    """Send what is due; the local receiver stands for any public address."""

    def call(call: Call, at: datetime) -> None:
        deliver(call, at, "127.0.0.1")

    sender = telling.Sender(home.config, home.newsroom, None, home.clock, call)
    return sender.send_due((told if told is not None else []).append, lambda: True)


def with_news(home: House, there: Receiver, query: str = "thema=ki") -> int:
    hook = home.newsroom.add_hook(f"http://127.0.0.1:{there.port}/neu?x=1", query, by="chefin")
    number = home.add(make_article(1, title="Chatbot"), "ki", states=("DE-NW",))
    home.add(make_article(2, title="Wohngeld"), "ozg")
    home.publish()
    telling.queue_news(home.config, home.newsroom, home.clock())
    assert hook.stopped_at is None
    return number


def test_a_call_says_what_is_new_and_proves_who_calls(home: House, there: Receiver) -> None:
    number = with_news(home, there)
    assert send(home) == 1
    assert send(home) == 0
    ((headers, body),) = there.calls
    (hook,) = home.newsroom.hooks()
    assert verify(hook.secret, headers, body, home.clock())
    said = json.loads(body)
    assert said["type"] == "search.news"
    (item,) = said["data"]["items"]
    assert item["id"] == number
    assert item["archive_url"] == f"{SITE}/eintrag/{number}"
    assert (item["title"], item["topics"], item["states"]) == ("Chatbot", ["ki"], ["DE-NW"])
    assert "body" not in item


def test_a_changed_or_repeated_call_is_seen_as_one(home: House, there: Receiver) -> None:
    with_news(home, there)
    send(home)
    ((headers, body),) = there.calls
    (hook,) = home.newsroom.hooks()
    now = home.clock()
    assert not verify(hook.secret, headers, body + b" ", now)
    assert not verify(hook.secret, {**headers, "webhook-id": "other"}, body, now)
    assert not verify("cd" * 32, headers, body, now)
    assert not verify(hook.secret, headers, body, now + timedelta(minutes=6))
    later = {**headers, "webhook-timestamp": str(int(now.timestamp()) + 60)}
    assert not verify(hook.secret, later, body, now)
    assert not verify(hook.secret, {}, body, now)
    for stated in ("²", "9" * 400, "-1", ""):
        assert not verify(hook.secret, {**headers, "webhook-timestamp": stated}, body, now)


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of the Standard Webhooks specification, as its own libraries test it."""
    secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    import base64

    call = Call(
        "", base64.b64decode(secret).hex(), "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'
    )
    at = datetime.fromtimestamp(1614265330, START.tzinfo)
    assert webhooks.sign(call, at)["webhook-signature"] == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )
    assert webhooks.shown_secret(call.secret) == f"whsec_{secret}"


def test_what_fails_is_tried_again_with_the_same_id_and_then_stopped(
    home: House, there: Receiver
) -> None:
    with_news(home, there)
    there.status = 503
    told: list[str] = []
    for _ in range(ATTEMPTS):
        send(home, told)
        home.clock.move(hours=7)
    send(home, told)
    assert len(there.calls) == ATTEMPTS
    assert len({headers["webhook-id"] for headers, _ in there.calls}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in there.calls}) == ATTEMPTS
    assert told[-1].endswith("127.0.0.1 answered 503; given up")
    (hook,) = home.newsroom.hooks()
    assert hook.stopped_at is not None


def test_gone_is_the_end(home: House, there: Receiver) -> None:
    with_news(home, there)
    there.status = 410
    send(home)
    assert home.newsroom.hooks()[0].stopped_at is not None
    assert len(there.calls) == 1


def test_no_redirection_is_followed(there: Receiver) -> None:
    there.status, there.location = 302, f"http://127.0.0.1:{there.port}/inside"
    call = Call(f"http://hook.example:{there.port}/", SECRET, "id", b"{}")
    with pytest.raises(HookError, match="answered 302"):
        deliver(call, START, "127.0.0.1")
    assert len(there.calls) == 1
    assert there.calls[0][0]["host"] == f"hook.example:{there.port}"


def test_nobody_there_is_told(home: House) -> None:
    with receiver() as gone:
        port = gone.port
    with pytest.raises(HookError, match="refused"):
        deliver(Call(f"http://127.0.0.1:{port}/", SECRET, "id", b"{}"), START, "127.0.0.1")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "fe80::1", "fc00::1", "ff02::1",
        "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "192.0.2.1",
        "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b:1::a00:1", "fec0::1",
    ],
)  # fmt: skip
def test_private_addresses_are_none(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(HookError, match="not a public address"):
        public_address("https://hook.example/", lambda host, port: ["9.9.9.9", address])


def test_public_addresses_are_called_at_what_was_looked_at() -> None:
    asked = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["9.9.9.9", "2620:fe::fe"]

    assert public_address("https://hook.example:8443/x", resolver) == "9.9.9.9"
    assert asked == [("hook.example", 8443)]


def test_the_real_sender_calls_no_private_address(home: House, there: Receiver) -> None:
    with_news(home, there)
    told: list[str] = []
    sender = telling.Sender(home.config, home.newsroom, None, home.clock)
    assert sender.send_due(told.append, lambda: True) == 0
    assert there.calls == []
    assert "127.0.0.1: not a public address" in told[0]


@pytest.mark.parametrize(
    "url", ["http://a.example/", "https:///x", "https://u:p@a.example/", "ftp://a.example/", "x"]
)
def test_addresses_that_no_hook_may_have(url: str) -> None:
    with pytest.raises(HookError):
        check_url(url)


def test_a_search_is_kept_as_it_is_written_or_not_at_all(home: House) -> None:
    kept = telling.saved_query(home.config, "https://radar.example/suche?land=DE-NW&thema=ki")
    assert kept == "thema=ki&land=DE-NW"
    with pytest.raises(HookError, match="no search of this archive"):
        telling.saved_query(home.config, "thema=gibt-es-nicht")
