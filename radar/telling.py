"""Tells readers and hooks what is new: news into the outbox, the outbox out into the world."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from datasette_config.archive import Archive, Row
from datasette_config.language import Language, language
from datasette_config.letters.saved import (
    as_query,
    in_harmless_words,
    in_words,
    parse_saved,
    read_saved,
)
from datasette_config.letters.writing import (
    Digest,
    Section,
    write_confirmation,
    write_digest,
)
from datasette_config.listing import query_of
from datasette_config.web import in_language
from radar import digests, webhooks
from radar.config import Config
from radar.editors_letters import write_alerts
from radar.mailing import Mailer, MailError, make_message
from store.newsroom import Newsroom
from store.outbox import Letter
from store.schema import connect
from store.search import Search
from store.subscriptions import Subscription

#: Answers read of a search at once, and at most.
_PAGE, _MOST = 500, 5000

_GERMAN = language("de")


@dataclass(frozen=True)
class Public:
    """The public files, open for reading."""

    archive: Archive
    search: Search
    close: Callable[[], None]

    @classmethod
    def open(cls, config: Config) -> Public:
        """The files as configured. Raises ``StoreError`` if one is missing."""
        search = Search(config.search, config.archive)
        connection = connect(config.archive, read_only=True)

        def close() -> None:
            connection.close()
            search.close()

        return cls(Archive(connection), search, close)


def matching(public: Public, query: str, items: Iterable[int]) -> list[int]:
    """Those of the items that the saved search finds, newest first.

    Near-duplicates count once, under the item that stands for them.
    """
    rows = public.archive.rows(list(items))
    address = parse_saved(query, public.archive, _GERMAN)
    if not rows or address is None:
        return []
    wanted = {row.id for row in rows}
    oldest = min(row.published_at or row.first_seen for row in rows)
    asked = query_of(address, public.archive, _PAGE)
    if asked.since is None or (isinstance(asked.since, datetime) and asked.since < oldest):
        asked = replace(asked, since=oldest)
    found: list[int] = []
    for offset in range(0, _MOST, _PAGE):
        hits = public.search.run(replace(asked, offset=offset), counts=False).hits
        found += [hit.item_id for hit in hits if hit.item_id in wanted]
        if len(hits) < _PAGE or len(found) == len(wanted):
            break
    return found


def queue_news(config: Config, newsroom: Newsroom, now: datetime) -> int:
    """Put the digests and calls that are due into the outbox; how many subscriptions were due."""
    hooks = [hook for hook in newsroom.hooks() if hook.stopped_at is None]
    newest = newsroom.newest_publication()
    due = []
    for one in newsroom.subscriptions():
        news = newsroom.news_after(one.upto) if one.upto < newest else []
        if digests.due(one.rhythm, news, one.looked_at or one.asked_at, now):
            due.append((one, news))
    calls = [(hook, newsroom.news_after(hook.upto)) for hook in hooks if hook.upto < newest]
    if not any(news for _, news in [*due, *calls]):
        for subscription, _ in due:
            newsroom.tell_subscriber(subscription, newest, [])
        return len(due)
    public = Public.open(config)
    try:
        for subscription, news in due:
            found = matching(public, subscription.query, [one.item_id for one in news])
            newsroom.tell_subscriber(subscription, newest, found)
        for hook, news in calls:
            newsroom.tell_hook(
                hook, newest, matching(public, hook.query, [one.item_id for one in news])
            )
    finally:
        public.close()
    return len(due)


class Sender:
    """Writes each letter at the moment it is sent, of what is public then, and hands it over."""

    def __init__(
        self,
        config: Config,
        newsroom: Newsroom,
        mailer: Mailer | None,
        clock: Callable[[], datetime],
        call: Callable[[webhooks.Call, datetime], None] | None = None,
    ) -> None:
        self._config = config
        self._newsroom = newsroom
        self._mailer = mailer
        self._clock = clock
        self._call = call or _call
        self._public: Public | None = None
        self._site = config.site_address.rstrip("/")

    def send_due(self, tell: Callable[[str], None], go_on: Callable[[], bool]) -> int:
        """Send what is due, as long as ``go_on`` says so; returns how many letters were taken.

        A letter is deleted from the outbox as soon as the server has taken it. A crash in that
        very moment repeats this one letter, with the same Message-ID, and no other.
        """
        taken = 0
        try:
            for letter in self._newsroom.letters_due():
                if letter.kind != "hook" and self._mailer is None:
                    continue
                if not go_on():
                    break
                try:
                    self._send(letter)
                except (MailError, webhooks.HookError) as error:
                    gave_up = self._newsroom.letter_failed(
                        letter, str(error), for_good=error.for_good
                    )
                    tell(f"{letter.kind} {letter.id}: {error}{'; given up' if gave_up else ''}")
                    continue
                self._newsroom.letter_taken(letter)
                taken += 1
        finally:
            if self._public is not None:
                self._public.close()
                self._public = None
        return taken

    def _send(self, letter: Letter) -> None:
        if letter.kind == "hook":
            self._send_call(letter)
        elif letter.kind == "alert":
            self._send_alerts(letter)
        else:
            assert letter.subscription_id is not None
            subscription = self._newsroom.subscription_of(letter.subscription_id)
            if subscription is None:
                return  # unsubscribed a moment ago
            if letter.kind == "confirm":
                self._ask(letter, subscription)
            else:
                self._send_digest(letter, subscription)

    def _ask(self, letter: Letter, subscription: Subscription) -> None:
        spoken = language(subscription.language)
        archive = self._open().archive
        address = parse_saved(subscription.query, archive, spoken)
        if address is None or subscription.confirmed_at is not None:
            return
        words = in_harmless_words(address, archive, spoken)
        url = self._site + spoken_path(spoken, f"/abo/{subscription.token}")
        said = write_confirmation(words, subscription.rhythm, url, spoken)
        self._post(letter, subscription.address, said.subject, said.text, said.html)

    def _send_digest(self, letter: Letter, subscription: Subscription) -> None:
        spoken = language(subscription.language)
        archive = self._open().archive
        address = parse_saved(subscription.query, archive, spoken)
        rows = [row for row in archive.rows(letter.content["items"]) if row.withdrawn_at is None]
        if address is None or not rows:
            return  # all of it was withdrawn or erased meanwhile
        end = self._site + spoken_path(spoken, f"/abo/{subscription.token}/ende")
        digest = Digest(
            search=in_words(address, archive, spoken),
            rhythm=subscription.rhythm,
            sections=[
                Section(
                    spoken.gettext(group.topic.label) if group.topic else "",
                    ", ".join(spoken.state(state.id) for state in group.states),
                    group.rows,
                )
                for group in digests.groups(rows[: digests.SHOWN], address.topics)
            ],
            total=len(rows),
            site=self._site,
            search_url=self._site + spoken_path(spoken, address.url()),
            end_url=end,
        )
        said = write_digest(digest, spoken)
        headers = {
            # RFC 8058: the reader's program ends it with one POST, without a page.
            "List-Unsubscribe": f"<{end}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": f"<digest.{self._site.partition('://')[2].partition(':')[0]}>",
        }
        self._post(letter, subscription.address, said.subject, said.text, said.html, headers)

    def _send_alerts(self, letter: Letter) -> None:
        alerts = {alert.id: alert for alert in self._newsroom.alerts()}
        said = write_alerts(letter.content, alerts, f"{self._site}/desk" if self._site else "")
        if said is None or not self._config.alerts_to:
            return
        self._post(letter, ", ".join(self._config.alerts_to.split()), *said)
        self._newsroom.alerts_told(
            number
            for number in letter.content["new"]
            if number in alerts and alerts[number].resolved_at is None
        )

    def _post(
        self,
        letter: Letter,
        to: str,
        subject: str,
        text: str,
        html: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        assert self._mailer is not None
        self._mailer.send(
            make_message(
                self._config, to=to, subject=subject, text=text, html=html, headers=headers,
                message_id=letter.message_id, at=self._clock(),
            )
        )  # fmt: skip

    def _send_call(self, letter: Letter) -> None:
        hook = next((one for one in self._newsroom.hooks() if one.id == letter.hook_id), None)
        if hook is None:
            return  # removed a moment ago
        rows = self._open().archive.rows(letter.content["items"])
        public = [row for row in rows if row.withdrawn_at is None]
        if not public:
            return
        body = {
            "type": "search.news",
            "timestamp": letter.made_at.isoformat(),
            "data": {"search": hook.query, "items": [as_data(row, self._site) for row in public]},
        }
        call = webhooks.Call(
            hook.url, hook.secret, letter.message_id, json.dumps(body, ensure_ascii=False).encode()
        )
        self._call(call, self._clock())

    def _open(self) -> Public:
        if self._public is None:
            self._public = Public.open(self._config)
        return self._public


def as_data(row: Row, site: str) -> dict[str, Any]:
    """An item as hooks get it: what lists of the site show."""
    return {
        "id": row.id,
        "url": row.url,
        "archive_url": f"{site}/eintrag/{row.id}",
        "source": row.source_id,
        "source_name": row.source,
        "kind": row.kind,
        "kicker": row.kicker,
        "title": row.title,
        "teaser": row.teaser,
        "published_at": row.published_at.isoformat() if row.published_at else None,
        "first_seen": row.first_seen.isoformat(),
        "topics": [topic.id for topic in row.topics],
        "states": [state.id for state in row.states],
    }


def saved_query(config: Config, text: str) -> str:
    """A search (its address, or the parameters alone) as it is kept.

    Raises `webhooks.HookError` if part of it names nothing in the archive.
    """
    public = Public.open(config)
    try:
        given = text.partition("?")[2] if "?" in text else text
        address = read_saved(parse_qs(given), public.archive, _GERMAN)
        beside = {("sortierung", "relevanz"), ("sortierung", "datum")}
        lost = set(parse_qsl(given)) - set(parse_qsl(as_query(address))) - beside
        if lost:
            raise webhooks.HookError(
                f"{given}: no search of this archive; copy the parameters of /suche?… as they are"
            )
        return as_query(address)
    finally:
        public.close()


def spoken_path(spoken: Language, path: str) -> str:
    """The path of a page in a language."""
    return in_language(spoken.code, path)


def _call(call: webhooks.Call, at: datetime) -> None:
    webhooks.deliver(call, at, webhooks.public_address(call.url))
