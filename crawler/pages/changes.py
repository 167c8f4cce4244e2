"""What the lines of a page tell of its last change, which is no publication."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.pages.blocks import Block

#: A line up to this long beside a headline is about the text, not part of it.
LINE = 110
#: What stands after these words in a line is told of the last change.
_CHANGE_WORDS = (
    r"(?:stand|aktualisier(?:t|ung\w*)|geändert|änderung\w*|zuletzt|(?:über|be)arbeitet"
    r"|(?:über|be)arbeitung|update[ds]?|modified)"
)
_CHANGED = re.compile(rf"\b{_CHANGE_WORDS}\b", re.I)
#: … or in the next one: „Letzte Änderung:“, „Seite aktualisiert am“.
_CHANGE_LABEL = re.compile(rf"^\W*(?:\w+\s+){{0,3}}{_CHANGE_WORDS}(?:\s+(?:am|vom))?\W*$", re.I)
#: What alone is enough, wherever the line stands.
PUBLISHED = re.compile(
    r"\b(?:veröffentlicht(?:\s+(?:am|von))?|veröffentlichungsdatum|datum der veröffentlichung"
    r"|(?:erschienen|publiziert|erstellt) am|online seit|(?:presse)?(?:mitteilung|meldung) vom)\b",
    re.I,
)


def change_in(blocks: Sequence[Block], index: int) -> str:
    """The end of a line that tells of the last change: from the word on, or after a label all."""
    block = blocks[index]
    if len(block.text) > LINE:
        return ""
    above = blocks[index - 1] if index else None
    if above and not above.is_heading and _CHANGE_LABEL.match(above.text):
        return block.text
    match = _CHANGED.search(block.text)
    if match is None or PUBLISHED.search(block.text, match.end()):
        return ""
    return block.text[match.start() :]
