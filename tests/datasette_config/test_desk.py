"""Work at the desk over real HTTP: decisions, conflicts, undo, sources, models, jobs, the audit."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from crawler.samples import Sample
from crawler.verdicts import Look, Verdict
from radar.checking import as_dict
from store.alerts import Trouble
from store.types import PublicationDate
from tests.datasette_config import newsdesk
from tests.datasette_config.newsroom_desk import Place, key_of, served


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with served(tmp_path) as found:
        yield found


@pytest.fixture
def people(place: Place) -> Iterator[dict[str, httpx.Client]]:
    with ExitStack() as stack:
        names = ("redaktion", "kollegin", "leitung", "verwaltung")
        yield {name: stack.enter_context(place.client(name)) for name in names}


def fields(page: httpx.Response) -> dict[str, list[str]]:
    """What a browser would send of the page's last form: hidden fields and what is ticked."""
    form = page.text.rsplit('<form class="side decide"', 1)[1].split("</form>")[0]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]+>", form):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        ticked = "checkbox" not in tag and "radio" not in tag
        if name and (ticked or " checked" in tag):
            text = (value[1] if value else "").replace("&#34;", '"').replace("&amp;", "&")
            found.setdefault(name[1], []).append(text)
    for select in re.findall(r"<select.*?</select>", form, re.S):
        name = re.search(r'name="([^"]+)"', select)
        chosen = re.search(r'value="([^"]+)" selected', select)
        if name and chosen:
            found[name[1]] = [chosen[1]]
    return found


def queue_of(place: Place) -> list[int]:
    with place.newsroom as newsroom:
        return [one.item_id for one in newsroom.review_queue(100)]


def decide(client: httpx.Client, form: dict[str, list[str]], **changes: object) -> httpx.Response:
    return client.post("/desk/durchsicht", data={**form, **changes})


def test_a_decision_is_public_at_once_and_can_be_taken_back(
    place: Place, people: dict[str, httpx.Client]
) -> None:
    client = people["redaktion"]
    page = client.get("/desk/durchsicht")
    form = fields(page)
    item = int(form["eintrag"][0])
    assert item == queue_of(place)[0], "least certain first"
    assert form["topic"] == ["ozg"]
    public = client.get(f"/eintrag/{item}").text
    assert "OZG" in public
    answer = decide(client, form, topic=["ki"])
    assert answer.status_code == 303
    onto = answer.headers["location"]
    assert item not in queue_of(place)
    changed = client.get(f"/eintrag/{item}").text
    assert "/thema/ki" in changed
    assert "/thema/ozg" not in changed
    assert f'href="/eintrag/{item}"' in client.get("/thema/ki").text
    page = client.get(onto)
    assert "Rückgängig" in page.text
    undo = {
        "schluessel": key_of(page),
        "korrektur": parse_qs(urlsplit(onto).query)["getan"],
        "zurueck": "/desk/durchsicht",
    }
    answer = client.post("/desk/rueckgaengig", data=undo)
    assert answer.headers["location"] == "/desk/durchsicht?ok=undone"
    assert "/thema/ozg" in client.get(f"/eintrag/{item}").text
    assert queue_of(place)[0] == item
    with place.newsroom as newsroom:
        trail = newsroom.audit(action="item")
        assert [entry.action for entry in trail] == ["item.undo", "item.correct"]
        assert (trail[1].detail["before"], trail[1].detail["after"]) == (["ozg"], ["ki"])


def test_the_three_other_answers(place: Place, people: dict[str, httpx.Client]) -> None:
    client = people["redaktion"]
    page = client.get("/desk/durchsicht")
    form = fields(page)
    none, hide, skip = queue_of(place)[:3]
    decide(client, form, tun="keins")
    form = fields(client.get("/desk/durchsicht"))
    assert form["eintrag"] == [str(hide)]
    decide(client, form, tun="verbergen")
    assert client.get(f"/eintrag/{hide}").status_code == 404
    passed = client.get("/desk/durchsicht?ab=1")
    assert fields(passed)["eintrag"] != [str(skip)]
    with place.newsroom as newsroom:
        assert newsroom.word(none, "topic") == ()
        assert newsroom.word(hide, "hidden") is True
        assert newsroom.word(hide, "topic") == ("ozg",)
        assert queue_of(place)[0] == skip, "passing over decides nothing"


