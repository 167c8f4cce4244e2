"""Mailboxes: each letter is read once, nothing in them is changed, secrets stay secret."""

from __future__ import annotations

import mailbox
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.mail_url import parse_mail_url
from crawler.mailboxes import (
    MailboxError,
    MailboxUnreachableError,
    find_password,
    read_mailbox,
)
from radar.config import Config
from radar.crawling import crawl
from store.types import RunResult
from tests.crawler.letters import RELEASE, after, imap_server, letter, newsletter, teaser
from tests.press import numbers, page, source
from tests.web import Answer, LocalWeb, newsroom_of

Run = Callable[..., dict[str, RunResult]]
FOLDER = "Pressemitteilungen%20%26%20%C3%9Cbriges"


def test_imap_letters_are_read_once_and_left_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = [letter("Eins", RELEASE), letter("Zwei", RELEASE, number="2")]
    with imap_server(tmp_path, letters) as (port, pem):
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        url = parse_mail_url(f"imaps://presse@localhost:{port}/{FOLDER}")
        first = read_mailbox(url, None, "geheim")
        again = read_mailbox(url, first.mark, "geheim")
        half = read_mailbox(url, "7:10", "geheim")
        # the folder was made anew, so its numbers mean other letters
        renumbered = read_mailbox(url, "6:20", "geheim")
        with pytest.raises(MailboxError, match="LOGIN failed"):
            read_mailbox(url, None, "falsch")
        with pytest.raises(MailboxError, match="no folder 'Gibt es nicht'"):
            read_mailbox(
                parse_mail_url(f"imaps://presse@localhost:{port}/Gibt%20es%20nicht"), None, "geheim"
            )
    seen = after(tmp_path)
    assert [data.split(b"\r\n")[0] for data in first.letters] == [
        b"Subject: Eins",
        b"Subject: Zwei",
    ]
    assert first.mark == "7:20"
    assert again.letters == ()
    assert again.mark == "7:20"
    assert len(half.letters) == 1
    assert len(renumbered.letters) == 2
    assert seen["changes"] == []
    assert "\\Seen" not in seen["flags"]
    assert {line.split()[0] for line in seen["opened"]} == {"EXAMINE"}


def test_no_password_goes_to_a_server_that_is_not_trusted(tmp_path: Path) -> None:
    with imap_server(tmp_path, [letter("Eins", RELEASE)]) as (port, _):
        url = parse_mail_url(f"imaps://presse@localhost:{port}/{FOLDER}")
        with pytest.raises(MailboxError, match="not to be trusted"):
            read_mailbox(url, None, "geheim")


def test_letters_are_read_in_portions_that_memory_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.mailboxes.BATCH_BYTES", 10)
    folder = tmp_path / "post"
    folder.mkdir()
    for n in (1, 2):
        (folder / f"{n}.eml").write_bytes(letter("Eins", RELEASE, number=str(n)))
    letters = [letter("Eins", RELEASE), letter("Zwei", RELEASE, number="2")]
    with imap_server(tmp_path, letters) as (port, pem):
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        for address in (f"file://{folder}", f"imaps://presse@localhost:{port}/{FOLDER}"):
            url, mark, seen = parse_mail_url(address), None, []
            for _ in range(3):
                post = read_mailbox(url, mark, "geheim")
                seen.append(len(post.letters))
                mark = post.mark
            assert seen == [1, 1, 0]


def test_a_look_into_a_full_mailbox_sees_its_newest_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.mailboxes.BATCH", 2)
    folder = tmp_path / "post"
    folder.mkdir()
    box = mailbox.mbox(tmp_path / "presse.mbox")
    letters = [letter(name, RELEASE, number=name) for name in ("Eins", "Zwei", "Drei")]
    for at, data in enumerate(letters):
        file = folder / f"{9 - at}.eml"
        file.write_bytes(data)
        os.utime(file, (at, at))
        box.add(data)
    box.flush()
    with imap_server(tmp_path, letters) as (port, pem):
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        for address in (
            f"file://{folder}",
            f"file://{tmp_path}/presse.mbox",
            f"imaps://presse@localhost:{port}/{FOLDER}",
        ):
            url = parse_mail_url(address)
            seen = [
                [one.partition(b"Subject: ")[2][:4] for one in post.letters]
                for post in (
                    read_mailbox(url, None, "geheim"),
                    read_mailbox(url, None, "geheim", newest=True),
                )
            ]
            assert seen == [[b"Eins", b"Zwei"], [b"Drei", b"Zwei"]], address


