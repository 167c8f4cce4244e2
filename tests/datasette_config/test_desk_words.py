"""What the desk says of sources, plans and models: its pure parts, the scheduler's sentences."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from datasette_config.desk import plans
from datasette_config.desk.charts import against_usual, bars, line, weekly
from datasette_config.desk.condition import Known, condition, lost_fields
from datasette_config.desk.desk import DeskConfig, commands
from datasette_config.desk.job_words import job_name
from datasette_config.desk.models import ModelFilesError, read_models
from datasette_config.language import language
from datasette_config.site import SiteError
from radar.jobs import KINDS
from radar.pace import make_plan
from store.desk import FIELDS, Filling
from store.types import Plan, Run, RunResult, Source, SourceStatus, Wishes
from tests.datasette_config import newsdesk
from tests.datasette_config.newsdesk import NOW

GERMAN, ENGLISH = language("de"), language("en")


def status(result: RunResult | None = None, **facts: Any) -> SourceStatus:
    source: Source = newsdesk.SOURCES[2]
    at = NOW - timedelta(hours=1)
    run = Run(7, source.id, at, at, result or RunResult("ok", entries=10))
    known: dict[str, Any] = {
        "source": source, "active": True, "items": 30, "last_run": run, "last_success": at,
        "last_new_item": at, "error_streak": 0, "retry_after": None, "on_probation": False,
    }  # fmt: skip
    return SourceStatus(**{**known, **facts})


def filling(items: int, **filled: int) -> Filling:
    return Filling("leipzig", "", items, {name: filled.get(name, 0) for name in FIELDS})


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (RunResult("failed", "gone", 404), "gibt es nicht mehr (HTTP 404)"),
        (RunResult("failed", "no", 403), "verweigert den Zugang (HTTP 403)"),
        (RunResult("failed", "oops", 503), "gestört (HTTP 503)"),
        (RunResult("failed", "no repeated teasers", 200), "nicht mehr lesbar"),
        (RunResult("failed", "DNS lookup failed"), "nicht aufzulösen"),
        (RunResult("failed", "robots.txt forbids it"), "erlaubt den Abruf nicht"),
        (RunResult("failed", "timed out"), "nicht erreichbar"),
        (RunResult("failed", "teapot", 418), "gescheitert (HTTP 418)"),
    ],
)
def test_every_failure_has_a_line_and_a_mend(result: RunResult, words: str) -> None:
    told = condition(status(result, error_streak=3), Known(), NOW, GERMAN)
    assert (told.code, told.tone) == ("failed", "bad")
    assert words in told.line
    assert "3 Fehlschläge in Folge" in told.line
    assert told.mend
    assert told.detail == result.message
    english = condition(status(result, error_streak=3), Known(), NOW, ENGLISH)
    assert "3 failures in a row" in english.line
    assert english.mend != told.mend


@pytest.mark.parametrize(
    ("found", "code", "tone"),
    [
        (status(), "ok", "good"),
        (status(active=False), "retired", "wait"),
        (status(RunResult("offline")), "offline", "wait"),
        (status(RunResult("postponed"), retry_after=NOW), "postponed", "wait"),
        (status(last_run=None, last_success=None), "never", "wait"),
    ],
)
def test_the_other_states(found: SourceStatus, code: str, tone: str) -> None:
    told = condition(found, Known(), NOW, GERMAN)
    assert (told.code, told.tone) == (code, tone)


def test_silence_is_measured_by_the_sources_own_rhythm() -> None:
    daily = [NOW - timedelta(days=30 + day) for day in range(20)]
    told = condition(status(), Known(daily), NOW, GERMAN)
    assert told.code == "silent"
    assert "Seit 30 Tagen nichts Neues" in told.line
    assert told.mend
    monthly = [NOW - timedelta(days=30 * month + 20) for month in range(8)]
    assert condition(status(), Known(monthly), NOW, GERMAN).code == "ok"


def test_a_lost_field_is_a_changed_layout() -> None:
    before = filling(40, body=40, published=39, author=2)
    assert lost_fields((filling(10, body=1, published=10), before)) == ["body"]
    told = condition(status(), Known(filling=(filling(10, published=10), before)), NOW, GERMAN)
    assert told.code == "layout"
    assert "Text" in told.line
    assert lost_fields((filling(10, body=9, published=10), before)) == []
    assert lost_fields((filling(3), before)) == [], "three items say nothing"
    assert lost_fields((filling(10), filling(2, body=2))) == []
    assert lost_fields(None) == []


@pytest.mark.parametrize(
    ("given", "wishes", "schedule", "code"),
    [
        (status(last_run=None, last_success=None), None, None, "first"),
        (status(RunResult("offline")), None, None, "outage"),
        (status(), None, None, "rhythm"),
        (status(), None, "0 7 * * 1-5", "cron"),
        (status(RunResult("failed", "x", 503), error_streak=2), None, None, "streak"),
        (status(), Wishes(at_least_s=86_000), None, "wish"),
        (status(), Wishes(skip_hours=tuple(range(23))), None, "skip"),
        (status(retry_after=NOW + timedelta(days=3)), None, None, "pause"),
    ],
)
def test_every_step_of_the_scheduler_has_words(
    given: SourceStatus, wishes: Wishes | None, schedule: str | None, code: str
) -> None:
    plan = make_plan(given, [], NOW - timedelta(days=60), NOW, wishes, schedule)
    assert code in [step for step, _ in plan.steps]
    german, english = plans.steps(plan, GERMAN), plans.steps(plan, ENGLISH)
    for one, other in zip(german, english, strict=True):
        assert one != other
        assert code not in (one, other)
        assert "None" not in one + other


def test_steps_read_like_sentences() -> None:
    plan = Plan(NOW, (
        ("rhythm", {"items": 1, "seconds": 12_000}), ("wish", {"seconds": 1800}),
        ("pause", {"at": "2026-03-12T08:40:00+00:00"}),
    ))  # fmt: skip
    assert plans.steps(plan, GERMAN) == [
        "Ein Eintrag in 28 Tagen: 3 Std. 20 Min. nach dem letzten Abruf.",
        "Der Server wünscht 30 Min. Abstand.",
        "Der Server bat um eine Pause (Retry-After): 12. März 2026, 9:40\xa0Uhr.",
    ]
    assert plans.steps(plan, ENGLISH) == [
        "One item in 28 days: 3 h 20 min after the last run.",
        "The server asks for 30 min between requests.",
        "The server asked for a pause (Retry-After): 12 March 2026, 09:40.",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_job_of_the_scheduler_has_a_name(kind: str) -> None:
    assert job_name(kind, GERMAN) != kind
    assert job_name(kind, ENGLISH) not in (kind, job_name(kind, GERMAN))


def test_weeks_and_bars() -> None:
    days = [NOW - timedelta(days=day) for day in (0, 1, 6, 8, 83, 84, -1)]
    assert weekly(days, NOW) == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3]
    assert [bar.height for bar in bars([0, 1, 50, 100])] == [0, 6, 50, 100]
    assert [bar.height for bar in bars([0, 0])] == [0, 0]
    assert bars([]) == []


def test_today_is_measured_against_the_same_weekday() -> None:
    times = [
        NOW - timedelta(weeks=week, minutes=5 * n) for week in range(1, 5) for n in range(week)
    ]
    times += [NOW - timedelta(weeks=4, days=1)]
    found = against_usual([*times, NOW], NOW)
    assert (found.today, found.least, found.most) == (1, 1, 4)
    late = [NOW - timedelta(weeks=1) + timedelta(hours=3), NOW - timedelta(weeks=5)]
    assert against_usual(late, NOW).most == 0, "what came later on that day does not count yet"
    assert against_usual([], NOW).least is None


def test_a_line_of_figures() -> None:
    assert line([0.5, 0.75, 1.0], 0.5, 1.0) == "0.0,100.0 50.0,50.0 100.0,0.0"
    assert line([2.0], 0.0, 1.0) == "0.0,0.0"
    assert line([1.0, 1.0], 1.0, 1.0) == "0.0,100.0 100.0,100.0"


def test_a_folder_without_models_and_a_damaged_log(tmp_path: Path) -> None:
    empty = read_models(tmp_path / "nichts")
    assert (empty.cards, empty.promotions, empty.in_force) == ((), (), None)
    (tmp_path / "promotions.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(ModelFilesError, match=r"promotions\.jsonl, line 1"):
        read_models(tmp_path)


def test_commands_are_set_as_such_and_nothing_else_gets_through() -> None:
    assert commands("a `radar run` <b>") == "a <code>radar run</code> &lt;b&gt;"


@pytest.mark.parametrize(
    ("given", "why"),
    [({}, "key newsroom is missing"), ({"newsroom": "x", "modells": "y"}, "unknown key modells")],
)
def test_a_wrong_configuration_names_the_key(given: dict[str, Any], why: str) -> None:
    with pytest.raises(SiteError, match=why):
        DeskConfig.from_plugin(given)
