"""Signing in and out."""

from __future__ import annotations

import re

from datasette_config.desk.door import SESSION, SIGN_IN
from datasette_config.desk.request import Answer, Cookie, redirect
from datasette_config.desk.visit import Visit
from store.accounts import SignInError, ThrottledError


def show(visit: Visit) -> Answer:
    """The form; who is signed in already goes on."""
    if visit.account is not None:
        return redirect(onward(visit.request.argument("weiter")))
    return _form(visit, visit.request.argument("weiter"))


def do(visit: Visit) -> Answer:
    """A session for the right name and password; else the form again, which says no more."""
    request, _ = visit.request, visit.language.gettext
    onto = request.value("weiter")
    # A password may begin and end with blanks.
    password = (request.values("passwort") or [""])[0]
    name = request.value("name")
    try:
        token = visit.newsroom.sign_in(name, password, address=request.address)
    except ThrottledError as error:
        minutes = max(1, round(error.seconds / 60))
        why = visit.language.ngettext(
            "Zu viele Versuche. Der nächste zählt erst in einer Minute.",
            "Zu viele Versuche. Der nächste zählt erst in %(num)s Minuten.",
            minutes,
        )
        page = _form(visit, onto, name=name, why=why, status=429)
        return Answer(page.body, 429, headers={"Retry-After": str(error.seconds)})
    except SignInError:
        why = _("Name und Passwort passen nicht zusammen.")
        return _form(visit, onto, name=name, why=why, status=401)
    return redirect(onward(onto), Cookie(SESSION, token))


def sign_out(visit: Visit) -> Answer:
    """The session is worth nothing from now on, wherever its cookie may be."""
    token = visit.request.cookies.get(SESSION)
    if token:
        visit.newsroom.end_session(token)
    return redirect(f"{SIGN_IN}?ok=signed-out", Cookie(SESSION, "", max_age=0))


def onward(path: str) -> str:
    """Where to go after signing in: a page of the desk, never another site."""
    return path if re.fullmatch(r"/desk(?:/[\w./-]*)?(?:\?[^\s\\]*)?", path) else "/desk"


def _form(
    visit: Visit, onto: str, *, name: str = "", why: str | None = None, status: int = 200
) -> Answer:
    return visit.page("sign_in.html", status=status, onward=onward(onto), typed=name[:40], why=why)
