"""Reads and checks the catalogue: one TOML file a source, its stem the source's id."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from cronsim import CronSim, CronSimError

from crawler.mail_url import MailUrlError, parse_mail_url
from crawler.urls import UrlError, canonical_url
from store.errors import RadarError
from store.types import BERLIN, DISPLAYS, SOURCE_KINDS, STATES, Source

#: The sources that come with the project.
SOURCES_DIR = Path(__file__).parent / "sources"

#: Under what terms a source may be shown: ``official`` is an authority's or a public body's own
#: release, ``association`` a municipal association's, ``press`` a publisher's, the rest licences.
LICENCES = (
    "official", "association", "press", "cc0", "cc-by", "cc-by-sa", "dl-de-by", "dl-de-zero",
)  # fmt: skip

RELEVANCES = ("all", "topic")

_REQUIRED = (
    "name", "publisher", "homepage", "kind", "url", "licence", "display", "relevance", "schedule",
    "reference",
)  # fmt: skip
_OPTIONAL = ("land", "page", "follow", "min_items", "checked", "paused", "paths")
_CHOICES: dict[str, tuple[str, ...]] = {
    "kind": SOURCE_KINDS,
    "licence": LICENCES,
    "display": DISPLAYS,
    "relevance": RELEVANCES,
    "land": tuple(STATES),
}
_ID = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
#: A list longer than this is no press feed; the limit keeps a typo from silencing the alarm.
_MAX_MIN_ITEMS = 1000


class CatalogueError(RadarError):
    """A source file that cannot be used; the message names file, key and mend in one line."""


def load_source(path: Path) -> Source:
    """Read one source. Raises ``CatalogueError`` for anything a reader of the file should mend."""
    if not _ID.fullmatch(path.stem):
        raise CatalogueError(
            f"{path}: the file name is the source id: lower-case letters a-z, digits, single "
            "underscores, such as nw_koeln.toml; rename it"
        )
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{path}: not valid TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{path}: not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read: {error.strerror}") from error
    for key in facts:
        if key not in _REQUIRED + _OPTIONAL:
            near = get_close_matches(key, _REQUIRED + _OPTIONAL, n=1)
            mend = f"did you mean {near[0]!r}?" if near else "take it out"
            raise CatalogueError(f"{path}: unknown key {key!r}; {mend}")
    for key in _REQUIRED:
        if key not in facts:
            raise CatalogueError(f"{path}: the key {key!r} is missing{_hint(key)}")
    return Source(
        id=path.stem,
        name=_text(path, facts, "name"),
        publisher=_text(path, facts, "publisher"),
        homepage=_url(path, facts, "homepage"),
        kind=_choice(path, facts, "kind"),
        url=_list_url(path, facts),
        licence=_choice(path, facts, "licence"),
        display=_choice(path, facts, "display"),
        relevance=_choice(path, facts, "relevance"),
        schedule=_schedule(path, facts),
        reference=_url(path, facts, "reference"),
        land=_choice(path, facts, "land") if "land" in facts else None,
        page=_page(path, facts) if "page" in facts else None,
        follow=_yes_or_no(path, facts, "follow") if "follow" in facts else True,
        paused=_yes_or_no(path, facts, "paused") if "paused" in facts else False,
        min_items=_min_items(path, facts) if "min_items" in facts else 1,
        checked=_checked(path, facts) if "checked" in facts else None,
        paths=_paths(path, facts) if "paths" in facts else "",
    )


def load_catalogue(directory: Path = SOURCES_DIR, own: Path | None = None) -> list[Source]:
    """Read every source of a directory, sorted by id.

    ``own``: a newsroom's own folder, which may be absent; its files win over those of the same
    name. Raises ``CatalogueError`` for the first bad file, for a directory without any, and for
    two files that name the same address.
    """
    files = {path.name: path for path in directory.glob("*.toml")}
    if not files:
        raise CatalogueError(f"{directory}: no *.toml file here; a catalogue has one file a source")
    if own is not None:
        files |= {path.name: path for path in own.glob("*.toml")}
    paths = [files[name] for name in sorted(files)]
    sources = [load_source(path) for path in paths]
    files_by_url: dict[str, Path] = {}
    for path, source in zip(paths, sources, strict=True):
        key = _address_key(source)
        if other := files_by_url.get(key):
            raise CatalogueError(
                f"{path}: its url {source.url} is also that of {other.name}; delete one of the two"
            )
        files_by_url[key] = path
    return sorted(sources, key=lambda source: source.id)


def _text(path: Path, facts: dict[str, Any], key: str) -> str:
    value = facts[key]
    if not isinstance(value, str) or not value.strip():
        raise CatalogueError(f"{path}: {key!r} must be a text in quotes, not {value!r}{_hint(key)}")
    return " ".join(value.split())


def _choice(path: Path, facts: dict[str, Any], key: str) -> str:
    value, choices = facts[key], _CHOICES[key]
    if value not in choices:
        near = get_close_matches(str(value).lower(), [choice.lower() for choice in choices], n=1)
        guess = f" (did you mean {near[0]!r}?)" if near and key != "land" else ""
        raise CatalogueError(
            f"{path}: {key!r} is {value!r}, which is none of {', '.join(choices)}{guess}"
        )
    return str(value)


def _url(path: Path, facts: dict[str, Any], key: str) -> str:
    text = _text(path, facts, key)
    try:
        canonical_url(text)
    except UrlError as error:
        raise CatalogueError(f"{path}: {key!r}: {error}") from error
    # kept as written: a server may care about an escape that is needless to us
    return text


def _list_url(path: Path, facts: dict[str, Any]) -> str:
    """The address of the source's list: a mailbox for mail, else one of the web."""
    if facts["kind"] != "mail":
        return _url(path, facts, "url")
    text = _text(path, facts, "url")
    try:
        parse_mail_url(text)
    except MailUrlError as error:
        raise CatalogueError(f"{path}: 'url': {error}") from error
    return text


