"""The languages: every text is translated, dates and numbers are as each language writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import jinja2
import pytest

from datasette_config.catalogues import DOMAINS, as_po, catalogue, in_step, untranslated
from datasette_config.language import (
    LANGUAGES,
    SOURCE,
    Language,
    LanguageError,
    install,
    language,
    preferred,
)

NOW = datetime(2026, 3, 12, 8, 5, tzinfo=UTC)
PLACES = re.compile(r"%\(\w+\)s")
OTHERS = [code for code in LANGUAGES if code != SOURCE]


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_translated_and_no_other_is_kept(code: str, domain: str) -> None:
    held = catalogue(code, domain)
    assert as_po(held) == as_po(in_step(code, domain)), "run python -m datasette_config.catalogues"
    assert [message.id for message in untranslated(held)] == []


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("code", OTHERS)
def test_translations_name_the_same_values(code: str, domain: str) -> None:
    for message in catalogue(code, domain):
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        said = [message.string] if isinstance(message.string, str) else list(message.string or ())
        # one of two numbers may do without the figure: "Eine Quelle"
        wanted = set().union(*(PLACES.findall(text) for text in ids))
        assert set().union(*(PLACES.findall(text) for text in said)) == wanted, message.id


def test_numbers_and_dates_follow_the_language() -> None:
    german, english = language("de"), language("en")
    assert [german.number(12345), english.number(12345)] == ["12.345", "12,345"]
    assert [german.decimal(0.8116), english.decimal(0.8116)] == ["0,812", "0.812"]
    assert [german.percent(0.996), english.percent(0.996)] == ["99\u00a0%", "99%"]
    assert [german.day(NOW), english.day(NOW)] == ["12. März 2026", "12 March 2026"]
    assert german.moment(NOW) == "12. März 2026, 9:05\xa0Uhr"
    assert english.moment(NOW) == "12 March 2026, 09:05"
    assert [german.bytes(1_400_000_000), english.bytes(999)] == ["1,4\u00a0GB", "999\u00a0B"]
    assert english.listed(["a", "b", "c"]) == "a, b and c"
    assert [german.state("bund"), english.state("bund")] == ["Bund", "Federation"]
    assert english.kind("press_release") == "Press release"


@pytest.mark.parametrize(
    ("apart", "german", "english"),
    [
        (timedelta(seconds=10), "gerade eben", "just now"),
        (timedelta(minutes=5), "vor 5 Minuten", "5 minutes ago"),
        (timedelta(hours=3), "vor 3 Stunden", "3 hours ago"),
        (timedelta(hours=-2), "in 2 Stunden", "in 2 hours"),
        (timedelta(seconds=-10), "gleich", "in a moment"),
        (timedelta(days=40), "am 31. Januar 2026", "31 January 2026"),
    ],
)
def test_how_long_ago(apart: timedelta, german: str, english: str) -> None:
    said = [language(code).ago(NOW - apart, NOW) for code in ("de", "en")]
    assert said == [german, english]


def test_one_and_many() -> None:
    said = [language("de").ngettext("%(num)s Quelle", "%(num)s Quellen", n) for n in (0, 1, 1234)]
    assert said == ["0 Quellen", "1 Quelle", "1.234 Quellen"]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "de"),
        ("en", "en"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr-FR, de;q=0.4, en;q=0.7", "en"),
        ("fr, *;q=0.5", "de"),
        ("en;q=0, de", "de"),
        ("en;q=0", "de"),
        (";;;,,en;q=x", "de"),
        ("," * 5000 + "en", "de"),
    ],
)
def test_the_browsers_wish(header: str, code: str) -> None:
    assert preferred(header) == code


def test_an_unknown_language_is_an_error_that_names_the_others() -> None:
    with pytest.raises(LanguageError, match="de, en"):
        language("nds")


def test_templates_speak_it_and_escape_values() -> None:
    environment = jinja2.Environment(autoescape=True)
    install(environment, language("en"))
    template = environment.from_string(
        "{{ _('und') }} {% trans %}\n  gerade\n  eben\n{% endtrans %} {{ _('%(x)s', x='<') }} "
        "{{ 1200|number }}"
    )
    assert template.render() == "and just now &lt; 1,200"


def test_each_language_is_read_once() -> None:
    assert language("en") is language("en")
    assert isinstance(language("en"), Language)