def test_a_land_is_written_down_only_where_it_changed(
    place: Place, people: dict[str, httpx.Client]
) -> None:
    client = people["redaktion"]
    form = fields(client.get("/desk/durchsicht"))
    decide(client, form)
    second = fields(client.get("/desk/durchsicht"))
    decide(client, second, state=["DE-HB"])
    with place.newsroom as newsroom:
        first_facets = [one.facet for one in newsroom.corrections(int(form["eintrag"][0]))]
        second_facets = [one.facet for one in newsroom.corrections(int(second["eintrag"][0]))]
    assert first_facets == ["topic"]
    assert second_facets == ["topic", "state"]


def test_two_editors_at_once_overwrite_nothing_silently(
    place: Place, people: dict[str, httpx.Client]
) -> None:
    one, two = people["redaktion"], people["kollegin"]
    mine, theirs = fields(one.get("/desk/durchsicht")), fields(two.get("/desk/durchsicht"))
    item = int(mine["eintrag"][0])
    assert theirs["eintrag"] == mine["eintrag"]
    decide(two, theirs, topic=["ki"])
    refused = decide(one, mine, topic=["e-akte"])
    assert refused.status_code == 409
    assert "Jemand war schneller" in refused.text
    assert "kollegin" in refused.text
    assert "KI &amp; Automatisierung" in refused.text
    with place.newsroom as newsroom:
        assert newsroom.word(item, "topic") == ("ki",)
    again = {
        "schluessel": key_of(refused), "eintrag": str(item), "gesehen_topic": '["ki"]',
        "gesehen_state": mine["gesehen_state"], "state": mine["state"], "topic": ["e-akte"],
    }  # fmt: skip
    assert one.post("/desk/durchsicht", data=again).status_code == 303
    with place.newsroom as newsroom:
        assert newsroom.word(item, "topic") == ("e-akte",)
        assert [made.editor for made in newsroom.corrections(item)] == ["kollegin", "redaktion"]


def test_two_who_agree_are_no_conflict(place: Place, people: dict[str, httpx.Client]) -> None:
    one, two = people["redaktion"], people["kollegin"]
    mine, theirs = fields(one.get("/desk/durchsicht")), fields(two.get("/desk/durchsicht"))
    decide(two, theirs, topic=["ki"])
    agreed = decide(one, mine, topic=["ki"])
    assert agreed.headers["location"] == "/desk/durchsicht?ok=agreed"
    assert "ebenso entschieden" in one.get("/desk/durchsicht?ok=agreed").text
    with place.newsroom as newsroom:
        made = list(newsroom.corrections(int(mine["eintrag"][0])))
    assert [one.editor for one in made] == ["kollegin"]


def test_what_another_decided_cannot_be_taken_back_behind_their_back(
    place: Place, people: dict[str, httpx.Client]
) -> None:
    one, two = people["redaktion"], people["kollegin"]
    form = fields(one.get("/desk/durchsicht"))
    onto = decide(one, form, topic=["ki"]).headers["location"]
    made = parse_qs(urlsplit(onto).query)["getan"]
    item = form["eintrag"][0]
    other = fields(two.get(f"/desk/eintraege/{item}"))
    assert two.post(f"/desk/eintraege/{item}", data={**other, "topic": ["ozg"]}).status_code == 303
    undo = {"schluessel": key_of(one.get("/desk/konto")), "korrektur": made, "zurueck": "/desk"}
    assert one.post("/desk/rueckgaengig", data=undo).status_code == 409
    assert "Rückgängig" not in two.get(f"/desk/durchsicht?getan={made[0]}").text, "not theirs"


def test_clear_cases_go_many_at_a_time(place: Place, people: dict[str, httpx.Client]) -> None:
    one, two = people["redaktion"], people["kollegin"]
    page = one.get("/desk/durchsicht/stapel")
    items = re.findall(r'name="eintrag" value="(\d+)"', page.text)
    assert len(items) == 25
    assert int(items[0]) == queue_of(place)[-1], "surest first"
    form: dict[str, object] = {"schluessel": key_of(page), "eintrag": items}
    form |= {f"gesehen_topic_{item}": '["ozg"]' for item in items}
    quicker = fields(two.get(f"/desk/eintraege/{items[3]}"))
    two.post(f"/desk/eintraege/{items[3]}", data={**quicker, "topic": ["ki"]})
    answer = one.post("/desk/durchsicht/stapel", data=form)
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert len(query["getan"][0].split(",")) == 24
    assert query["uebergangen"] == ["1"]
    told = one.get(answer.headers["location"]).text
    assert "24 Einträge bestätigt" in told
    assert "1 Eintrag hat inzwischen jemand anders entschieden" in told
    with place.newsroom as newsroom:
        assert newsroom.word(int(items[3]), "topic") == ("ki",)
        assert newsroom.review_count() == len(queue_of(place)) == 30 - 25
    undo = {
        "schluessel": key_of(page),
        "korrektur": query["getan"][0].split(","),
        "zurueck": "/desk/durchsicht/stapel",
    }
    assert one.post("/desk/rueckgaengig", data=undo).status_code == 303
    assert len(queue_of(place)) == 29