def _address_key(source: Source) -> str:
    """What two files must not share: www. and the scheme apart, they would bring all twice."""
    if source.kind == "mail":
        return source.url
    return re.sub(r"^https?://(?:www\.)?", "", canonical_url(source.url)).rstrip("/")


def _schedule(path: Path, facts: dict[str, Any]) -> str:
    text = _text(path, facts, "schedule")
    if text == "adaptive":
        return text
    try:
        if len(text.split()) != 5:
            raise CronSimError(f"it has {len(text.split())} fields")
        # any moment will do: only the expression is on trial
        next(CronSim(text, datetime(2026, 1, 1, tzinfo=BERLIN)))
    except (CronSimError, StopIteration) as error:
        reason = str(error) or "it never comes round"
        raise CatalogueError(
            f"{path}: 'schedule' is {text!r}, neither \"adaptive\" nor a cron expression "
            f'(five fields, Berlin time, such as "15 6-20 * * *"): {reason}'
        ) from error
    return text


def _page(path: Path, facts: dict[str, Any]) -> str:
    text = _text(path, facts, "page")
    if not _ID.fullmatch(text):
        raise CatalogueError(
            f"{path}: 'page' is {text!r}; it names a module of crawler/pages, such as \"kommune21\""
        )
    return text


def _paths(path: Path, facts: dict[str, Any]) -> str:
    text = _text(path, facts, "paths")
    for part in text.split():
        if not part.removeprefix("-").startswith("/"):
            raise CatalogueError(
                f"{path}: 'paths' has {part!r}; it takes beginnings of paths apart by blanks, such "
                'as "/presse/ /aktuelles/ -/presse/bilder/"'
            )
    return text


def _yes_or_no(path: Path, facts: dict[str, Any], key: str) -> bool:
    value = facts[key]
    if not isinstance(value, bool):
        raise CatalogueError(f"{path}: {key!r} must be true or false, unquoted, not {value!r}")
    return value


def _min_items(path: Path, facts: dict[str, Any]) -> int:
    value = facts["min_items"]
    # bool is an int to Python, and "min_items = true" a mistake to everybody else
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MAX_MIN_ITEMS:
        raise CatalogueError(
            f"{path}: 'min_items' must be a whole number from 0 to {_MAX_MIN_ITEMS}, not {value!r}"
        )
    return value


def _checked(path: Path, facts: dict[str, Any]) -> str:
    value = facts["checked"]
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    raise CatalogueError(
        f"{path}: 'checked' must be a day without quotes, such as 2026-02-01, not {value!r}; "
        "leave it out if the source was never fetched with success"
    )


def _hint(key: str) -> str:
    if key in _CHOICES:
        return f"; it is one of {', '.join(_CHOICES[key])}"
    if key == "reference":
        return "; it is the public page that names the source's address"
    if key == "schedule":
        return '; it is "adaptive" or a cron expression'
    return ""
