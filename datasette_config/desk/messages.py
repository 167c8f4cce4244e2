"""What the desk says after a form: a code in the address, the sentence here."""

from __future__ import annotations

from typing import Final


def N_(text: str) -> str:
    """Marks a text for translation where it stands; it is translated where it is shown."""
    return text


MESSAGES: Final = {
    "saved": N_("Gespeichert."),
    "agreed": N_("Jemand war schneller und hat ebenso entschieden."),
    "undone": N_("Zurückgenommen: Es gilt wieder, was vorher galt."),
    "cancelled": N_("Der Auftrag ist zurückgezogen."),
    "signed-out": N_("Sie sind abgemeldet."),
    "password": N_("Das neue Passwort gilt; alle anderen Sitzungen sind beendet."),
    "grouped": N_("Die Gruppe ist geändert."),
    "account": N_("Das Konto ist geändert."),
}
