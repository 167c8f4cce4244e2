"""Letters as press offices and newsletter systems write them, and an IMAP server to hold them."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SENT = "Mon, 10 Mar 2025 09:00:00 +0100"
RELEASE = (
    "Die Stadt Beispielhausen führt zum 1. April die digitale Akte ein. Sie löst im Bauamt und im\n"
    "Sozialamt die Papierakte ab; die übrigen Ämter folgen bis zum Ende des Jahres.\n\n"
    "„Der Umstieg erspart uns viele Wege“, sagte die Leiterin des Hauptamtes. Die Kosten von\n"
    "200.000 Euro trägt zur Hälfte das Land.\n"
)


def letter(
    subject: str,
    text: str | None = None,
    html: str | None = None,
    *,
    number: str = "1",
    sender: str = "Presseamt Beispielhausen <presse@stadt.example>",
    **headers: str,
) -> bytes:
    """One letter; with ``text`` and ``html`` a multipart/alternative."""
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = sender
    message["Date"] = SENT
    message["Message-ID"] = f"<{number}@stadt.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if text is not None:
        message.set_content(text, cte="quoted-printable")
    if html is not None and text is not None:
        message.add_alternative(html, subtype="html", cte="base64")
    elif html is not None:
        message.set_content(html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def teaser(number: int, *, host: str = "https://stadt.example", link: str | None = None) -> str:
    """One teaser of a newsletter made of tables, as most systems write them."""
    href = link or f"{host}/aktuelles/{number}?utm_source=newsletter&utm_medium=email"
    return (
        f'<tr><td><p class="k">Rathaus</p><h2><a href="{href}">Meldung {number}: Ämter arbeiten '
        "digital</a></h2><p>Mehrere Dienststellen arbeiten nun ohne Papier, wie es das "
        '<a href="https://gesetz.example/ozg">Gesetz</a> verlangt.</p>'
        f'<p><a href="{href}">weiterlesen »</a></p></td></tr>'
    )


def newsletter(*teasers: str) -> str:
    """The HTML of a digest with preview text, links out and a way out."""
    return (
        '<html><body><div style="display:none">Vorschau auf diese Ausgabe</div>'
        '<p><a href="https://post.example/web/1">Im Browser ansehen</a></p>'
        f"<table>{''.join(teasers)}</table>"
        '<p>Folgen Sie uns: <a href="https://www.facebook.com/stadt">Facebook</a></p>'
        '<p><a href="https://post.example/out/1">Newsletter abbestellen</a> · '
        '<a href="https://stadt.example/impressum">Impressum</a></p></body></html>'
    )


def certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1 in one file, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@contextmanager
def imap_server(
    folder: Path, letters: Sequence[bytes], *, validity: int = 7
) -> Iterator[tuple[int, Path]]:
    """Twisted's IMAP4 server over TLS on loopback, in a process of its own.

    Gives its port and its certificate. Once it has ended, ``folder/after.json`` tells the letters'
    flags and every command that would have changed something.
    """
    pem = certificate(folder)
    for number, data in enumerate(letters, start=1):
        (folder / f"{number:04}.msg").write_bytes(data)
    with subprocess.Popen(
        [sys.executable, Path(__file__).with_name("imap_server.py"), folder, pem, str(validity)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdin
        try:
            yield int(process.stdout.readline()), pem
        finally:
            process.stdin.close()  # its sign to write down what happened and end
            process.wait(timeout=10)


def after(folder: Path) -> dict[str, list[str]]:
    """What the server saw: ``flags``, ``changes`` and ``opened`` folders."""
    seen: dict[str, list[str]] = json.loads((folder / "after.json").read_text())
    return seen