def test_kind_and_date_are_the_editors_and_the_text_is_not(
    place: Place, people: dict[str, httpx.Client]
) -> None:
    client = people["redaktion"]
    item = queue_of(place)[0]
    path = f"/desk/eintraege/{item}"
    form = fields(client.get(path))
    assert client.post(path, data=form).status_code == 303
    with place.newsroom as newsroom:
        assert list(newsroom.corrections(item)) == [], "what was not changed is not written down"
        before = newsroom.item(item)
    sent = {**form, "kind": "interview", "tag": "2026-01-05", "zeit": "", "body": "x", "title": "y"}
    assert client.post(path, data=sent).status_code == 303
    public = client.get(f"/eintrag/{item}").text
    assert "Interview" in public
    assert "5. Januar 2026" in public
    with place.newsroom as newsroom:
        after = newsroom.item(item)
        date = newsroom.word(item, "published")
    assert before is not None
    assert after is not None
    assert after.article == before.article, "what the source said stays"
    assert isinstance(date, PublicationDate)
    assert date.day_only
    form = fields(client.get(path))
    assert (form["tag"], form["zeit"], form["kind"]) == (["2026-01-05"], [""], ["interview"])
    assert client.post(path, data={**form, "zeit": "14:30"}).status_code == 303
    assert "5. Januar 2026, 14:30\xa0Uhr" in client.get(f"/eintrag/{item}").text
    wrong = [("", "14:30"), ("2026-13-01", ""), ("gestern", ""), ("2026-01-05", "25:00")]
    half_typed = [("0202-06-01", ""), ("4082-01-01", ""), ("0001-01-01", ""), ("9999-12-31", "")]
    for tag, clock in (*wrong, *half_typed):
        form = fields(client.get(path))
        refused = client.post(path, data={**form, "tag": tag, "zeit": clock})
        assert refused.status_code == 422, (tag, clock)
    form = fields(client.get(path))
    assert client.post(path, data={**form, "tag": "", "zeit": ""}).status_code == 303
    assert "ohne Datum" in client.get(f"/eintrag/{item}").text


HUGE = "9" * 30


@pytest.mark.parametrize(
    "path",
    [
        f"/desk/durchsicht?ab={HUGE}", f"/desk/durchsicht?ab={'9' * 5000}",
        f"/desk/durchsicht?getan={HUGE}", f"/desk/durchsicht/stapel?uebergangen={HUGE}",
        f"/desk/eintraege?seite={HUGE}", f"/desk/eintraege?q={HUGE}", f"/desk/protokoll?vor={HUGE}",
        "/desk/protokoll?bis=9999-12-31", "/desk/protokoll.csv?von=0001-01-01",
    ],
)  # fmt: skip
def test_numbers_and_days_that_nothing_has_find_nothing(
    people: dict[str, httpx.Client], path: str
) -> None:
    assert people["verwaltung"].get(path).status_code == 200


def test_numbers_that_nothing_has_change_nothing(
    place: Place, people: dict[str, httpx.Client]
) -> None:
    client, item = people["redaktion"], queue_of(place)[0]
    key = key_of(client.get(f"/desk/eintraege/{item}"))
    stacked = {"eintrag": HUGE, f"gesehen_topic_{HUGE}": "[]"}
    for path, form, status in (
        ("/desk/rueckgaengig", {"korrektur": HUGE}, 303),
        ("/desk/durchsicht/stapel", stacked, 303),
        (f"/desk/eintraege/{item}/gruppe", {"mit": HUGE}, 422),
        ("/desk/durchsicht", {"eintrag": HUGE}, 404),
    ):
        assert client.post(path, data={"schluessel": key, **form}).status_code == status, path
    with place.newsroom as newsroom:
        assert not newsroom.audit(action="item")


