"""German phrases around texts: what ends one, what stands before one, what is left over of a page.

Each list was gathered from German press, town and association pages; benchmarks/extraction.py
measures what they do.
"""

from __future__ import annotations

import re


def _line(*phrases: str, end: str = "$") -> re.Pattern[str]:
    return re.compile(rf"^(?:{'|'.join(phrases)}){end}", re.IGNORECASE)


_APPEAL = 400
_OTHERS = (
    r"(?:mehr|weitere[srn]?|ähnliche|verwandte|passende|aktuelle|neueste|beliebte|ältere|andere"
    r"|die neuesten)\s+(?:zum thema|zu diesem thema|zu den themen|dazu|themen|meldungen|beiträge"
    r"|artikel|nachrichten|news|pressemitteilungen|pressemeldungen|informationen|infos|links|posts"
    r"|aus\b.*|von\b.*|interessante\b.*|blogbeiträge|downloads?|veranstaltungen|kommentare)"
    r"(?:\s+(?:und|&|aus|zu[mr]?|von|im)\b.*)?"
)
_NETWORKS = (
    r"(?:facebook|twitter|x|xing|linkedin|whatsapp|e-?mail|mail|drucken|instagram|pinterest"
    r"|telegram|kopieren|tweet|teilen)"
)

#: Headings and labels that end a text: what follows is about other texts, people or the site.
TAIL = _line(
    _OTHERS,
    r"weitere [\w-]{4,30}(?: (?:in|zu|aus|für|von|im|zum) [\w äöüß-]{3,40})?",
    r"lesen sie (?:auch|hier|dazu|mehr|weiter)|auch interessant|zum thema|mehr (?:zum|dazu|lesen)",
    r"das könnte (?:sie|dich|euch)\b.*|(?:interessant|spannend) (?:auch|für)",
    r"related (?:articles|posts)|you (?:might|may) also like",
    r"(?:presse|medien)?kontakt(?:e|daten|adresse|person)?|pressestelle|herausgeber(?:in)?|impressum",
    r"ansprechpartner(?::?in(?:nen)?|/in(?:nen)?)?|ihre? ansprech\w+|(?:für )?rückfragen\b.*",
    r"(?:diese[nrs]? )?(?:seite|artikel|beitrag|meldung)? ?(?:teilen|(?:weiter)?empfehlen)\b.*",
    rf"(?:auf|via|bei|per) {_NETWORKS}\b.*|share\b.{{0,30}}|teilen\b.{{0,40}}",
    r"kommentare?(?: \(\d+\))?|\d+ kommentare?|leserkommentare|antwort abbrechen",
    r"schreiben? (?:sie )?einen kommentar|kommentar (?:schreiben|hinterlassen)",
    r"diskussion(?: zum artikel)?|(?:du musst|sie müssen) (?:angemeldet|eingeloggt|registriert) .*",
    r"schlag(?:wörter|worte|agwörter)|stichwörter|tags?|themen|kategorien?|rubrik(?:en)?",
    r"zusatzinformation(?:en)?|servicemenü|hauptmenü",
    r"downloads?|dateien|links|quellen?(?:angaben?|verzeichnis)?|originalpublikation|titelbild",
    r"weiterführende\b.*|hintergrund(?:informationen)? zum\b.*",
    r"über (?:den autor|die autorin|uns|den verfasser)|zu[mr] autor(?:in)?",
    r"zurück(?:\b.*)?|nach oben|drucken|seite drucken|druckversion|pdf[- ]version",
    r"noch mehr (?:infos?|artikel|beiträge|news|themen|tipps|davon)\b.*|interessante links",
    r"be sociable\b.*|(?:findet|folgt) uns\b.*|folgen sie uns\b.*|(?:beiträge )?aus dem forum",
    r"newsletter\b.*|jetzt (?:abonnieren|anmelden|spenden|teilen)\b.*|abonnieren\b.*",
    r"war (?:der|dieser|diese) .{3,40}(?:nützlich|hilfreich|interessant)\b.*",
    r"hat ihnen .{3,40} gefallen.*|gefällt (?:dir|ihnen) .{3,60}|möchten sie .{0,40} teilen.*",
    r"ihr beitrag hilft.*|mit ihrer (?:spende|hilfe)\b.*|unterstützen? (?:sie )?[\w.-]+ .{0,40}",
    r"bildergalerie|fotostrecke|anzeige|werbung|hilfe zur barrierefreiheit",
    r"(?:vorheriger|nächster) (?:beitrag|artikel)|beitragsnavigation",
    end=r"\s*[:.…!?]*\s*(?:$|[:–\-]\s)",
)
#: What asks for money ends a text too, and is longer than a heading.
APPEAL = re.compile(
    r"^(?:ihr beitrag hilft|mit ihrer (?:spende|hilfe|unterstützung)"
    r"|unterstützen sie (?:uns|unsere)|wenn ihnen (?:dieser|der) (?:artikel|beitrag) gefallen)",
    re.IGNORECASE,
)
#: After these a text may go on; whether prose follows decides.
MAY_GO_ON = re.compile(
    r"^(?:weiter(?:e|führende) (?!meldung|beiträge|artikel|nachrichten|news|presse|themen)"
    r"|zum thema|hintergrund)",
    re.IGNORECASE,
)
#: A line between paragraphs that only leads elsewhere („>> Wegen …: … <<“, „Lesen Sie auch: …“).
ASIDE = _line(
    r">>.{3,150}<<",
    r"(?:lesen sie (?:auch|dazu|hier)|mehr (?:zum thema|dazu)|auch interessant|siehe auch"
    r"|passend dazu)\s*:.{3,200}",
    r"[-–—|*\s]*(?:anzeige|werbung)[-–—|*:\s]*|bild (?:anzeigen|schließen)",
    r"(?:symbol|archiv)?(?:bild|foto)\b.{0,160}©.{0,80}",
)
#: One line of leftovers at the end of a text: credits, share bars, rules.
LEFTOVER = _line(
    r"(?:fotos?|bild(?:er|quelle|nachweis)?|grafik|titelbild|symbolbild|quelle|credit|©|\(c\))"
    r"\b\s*[:©|].{0,120}",
    r"©.{0,120}|\(?(?:foto|bild|symbolbild|quelle)\s*[:©].{0,120}|[|·•\-–—*_#\s]+",
    r"anzeige|werbung|stand:.{0,40}",
    rf"{_NETWORKS}(?:[\s,|·]+{_NETWORKS})*",
    r"\[?(?:mehr|weiter(?:lesen)?)\]?\s*(?:\.\.\.|…|»|›)?",
)
#: „3. Juni 2025“, „Dienstag, den 03.06.2025, 14:30 Uhr“, „2025-06-03“.
_DAY = (
    r"(?:\w+,? (?:den )?)?"
    r"(?:\d{1,2}\.\s?(?:\d{1,2}\.\s?|[a-zäö]+\.?\s)\d{4}|\d{1,2}\.\d{1,2}\.\d{2}|\d{4}-\d\d-\d\d)"
    r"(?:(?:\W{1,3}| um )\d{1,2}[:.]\d{2}(?: uhr)?)?"
)
#: What stands beside the day in a line of labels: „… | Redaktion“, „Bauamt · …“, but no hour of
#: an event.
_PIECE = r"(?![^|·•]*\buhr\b)[^|·•.!?]{1,40}"
_BETWEEN = r"\s*[|·•]\s*"
#: Lines between headline and text that are not of the text.
OPENING = _line(
    r"sie sind hier|startseite|home\b.{0,3}[>›»/]|von [\w.\- ]{3,40}$|autor(?:in)?:|lesezeit",
    r"vorlesen|artikel anhören|\d+ min(?:uten?)?\.? (?:lesezeit|lesedauer)|teilen|drucken|merken",
    r"anzeige|veröffentlicht|erstellt|stand:|zurück\b|kommentare?\b.{0,12}$|\d+ kommentare?$",
    r"foto:|bild:|©",
    rf"(?:{_PIECE}{_BETWEEN}){{0,2}}{_DAY}(?:{_BETWEEN}{_PIECE}){{0,2}}$",
    rf"(?:presse|medien)(?:mitteilung|meldung|information)(?: nr\.? ?[\d/.-]+)?(?:,| vom)? {_DAY}$",
    end="",
)
#: What a lead never holds: captions, credits, calls to subscribe.
NO_LEAD = re.compile(
    r"©|\b(?:istock|shutterstock|adobe ?stock|getty ?images|pixabay|unsplash|picture[- ]alliance)"
    r"|\b(?:foto|bild|quelle|grafik|lesezeit)\b\s*:"
    r"|\b(?:cookies?|newsletter|abonnieren|registrier\w+|anmelden)\b",
    re.IGNORECASE,
)

