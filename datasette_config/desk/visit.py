"""One visit to the desk: who asks for what, in which language, and how pages answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from markupsafe import Markup

from datasette_config.desk.acts import facet_name, role_name, value_name
from datasette_config.desk.desk import Desk
from datasette_config.desk.messages import MESSAGES
from datasette_config.desk.request import JSON, Answer, Request, redirect
from datasette_config.desk.words import plain
from datasette_config.language import Language
from store.accounts import Account
from store.newsroom import Newsroom
from store.types import Correction

#: The form's field that proves it is one of ours.
FIELD: Final = "schluessel"


@dataclass(frozen=True)
class Visit:
    """One request of someone, whose account is None only on the sign-in page."""

    desk: Desk
    request: Request
    newsroom: Newsroom
    account: Account | None
    language: Language
    #: goes into every form and must come back with it
    token: str

    @property
    def name(self) -> str:
        """Who it is, for the record. Only for pages that need an account."""
        assert self.account is not None
        return self.account.name

    def now(self) -> datetime:
        """The present moment."""
        return self.desk.now()

    def may(self, role: str) -> bool:
        """Whether the account may do what needs ``role``."""
        return self.account is not None and self.account.may(role)

    def key(self) -> Markup:
        """The hidden field that every form carries."""
        return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, self.token)

    def rooms(self) -> list[tuple[str, str]]:
        """Where the account can go: path and name."""
        _ = self.language.gettext
        found = [
            ("/desk", _("Übersicht")),
            ("/desk/durchsicht", _("Durchsicht")),
            ("/desk/eintraege", _("Einträge")),
            ("/desk/quellen", _("Quellen")),
            ("/desk/modell", _("Modell")),
            ("/desk/meldungen", _("Meldungen")),
            ("/desk/auftraege", _("Aufträge")),
            ("/desk/protokoll", _("Protokoll")),
        ]
        return [*found, ("/desk/konten", _("Konten"))] if self.may("admin") else found

    def plain_word(self, item_id: int, facet: str) -> object:
        """What counts for an item, as plain data."""
        return plain(self.newsroom.word(item_id, facet))

    def page(self, template: str, /, *, status: int = 200, **values: object) -> Answer:
        """A page of the desk."""
        said = MESSAGES.get(self.request.argument("ok"))
        topics = {id: label for id, label, _ in self.newsroom.topics()} if self.account else {}
        common = {
            "visit": self,
            "key": self.key,
            "rooms": self.rooms,
            "facet_word": lambda facet: facet_name(facet, self.language),
            "value_word": lambda facet, value: value_name(facet, value, topics, self.language),
            "role_word": lambda role: role_name(role, self.language),
            "account": self.account,
            "here": self.request.path,
            "said": self.language.gettext(said) if said else None,
            "late": self.request.argument("spaeter") == "1",
            "waiting": self.newsroom.review_count() if self.account else 0,
        }
        body = self.desk.render(template, self.language.code, **{**common, **values})
        return Answer(body, status=status)

    def json(self, value: object, *, download: str | None = None) -> Answer:
        """Plain data."""
        body = json.dumps(value, ensure_ascii=False, default=str).encode()
        return Answer(body, content_type=JSON, headers=as_download(download))

    def done(
        self,
        path: str,
        message: str = "",
        *,
        made: Sequence[Correction] = (),
        late: str | None = None,
        **query: object,
    ) -> Answer:
        """To another page after a form, with a message of ``MESSAGES`` there.

        ``made``: what can be taken back there; ``late``: why it is not public yet, if so.
        """
        asked = {
            "ok": message,
            "getan": ",".join(str(one.id) for one in made),
            "spaeter": int(late is not None),
            **query,
        }
        kept = {name: value for name, value in asked.items() if value}
        return redirect(f"{path}?{urlencode(kept)}" if kept else path)

    def refused(self, why: str, *, status: int = 422, back: str = "/desk") -> Answer:
        """It cannot be done; ``why`` says what to mend."""
        return self.page("refused.html", status=status, why=why, back=back)


def as_download(name: str | None) -> Mapping[str, str]:
    """The header that lets a browser save an answer under a name of ours."""
    return {"Content-Disposition": f'attachment; filename="{name}"'} if name else {}
