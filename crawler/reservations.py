"""What a publisher says, to machines, of mining its texts: TDMRep and the AI rules in robots.txt.

Pure. Each reader gives a `Statement` or None; `evidence` weighs them and gives one line that is
kept with the article, or None where mining is not reserved. What is reserved stays out of the
full-text index.

Sources: TDM Reservation Protocol, W3C Community Group, final report of 10 May 2024; RFC 9309
(robots.txt); draft-ietf-aipref-attach (``Content-Usage``); Cloudflare's content signals
(``Content-Signal``). The law: § 44b (3) UrhG wants a reservation that machines can read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote, urlsplit

from crawler.robots_text import agent_token, parse_robots

#: Where the reservation file of a host lies (TDMRep, "TDM File on the Origin Server").
TDM_FILE = "/.well-known/tdmrep.json"

#: Product tokens of crawlers that gather texts for training models or for data sets, as their
#: operators document them; a site that shuts them out by name does not want its texts mined.
#: Crawlers that fetch for a reader's question (ChatGPT-User, OAI-SearchBot, PerplexityBot …) are
#: left out: to refuse them says nothing of mining.
AI_AGENTS = frozenset(
    {
        "ai2bot", "anthropic-ai", "applebot-extended", "bytespider", "ccbot", "claude-web",
        "claudebot", "cohere-ai", "cohere-training-data-crawler", "diffbot", "facebookbot",
        "google-extended", "gptbot", "img2dataset", "meta-externalagent", "omgili", "omgilibot",
        "pangubot", "timpibot", "webzio-extended",
    }
)  # fmt: skip

#: Longest piece of a policy's address or of a rule that is quoted as evidence.
_QUOTED = 200
_META = re.compile(rb"<meta\b[^<>]*>", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_ATTRIBUTE = re.compile(
    r"""(?<![a-z:-])([a-z:-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE
)
_XMP = re.compile(
    rb"""tdm:(reservation|policy)(?:\s*=\s*["']([^"'<]*)["']|\s*>([^<]{0,2000})<)""", re.IGNORECASE
)
_SEARCH = re.compile(r"\bsearch\s*=\s*(yes|no|y|n)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing a publisher said: whether mining is reserved, and where and how it said so."""

    reserved: bool
    said: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a tdmrep.json: the addresses it is for, and what it says."""

    location: str
    statement: Statement

    def fits(self, url: str) -> bool:
        """Whether the rule is for ``url``: robots.txt patterns, case kept (TDMRep)."""
        return _fits(self.location, url)


def parse_tdm_file(body: bytes) -> tuple[Rule, ...]:
    """The valid rules of a tdmrep.json in its order; none if it is no JSON array.

    A rule without location, or with a reservation other than 0 or 1, counts as not there.
    """
    try:
        found = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return ()
    rules = []
    for item in found if isinstance(found, list) else []:
        if not isinstance(item, dict):
            continue
        location, value = item.get("location"), _value(item.get("tdm-reservation"))
        if isinstance(location, str) and location and value is not None:
            said = f"{TDM_FILE} {location[:_QUOTED]} tdm-reservation: {int(value)}"
            rules.append(Rule(location, _statement(value, said, item.get("tdm-policy"))))
    return tuple(rules)


def of_file(rules: Iterable[Rule], url: str) -> Statement | None:
    """What the host's file says of ``url``: the first rule that fits (TDMRep)."""
    return next((rule.statement for rule in rules if rule.fits(url)), None)


def of_headers(reservation: str | None, policy: str | None) -> Statement | None:
    """What the headers ``tdm-reservation`` and ``tdm-policy`` of an answer say."""
    value = _value(reservation)
    if value is None:
        return None
    return _statement(value, f"header tdm-reservation: {int(value)}", policy)


def of_html(body: bytes) -> Statement | None:
    """What a page's ``<meta name="tdm-reservation">`` says; the first valid one counts."""
    if b"tdm-" not in body.lower():
        return None
    value, policy = None, None
    for tag in _META.findall(_COMMENT.sub(b"", body)):
        found = _ATTRIBUTE.findall(tag.decode("utf-8", "replace"))
        attributes = {name.lower(): unescape(text.strip("\"'")) for name, text in found}
        name = attributes.get("name", "").strip().lower()
        if name == "tdm-reservation" and value is None:
            value = _value(attributes.get("content"))
        elif name == "tdm-policy" and policy is None:
            policy = attributes.get("content")
    return (
        None if value is None else _statement(value, f"meta tdm-reservation: {int(value)}", policy)
    )


def of_pdf(body: bytes) -> Statement | None:
    """What the XMP metadata of a PDF say.

    They are read as they stand in the file: the XMP specification (part 3, PDF) advises against
    compressing them, so that programs which know no PDF find them.
    """
    found: dict[str, str] = {}
    for name, attribute, text in _XMP.findall(body):
        key = name.decode().lower()
        found.setdefault(key, (attribute or text).decode("utf-8", "replace").strip())
    value = _value(found.get("reservation"))
    if value is None:
        return None
    return _statement(value, f"PDF tdm:reservation: {int(value)}", found.get("policy"))


class RobotsRules:
    """The AI and mining rules of one robots.txt."""

    def __init__(self, text: str) -> None:
        self._parsed = parse_robots(text)
        self._named, self._signals = _read_groups(text)

    def of(self, url: str) -> Statement | None:
        """What the file says of mining ``url``.

        ``Content-Signal`` and ``Content-Usage`` speak of ``search``, which is what this archive
        does, and are therefore believed before the lists of AI crawlers, which content systems
        often add unasked beside a plain ``search=yes``. ``ai-train=no`` alone reserves training,
        which we do not do. A path that crawlers for AI training may not read is taken as
        reserved: whether the reservation against them reaches a search index is disputed, so the
        cautious reading stands.
        """
        for path, said, allowed in self._signals:
            if _fits(path, url):
                return Statement(not allowed, f"robots.txt {said}")
        refused = [name for name in self._named if not self._parsed.can_fetch(url, name)]
        if refused:
            return Statement(True, f"robots.txt shuts out {', '.join(refused[:5])}")
        return None


def evidence(statements: Iterable[Statement | None], url: str) -> str | None:
    """One line of evidence if mining ``url`` is reserved, else None.

    The statements come in TDMRep's order, robots.txt first: each supersedes those before it, and
    silence changes nothing. robots.txt is the general word, TDMRep the one on this very question.
    """
    last = None
    for statement in statements:
        last = statement or last
    return f"{last.said} at {url}" if last and last.reserved else None


def _read_groups(text: str) -> tuple[list[str], list[tuple[str, str, bool]]]:
    """The AI crawlers a robots.txt names, and its words on search for everybody.

    A signal is (path pattern, the line, whether search is allowed), the most specific path first.
    """
    named: dict[str, None] = {}
    signals: list[tuple[str, str, bool]] = []
    group: set[str] = {"*"}  # a signal above all groups speaks to everybody
    in_head = False
    for raw in text.splitlines():
        field, colon, value = raw.partition("#")[0].partition(":")
        field, value = field.strip().lower(), value.strip()
        if not colon:
            continue
        if field == "user-agent":
            agent = agent_token(value)
            group = group | {agent} if in_head else {agent}
            in_head = True
            if agent in AI_AGENTS:
                named[agent] = None
            continue
        in_head = False
        if field in ("content-signal", "content-usage") and "*" in group:
            path, usage = ("/", value) if value[:1] != "/" else value.partition(" ")[::2]
            if allowed := _SEARCH.search(usage):
                line = f"{field}: {value}"[:_QUOTED]
                signals.append((path, line, allowed[1].lower() in ("y", "yes")))
    signals.sort(key=lambda signal: -len(signal[0]))
    return sorted(named), signals


def _value(said: object) -> bool | None:
    """0 or 1, as number, text or JSON's own truth value; anything else counts as unset."""
    text = str(int(said)) if isinstance(said, bool) else str(said).strip()
    return {"0": False, "1": True}.get(text)


def _statement(value: bool, said: str, policy: object) -> Statement:
    if value and isinstance(policy, str) and policy.strip():
        said += f", tdm-policy: {policy.strip()[:_QUOTED]}"
    return Statement(value, said)


def _fits(pattern: str, url: str) -> bool:
    """Whether an address begins as a pattern says; ``*`` stands for anything, ``$`` for the end.

    Found piece by piece: a regular expression of many stars could be made to take hours.
    """
    parts = urlsplit(url)
    path = unquote(parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    to_the_end = pattern.endswith("$")
    first, *rest = [unquote(piece) for piece in pattern.removesuffix("$").split("*")]
    if not path.startswith(first):
        return False
    if to_the_end and not rest:
        return path == first
    place = len(first)
    last = rest.pop() if to_the_end else ""
    for piece in rest:
        place = path.find(piece, place)
        if place < 0:
            return False
        place += len(piece)
    return path.endswith(last) and len(path) - len(last) >= place
