"""The pages on which a reader asks to be told by e-mail, confirms it, and ends it.

No cookie, no account: who holds the letter holds the token in its address. A GET never changes
anything, because programs that check letters follow every link.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs

from datasette_config.addresses import Address
from datasette_config.language import Language, language
from datasette_config.letters.saved import as_query, in_words, parse_saved, read_saved
from datasette_config.letters.writing import rhythms
from datasette_config.service import Asked
from datasette_config.web import Ask, Page
from store.subscriptions import RHYTHMS, Subscription, ThrottledSignUpError

#: What can be an e-mail address (the ASCII part of RFC 5321; whether it is one, a letter tells).
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{4,253}$)"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)
_TOKEN: Final = r"(?P<token>[A-Za-z0-9_-]{20,64})"


def form(asked: Asked) -> Page:
    """The form: an address and how often, for the search of the parameters."""
    return _form(asked, as_query(_search(asked, asked.request.arguments)))


def ask(asked: Asked) -> Page:
    """Send the letter that asks; the answer is the same whoever's address it is."""
    spoken = language(asked.language)
    _ = spoken.gettext
    if asked.from_elsewhere:
        return _told(asked, 403, _("Das kam von einer anderen Seite"),
                     _("Bitte bestellen Sie auf unserer eigenen Seite."))  # fmt: skip
    given = asked.request
    query = as_query(_search(asked, parse_qs(given.value("suche"), errors="replace")))
    address, rhythm = given.value("adresse"), given.value("rhythmus")
    if not _ADDRESS.fullmatch(address):
        return _form(asked, query, address=address, rhythm=rhythm, wrong=True)
    if rhythm not in RHYTHMS:
        rhythm = "daily"
    newsroom = asked.service.newsroom()
    assert newsroom is not None  # the route is only there with one
    try:
        newsroom.subscribe(
            address, query, rhythm, language=asked.language, client=asked.request.address
        )
    except ThrottledSignUpError:
        return _told(asked, 429, _("Das waren viele Bestellungen"),
                     _("Bitte versuchen Sie es morgen noch einmal."))  # fmt: skip
    return _told(
        asked, 200, _("Bitte sehen Sie in Ihr Postfach"),
        _("Wenn die Adresse stimmt, ist gleich ein Brief da. Erst wenn Sie darin bestätigen, "
          "geht es los; sonst wird die Adresse nach zwei Tagen gelöscht."),
    )  # fmt: skip


def show(asked: Asked) -> Page:
    """What is ordered, and the button that confirms or the way to end it."""
    found = _subscription(asked)
    if found is None:
        return _missing(asked)
    return _page(asked, found, "end" if found.confirmed_at else "confirm")


def confirm(asked: Asked) -> Page:
    """Begin to send."""
    newsroom = asked.service.newsroom()
    assert newsroom is not None
    found = newsroom.confirm(asked.parts["token"])
    return _missing(asked) if found is None else _page(asked, found, "confirmed")


def ask_end(asked: Asked) -> Page:
    """The button that ends it."""
    found = _subscription(asked)
    return _ended(asked) if found is None else _page(asked, found, "end")


def end(asked: Asked) -> Page:
    """End it and erase the address: by the button, or by one POST of a mail program (RFC 8058)."""
    newsroom = asked.service.newsroom()
    assert newsroom is not None
    newsroom.unsubscribe(asked.parts["token"])
    return _ended(asked)


def _search(asked: Asked, arguments: Mapping[str, Sequence[str]]) -> Address:
    return read_saved(arguments, asked.service.site.archive(), language(asked.language))


def _form(
    asked: Asked, query: str, *, address: str = "", rhythm: str = "daily", wrong: bool = False
) -> Page:
    spoken = language(asked.language)
    return _render(
        asked,
        400 if wrong else 200,
        step="form",
        title=spoken.gettext("Neues per E-Mail"),
        said="",
        search=_words(asked, query, spoken),
        query=query,
        address=address,
        rhythm=rhythm,
        wrong=wrong,
    )


def _page(asked: Asked, found: Subscription, step: str) -> Page:
    spoken = language(asked.language)
    _ = spoken.gettext
    titles = {
        "confirm": _("Möchten Sie das bestellen?"),
        "confirmed": _("Bestellt"),
        "end": _("Ihre Bestellung"),
    }
    said = _("Von jetzt an bekommen Sie Neues zu dieser Suche.") if step == "confirmed" else ""
    return _render(
        asked,
        200,
        step=step,
        title=titles[step],
        said=said,
        search=_words(asked, found.query, spoken),
        rhythm=found.rhythm,
        token=found.token,
    )


def _told(asked: Asked, status: int, title: str, said: str) -> Page:
    return _render(asked, status, step="told", title=title, said=said)


def _missing(asked: Asked) -> Page:
    _ = language(asked.language).gettext
    return _told(
        asked, 404, _("Diese Bestellung gibt es nicht"),
        _("Sie wurde beendet oder nicht rechtzeitig bestätigt; die Adresse ist gelöscht."),
    )  # fmt: skip


def _ended(asked: Asked) -> Page:
    _ = language(asked.language).gettext
    return _told(
        asked, 200, _("Abbestellt"),
        _("Es kommt kein Brief mehr zu dieser Suche, und Ihre Adresse ist dafür gelöscht."),
    )  # fmt: skip


def _words(asked: Asked, query: str, spoken: Language) -> str:
    archive = asked.service.site.archive()
    address = parse_saved(query, archive, spoken)
    return in_words(address, archive, spoken) if address else query


def _render(asked: Asked, status: int, **values: Any) -> Page:
    site, spoken = asked.service.site, language(asked.language)
    known: dict[str, Any] = {
        "rhythms": rhythms(spoken),
        **dict.fromkeys(("query", "token", "search", "rhythm", "address"), ""),
        "wrong": False,
    }
    reader = Ask(asked.path, language=asked.language, origin=asked.request.origin)
    return site.page("subscription.html", reader, status=status, **{**known, **values})


def _subscription(asked: Asked) -> Subscription | None:
    newsroom = asked.service.newsroom()
    assert newsroom is not None
    return newsroom.subscription(asked.parts["token"])


#: Pattern of the path, and a view for each method.
ROUTES: Final = (
    (re.compile(r"/abo"), {"GET": form, "POST": ask}),
    (re.compile(rf"/abo/{_TOKEN}"), {"GET": show, "POST": confirm}),
    (re.compile(rf"/abo/{_TOKEN}/ende"), {"GET": ask_end, "POST": end}),
)
