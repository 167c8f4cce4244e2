"""Sends letters through the configured mail server: the only user of smtplib."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path

from radar.config import Config
from store.errors import RadarError

#: Seconds that a step of the conversation may take (RFC 5321 4.5.3.2 would wait five minutes; a
#: letter that fails is tried again anyway).
PATIENCE_S = 30.0
#: The variable that holds the password.
PASSWORD = "RADAR_MAIL_SMTP_PASSWORD"


class MailError(RadarError):
    """The mail server did not take a letter. ``for_good``: it never will, this address is none."""

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        super().__init__(message)
        self.for_good = for_good


def make_message(
    config: Config,
    *,
    to: str,
    subject: str,
    text: str,
    message_id: str,
    at: datetime,
    html: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> EmailMessage:
    """A letter from the configured sender, plain and, if given, as HTML too."""
    message = EmailMessage(policy=SMTP)
    message["From"] = config.mail_sender
    message["To"] = to
    # A name in it may hold a line break, which no header may.
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(at)
    domain = parseaddr(config.mail_sender)[1].rpartition("@")[2]
    message["Message-ID"] = f"<{message_id}@{domain}>"
    # RFC 3834: nobody's out-of-office note is to answer us.
    message["Auto-Submitted"] = "auto-generated"
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(text, cte="quoted-printable")
    if html is not None:
        message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message


class Mailer:
    """An open conversation with the mail server; one that breaks off is begun anew."""

    def __init__(
        self, config: Config, environ: Mapping[str, str], tls: ssl.SSLContext | None = None
    ) -> None:
        self._config = config
        self._environ = environ
        self._tls = tls
        self._server: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Hand one letter over. Returns when the server has taken it. Raises `MailError`."""
        try:
            if self._server is None:
                self._server = connect(self._config, self._environ, self._tls)
            self._server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            (code, said), *_ = error.recipients.values()
            raise MailError(_told(code, said), for_good=500 <= code < 600) from error
        except smtplib.SMTPResponseException as error:
            self.close()
            # Refused as a whole after it was read; a refused sender or login can be mended.
            for_good = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
            raise MailError(_told(error.smtp_code, error.smtp_error), for_good=for_good) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise MailError(f"{self._config.mail_smtp_host}: {error}") from error

    def close(self) -> None:
        """Say goodbye, if the server still listens."""
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (smtplib.SMTPException, OSError):
                server.close()


@contextmanager
def mailer(config: Config, environ: Mapping[str, str]) -> Iterator[Mailer]:
    """A mailer that is closed at the end of the block."""
    open_one = Mailer(config, environ)
    try:
        yield open_one
    finally:
        open_one.close()


def connect(
    config: Config, environ: Mapping[str, str], tls: ssl.SSLContext | None = None
) -> smtplib.SMTP:
    """The server after EHLO, encryption and login as configured.

    Raises `MailError` where the password cannot be had, else what smtplib raises. The server's
    certificate must be valid for its name.
    """
    host, port = config.mail_smtp_host, config.mail_smtp_port
    tls = tls or ssl.create_default_context()
    server: smtplib.SMTP
    if config.mail_smtp_security == "tls":
        server = smtplib.SMTP_SSL(host, port, timeout=PATIENCE_S, context=tls)
    else:
        server = smtplib.SMTP(host, port, timeout=PATIENCE_S)
    try:
        if config.mail_smtp_security == "starttls":
            server.starttls(context=tls)
        server.ehlo()
        if config.mail_smtp_user:
            server.login(config.mail_smtp_user, password(config, environ))
    except BaseException:
        server.close()
        raise
    return server


def password(config: Config, environ: Mapping[str, str]) -> str:
    """The password, from the configured file or the environment. Raises `MailError`."""
    if config.mail_smtp_password_file != Path():
        try:
            return config.mail_smtp_password_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise MailError(
                f"mail.smtp_password_file: {config.mail_smtp_password_file}: {error.strerror}"
            ) from error
    if not environ.get(PASSWORD):
        raise MailError(f"no password for mail.smtp_user: set {PASSWORD} or the key "
                        "mail.smtp_password_file")  # fmt: skip
    return environ[PASSWORD]


def look(config: Config, environ: Mapping[str, str]) -> str:
    """What the server is, after a conversation without a letter. Raises `MailError`."""
    try:
        server = connect(config, environ)
        try:
            name = f"{config.mail_smtp_host}:{config.mail_smtp_port}"
            user = f", signed in as {config.mail_smtp_user}" if config.mail_smtp_user else ""
            return f"{name} answers ({config.mail_smtp_security}{user})"
        finally:
            server.quit()
    except smtplib.SMTPResponseException as error:
        raise MailError(_told(error.smtp_code, error.smtp_error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailError(f"{config.mail_smtp_host}:{config.mail_smtp_port}: {error}") from error


def _told(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"the mail server said {code} {' '.join(text.split())}"