def test_a_password_that_cannot_be_sent_is_told_and_not_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with imap_server(tmp_path, [letter("Eins", RELEASE)]) as (port, pem):
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        url = parse_mail_url(f"imaps://presse@localhost:{port}/{FOLDER}")
        with pytest.raises(MailboxError, match="ASCII") as told:
            read_mailbox(url, None, "geheimnisträger")
    assert "träger" not in str(told.value)


def test_server_that_does_not_answer_is_unreachable() -> None:
    with pytest.raises(MailboxUnreachableError, match="no answer"):
        read_mailbox(parse_mail_url("imaps://presse@localhost:1/INBOX"), None, "geheim")


def test_mbox_is_read_once_and_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "presse.mbox"
    box = mailbox.mbox(path)
    box.add(letter("Eins", RELEASE))
    box.flush()
    before = path.read_bytes()
    url = parse_mail_url(f"file://{path}")
    first = read_mailbox(url, None, None)
    assert len(first.letters) == 1
    assert read_mailbox(url, first.mark, None).letters == ()
    assert path.read_bytes() == before
    box.add(letter("Zwei", RELEASE, number="2"))
    box.flush()
    [second] = read_mailbox(url, first.mark, None).letters
    assert b"Zwei" in second


def test_folder_and_maildir(tmp_path: Path) -> None:
    (tmp_path / "eins.eml").write_bytes(letter("Eins", RELEASE))
    (tmp_path / "notiz.txt").write_text("kein Brief")
    for part in ("cur", "new", "tmp"):
        (tmp_path / part).mkdir()
    (tmp_path / "new" / "171.a.host").write_bytes(letter("Zwei", RELEASE, number="2"))
    url = parse_mail_url(f"file://{tmp_path}")
    first = read_mailbox(url, None, None)
    assert len(first.letters) == 2
    # a mail program has seen it meanwhile
    (tmp_path / "new" / "171.a.host").rename(tmp_path / "cur" / "171.a.host:2,S")
    assert read_mailbox(url, first.mark, None).letters == ()


@pytest.mark.parametrize(("name", "reason"), [("fehlt", "no such file"), ("x.txt", "no mbox")])
def test_path_without_letters(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "x.txt").write_text("Einkaufszettel")
    with pytest.raises(MailboxError, match=reason):
        read_mailbox(parse_mail_url(f"file://{tmp_path / name}"), None, None)


def test_password_from_environment_or_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "nw_koeln"
    file.write_text("aus der Datei\n")
    file.chmod(0o600)
    environ = {"RADAR_MAIL_PASSWORD_NW_KOELN": "aus der Umgebung"}
    assert find_password("nw_koeln", environ, tmp_path) == "aus der Umgebung"
    assert find_password("nw_koeln", {}, tmp_path) == "aus der Datei"
    assert find_password("nw_bonn", {}, tmp_path) is None
    assert find_password("nw_koeln", {}, None) is None
    file.chmod(0o644)
    with pytest.raises(MailboxError, match="chmod 600"):
        find_password("nw_koeln", {}, tmp_path)


# --- in a crawl ------------------------------------------------------------------------------