@pytest.mark.parametrize("seen", ["", "{", '"x"', "[1", "nichts", "[" * 50_000])
def test_a_damaged_form_is_refused_in_words(
    people: dict[str, httpx.Client], place: Place, seen: str
) -> None:
    client = people["redaktion"]
    item = queue_of(place)[0]
    form = {
        "schluessel": key_of(client.get("/desk/konto")), "eintrag": str(item),
        "gesehen_topic": seen, "gesehen_state": "[]", "topic": "ozg",
    }  # fmt: skip
    assert client.post("/desk/durchsicht", data=form).status_code == 422
    assert client.post(f"/desk/eintraege/{item}", data=form).status_code == 422


def test_hiding_and_showing(place: Place, people: dict[str, httpx.Client]) -> None:
    client = people["redaktion"]
    item = queue_of(place)[0]
    path = f"/desk/eintraege/{item}"
    for choice, status in (("verbergen", 404), ("zeigen", 200)):
        form = fields(client.get(path))
        assert client.post(path, data={**form, "sichtbar": choice}).status_code == 303
        assert client.get(f"/eintrag/{item}").status_code == status
    assert "verborgen" in client.get("/desk/protokoll").text


def test_groups_are_made_and_left(place: Place, people: dict[str, httpx.Client]) -> None:
    client = people["redaktion"]
    key = key_of(client.get("/desk/konto"))
    one, two = queue_of(place)[:2]
    path = f"/desk/eintraege/{one}/gruppe"
    assert client.post(
        path, data={"schluessel": key, "tun": "zusammen", "mit": str(two)}
    ).is_redirect
    assert f"/eintrag/{two}" in client.get(f"/eintrag/{one}").text.split('id="auch-bei"')[1]
    assert client.post(path, data={"schluessel": key, "tun": "loesen"}).is_redirect
    assert "auch-bei" not in client.get(f"/eintrag/{one}").text
    for wrong in ("999999", str(one), "https://nirgends.example/", "x"):
        sent = {"schluessel": key, "tun": "zusammen", "mit": wrong}
        assert client.post(path, data=sent).status_code == 422
    with place.newsroom as newsroom:
        assert [e.action for e in newsroom.audit(action="item")] == ["item.part", "item.join"]


def test_erasing_needs_a_reason_and_is_asked_of_the_scheduler(
    place: Place, people: dict[str, httpx.Client]
) -> None:
    client = people["leitung"]
    key = key_of(client.get("/desk/konto"))
    item = queue_of(place)[0]
    path = f"/desk/eintraege/{item}/loeschen"
    for form in ({}, {"grund": "Bitte"}, {"sicher": "ja"}, {"grund": " ", "sicher": "ja"}):
        assert client.post(path, data={"schluessel": key, **form}).status_code == 422
    sent = {"schluessel": key, "grund": "Auf Wunsch", "sicher": "ja"}
    assert client.post(path, data=sent).status_code == 303
    with place.newsroom as newsroom:
        (job,) = newsroom.jobs()
        assert (job.kind, job.argument) == ("erase", {"item": str(item), "reason": "Auf Wunsch"})
        (entry,) = newsroom.audit(action="job.erase")
    assert "Wunsch" not in json.dumps(entry.detail), "the trail stays, so no reason stands in it"


def test_a_source_is_changed_paused_and_asked(
    place: Place, people: dict[str, httpx.Client]
) -> None:
    client = people["leitung"]
    page = client.get("/desk/quellen/augsburg")
    assert 'value="mail"' not in page.text, "mailboxes are set up where the program runs"
    assert "Die Liste ist da, aber nicht mehr lesbar" in page.text
    assert "12 Einträgen in 28 Tagen" not in page.text
    assert "12 Einträge in 28 Tagen: 2 Std. 5 Min. nach dem letzten Abruf." in page.text
    key = key_of(page)
    form = {"schluessel": key, "url": "https://augsburg.example/neu", "display": "teaser",
            "schedule": "0 7 * * 1-5", "name": "Stadt Augsburg"}  # fmt: skip
    onto = client.post("/desk/quellen/augsburg", data=form).headers["location"]
    assert re.fullmatch(r"/desk/auftraege/\d+", onto)
    for what in ("abrufen", "pruefen", "anhalten", "fortsetzen"):
        assert client.post(f"/desk/quellen/augsburg/{what}", data={"schluessel": key}).is_redirect
    for wrong in ({"min_items": "viele"}, {"min_items": "0"}, {"display": "alles"}):
        sent = {"schluessel": key, **wrong}
        assert client.post("/desk/quellen/augsburg", data=sent).status_code == 422
    with place.newsroom as newsroom:
        asked = [(job.kind, job.argument) for job in reversed(newsroom.jobs())]
    assert asked == [
        ("edit_source", {"source": "augsburg", "changes": {
            "url": form["url"], "display": "teaser", "schedule": "0 7 * * 1-5"}}),
        ("crawl", {"source": "augsburg"}),
        ("check", {"source": "augsburg"}),
        ("edit_source", {"source": "augsburg", "changes": {"paused": True}}),
        ("edit_source", {"source": "augsburg", "changes": {"paused": False}}),
    ]  # fmt: skip
    unchanged = {"schluessel": key, "name": "Stadt Augsburg"}
    answer = client.post("/desk/quellen/augsburg", data=unchanged)
    assert answer.headers["location"] == "/desk/quellen/augsburg?ok=saved"


