"""What jobs and their states are called; pure."""

from __future__ import annotations

from datasette_config.language import Language


def job_name(kind: str, spoken: Language) -> str:
    """What a job is called."""
    _ = spoken.gettext
    names = {
        "crawl": _("Quelle abfragen"), "discover": _("Nach Quellen suchen"),
        "check": _("Quelle prüfen"), "save_source": _("Quelle anlegen"),
        "edit_source": _("Quelle ändern"), "train": _("Modell trainieren"),
        "promote": _("Modell in Kraft setzen"), "rollback": _("Zum vorigen Modell zurück"),
        "erase": _("Eintrag löschen"), "publish": _("Veröffentlichen"),
    }  # fmt: skip
    return names.get(kind, kind)


def job_state(state: str, spoken: Language) -> tuple[str, str]:
    """How far a job is, as a word and a tone."""
    _ = spoken.gettext
    return {
        "queued": (_("wartet"), "wait"), "running": (_("läuft"), "wait"),
        "done": (_("erledigt"), "good"), "failed": (_("gescheitert"), "bad"),
        "cancelled": (_("zurückgezogen"), "wait"),
    }[state]  # fmt: skip