def test_letters_become_items_and_digests_lead_to_pages(
    run: Run, config: Config, web: LocalWeb, tmp_path: Path
) -> None:
    folder = tmp_path / "post"
    folder.mkdir()
    (folder / "1.eml").write_bytes(letter("Digitale Akte kommt", RELEASE))
    digest = newsletter(*(teaser(n, host="https://www.amt.example") for n in (1, 2)))
    (folder / "2.eml").write_bytes(letter("Newsletter", html=digest, number="2"))
    (folder / "3.eml").write_bytes(
        letter("Gewinnen Sie jetzt", RELEASE, sender="x@spam.example", number="3")
    )
    (folder / "4.eml").write_bytes(b"kaputt")
    for n in (1, 2):
        url = f"https://www.amt.example/aktuelles/{n}"
        web.answers[url] = Answer(page(f"Meldung {n}: Ämter arbeiten digital"))
    amt = source("amt", kind="mail", url=f"file://{folder}?from=stadt.example")
    with newsroom_of(config, [amt]) as newsroom:
        result = run(config, newsroom, amt)["amt"]
        assert numbers(result) == ("ok", 3, 0, 0, 0, 1)
        items = {item.article.title: item.article for item in newsroom.items()}
        release = items["Digitale Akte kommt"]
        assert release.url.startswith("https://www.amt.example/#brief-")
        assert release.body
        assert release.published
        assert release.published.iso() == "2025-03-10T09:00:00+01:00"
        assert items["Meldung 1: Ämter arbeiten digital"].url.endswith("/aktuelles/1")
        assert numbers(run(config, newsroom, amt)["amt"]) == ("unchanged", 0, 0, 0, 0, 0)
    assert not any("out" in url or "web/1" in url for url, _ in web.asked)


def test_a_link_that_tells_who_clicked_is_followed_and_never_shown(
    run: Run, config: Config, web: LocalWeb, tmp_path: Path
) -> None:
    folder = tmp_path / "post"
    folder.mkdir()
    counter = "https://click.example/ct/9f8e7d6c5b4a39281706f5e4d3"
    links = [f"{counter}{n}" for n in (1, 2)]
    digest = newsletter(*(teaser(n, link=link) for n, link in enumerate(links, 1)))
    (folder / "1.eml").write_bytes(letter("Newsletter", html=digest))
    for n, link in enumerate(links, 1):
        behind = f"https://www.amt.example/aktuelles/{n}"
        web.answers[link] = Answer(status=302, headers={"Location": behind})
        web.answers[behind] = Answer(page(f"Meldung {n}: Ämter arbeiten digital"))
    amt = source("amt", kind="mail", url=f"file://{folder}")
    with newsroom_of(config, [amt]) as newsroom:
        assert numbers(run(config, newsroom, amt)["amt"]) == ("ok", 2, 0, 0, 0, 0)
        assert sorted(item.article.url for item in newsroom.items()) == [
            f"https://www.amt.example/aktuelles/{n}" for n in (1, 2)
        ]


def test_mailbox_without_password_fails_with_the_mend(run: Run, config: Config) -> None:
    amt = source("amt", kind="mail", url="imaps://presse@localhost:1/INBOX")
    with newsroom_of(config, [amt]) as newsroom:
        result = run(config, newsroom, amt)["amt"]
    assert result.status == "failed"
    assert result.message
    assert "RADAR_MAIL_PASSWORD_AMT" in result.message


def test_imap_in_a_crawl_with_the_password_of_a_file(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "geheimnisse"
    secrets.mkdir()
    (secrets / "amt").write_text("geheim")
    (secrets / "amt").chmod(0o600)
    config = replace(config, mail_secrets=secrets)
    with imap_server(tmp_path, [letter("Digitale Akte kommt", RELEASE)]) as (port, pem):
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        amt = source("amt", kind="mail", url=f"imaps://presse@localhost:{port}/{FOLDER}")
        with newsroom_of(config, [amt]) as newsroom:
            [outcome] = crawl(config, ["amt"], lambda *event: None)
            assert numbers(outcome.result) == ("ok", 1, 0, 0, 0, 0)
            assert newsroom.fetch_state("amt").etag == "7:10"
            [outcome] = crawl(config, ["amt"], lambda *event: None)
            assert numbers(outcome.result) == ("unchanged", 0, 0, 0, 0, 0)
    assert "geheim" not in config.crawl_log.read_text().replace("geheimnisse", "")
