"""The desk's routes: each with the least role that may see it and send its form."""

from __future__ import annotations

from typing import Final

from datasette_config.desk import undoing
from datasette_config.desk.route import Route
from datasette_config.desk.routes import (
    accounts,
    adding,
    audit,
    item,
    items,
    jobs,
    model,
    news,
    overview,
    review,
    sign_in,
    source,
    sources,
    stack,
)

_SOURCE: Final = r"(?P<id>[a-z0-9_]{1,80})"
_NUMBER: Final = r"(?P<id>[0-9]{1,15})"

#: Patterns match a whole path.
ROUTES: Final = (
    Route(r"/desk/?$", overview.show),
    Route(r"/desk/anmelden$", sign_in.show, sign_in.do, see=None, change=None),
    Route(r"/desk/abmelden$", do=sign_in.sign_out, change="reader"),
    Route(r"/desk/konto$", accounts.show_own, accounts.do_own, change="reader"),
    Route(r"/desk/konten$", accounts.show, accounts.do, see="admin", change="admin"),
    Route(r"/desk/quellen$", sources.show),
    Route(r"/desk/quellen/neu$", adding.show, adding.look, see="chief", change="chief"),
    Route(
        r"/desk/quellen/neu/(?P<job>[0-9]{1,15})$",
        adding.offers,
        adding.save,
        see="chief",
        change="chief",
    ),
    Route(rf"/desk/quellen/{_SOURCE}$", source.show, source.do, change="chief"),
    Route(rf"/desk/quellen/{_SOURCE}\.toml$", source.toml),
    Route(rf"/desk/quellen/{_SOURCE}/abrufe/(?P<run>[0-9]{{1,15}})$", source.show_run),
    Route(
        rf"/desk/quellen/{_SOURCE}/(?P<what>abrufen|pruefen|anhalten|fortsetzen)$",
        do=source.act,
        change="chief",
    ),
    Route(r"/desk/durchsicht$", review.show, review.do),
    Route(r"/desk/durchsicht/stapel$", stack.show, stack.do),
    Route(r"/desk/rueckgaengig$", do=undoing.take_back),
    Route(r"/desk/eintraege$", items.show),
    Route(rf"/desk/eintraege/{_NUMBER}$", item.show, item.do),
    Route(rf"/desk/eintraege/{_NUMBER}/gruppe$", do=item.group),
    Route(rf"/desk/eintraege/{_NUMBER}/loeschen$", do=item.erase, change="chief"),
    Route(r"/desk/modell$", model.show, model.do, change="chief"),
    Route(r"/desk/meldungen$", news.show),
    Route(r"/desk/auftraege$", jobs.show_all),
    Route(rf"/desk/auftraege/{_NUMBER}$", jobs.show, jobs.cancel, change="chief"),
    Route(rf"/desk/auftraege/{_NUMBER}\.json$", jobs.progress),
    Route(r"/desk/protokoll$", audit.show),
    Route(r"/desk/protokoll\.csv$", audit.as_csv),
    Route(r"/desk/protokoll\.json$", audit.as_json),
)