def test_which_schedule_wins_is_told(place: Place, people: dict[str, httpx.Client]) -> None:
    client = people["redaktion"]
    assert "Es gilt der Katalog des Projekts" in client.get("/desk/quellen/leipzig").text
    own = place.folder / "sources"
    own.mkdir()
    (own / "leipzig.toml").write_text("", encoding="utf-8")
    assert "Es gilt die eigene Datei dieser Redaktion" in client.get("/desk/quellen/leipzig").text


def test_a_source_as_toml(people: dict[str, httpx.Client]) -> None:
    answer = people["redaktion"].get("/desk/quellen/leipzig.toml")
    assert answer.headers["content-disposition"] == 'attachment; filename="leipzig.toml"'
    assert tomllib.loads(answer.text)["url"] == "https://leipzig.example/feed"


def test_a_source_is_found_previewed_and_saved(
    place: Place, people: dict[str, httpx.Client]
) -> None:
    client = people["leitung"]
    key = key_of(client.get("/desk/quellen/neu"))
    for wrong in (
        "ftp://x.example/",
        "javascript:alert(1)",
        "https://",
        "stadt",
        "https://x y.example",
    ):
        sent = {"schluessel": key, "adresse": wrong}
        assert client.post("/desk/quellen/neu", data=sent).status_code == 422
    onto = client.post(
        "/desk/quellen/neu", data={"schluessel": key, "adresse": "www.stadt.example"}
    ).headers["location"]
    draft = {
        "id": "stadt", "name": "Stadt: Meldungen", "publisher": "Stadt", "kind": "feed",
        "homepage": "https://www.stadt.example/", "url": "https://www.stadt.example/feed",
        "licence": "press", "display": "headline", "relevance": "topic", "schedule": "adaptive",
        "reference": "https://www.stadt.example/", "land": None, "page": None, "follow": True,
        "min_items": 3, "checked": "2026-03-12", "paused": False,
    }  # fmt: skip
    samples = [
        {"title": f"Meldung {n} <b>", "url": f"https://www.stadt.example/{n}",
         "date": None if n == 4 else "2026-03-11", "teaser": "Ein Anriss."} for n in range(5)
    ]  # fmt: skip
    offer = {"what": "offer", "kind": "feed", "url": draft["url"], "title": "Stadt",
             "reason": "names its dates", "samples": samples, "draft": draft}  # fmt: skip
    known = {**offer, "url": "https://leipzig.example/feed",
             "draft": {**draft, "url": "https://leipzig.example/feed"}}  # fmt: skip
    with place.newsroom as newsroom:
        job = newsroom.claim_job("w", lease_seconds=60)
        assert job is not None
        assert job.argument == {"url": "https://www.stadt.example"}
        newsroom.finish_job(
            job.id, "w", outcome="2 offers", result={"offers": [offer, known], "refused": []}
        )
    assert "Funde ansehen" in client.get(onto).text
    page = client.get(f"/desk/quellen/neu/{job.id}")
    assert "Meldung 4 &lt;b&gt;" in page.text
    assert page.text.count("fehlt") == 2
    assert "Diese Adresse hat schon eine Quelle" in page.text
    form = {"schluessel": key, "angebot": "0", "id": "sn_stadt", "land": "DE-SN",
            "display": "teaser", "name": "Stadt"}  # fmt: skip
    assert client.post(f"/desk/quellen/neu/{job.id}", data=form).is_redirect
    with place.newsroom as newsroom:
        facts = newsroom.jobs(1)[0].argument["facts"]
    assert facts == {
        **draft, "id": "sn_stadt", "land": "DE-SN", "display": "teaser", "name": "Stadt"
    }  # fmt: skip
    gone = {**form, "angebot": "7"}
    assert client.post(f"/desk/quellen/neu/{job.id}", data=gone).status_code == 404


