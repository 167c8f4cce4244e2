"""The door of the desk: who somebody is, what they may, and that a form is really theirs."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import quote

from datasette_config import language
from datasette_config.desk.desk import Desk
from datasette_config.desk.request import Answer, Cookie, Request, redirect
from datasette_config.desk.route import Route
from datasette_config.desk.visit import FIELD, Visit
from datasette_config.guard import POLICY_HEADER, STRICT_POLICY
from datasette_config.web import MissingPageError
from store.accounts import Account
from store.errors import RadarError
from store.newsroom import Newsroom

SESSION: Final = "radar-desk"
#: A random number of this browser; every form carries a code made of it and of the account.
FORM: Final = "radar-form"
SIGN_IN: Final = "/desk/anmelden"
#: On every answer of the desk. No cache keeps it, no search engine lists it, and an address of it
#: is told to nobody.
HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "same-origin",
    POLICY_HEADER: STRICT_POLICY,
}


def answer(desk: Desk, route: Route, request: Request) -> Answer:
    """The answer to a request for a route of the desk. Every error a person can mend is a page."""
    secret = request.cookies.get(FORM, "")
    fresh = () if len(secret) >= 32 else (Cookie(FORM, secret := secrets.token_urlsafe(32)),)
    newsroom = desk.newsroom()
    account = who(desk, newsroom, request)
    visit = Visit(
        desk=desk,
        request=request,
        newsroom=newsroom,
        account=account,
        language=language.language(_spoken(account, request)),
        token=form_code(secret, account),
    )
    given = _answer(visit, route)
    return Answer(
        given.body,
        given.status,
        given.content_type,
        {**HEADERS, **given.headers},
        (*fresh, *given.cookies),
    )


def _answer(visit: Visit, route: Route) -> Answer:
    request = visit.request
    allowed = [name for name, handler in (("GET", route.show), ("POST", route.do)) if handler]
    method = "GET" if request.method == "HEAD" else request.method
    handler = {"GET": route.show, "POST": route.do}.get(method)
    if handler is None:
        _ = visit.language.gettext
        refused = visit.refused(_("Diese Adresse lässt sich so nicht aufrufen."), status=405)
        return Answer(
            refused.body, 405, refused.content_type, {"Allow": ", ".join(allowed)}, refused.cookies
        )
    role = route.see if method == "GET" else route.change
    if role is not None and visit.account is None:
        if method == "GET":
            back = f"{request.path}?{request.query}" if request.query else request.path
            return redirect(f"{SIGN_IN}?weiter={quote(back, safe='/')}")
        return visit.page("expired.html", status=401)
    if role is not None and not visit.may(role):
        return visit.page("forbidden.html", status=403, role=role)
    if method == "POST" and not is_own_form(visit):
        return visit.page("expired.html", status=403)
    try:
        return handler(visit)
    except MissingPageError as error:
        return visit.refused(str(error), status=404)
    except RadarError as error:
        return visit.refused(str(error))


def who(desk: Desk, newsroom: Newsroom, request: Request) -> Account | None:
    """Whose visit it is: by the session's cookie, else by the header of a proxy we believe.

    The header counts only on a connection that one of the configured proxies opened.
    """
    token = request.cookies.get(SESSION)
    account = newsroom.session(token) if token else None
    if account is None and desk.config.proxy_header and request.peer in desk.config.proxies:
        named = request.headers.get(desk.config.proxy_header, "").strip().lower()
        account = newsroom.account(named) if named else None
    return account if account is not None and account.disabled_at is None else None


def form_code(secret: str, account: Account | None) -> str:
    """What a form must carry: it cannot be known without the browser's cookie."""
    name = account.name if account else ""
    return hmac.new(secret.encode(), name.encode(), hashlib.sha256).hexdigest()


def is_own_form(visit: Visit) -> bool:
    """Whether the form came from a page of ours, in this browser, for this account.

    The code must fit the cookie, and where the browser says which page sent it (``Origin``, or
    Fetch Metadata), that must be ours.
    """
    request = visit.request
    origin = request.headers.get("origin")
    ours = {request.origin, visit.desk.site.config.address or request.origin}
    if origin is not None and origin not in ours:
        return False
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    return hmac.compare_digest(request.value(FIELD).encode(), visit.token.encode())


def _spoken(account: Account | None, request: Request) -> str:
    """The account's language; before the door the one asked for, or the browser's."""
    if account is not None and account.language in language.LANGUAGES:
        return account.language
    asked = request.argument("sprache")
    if asked in language.LANGUAGES:
        return asked
    return language.preferred(request.headers.get("accept-language", ""))
