"""Digests: when, what, to whom, exactly once; sent to a real mail server."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from radar import alerts, digests, telling
from radar.mailing import MailError, look, make_message, password
from store.erasure import erase
from store.outbox import Publication
from store.types import Article, PublicationDate, Source
from tests.crawler.letters import certificate
from tests.radar.post import SECRET, SITE, House, Post, house, post_office
from tests.store.desk import make_article, make_source

ADDRESS = "leserin@post.example"


@pytest.fixture
def post() -> Iterator[Post]:
    with post_office() as office:
        yield office


@pytest.fixture
def home(tmp_path: Path, post: Post) -> Iterator[House]:
    with house(tmp_path, post.port) as found:
        yield found


def body(letter: EmailMessage, kind: str = "plain") -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def tend(home: House) -> int:
    return alerts.tend(home.config, home.newsroom, home.clock)


def next_morning(home: House) -> None:
    home.clock.move(days=1)


def fresh(home: House, number: int, source: str = "stadt_a", **changes: Any) -> Article:
    at = PublicationDate(home.clock.at - timedelta(minutes=number), False, "heute")
    return make_article(number, source, **{"published": at, "fetched_at": home.clock.at, **changes})


# -- when ---------------------------------------------------------------------------------------


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "now", "turn"),
    [
        ("daily", "2026-03-10T05:59", "2026-03-09T06:00"),  # 7:00 in Berlin is 6:00 UTC
        ("daily", "2026-03-10T06:00", "2026-03-10T06:00"),
        ("daily", "2026-07-10T05:00", "2026-07-10T05:00"),  # and 5:00 UTC in summer
        ("daily", "2026-03-29T05:00", "2026-03-29T05:00"),  # the day the clocks go forward
        ("weekly", "2026-03-10T12:00", "2026-03-09T06:00"),  # Tuesday: yesterday's Monday
        ("weekly", "2026-03-09T05:59", "2026-03-02T06:00"),
    ],
)
def test_turns_are_in_berlin(rhythm: str, now: str, turn: str) -> None:
    assert digests.last_turn(rhythm, at(now)) == at(turn)


def test_at_once_waits_for_quiet_but_not_for_ever() -> None:
    now = at("2026-03-10T12:00")

    def news(*minutes: int) -> list[Publication]:
        return [Publication(i, i, now - timedelta(minutes=m)) for i, m in enumerate(minutes)]

    assert not digests.due("instant", [], now, now)
    assert not digests.due("instant", news(5), now, now)
    assert digests.due("instant", news(10), now, now)
    assert not digests.due("instant", news(59, 1), now, now)
    assert digests.due("instant", news(60, 1), now, now)


# -- what ---------------------------------------------------------------------------------------


def test_a_digest_holds_what_is_new_by_topic_and_land(home: House, post: Post) -> None:
    token = home.subscribe(ADDRESS)
    next_morning(home)
    home.add(fresh(home, 1, title="Wohngeld online"), "ozg", states=("DE-NW",))
    home.add(fresh(home, 2, "stadt_b", title="Antrag per App"), "ozg", states=("DE-HE",))
    home.add(fresh(home, 3, title="Chatbot & <b>Amt</b>"), "ki", states=("DE-NW",))
    home.publish()
    assert tend(home) == 1
    (letter,) = post.letters
    assert post.recipients == [[ADDRESS]]
    assert letter["From"] == "Kommunalradar <radar@radar.example>"
    assert letter["Subject"] == "3 neue Einträge: alle Einträge"
    end = f"{SITE}/abo/{token}/ende"
    assert letter["List-Unsubscribe"].strip() == f"<{end}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Auto-Submitted"] == "auto-generated"
    text = body(letter)
    html = body(letter, "html")
    order = ["OZG & Online-Dienste", "Hessen", "Antrag per App", "Nordrhein-Westfalen",
             "Wohngeld online", "KI & Automatisierung", "Chatbot & <b>Amt</b>"]  # fmt: skip
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert "Meldung 48" not in text  # stood there before anybody asked
    assert end in text
    assert end in html
    assert "Chatbot &amp; &lt;b&gt;Amt&lt;/b&gt;" in html
    # Nothing is fetched when it is read, and no address says who reads.
    assert "<img" not in html
    assert "url(" not in html
    assert html.count(token) == 1
    assert max(map(len, text.splitlines())) <= 78


def test_nothing_new_nothing_sent(home: House, post: Post) -> None:
    home.subscribe(ADDRESS, "q=Wohngeld")
    for _ in range(3):
        next_morning(home)
        tend(home)
    home.add(fresh(home, 1, title="Etwas anderes"), "ozg")
    home.publish()
    next_morning(home)
    assert tend(home) == 0
    assert post.letters == []


def test_each_item_is_told_once(home: House, post: Post) -> None:
    home.subscribe(ADDRESS, "thema=ozg")
    for number in (1, 2):
        next_morning(home)
        home.add(fresh(home, number, title=f"Neu {number}"), "ozg")
        home.publish()
        assert tend(home) == 1
        assert tend(home) == 0
    texts = [body(letter) for letter in post.letters]
    assert ["Neu 1" in text for text in texts] == [True, False]
    assert ["Neu 2" in text for text in texts] == [False, True]


def test_what_was_kept_back_and_is_let_out_later_is_new_then(home: House, post: Post) -> None:
    home.newsroom.set_sources([make_topic_source()])
    home.subscribe(ADDRESS)
    next_morning(home)
    number = home.add(fresh(home, 1, "stadt_t", title="Spät erkannt"))
    home.publish()
    assert tend(home) == 0
    next_morning(home)
    item = home.newsroom.item(number)
    assert item is not None
    home.add(item.article, "ozg")
    home.publish()
    assert tend(home) == 1
    assert "Spät erkannt" in body(post.letters[0])


def make_topic_source() -> Source:
    return make_source("stadt_t", relevance="topic")


def test_what_is_withdrawn_or_erased_before_it_is_sent_is_not_sent(home: House, post: Post) -> None:
    home.subscribe(ADDRESS)
    next_morning(home)
    gone = home.add(fresh(home, 1, title="Verschwindet"), "ozg")
    home.add(fresh(home, 2, title="Bleibt"), "ozg")
    home.publish()
    telling.queue_news(home.config, home.newsroom, home.clock())
    erase(home.newsroom, gone, reason="Antrag")
    home.publish()
    assert tend(home) == 1
    text = body(post.letters[0])
    assert "Bleibt" in text
    assert "Verschwindet" not in text
    assert post.letters[0]["Subject"].startswith("1 neuer Eintrag")


def test_a_digest_of_nothing_left_is_not_sent(home: House, post: Post) -> None:
    home.subscribe(ADDRESS)
    next_morning(home)
    gone = home.add(fresh(home, 1, title="Verschwindet"), "ozg")
    home.publish()
    telling.queue_news(home.config, home.newsroom, home.clock())
    erase(home.newsroom, gone, reason="Antrag")
    home.publish()
    tend(home)
    assert post.letters == []
    assert home.newsroom.letters() == []


def test_a_search_that_names_nothing_any_more_finds_nothing(home: House, post: Post) -> None:
    home.subscribe(ADDRESS, "quelle=gibt_es_nicht")
    next_morning(home)
    home.add(fresh(home, 1), "ozg")
    home.publish()
    tend(home)
    assert post.letters == []


def test_a_long_digest_counts_the_rest(
    home: House, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "SHOWN", 2)
    home.subscribe(ADDRESS, "thema=ozg")
    next_morning(home)
    for number in range(1, 6):
        home.add(
            fresh(home, number, title=f"Neu {number}", body=f"Eigener Text {number}" * 9), "ozg"
        )
    home.publish()
    tend(home)
    text = body(post.letters[0])
    assert f"und 3 weitere: {SITE}/suche?thema=ozg" in text
    assert post.letters[0]["Subject"] == "5 neue Einträge: OZG & Online-Dienste"


# -- exactly once -------------------------------------------------------------------------------


def test_a_crash_between_sending_and_noting_repeats_one_letter_with_the_same_id(
    home: House, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        home.subscribe(f"{name}@post.example")
    next_morning(home)
    home.add(fresh(home, 1, title="Neu"), "ozg")
    home.publish()
    noted = home.newsroom.letter_taken
    seen = []

    class Crash(BaseException):
        pass

    def crash(letter: object) -> None:
        seen.append(letter)
        if len(seen) == 2:
            raise Crash
        noted(letter)  # type: ignore[arg-type]

    monkeypatch.setattr(home.newsroom, "letter_taken", crash)
    with pytest.raises(Crash):
        tend(home)
    monkeypatch.undo()
    tend(home)
    tend(home)
    recipients = [to for (to,) in post.recipients]
    assert recipients == ["a@post.example", "b@post.example", "b@post.example", "c@post.example"]
    first, second, again, other = [letter["Message-ID"] for letter in post.letters]
    assert second == again
    assert len({first, second, other}) == 3


def test_a_crash_before_sending_loses_nothing(
    home: House, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.subscribe(ADDRESS)
    next_morning(home)
    home.add(fresh(home, 1, title="Neu"), "ozg")
    home.publish()

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(telling.Sender, "send_due", crash)
    with pytest.raises(KeyboardInterrupt):
        tend(home)
    monkeypatch.undo()
    assert tend(home) == 1
    assert len(post.letters) == 1


def test_two_processes_do_not_send_both(home: House, post: Post) -> None:
    home.subscribe(ADDRESS)
    next_morning(home)
    home.add(fresh(home, 1), "ozg")
    home.publish()
    assert home.newsroom.take_lease("alerts:sending", "another", 60)
    assert tend(home) == 0
    home.newsroom.release_lease("alerts:sending", "another")
    assert tend(home) == 1


# -- when the server does not take it -------------------------------------------------------------


def test_a_refusal_is_told_and_tried_again(
    home: House, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    home.subscribe(ADDRESS)
    next_morning(home)
    home.add(fresh(home, 1), "ozg")
    home.publish()
    post.refuse_data = "451 come back later"
    assert tend(home) == 0
    assert "451 come back later" in capsys.readouterr().err
    post.refuse_data = ""
    assert tend(home) == 0  # not yet
    home.clock.move(minutes=1)
    assert tend(home) == 1
    assert len(post.letters) == 1


def test_an_address_that_is_none_is_given_up_visibly(home: House, post: Post) -> None:
    home.subscribe(ADDRESS)
    next_morning(home)
    home.add(fresh(home, 1), "ozg")
    home.publish()
    post.refuse_rcpt = "550 no such user"
    assert tend(home) == 0
    (letter,) = home.newsroom.letters()
    assert letter.given_up_at is not None
    assert letter.error == "the mail server said 550 no such user"
    alerts.look(home.config, home.newsroom, home.clock())
    found = [a.trouble for a in home.newsroom.alerts() if a.trouble.kind == "undelivered"]
    assert [one.facts["count"] for one in found] == [1]


def test_no_server_is_no_crash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with post_office() as office:
        port = office.port
    with house(tmp_path, port) as home:
        home.subscribe(ADDRESS)
        next_morning(home)
        home.add(fresh(home, 1), "ozg")
        home.publish()
        assert tend(home) == 0
        assert "127.0.0.1" in capsys.readouterr().err
        (letter,) = home.newsroom.letters()
        assert letter.attempts == 1


# -- consent and login ----------------------------------------------------------------------------


def test_the_letter_that_asks(home: House, post: Post) -> None:
    home.newsroom.subscribe(ADDRESS, "thema=ki", "weekly", language="de", client="c")
    assert tend(home) == 1
    (letter,) = post.letters
    text = body(letter)
    assert "KI & Automatisierung (wöchentlich)" in text
    row = home.newsroom.connection.execute("SELECT token FROM subscriptions").fetchone()
    assert f"{SITE}/abo/{row['token']}\n" in text
    assert letter["List-Unsubscribe"] is None


def test_nobody_can_have_us_send_their_advertisement(home: House, post: Post) -> None:
    home.newsroom.subscribe(
        ADDRESS,
        "q=Kredit+sofort%21+https%3A%2F%2Fboese.example",
        "daily",
        language="de",
        client="c",
    )
    tend(home)
    content = post.letters[0].as_string()
    assert "boese" not in content
    assert "Kredit" not in content


def test_login_and_password(tmp_path: Path) -> None:
    with (
        post_office(login=True) as office,
        house(tmp_path, office.port, mail_smtp_user="radar") as home,
    ):
        with pytest.raises(MailError, match="RADAR_MAIL_SMTP_PASSWORD"):
            look(home.config, {})
        with pytest.raises(MailError, match="535"):
            look(home.config, {"RADAR_MAIL_SMTP_PASSWORD": "falsch"})
        said = look(home.config, {"RADAR_MAIL_SMTP_PASSWORD": SECRET})
        assert said == f"127.0.0.1:{office.port} answers (none, signed in as radar)"
        file = tmp_path / "password"
        file.write_text(f"{SECRET}\n")
        assert password(replace(home.config, mail_smtp_password_file=file), {}) == SECRET
        with pytest.raises(MailError, match="nowhere"):
            password(replace(home.config, mail_smtp_password_file=tmp_path / "nowhere"), {})


def test_a_certificate_of_nobody_is_refused(tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    with post_office(tls=server) as office, house(tmp_path, office.port) as home:
        config = replace(home.config, mail_smtp_security="starttls")
        with pytest.raises(MailError, match="certificate verify failed"):
            look(config, {})


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_in_the_letters_ends_the_service_instead_of_going_unseen(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise KeyError("ours")

    monkeypatch.setattr(alerts, "tend", broken)
    stop = threading.Event()
    with (
        pytest.raises(alerts.LettersError, match="a fault of ours"),
        alerts.beside(home.config, stop, home.clock),
    ):
        assert stop.wait(10)


def test_a_line_break_in_a_name_breaks_no_letter(home: House) -> None:
    said = make_message(
        home.config, to="a@b.example", subject="Stadt\r\nBcc: c@d.example", text="",
        message_id="1", at=home.clock(),
    )  # fmt: skip
    assert said["Subject"] == "Stadt Bcc: c@d.example"
    assert said["Bcc"] is None
