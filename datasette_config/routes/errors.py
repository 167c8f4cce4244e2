"""What a reader sees when there is nothing to see."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NoReturn

from datasette_config.language import language
from datasette_config.site import Site
from datasette_config.web import N_, Ask, MissingPageError, Page

_TITLES: Final = {
    400: N_("So lässt sich das nicht beantworten"),
    403: N_("Nicht öffentlich"),
    404: N_("Seite nicht gefunden"),
    500: N_("Da ist etwas schiefgegangen"),
}
_EXPLANATIONS: Final = {
    400: N_("Mit dieser Anfrage kann das Archiv nichts anfangen."),
    403: N_("Dieser Bereich ist nicht für die Öffentlichkeit bestimmt."),
    404: N_("Unter dieser Adresse gibt es im Archiv nichts. Vielleicht hilft die Suche weiter."),
    500: N_(
        "Die Seite ließ sich nicht aufbauen. Der Fehler liegt bei uns und ist protokolliert; ein "
        "neuer Versuch in ein paar Minuten lohnt sich."
    ),
}


TOO_LONG: Final = N_("Diese Abfrage dauert zu lange")
SHORTER: Final = N_(
    "Das Archiv bricht Abfragen nach zwei Sekunden ab, damit es für alle schnell bleibt. Oft "
    "genügt ein engerer Zeitraum, eine Bedingung auf Quelle, Thema oder Land oder ein LIMIT."
)


def title_of(status: int) -> str:
    """What a status is called; that of its class where it has no name of its own."""
    return _TITLES.get(status, _TITLES[400 if status < 500 else 500])


def page(site: Site, ask: Ask, status: int, *, title: str | None = None, message: str = "") -> Page:
    """The error page; ``message`` is shown only where the reader can mend something."""
    _ = language(ask.language).gettext
    return site.page(
        "error.html",
        replace(ask, path="/", arguments={}),  # an address that leads nowhere is not repeated
        status=status,
        title=_(title or title_of(status)),
        code=status,
        explanation=_(_EXPLANATIONS.get(status, _EXPLANATIONS[400 if status < 500 else 500])),
        detail=_(message) if message and status < 500 else "",
    )


def no_letters(site: Site, ask: Ask) -> NoReturn:
    """Where subscriptions are (``routes.subscriptions``) if letters can be sent; here none can."""
    raise MissingPageError(
        N_(
            "Diese Seiten verschicken keine E-Mails. Jede Suche, jedes Thema und jedes Land gibt "
            "es als Feed; er steht am Ende der jeweiligen Seite."
        )
    )


def hidden(site: Site, ask: Ask) -> NoReturn:
    """Datasette's pages about itself, which are nobody's business but the operator's."""
    raise MissingPageError("")
