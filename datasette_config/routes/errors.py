"""What a reader sees when there is nothing to see."""

from __future__ import annotations

from typing import Final, NoReturn

from markupsafe import Markup

from datasette_config.site import Site
from datasette_config.web import Ask, MissingPageError, Page

_TITLES: Final = {
    400: "So lässt sich das nicht beantworten",
    403: "Nicht öffentlich",
    404: "Seite nicht gefunden",
    500: "Da ist etwas schiefgegangen",
}
_EXPLANATIONS: Final = {
    400: "Mit dieser Anfrage kann das Archiv nichts anfangen.",
    403: "Dieser Bereich ist nicht für die Öffentlichkeit bestimmt.",
    404: "Unter dieser Adresse gibt es im Archiv nichts. Vielleicht hilft die Suche weiter.",
    500: "Die Seite ließ sich nicht aufbauen. Der Fehler liegt bei uns und ist protokolliert; "
    "ein neuer Versuch in ein paar Minuten lohnt sich.",
}


def page(
    site: Site,
    status: int,
    *,
    title: str | None = None,
    message: str = "",
    is_html: bool = False,
) -> Page:
    """The error page; ``message`` only for what the reader can mend, ``is_html`` if it is ours."""
    known = status if status in _TITLES else (400 if status < 500 else 500)
    detail = "" if status >= 500 or message in (str(status), "404") else message
    return site.page(
        "error.html",
        status=status,
        title=title or _TITLES[known],
        code=status,
        explanation=_EXPLANATIONS[known],
        detail=Markup(detail) if is_html else detail,
    )


def hidden(site: Site, ask: Ask) -> NoReturn:
    """Datasette's pages about itself, which are nobody's business but the operator's."""
    raise MissingPageError("")