def test_a_check_shows_what_the_list_holds(place: Place, people: dict[str, httpx.Client]) -> None:
    look = Look(
        "leipzig", "https://leipzig.example/feed", 200, entries=2, dated=0.5, skipped=1,
        items=(
            Sample("https://leipzig.example/1", "Neue <App>", "2026-03-11", "press_release"),
            Sample("https://leipzig.example/2", None, None, None),
        ),
        filled={"title": 1.0, "published": 0.5, "teaser": 0.25, "author": 0.0},
    )  # fmt: skip
    verdict = Verdict("leipzig", "warn", False, ("1 cannot be read",), ("tell them",), (), look)
    with place.newsroom as newsroom:
        asked = newsroom.ask_job("check", {"source": "leipzig"}, asked_by="anna")
        job = newsroom.claim_job("w", lease_seconds=60)
        assert job is not None
        assert job.id == asked
        newsroom.finish_job(job.id, "w", outcome=verdict.line, result=as_dict(verdict))
    page = people["redaktion"].get(f"/desk/auftraege/{asked}").text
    assert "works, but look at it: 1 cannot be read; tell them" in page
    assert '<a href="https://leipzig.example/1">Neue &lt;App&gt;</a>' in page
    assert "press_release" in page
    assert '<a href="https://leipzig.example/2">https://leipzig.example/2</a>' in page
    assert re.search(r"<dt>Anriss</dt><dd>25\s*%</dd><dt>Verfasser</dt><dd>0\s*%</dd>", page)


def test_sources_are_filtered_and_sorted(people: dict[str, httpx.Client]) -> None:
    client = people["redaktion"]

    def named(query: str) -> list[str]:
        page = client.get(f"/desk/quellen?{query}").text
        return re.findall(r'rowheader"><a href="/desk/quellen/([a-z_]+)"', page)

    assert named("")[0] == "augsburg", "trouble first"
    assert named("q=stadt+sachsen") == []
    assert named("q=LEIPZIG") == ["leipzig"]
    assert named("zustand=bad") == ["augsburg"]
    assert named("zustand=postponed") == ["rostock"]
    assert named("land=DE-BY") == ["augsburg"]
    assert named("nach=faellig")[0] == newsdesk.SOURCES[0].id
    assert named("nach=name&zustand=x") == []
    assert "Keine Quelle passt" in client.get("/desk/quellen?q=nichts").text


def test_items_are_found(place: Place, people: dict[str, httpx.Client]) -> None:
    client = people["redaktion"]
    assert client.get("/desk/eintraege?q=3").headers["location"] == "/desk/eintraege/3"
    with place.newsroom as newsroom:
        item = newsroom.item(3)
    assert item is not None
    answer = client.get("/desk/eintraege", params={"q": item.article.url})
    assert answer.headers["location"] == "/desk/eintraege/3"
    assert "Wohngeld" in client.get("/desk/eintraege?q=wohngeld").text
    assert "Seite 2" in client.get("/desk/eintraege?seite=2").text
    for shown in ("review", "corrected", "hidden", "undated", "withdrawn", "pruned", "x"):
        assert client.get(f"/desk/eintraege?zeigen={shown}").status_code == 200
    assert "Ausländerbehörde" in client.get("/desk/eintraege?zeigen=withdrawn").text
    assert "Kein Eintrag passt" in client.get("/desk/eintraege?q=%27+or+1%3D1").text


