"""What part a named place plays where it stands: whether it acts, or is only compared, a venue,
somebody's seat, a dateline, quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from classifier.gazetteer import Span
from classifier.keeping import MOST, Kept
from classifier.signs import FIRST_WORD, ROLES, any_of

#: Letters before and after a name in which its role in the sentence is looked for.
WINDOW = 70
_COMPARISON_BEFORE = re.compile(
    rf"\b{any_of('comparison')}(?: (?:in|im|aus|bei|der|den|die|dem|ein Projekt|Stadt|Städten?"
    r"|Gemeinde|Kreis|Landkreis|Land))*\s+\Z"
)
_COMPARISON_AFTER = re.compile(rf"\A[^.!?]{{0,40}}\b{any_of('comparison_after')}\b")
_RANGE_FROM = re.compile(r"\bvon\s+\Z")
_RANGE_TO = re.compile(r"\bvon\s+[\w-]+(?: [\w-]+)? bis\s+\Z")
_RANKED = re.compile(r"\A\s+(?:vor|hinter)\s+[A-ZÄÖÜ]")
_VENUE_BEFORE = re.compile(
    rf"\b{any_of('venue')}\b[^.!?;:]{{0,45}}\b(?:in|nach|bei|im)(?: der| dem)?\s+\Z"
)
_VENUE_AFTER = re.compile(rf"\A[^.!?;]{{0,40}}\b{any_of('venue_after')}\b")
_IN = re.compile(r"\b(?:in|im)\s+(?:der\s+)?\Z")
#: With which letters a text ends where a seat or a venue may follow; the expressions are slower.
_BEFORE_SEAT = ("in ", "im ", "aus ", "der ", "dem ")
_BEFORE_VENUE = ("in ", "im ", "nach ", "bei ", "der ", "dem ")
_VENDOR_NAMED = re.compile(rf"\b{any_of('vendor')},? {any_of('seat')}\s+\Z|\b[Ss]itz in\s+\Z")
_VENDOR_AFTER = re.compile(
    rf"\A(?:er)?\s+{any_of('vendor')}(?!\w)|\A(?: [\w-]+)? (?:GmbH|AG|SE|mbH)\b"
)
_SEAT_OF_BODY = re.compile(rf"\A,?\s*{any_of('seat')}\s+\Z")
_DATELINE = re.compile(
    rf"\A\W{{0,3}}(?:\({any_of('agencies')}\b|(?:\([^)]{{2,20}}\)\s*)?[–—-]\s"
    r"|/[A-ZÄÖÜ]\w+\s*(?:\(|[–—-]\s)|,\s*(?:den\s*)?\d)"
)
_QUOTED = re.compile(rf"\A\s+{any_of('quoted')}(?: [A-ZÄÖÜ]\w+){{0,2}} (?:\w+ )?{any_of('says')}")
_CRITICISM = re.compile(r"\A\s+kommt (?:\w+ )?(?:Kritik|Lob|Widerspruch|Zustimmung)")


def _first_words(key: str) -> re.Pattern[str]:
    """What the entries of a role begin with, up to their first space."""
    return re.compile("|".join(FIRST_WORD.split(entry)[0] for entry in ROLES[key]))


_ROLE_BEGINS = {
    key: _first_words(key)
    for key in ("comparison", "comparison_after", "vendor", "venue", "venue_after")
}
#: What stands between two spaces → the roles that may begin there: most of what surrounds a name
#: begins none, and the whole expressions are slow.
_MAY_BEGIN_ROLE = Kept(
    lambda piece: frozenset(key for key, pattern in _ROLE_BEGINS.items() if pattern.search(piece))
)
_NO_ROLE: frozenset[str] = frozenset()
#: Those of which none may begin there: a look at all words beside a name finds most in here.
_WITHOUT_ROLE: set[str] = set()
#: "Falkensee bei Berlin": the second name says where the first lies.
_NEAR = re.compile(
    r"\s(?:bei|nahe|unweit von|nördlich von|südlich von|östlich von|westlich von)\s\Z"
)
#: "die TU München", "der Universität Leipzig": who teaches there asks about the whole country.
_SCHOOL = re.compile(r"TU|FH|LMU|RWTH|HTW|\w*[Uu]niversität|Uni|\w*[Hh]ochschule|Fraunhofer[\w-]*")
_TEACHES = Kept(lambda word: _SCHOOL.fullmatch(word) is not None)


def _roles_begun(pieces: Sequence[str]) -> frozenset[str]:
    if _WITHOUT_ROLE.issuperset(pieces):
        return _NO_ROLE
    begun = _NO_ROLE
    for piece in pieces:
        if found := _MAY_BEGIN_ROLE[piece]:
            begun |= found
        else:
            if len(_WITHOUT_ROLE) >= MOST:
                _WITHOUT_ROLE.clear()
            _WITHOUT_ROLE.add(piece)
    return begun


def is_near(text: str, start: int, end: int) -> bool:
    """Whether what stands between two names says that the second tells where the first lies."""
    return _NEAR.fullmatch(text, start, end) is not None


def role_of(
    text: str, pieces: Sequence[str], span: Span, before: str, field: str, body_end: int
) -> str:
    """What part the place plays; "" where it acts.

    ``pieces``: the text cut at its spaces; ``before``: the last ``WINDOW`` letters before the name;
    ``body_end``: where a national body ended, or -1.
    """
    start, end = span.start, span.end
    after = text[end : end + WINDOW]
    if start <= 2 and field in ("teaser", "body") and _DATELINE.match(after):
        return "dateline"
    begun_before = _roles_begun(pieces[max(0, span.piece - before.count(" ")) : span.piece + 1])
    may_be_seat = before.endswith(_BEFORE_SEAT) and (
        "vendor" in begun_before or before.endswith("itz in ")
    )
    if (may_be_seat and _VENDOR_NAMED.search(before)) or _VENDOR_AFTER.match(after):
        return "vendor"
    if field != "title" and (_QUOTED.match(after) or _CRITICISM.match(after)):
        return "quoted"
    if _TEACHES[span.lead] and "." not in before.rpartition(span.lead)[2]:
        return "school"
    if (
        body_end >= 0
        and any(place for _, place in span.meaning.candidates)
        and _SEAT_OF_BODY.match(text[body_end:start])
    ):
        return "vendor"
    if "comparison" in begun_before and _COMPARISON_BEFORE.search(before):
        return "comparison"
    last = span.piece + span.name.count(" ")
    begun_after = _roles_begun(pieces[last : last + after.count(" ") + 1])
    if "comparison_after" in begun_after and _COMPARISON_AFTER.match(after):
        return "comparison"
    if before.endswith("bis ") and _RANGE_TO.search(before):
        return "comparison"
    if after.startswith(" bis ") and _RANGE_FROM.search(before):
        return "comparison"
    if _RANKED.match(after) or (field == "title" and before.endswith((" vor ", " hinter "))):
        return "comparison"
    if before.endswith(_BEFORE_VENUE):
        if "venue" in begun_before and _VENUE_BEFORE.search(before):
            return "venue"
        if "venue_after" in begun_after and _IN.search(before) and _VENUE_AFTER.match(after):
            return "venue"
    return ""
