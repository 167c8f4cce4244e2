"""The desk's people: an admin keeps their accounts, everybody their own password and language."""

from __future__ import annotations

from datasette_config.desk.deciding import FormError
from datasette_config.desk.door import SESSION
from datasette_config.desk.request import Answer, Cookie, redirect
from datasette_config.desk.visit import Visit
from datasette_config.language import LANGUAGES
from store.accounts import AccountError, SignInError, ThrottledError
from store.types import ROLES

PATH, OWN = "/desk/konten", "/desk/konto"


def show(visit: Visit) -> Answer:
    """Every account."""
    return visit.page("accounts.html", accounts=visit.newsroom.accounts(), roles=ROLES)


def do(visit: Visit) -> Answer:
    """Make or change an account."""
    request, newsroom = visit.request, visit.newsroom
    what, name = request.value("tun"), request.value("name").lower()
    try:
        if what == "anlegen":
            password = (request.values("passwort") or [""])[0]
            newsroom.add_account(name, request.value("rolle"), password or None, by=visit.name)
        elif what == "rolle":
            newsroom.set_role(name, request.value("rolle"), by=visit.name)
        elif what == "passwort":
            newsroom.set_password(name, (request.values("passwort") or [""])[0], by=visit.name)
        elif what == "sperren":
            newsroom.disable_account(name, by=visit.name)
        elif what == "entsperren":
            newsroom.enable_account(name, by=visit.name)
    except AccountError as error:
        return visit.refused(str(error), back=PATH)
    return visit.done(PATH, "account")


def show_own(visit: Visit) -> Answer:
    """One's own account."""
    return visit.page("account.html", languages=LANGUAGES)


def do_own(visit: Visit) -> Answer:
    """Another language, or another password for who knows the present one."""
    request, newsroom, _ = visit.request, visit.newsroom, visit.language.gettext
    if request.value("sprache") in LANGUAGES:
        newsroom.set_language(visit.name, request.value("sprache"))
        return visit.done(OWN, "saved")
    present, wanted = ((request.values(field) or [""])[0] for field in ("bisher", "passwort"))
    try:
        newsroom.end_session(newsroom.sign_in(visit.name, present, address=request.address))
    except ThrottledError:
        raise FormError(_("Zu viele Versuche; bitte später noch einmal.")) from None
    except SignInError:
        raise FormError(_("Das bisherige Passwort stimmt nicht.")) from None
    newsroom.set_password(visit.name, wanted, by=visit.name)
    token = newsroom.sign_in(visit.name, wanted, address=request.address)
    return redirect(f"{OWN}?ok=password", Cookie(SESSION, token))