def test_hostile_texts_are_shown_as_text(place: Place, people: dict[str, httpx.Client]) -> None:
    client = people["redaktion"]
    with place.newsroom as newsroom:
        item = next(i for i in newsroom.items() if i.article.title == newsdesk.HOSTILE)
    for path in (f"/desk/eintraege/{item.id}", "/desk/eintraege?quelle=ulm", "/desk/quellen/ulm"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "javascript:" not in re.sub(r">[^<]*<", "><", page)


def test_the_overview_says_what_is_wrong(place: Place, people: dict[str, httpx.Client]) -> None:
    page = people["redaktion"].get("/desk").text
    for words in ("Stadt Augsburg", "Die Liste ist da, aber nicht mehr lesbar", "Rostock",
                  "Zur Durchsicht", ">30<", "Sicherung", "radar backup"):  # fmt: skip
        assert words in page, words
    assert "11 von 12 Quellen" not in page
    with place.newsroom as newsroom:
        job = newsroom.ask_job("train", {}, asked_by="leitung")
        newsroom.connection.execute("UPDATE jobs SET asked_at = '2026-03-12T09:00:00+00:00'")
    assert "niemand führt sie aus" in people["redaktion"].get("/desk").text
    assert "radar schedule" in people["leitung"].get(f"/desk/auftraege/{job}").text


def test_a_job_shows_how_far_it_is(place: Place, people: dict[str, httpx.Client]) -> None:
    client = people["leitung"]
    with place.newsroom as newsroom:
        number = newsroom.ask_job("crawl", {"source": "leipzig"}, asked_by="leitung")
        newsroom.claim_job("w", lease_seconds=60)
        newsroom.progress_job(number, "w", lease_seconds=60, done=3, total=10, line="3 new")
    told = client.get(f"/desk/auftraege/{number}.json").json()
    assert told == {"state": "running", "word": "läuft", "done": 3, "total": 10, "line": "3 new",
                    "ended": False, "stuck": False}  # fmt: skip
    page = client.get(f"/desk/auftraege/{number}")
    assert 'max="10" value="3"' in page.text
    assert "http-equiv" in page.text, "without JavaScript the page asks by itself"
    answer = client.post(f"/desk/auftraege/{number}", data={"schluessel": key_of(page)})
    assert answer.is_redirect
    with place.newsroom as newsroom:
        job = newsroom.job(number)
        assert job is not None
        assert job.state == "cancelled"
        assert newsroom.audit(action="job.cancel")[0].actor == "leitung"
    assert "http-equiv" not in client.get(f"/desk/auftraege/{number}").text


def test_the_model_is_told_compared_and_changed_by_jobs(
    place: Place, people: dict[str, httpx.Client]
) -> None:
    client = people["leitung"]
    page = client.get("/desk/modell?mit=0123456789ab")
    for words in ("ba9876543210", "0,820", "0,810", "trained with 1 corrections", "polyline"):
        assert words in page.text, words
    key = key_of(page)
    for form in ({"tun": "trainieren"}, {"tun": "zurueck"},
                 {"tun": "in-kraft", "modell": "0123456789ab"}):  # fmt: skip
        assert client.post("/desk/modell", data={"schluessel": key, **form}).is_redirect
    gone = {"schluessel": key, "tun": "in-kraft", "modell": "../../etc/passwd"}
    assert client.post("/desk/modell", data=gone).status_code == 404
    with place.newsroom as newsroom:
        asked = [(job.kind, job.argument) for job in reversed(newsroom.jobs())]
    assert asked == [("train", {}), ("rollback", {}), ("promote", {"model": "0123456789ab"})]
    broken = place.folder / "models" / "kaputt.json"
    broken.write_text("{", encoding="utf-8")
    told = client.get("/desk/modell")
    assert told.status_code == 422
    assert "kaputt.json" in told.text


def test_the_audit_is_filtered_and_exported(place: Place, people: dict[str, httpx.Client]) -> None:
    client = people["redaktion"]
    decide(client, fields(client.get("/desk/durchsicht")), topic=["ki"])
    page = client.get("/desk/protokoll?was=item").text
    assert "Themen: OZG &amp; Online-Dienste → KI &amp; Automatisierung" in page
    assert "angemeldet" not in page
    rows = list(
        csv.DictReader(
            io.StringIO(client.get("/desk/protokoll.csv?wer=command").text.lstrip("\ufeff"))
        )
    )
    assert {row["actor"] for row in rows} == {"command"}
    found = client.get("/desk/protokoll.json?was=item.correct&von=2026-03-12&bis=2026-03-12").json()
    assert [one["actor"] for one in found] == ["redaktion"]
    assert client.get("/desk/protokoll.json?was=item&von=2026-03-13").json() == []
    assert client.get("/desk/protokoll?von=gestern&vor=x").status_code == 200


def test_an_admin_keeps_accounts(place: Place, people: dict[str, httpx.Client]) -> None:
    client = people["verwaltung"]
    key = key_of(client.get("/desk/konten"))

    def send(**form: str) -> httpx.Response:
        return client.post("/desk/konten", data={"schluessel": key, **form})

    assert send(
        tun="anlegen", name="Neu", rolle="editor", passwort="Breitband am Deich"
    ).is_redirect
    assert send(tun="rolle", name="neu", rolle="chief").is_redirect
    assert send(tun="passwort", name="neu", passwort="Ein anderes Wort 8").is_redirect
    assert send(tun="sperren", name="neu").is_redirect
    assert send(tun="entsperren", name="neu").is_redirect
    for wrong in (
        send(tun="anlegen", name="neu", rolle="editor", passwort="Breitband am Deich"),
        send(tun="anlegen", name="kurz", rolle="editor", passwort="kurz"),
        send(tun="rolle", name="niemand", rolle="editor"),
        send(tun="rolle", name="neu", rolle="chef"),
        send(tun="sperren", name="verwaltung"),
    ):
        assert wrong.status_code == 422
    with place.newsroom as newsroom:
        account = newsroom.account("neu")
        assert account is not None
        assert (account.role, account.disabled_at) == ("chief", None)
        assert newsroom.sign_in("neu", "Ein anderes Wort 8", address="192.0.2.1")


def test_ones_own_password_and_language(place: Place) -> None:
    with place.client("leserin") as client, place.client("leserin") as elsewhere:
        key = key_of(client.get("/desk/konto"))
        wrong = {"schluessel": key, "bisher": "falsch falsch", "passwort": "Ein neues Wort 7"}
        assert client.post("/desk/konto", data=wrong).status_code == 422
        right = {**wrong, "bisher": "Glasfaser im Rathaus"}
        assert client.post("/desk/konto", data=right).is_redirect
        assert client.get("/desk").status_code == 200
        assert elsewhere.get("/desk").status_code == 303, "all other sessions have ended"
        assert client.post("/desk/konto", data={"schluessel": key, "sprache": "en"}).is_redirect
        page = client.get("/desk").text
        assert '<html lang="en">' in page
        assert "What is in trouble" in page


@pytest.mark.parametrize("path", ["/desk/quellen/gibt_es_nicht", "/desk/eintraege/999999",
                                  "/desk/auftraege/999", "/desk/quellen/neu/999"])  # fmt: skip
def test_what_is_not_there_says_so(people: dict[str, httpx.Client], path: str) -> None:
    answer = people["leitung"].get(path)
    assert answer.status_code == 404
    assert "gibt es nicht" in answer.text


def test_reports_hooks_and_letters_are_told(place: Place, people: dict[str, httpx.Client]) -> None:
    with place.newsroom as newsroom:
        newsroom.tend_alerts(
            [Trouble("drift", "ki", {"what": "drift", "topic": "KI", "now": 0.32, "before": 0.1})],
            escalate_after=timedelta(days=3), letters=False,
        )  # fmt: skip
        hook = newsroom.add_hook("https://hooks.example/in/geheim", "", by="command")
        newsroom.queue("hook", {"items": [1]}, hook_id=hook.id)
        (letter,) = newsroom.letters()
        newsroom.letter_failed(letter, "550 <leser@amt.example> unknown", for_good=True)
    told = people["leitung"].get("/desk/meldungen").text
    for words in ("Thema KI", "hooks.example", "aufgegeben", "550 &lt;…@amt.example&gt; unknown"):
        assert words in told
    assert "geheim" not in told
    assert "leser@" not in told
    assert "Thema KI" in people["redaktion"].get("/desk").text
    seen = people["redaktion"].get("/desk/meldungen").text
    assert "Thema KI" in seen
    assert "hooks.example" not in seen
    with place.newsroom as newsroom:
        newsroom.remove_hook(hook.id)
        newsroom.tend_alerts([], escalate_after=timedelta(days=3), letters=False)
    assert "Erledigt" in people["redaktion"].get("/desk/meldungen").text


def test_a_run_is_told_with_its_log(place: Place, people: dict[str, httpx.Client]) -> None:
    with place.newsroom as newsroom:
        run = newsroom.runs("leipzig")[0]
    at = run.started_at.astimezone()
    (place.folder / "logs").mkdir(exist_ok=True)
    (place.folder / "logs" / "crawl.log").write_text(
        f"{at:%Y-%m-%d %H:%M:%S} [crawler.runs] WARNING: leipzig: skipped: <b>no title</b>\n"
        f"{at:%Y-%m-%d %H:%M:%S} [crawler.runs] ERROR: augsburg: another source\n"
    )
    assert f"/abrufe/{run.id}" in people["redaktion"].get("/desk/quellen/leipzig").text
    page = people["redaktion"].get(f"/desk/quellen/leipzig/abrufe/{run.id}").text
    assert "leipzig: skipped: &lt;b&gt;no title" in page
    assert "another source" not in page
    assert people["redaktion"].get(f"/desk/quellen/augsburg/abrufe/{run.id}").status_code == 404
