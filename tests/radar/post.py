"""A real mail server and a real receiver of hooks on loopback, and a newsroom with subscribers."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from radar.config import Config
from store.newsroom import Newsroom
from store.publish import publish
from store.types import Article
from tests.store.desk import TOPICS, Clock, make_article, make_source, topics_of

SITE = "https://radar.example"
SECRET = "geheim genug"


@dataclass
class Post:
    """What the mail server took, and what it is to answer instead."""

    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    #: answer to RCPT and to the letter itself
    refuse_rcpt: str = ""
    refuse_data: str = ""
    logins: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.refuse_rcpt:
            return self.refuse_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuse_data:
            return self.refuse_data
        letter = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append(cast(EmailMessage, letter))
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 taken"


@contextmanager
def post_office(*, login: bool = False, tls: ssl.SSLContext | None = None) -> Iterator[Post]:
    """A mail server on a free port."""
    post = Post()

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        post.logins.append(data.login.decode())
        return AuthResult(success=data.password.decode() == SECRET, handled=False)

    options: dict[str, Any] = {}
    if login:
        options = {"authenticator": check, "auth_required": True, "auth_require_tls": False}
    if tls is not None:
        options |= {"tls_context": tls, "require_starttls": True}
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as probe:
        post.port = probe.server_port  # free a moment later
    controller = Controller(post, hostname="127.0.0.1", port=post.port, **options)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


@dataclass
class Receiver:
    """A program that is called: what it got, and what it answers."""

    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    status: int = 204
    location: str = ""
    port: int = 0


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver of hooks on a free port."""
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.calls.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(state.status)
            if state.location:
                self.send_header("Location", state.location)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class House:
    """A newsroom with its public files and a clock."""

    config: Config
    newsroom: Newsroom
    clock: Clock

    def publish(self) -> None:
        """Bring the public files up to date and number what is new in them."""
        publish(self.newsroom, self.config.archive, self.config.search)
        self.newsroom.note_public(self.config.archive)

    def add(self, article: Article, *topics: str, states: tuple[str, ...] = ()) -> int:
        """Save and tag an article; its number."""
        self.newsroom.save(article)
        (item,) = [one for one in self.newsroom.items() if one.article.url == article.url]
        self.newsroom.set_taggings([topics_of(item.id, item.content_hash, *topics, states=states)])
        return item.id

    def subscribe(self, address: str, query: str = "", rhythm: str = "daily") -> str:
        """A confirmed subscription; its token."""
        self.newsroom.subscribe(address, query, rhythm, language="de", client=address)
        (letter,) = [one for one in self.newsroom.letters() if one.kind == "confirm"]
        assert letter.subscription_id is not None
        pending = self.newsroom.subscription_of(letter.subscription_id)
        assert pending is not None
        self.newsroom.letter_taken(letter)
        self.newsroom.confirm(pending.token)
        return pending.token


@contextmanager
def house(folder: Path, port: int = 0, **config: Any) -> Iterator[House]:
    """A newsroom with one old item, published."""
    clock = Clock()
    if port:
        config = {
            "mail_smtp_host": "127.0.0.1", "mail_smtp_port": port, "mail_smtp_security": "none",
            "mail_sender": "Kommunalradar <radar@radar.example>", **config,
        }  # fmt: skip
    made = Config(paths_data=folder, site_address=SITE, **config)
    with Newsroom(made.newsroom, now=clock) as newsroom:
        newsroom.set_topics(TOPICS)
        newsroom.set_sources([make_source(), make_source("stadt_b", land="DE-HE")])
        found = House(made, newsroom, clock)
        found.add(make_article(48), "ozg")
        found.publish()
        yield found