#: „mehr …“, „weiterlesen“ and the like: the end of a teaser, never part of it.
_MORE_WORDS = (
    r"(?:mehr(?: lesen| erfahren| dazu| infos?| informationen)?|weiterlesen|weiter(?: lesen)?"
    r"|(?:zum |ganzen )(?:artikel|beitrag)(?: lesen)?|lesen sie mehr|read more|details)"
)
#: It stands in the last so many letters; searching whole teasers cost a third of reading a list.
_MORE_REACH = 60
#: Without dots or an arrow it must follow a sentence: „… gibt es nicht mehr“ is a teaser's own.
MORE = re.compile(
    rf"(?:^|\s+)(?:[\[(»›→]\s*|\.\.\.\s*|…\s*)?{_MORE_WORDS}\s*(?:\.{{2,}}|…|»|›|→|>|\]|\))+\s*$"
    rf"|(?:^|(?<=[.!?…“\"\])])\s*|\s*[\[(»›→]\s*){_MORE_WORDS}\s*[:.]?\s*$",
    re.I,
)


def is_opening(text: str) -> bool:
    """A short line that stands between headline and text and is not of the text."""
    return len(text) <= 90 and bool(OPENING.match(text))


def is_tail(text: str) -> bool:
    """A short line that ends a text („Weitere Meldungen“, „Pressekontakt“, „Teilen“)."""
    return (len(text) <= 90 and bool(TAIL.match(text))) or (
        len(text) <= _APPEAL and bool(APPEAL.match(text))
    )


def without_more(text: str) -> str:
    """A teaser's text without its „mehr …“."""
    head, tail = text[:-_MORE_REACH], text[-_MORE_REACH:]
    return (head + MORE.sub("", tail)).rstrip(" [(»›→")
