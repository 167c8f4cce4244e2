"""One letter: a digest of teasers or one item, told by its structure."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.mail import MAX_BYTES, LetterError, parse_message
from crawler.mail_teasers import free_link, is_personal
from crawler.mail_url import MailUrl, MailUrlError, parse_mail_url
from tests.crawler.letters import RELEASE, letter, newsletter, teaser

NOW = datetime(2025, 3, 11, 8, 0, tzinfo=UTC)


def test_press_release_is_one_item() -> None:
    data = letter("Digitale Akte kommt", RELEASE + "\nPressekontakt:\nPresseamt, Zimmer 3\n")
    read = parse_message(data, now=NOW)
    [entry] = read.entries.entries
    assert not read.is_digest
    assert entry.title == "Digitale Akte kommt"
    assert entry.body
    assert entry.body.splitlines()[0].endswith("bis zum Ende des Jahres.")
    assert "Zimmer 3" not in entry.body
    assert entry.published
    assert entry.published.iso() == "2025-03-10T09:00:00+01:00"
    assert entry.date_source == "mail"
    assert entry.author == "Presseamt Beispielhausen"
    assert read.sender == "presse@stadt.example"
    assert "one item" in read.reason


def test_newsletter_becomes_its_teasers() -> None:
    data = letter("Newsletter März", "Nur HTML", newsletter(*(teaser(n) for n in range(1, 5))))
    read = parse_message(data, now=NOW)
    assert read.is_digest
    assert [entry.url for entry in read.entries.entries] == [
        f"https://stadt.example/aktuelles/{n}" for n in range(1, 5)
    ]
    entry = read.entries.entries[0]
    assert entry.title == "Meldung 1: Ämter arbeiten digital"
    assert entry.kicker == "Rathaus"
    assert entry.teaser == (
        "Mehrere Dienststellen arbeiten nun ohne Papier, wie es das Gesetz verlangt."
    )
    # the letter's own date is not that of what it tells of
    assert entry.published is None
    assert "4 teasers" in read.reason


def test_two_links_at_the_end_of_a_release_do_not_make_a_digest() -> None:
    links = "".join(f'<p><a href="https://stadt.example/{n}">Unterlagen Teil {n} als Seite</a></p>'
                    for n in range(2))  # fmt: skip
    html = f"<p>{RELEASE.replace(chr(10), ' ')}</p>{links}"
    read = parse_message(letter("Digitale Akte", html=html), now=NOW)
    assert not read.is_digest
    assert len(read.entries.entries) == 1


def test_plain_newsletter_is_told_by_its_addresses() -> None:
    text = "\n\n".join(
        f"Meldung {n} aus dem Rathaus\nEin Text über die Sache, der sie erklärt.\n"
        f"Mehr: https://stadt.example/n/{n}"
        for n in range(3)
    )
    text += "\n\nNewsletter abbestellen:\nhttps://post.example/unsubscribe/77\n-- \nPresseamt"
    read = parse_message(letter("Newsletter", text), now=NOW)
    assert read.is_digest
    first = read.entries.entries[0]
    assert (first.title, first.teaser, first.url) == (
        "Meldung 0 aus dem Rathaus",
        "Ein Text über die Sache, der sie erklärt.",
        "https://stadt.example/n/0",
    )
    assert len(read.entries.entries) == 3


def test_what_would_unsubscribe_us_is_never_an_entry() -> None:
    out = "https://post.example/x/9f8"
    html = newsletter(teaser(1), teaser(2), teaser(3, link=out))
    read = parse_message(letter("N", html=html, List_Unsubscribe=f"<{out}>"), now=NOW)
    assert [entry.url[-1] for entry in read.entries.entries] == ["1", "2"]


def test_deregistering_a_car_is_news() -> None:
    car = (
        '<tr><td><h2><a href="https://stadt.example/kfz">Auto jetzt online abmelden</a></h2>'
        "<p>Das geht nun ohne Termin und ohne Weg zum Amt.</p></td></tr>"
    )
    read = parse_message(letter("N", html=newsletter(teaser(1), car)), now=NOW)
    assert "Auto jetzt online abmelden" in [entry.title for entry in read.entries.entries]


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("https://stadt.example/a?utm_source=nl&id=3", "https://stadt.example/a?id=3"),
        (
            "https://click.post.example/t?x=1&url=https%3A%2F%2Fstadt.example%2Fa%3Fb%3D1",
            "https://stadt.example/a?b=1",
        ),
        ("https://a.example/r?u=https://b.example/r?u=https://stadt.example/z",
         "https://stadt.example/z"),
        ("mailto:presse@stadt.example", None),
        ("javascript:alert(1)", None),
        ("https://[kaputt", None),
        ("https://click.post.example/?url=https://[kaputt", None),
    ],
)  # fmt: skip
def test_links_are_freed_of_counters(link: str, address: str | None) -> None:
    assert free_link(link) == address


@pytest.mark.parametrize(
    ("url", "personal"),
    [
        ("https://stadt.example/aktuelles/neue-akte-im-bauamt-2025", False),
        ("https://click.post.example/f/a/Qx7_kd93jfkdlsp2/AAQRxRA", True),
        ("https://post.example/e/4f9c2b7e8d1a4c6fb3e29d7a5c8e1f20", True),
        ("https://stadt.example/index.php?id=1234", False),
    ],
)
def test_addresses_that_tell_who_clicked(url: str, personal: bool) -> None:
    assert is_personal(url) is personal


def test_charsets_and_encodings() -> None:
    head = (
        b"Subject: =?iso-8859-1?Q?Gl=FCckwunsch_f=FCr_Gro=DF-Gerau?=\r\n"
        b"From: =?utf-8?B?U3RhZHQgS8O2bG4=?= <p@k.example>\r\nDate: Mo, 10 Mar 2025 09:00:00 +0100"
        b"\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    read = parse_message(head + b"Gr=FC=DFe aus dem B=FCrgerb=FCro \x96 heute=\r\n neu", now=NOW)
    [entry] = read.entries.entries
    assert entry.title == "Glückwunsch für Groß-Gerau"
    assert entry.body == "Grüße aus dem Bürgerbüro – heute neu"
    assert entry.author == "Stadt Köln"
    assert entry.published


def test_unknown_charset_is_read_as_what_it_is() -> None:
    head = (
        b'Subject: Akte\r\nFrom: p@k.example\r\nContent-Type: text/plain; charset="a\x00b"\r\n\r\n'
    )
    [entry] = parse_message(head + "Grüße aus Köln".encode(), now=NOW).entries.entries
    assert entry.body == "Grüße aus Köln"


def test_letter_from_the_future_has_no_date() -> None:
    data = letter("Akte", RELEASE).replace(b"2025 09:00", b"2031 09:00")
    assert parse_message(data, now=NOW).entries.entries[0].published is None


def test_same_letter_has_the_same_id() -> None:
    one, two = letter("Akte", RELEASE), letter("Akte", RELEASE, number="2")
    assert parse_message(one, now=NOW).id == parse_message(one, now=NOW).id
    assert parse_message(one, now=NOW).id != parse_message(two, now=NOW).id


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no letter"),
        (b"\x00\xff\xfe garbage", "no letter"),
        (letter("Nur ein Betreff", ""), "without a text"),
        (b"Subject: x\n\n" + b"a" * MAX_BYTES, "MB; left out"),
        (b"Subject: x\n" + b"Content-Type: multipart/mixed; boundary=a\n\n" * 500, "too many"),
    ],
)
def test_refused_with_one_clear_line(data: bytes, reason: str) -> None:
    with pytest.raises(LetterError, match=reason) as refusal:
        parse_message(data, now=NOW)
    assert "\n" not in str(refusal.value)


# --- addresses of mailboxes ------------------------------------------------------------------


def test_imap_address() -> None:
    url = parse_mail_url(
        "imaps://presse%40amt.de@mail.example.org/INBOX/Presse%20Land?from=land.de"
    )
    assert url == MailUrl(
        None, "mail.example.org", 993, "presse@amt.de", "INBOX/Presse Land", ("land.de",)
    )
    assert url.is_from("dienst@presse.land.de")
    assert not url.is_from("wer@anders-land.de")


def test_file_address() -> None:
    assert parse_mail_url("file:///var/mail/presse%20amt").path == "/var/mail/presse amt"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("imaps://presse:geheim@mail.example.org/INBOX", "password"),
        ("imaps://presse:geheim@mail.example.org:99999/INBOX", "password"),
        ("imap://presse@mail.example.org/INBOX", "names no mailbox"),
        ("imaps://mail.example.org/INBOX", "lacks a user"),
        ("file://relative/path", "whole path"),
        ("https://example.org/feed", "names no mailbox"),
        ("imaps://a@b.example/INBOX?to=x", "unknown option 'to'"),
        ("imaps://a@b.example/INBOX?from=alle", "no mail address"),
    ],
)
def test_address_that_is_none(url: str, reason: str) -> None:
    with pytest.raises(MailUrlError, match=reason) as refusal:
        parse_mail_url(url)
    assert "geheim" not in str(refusal.value)
