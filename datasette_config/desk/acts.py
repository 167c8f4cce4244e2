"""What the audit trail says of an act, in an editor's words; pure."""

from __future__ import annotations

from collections.abc import Mapping

from datasette_config.desk.job_words import job_name
from datasette_config.language import Language
from store.audit import AuditEntry


def act_name(action: str, spoken: Language) -> str:
    """What was done."""
    _ = spoken.gettext
    if action.startswith("job.") and action != "job.cancel":
        return job_name(action.removeprefix("job."), spoken)
    names = {
        "item.correct": _("Eintrag entschieden"), "item.undo": _("Entscheidung zurückgenommen"),
        "item.join": _("Einträge zusammengelegt"), "item.part": _("Eintrag aus Gruppe gelöst"),
        "job.cancel": _("Auftrag zurückgezogen"), "account.add": _("Konto angelegt"),
        "account.password": _("Passwort gesetzt"), "account.role": _("Rolle geändert"),
        "account.disable": _("Konto gesperrt"), "account.enable": _("Konto entsperrt"),
        "session.begin": _("angemeldet"), "session.end": _("abgemeldet"),
    }  # fmt: skip
    return names.get(action, action)


def role_name(role: str, spoken: Language) -> str:
    """What a role is called; one that there is no more comes back as it is."""
    _ = spoken.gettext
    return {
        "reader": _("Leserin oder Leser"), "editor": _("Redakteurin oder Redakteur"),
        "chief": _("Leitung"), "admin": _("Verwaltung"),
    }.get(role, role)  # fmt: skip


def facet_name(facet: str, spoken: Language) -> str:
    """What was decided of an item."""
    _ = spoken.gettext
    return {
        "topic": _("Themen"), "state": _("Länder"), "kind": _("Art"), "published": _("Datum"),
        "hidden": _("Sichtbarkeit"),
    }.get(facet, facet)  # fmt: skip


def value_name(facet: str, value: object, topics: Mapping[str, str], spoken: Language) -> str:
    """What it was decided to be."""
    _ = spoken.gettext
    if facet == "hidden":
        return {True: _("verborgen"), False: _("gezeigt")}.get(value, _("nach der Regel"))  # type: ignore[call-overload,no-any-return]
    if isinstance(value, list | tuple):
        names = [topics.get(one, one) if facet == "topic" else spoken.state(one) for one in value]
        return ", ".join(names) or _("keins")
    if facet == "kind":
        return spoken.kind(str(value))
    return _("unbekannt") if value is None else str(value)


def told(entry: AuditEntry, topics: Mapping[str, str], spoken: Language) -> str:
    """The detail of an entry in one line; empty where the act says all."""
    detail = entry.detail
    if "facet" in detail:
        facet = str(detail["facet"])
        before, after = (
            value_name(facet, detail.get(name), topics, spoken) for name in ("before", "after")
        )
        change = after if before == after else f"{before} → {after}"
        return f"{facet_name(facet, spoken)}: {change}"
    if "role" in detail:
        return role_name(str(detail["role"]), spoken)
    if "before" in detail:
        return f"{detail['before']} → {detail['after']}"
    if isinstance(detail.get("changes"), dict):
        return ", ".join(f"{name} = {value}" for name, value in detail["changes"].items())
    return ", ".join(str(detail[name]) for name in ("host", "with") if name in detail)
