"""Every page as a reader's browser gets it: whole, well-formed, safe, with what it promises."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from lxml import html

VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
}  # fmt: skip


class Checker(HTMLParser):
    """Fails where a tag is not closed, closed twice, or closed in the wrong order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass  # SVG's <rect/>

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()


def tree(answer: httpx.Response) -> Any:  # lxml-stubs know too many results of xpath
    return html.fromstring(answer.text)


def text(node: Any) -> str:
    return " ".join(node.text_content().split())


@pytest.fixture(scope="module")
def answers(web: httpx.Client, page_types: dict[str, str]) -> dict[str, httpx.Response]:
    return {name: web.get(path) for name, path in page_types.items()}


def test_every_page_answers(answers: dict[str, httpx.Response]) -> None:
    found = {name: answer.status_code for name, answer in answers.items()}
    assert found == {name: 404 if name == "missing" else 200 for name in answers}


def test_every_page_is_well_formed(answers: dict[str, httpx.Response]) -> None:
    for name, answer in answers.items():
        assert answer.text.startswith("<!DOCTYPE html>"), name
        checker = Checker()
        checker.feed(answer.text)
        checker.close()
        assert checker.open == [], name
        page = tree(answer)
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), f"{name}: an id twice"
        for attribute in ("for", "aria-labelledby"):
            assert set(page.xpath(f"//@{attribute}")) <= set(ids), name


def test_every_page_has_its_landmarks(answers: dict[str, httpx.Response]) -> None:
    titles: list[str] = []
    for name, answer in answers.items():
        page = tree(answer)
        assert page.get("lang") == ("en" if name.startswith("English") else "de"), name
        for path in ("//h1", "//main", "//head/title", "//body/header", "//body/footer"):
            assert len(page.xpath(path)) == 1, (name, path)
        assert page.xpath("//body/a[1]/@href") == ["#inhalt"], name
        assert page.xpath("//aside[@class='banner']"), name
        if not name.startswith("English"):
            titles.append(page.findtext(".//title"))
        levels = [int(node.tag[1]) for node in page.xpath("//h1|//h2|//h3|//h4")]
        jumps = [(a, b) for a, b in pairwise(levels) if b > a + 1]
        assert not jumps, (name, levels)
    assert len(titles) == len(set(titles)), "two page types share a title"


def test_no_cookie_no_foreign_request_no_inline_code(answers: dict[str, httpx.Response]) -> None:
    for name, answer in answers.items():
        assert "set-cookie" not in answer.headers, name
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert answer.headers["x-content-type-options"] == "nosniff", name
        assert answer.headers["referrer-policy"] == "same-origin", name
        page = tree(answer)
        for source in page.xpath("//script/@src | //link[@rel='stylesheet']/@href | //img/@src"):
            assert source.startswith("/static/"), (name, source)
        assert not page.xpath("//script[not(@src)] | //style | //@style | //iframe"), name
        assert not [a for a in page.xpath("//@*") if a.attrname.startswith("on")], name


def test_links_out_are_http_and_carry_their_rel(answers: dict[str, httpx.Response]) -> None:
    out = 0
    for name, answer in answers.items():
        for link in tree(answer).xpath("//a"):
            href = link.get("href")
            parts = urlsplit(href)
            if parts.scheme == "mailto":
                assert parts.path in ("", "post@radar.example"), name
                continue
            assert parts.scheme in ("", "http", "https"), (name, href)
            if parts.netloc:
                out += 1
                assert {"noopener", "nofollow"} == set(link.get("rel").split()), (name, href)
    assert out > 10


def test_every_link_within_leads_somewhere(
    web: httpx.Client, answers: dict[str, httpx.Response]
) -> None:
    seen: set[str] = set()
    anchors: set[tuple[str, str]] = set()
    for answer in answers.values():
        path = answer.request.url.raw_path.decode()
        for href in tree(answer).xpath("//a/@href | //head/link[not(@rel='canonical')]/@href"):
            parts = urlsplit(urljoin(path, href))
            if not parts.netloc and parts.scheme != "mailto":
                target = parts.path + (f"?{parts.query}" if parts.query else "")
                seen.add(target)
                if parts.fragment:
                    anchors.add((target, parts.fragment))
    bad = {target for target in seen if web.get(target).status_code != 200} - {"/gibt-es-nicht"}
    assert not bad
    for target, fragment in anchors:
        assert tree(web.get(target)).xpath("//*[@id=$id]", id=fragment), (target, fragment)


def test_sizes_are_small(web: httpx.Client, answers: dict[str, httpx.Response]) -> None:
    assert max(len(answer.content) for answer in answers.values()) <= 60_000
    page = tree(answers["home"])
    (style,) = page.xpath("//link[@rel='stylesheet']/@href")
    (script,) = page.xpath("//script/@src")
    assert len(web.get(style).content) <= 20_000
    assert len(web.get(script).content) <= 15_000


def test_an_unchanged_page_is_sent_once(web: httpx.Client) -> None:
    for path in ("/", "/suche?q=Stadt", "/suche.atom"):
        first = web.get(path)
        again = web.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]


def test_static_files_are_kept_for_good(web: httpx.Client) -> None:
    (style,) = tree(web.get("/")).xpath("//link[@rel='stylesheet']/@href")
    assert web.get(style).headers["cache-control"] == "public, max-age=31536000"
    assert web.get(style).headers["content-type"] == "text/css; charset=utf-8"
    outdated = re.sub(r"[0-9a-f]{12}", "0" * 12, style)
    assert web.get(outdated).headers["cache-control"] == "public, max-age=60"
    assert web.get("/static/0/plugin.py").status_code == 404


def test_only_reading_is_possible(web: httpx.Client) -> None:
    assert web.head("/suche").status_code == 200
    assert web.put("/suche").status_code == 405


def test_home(web: httpx.Client, answers: dict[str, httpx.Response]) -> None:
    page = tree(answers["home"])
    assert [text(h) for h in page.xpath("//section[@class='day']/h3")][:2] == ["Heute", "Gestern"]
    assert len(page.xpath("//section[@class='news']//li[@class='entry']")) == 12
    tiles = {a.get("aria-label"): a.get("href") for a in page.xpath("//*[@class='tiles']//a")}
    assert tiles["Sachsen: 7 Einträge"] == "/land/DE-SN"
    assert tiles["Saarland: 1 Eintrag"] == "/land/DE-SL"
    assert len(tiles) == 16
    rows = {text(tr.xpath("./th")[0]): tr for tr in page.xpath("//tbody/tr")}
    assert text(rows["Sachsen"].xpath("./td[last()]")[0]) == "7"
    assert rows["Sachsen"].xpath(".//a/@href") == ["/land/DE-SN"]
    assert len(rows) == 17 + 17
    assert "10 von 12 Quellen liefern." in text(page)
    assert page.xpath("//form[@role='search']/@action") == ["/suche"]


def test_search_finds_marks_and_counts(answers: dict[str, httpx.Response]) -> None:
    page = tree(answers["query"])
    entries = page.xpath("//ol[@class='entries']/li")
    assert text(page.xpath("//h2[@id='treffer']")[0]) == f"{len(entries)} Einträge zu „Stadt“"
    assert page.xpath("//li[@class='entry']//mark[.='Stadt']")
    assert [text(chip) for chip in page.xpath("//ul[@class='chips']/li/a")] == [
        "Filter entfernen: Thema: OZG & Online-Dienste ×",
        "Filter entfernen: Land: Sachsen ×",
        "Filter entfernen: Zeitraum: ab 1. Januar 2025 ×",
        "alle Filter entfernen",
    ]
    assert page.xpath("//ul[@class='chips']/li[2]/a/@href") == [
        "/suche?q=Stadt&thema=ozg&von=2025-01-01"
    ]


def fields(page: Any) -> list[tuple[str, str]]:
    """What the search form would send as it stands."""
    return [
        (node.get("name"), node.get("value") or "")
        for node in page.xpath("//form[@id='suche']//input | //*[@form='suche']")
        if node.get("name")
        and (node.get("type") != "checkbox" or node.get("checked") is not None)
        and node.get("value")
    ]


def choice(page: Any, name: str, value: str) -> Any:
    (box,) = page.xpath("//input[@name=$name and @value=$value]", name=name, value=value)
    return box


def test_filters_keep_the_rest_of_the_search(web: httpx.Client) -> None:
    page = tree(web.get("/suche?q=Stadt&sortierung=relevanz&von=2024-01-01"))
    kept = [("q", "Stadt"), ("sortierung", "relevanz"), ("von", "2024-01-01")]
    assert sorted(fields(page)) == kept
    count = int(choice(page, "land", "DE-SN").xpath("../span[@class='count']")[0].text)
    narrowed = tree(web.get("/suche", params=[*kept, ("land", "DE-SN")]))
    assert len(narrowed.xpath("//ol[@class='entries']/li")) == count
    assert sorted(fields(narrowed)) == sorted([*kept, ("land", "DE-SN")])


@pytest.mark.parametrize("name", ["thema", "land", "ort", "quelle", "art", "lizenz"])
def test_every_choice_finds_what_it_promises(web: httpx.Client, name: str) -> None:
    """Also beside a value of the same filter that is chosen already: values add up."""
    page = tree(web.get("/suche"))
    boxes = page.xpath("//input[@type='checkbox' and @name=$name]", name=name)
    assert len(boxes) >= 2
    chosen = boxes[0].get("value")
    beside = tree(web.get("/suche", params={name: chosen}))
    for box in boxes[1:4]:
        count = int(box.xpath("../span[@class='count']")[0].text)
        value = box.get("value")
        head = tree(web.get("/suche", params={name: value})).xpath("//h2[@id='treffer']")[0]
        # A reprint is counted under who printed it first, and found under either.
        more = {"fachblatt": 1, "behoerdenbrief": 1, "article": 1, "press": 1}.get(value, 0)
        assert text(head).startswith(f"{count + more} Eintr"), value
        assert choice(beside, name, value).xpath("../span[@class='count']")[0].text == str(count)


def test_rights_and_sources_narrow_each_other(web: httpx.Client) -> None:
    page = tree(web.get("/suche?lizenz=press&quelle=leipzig"))
    assert text(page.xpath("//h2[@id='treffer']")[0]) == "Nichts gefunden"
    chips = [text(chip) for chip in page.xpath("//ul[@class='chips']/li/a")]
    assert chips[:2] == [
        "Filter entfernen: Quelle: Stadt Leipzig ×",
        "Filter entfernen: Rechte: Presse ×",
    ]
    both = tree(web.get("/suche?lizenz=press&quelle=fachblatt"))
    assert set(both.xpath("//li[@class='entry']//a[@class='source']/@href")) == {
        "/quelle/fachblatt"
    }


def test_a_chosen_period_keeps_its_bars(web: httpx.Client) -> None:
    all_bars = tree(web.get("/suche")).xpath("//ol[@class='months']/li")
    last = all_bars[-1]
    page = tree(
        web.get("/suche", params={"von": last.get("data-von"), "bis": last.get("data-bis")})
    )
    bars = page.xpath("//ol[@class='months']/li")
    assert [bar.get("data-von") for bar in bars] == [bar.get("data-von") for bar in all_bars]
    assert [bar.get("class") for bar in bars].index("chosen") == len(bars) - 1


def test_a_misspelt_word_is_put_right(web: httpx.Client) -> None:
    page = tree(web.get("/suche?q=Glasfasr"))
    (offer,) = page.xpath("//p[@class='meant']/a")
    assert offer.get("href") == "/suche?q=Glasfaser"
    assert tree(web.get(offer.get("href"))).xpath("//li[@class='entry']")
    topics = page.xpath("//div[@class='empty']//ul[@class='inline']//a/@href")
    assert topics
    assert all(href.startswith("/thema/") for href in topics)


def test_bars_lead_to_their_months(web: httpx.Client) -> None:
    bars = tree(web.get("/suche")).xpath("//ol[@class='months']//a")
    assert len(bars) > 5
    for bar in bars[-3:]:
        (count,) = re.findall(r": (\d+) Eintr", bar.get("aria-label"))
        found = tree(web.get(bar.get("href"))).xpath("//h2[@id='treffer']")[0]
        assert text(found).startswith(f"{count} Eintr")


def test_paging_reaches_every_entry_once(web: httpx.Client) -> None:
    found: list[str] = []
    path = "/suche"
    while path:
        page = tree(web.get(path))
        found += page.xpath("//li[@class='entry']//h3/a/@href")
        path = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    total = int(text(tree(web.get("/suche")).xpath("//h2[@id='treffer']")[0]).split()[0])
    assert len(found) == len(set(found)) == total
    beyond = tree(web.get("/suche?seite=400"))
    assert beyond.xpath("//nav[@class='pages']//a[@aria-current]")[0].text_content() == "Seite 3"


def test_an_empty_result_shows_ways_out(web: httpx.Client) -> None:
    page = tree(web.get("/suche?q=Glasfaser&land=DE-HB"))
    assert text(page.xpath("//h2[@id='treffer']")[0]) == "Nichts gefunden"
    ways = [text(li) for li in page.xpath("//div[@class='empty']/ul[1]/li")]
    assert ways[0].startswith("ohne Land „Bremen“: ")
    assert ways[1] == "ohne die Suchwörter „Glasfaser“: 1 Eintrag"
    for href in page.xpath("//div[@class='empty']/ul[1]/li/a/@href"):
        assert tree(web.get(href)).xpath("//li[@class='entry']")


def test_clusters_are_folded_and_opened(web: httpx.Client, ids: dict[str, int]) -> None:
    page = tree(web.get("/suche?q=Flecken"))
    assert len(page.xpath("//li[@class='entry']")) == 1
    (also,) = page.xpath("//a[@class='also']")
    assert text(also) == "auch bei Kommune Heute und Behördenbrief"
    assert also.get("href") == f"/eintrag/{ids['clustered']}#auch-bei"
    siblings = tree(web.get(also.get("href"))).xpath("//section[@aria-labelledby='auch-bei']//li")
    assert [text(li.xpath(".//span[@class='source']")[0]) for li in siblings] == [
        "Kommune Heute",
        "Behördenbrief",
    ]


def test_an_item_leads_to_the_original_first(
    answers: dict[str, httpx.Response],
) -> None:
    page = tree(answers["item linked"])
    original = "https://fachblatt.example/aktuell/0-buergerbueros"
    assert page.xpath("//link[@rel='canonical']/@href") == [original]
    assert page.xpath("//main//a/@href")[0] == original
    assert text(page.xpath("//h1")[0]) == (
        "Leipzig: Bürgerbüros vergeben Termine jetzt auch am Wochenende"
    )
    assert "12. März 2026, 8:16 Uhr" in text(page)
    assert "nur den Anriss" in text(page)
    assert "ungenutzt" not in text(page), "text of a source that shows teasers only"
    links = page.xpath("//section[@aria-labelledby='verweise']//li")
    assert [text(li) for li in links] == [
        "Serie: Termine ohne Warten Bericht 10. Februar 2026 Teil drei.",
        "Alle Beiträge zum Bürgerbüro",
    ]


def test_an_item_says_why_it_was_tagged(answers: dict[str, httpx.Response]) -> None:
    labels = tree(answers["item linked"]).xpath("//dl[@class='labels']/dd")
    assert [text(dd) for dd in labels] == [
        "OZG & Online-Dienste 96 % sicher wegen „Bürgerbüros“, „vergeben“ und „Termine“",
        "Sachsen 96 % sicher wegen „Bürgerbüros“, „vergeben“ und „Termine“",
    ]


def test_schema_org_markup(answers: dict[str, httpx.Response]) -> None:
    page = tree(answers["item corrected"])
    (item,) = page.xpath("//*[@itemtype='https://schema.org/NewsArticle']")
    properties = {node.get("itemprop"): node for node in item.xpath(".//*[@itemprop]")}
    assert text(properties["headline"]) == "Wohngeld: Anträge jetzt vollständig online"
    assert properties["datePublished"].get("datetime") == "2026-03-10"
    canonical = page.xpath("//link[@rel='canonical']/@href")[0]
    assert properties["url"].get("href") == item.get("itemid") == canonical
    assert "articleBody" in properties
    # Who says all this is not who published it: the page is a reference.
    assert text(properties["sdPublisher"]) == "Kommunalradar"
    assert item.xpath("ancestor::*[@itemtype='https://schema.org/WebPage']")


def test_a_correction_is_shown_word_by_word(answers: dict[str, httpx.Response]) -> None:
    page = tree(answers["item corrected"])
    assert "korrigiert am 11. März 2026" in text(page.xpath("//header/p")[0])
    assert [text(node) for node in page.xpath("//del|//ins")] == [
        "neu: jetzt",
        "gestrichen: elf",
        "neu: neun",
    ]
    hidden = tree(answers["item hidden correction"])
    assert not hidden.xpath("//del|//ins")
    assert "in einem Teil, den das Archiv von dieser Quelle nicht zeigt" in text(hidden)


def test_a_withdrawn_item_says_so_and_shows_no_text(answers: dict[str, httpx.Response]) -> None:
    page = tree(answers["item withdrawn"])
    assert "Zurückgezogen." in text(page)
    assert "bemerkt am 12. März 2026" in text(page)
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert "eingescannt" not in answers["item withdrawn"].text
    assert page.xpath("//dl[@class='labels']/dd")
    assert not page.xpath("//*[@class='evidence']")


@pytest.mark.parametrize("path", ["/thema/ki", "/land/DE-SN", "/quelle/emsland"])
def test_an_entry_does_not_repeat_whose_page_it_stands_on(web: httpx.Client, path: str) -> None:
    page = tree(web.get(path))
    assert page.xpath("//li[@class='entry']")
    linked = page.xpath("//li[@class='entry']//a/@href")
    assert path not in linked
    kinds = ("/thema/", "/land/", "/quelle/")
    others = [kind for kind in kinds if not path.startswith(kind)]
    assert all(any(href.startswith(kind) for href in linked) for kind in others)


def test_a_date_that_is_not_known_is_not_invented(answers: dict[str, httpx.Response]) -> None:
    page = tree(answers["item dateless"])
    assert "ohne Datum" in text(page.xpath("//header/p")[0])
    assert not page.xpath("//*[@itemprop='datePublished']")
    assert "Die Quelle nennt kein Datum." in text(page)


def test_policies_show_no_more_than_they_allow(answers: dict[str, httpx.Response]) -> None:
    assert "Was passiert, wenn alle Systeme" not in answers["item headline"].text
    assert "nur die Überschrift" in answers["item headline"].text
    assert "nur den Verweis" in answers["item linkonly"].text
    linkonly = tree(answers["item linkonly"])
    assert linkonly.xpath("//dl[@class='labels']/dd")
    assert not linkonly.xpath("//*[@class='evidence']"), "its words are the source's"


def test_hostile_text_stays_text(
    web: httpx.Client, answers: dict[str, httpx.Response], ids: dict[str, int]
) -> None:
    pages = [answers["item hostile"], web.get("/suche?q=fett"), web.get("/"), web.get("/thema/ki")]
    for answer in pages:
        page = tree(answer)
        assert page.xpath("//h1|//h4|//h3")
        assert '<script>alert("x")</script> & "Zitat"' in text(page)
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert not page.xpath("//a[starts-with(@href, 'javascript:')]")
    assert not tree(answers["item hostile"]).xpath("//section[@aria-labelledby='verweise']")
    query = '"><script>alert(1)</script>'
    answer = web.get("/suche", params={"q": query, "thema": query, "von": query, "land": query})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert tree(answer).xpath("//input[@id='q']/@value") == [query]


def test_sources_in_trouble_come_first(answers: dict[str, httpx.Response]) -> None:
    rows = tree(answers["sources"]).xpath("//tbody/tr")
    assert len(rows) == 12
    first = [text(row.xpath("./td[1]")[0]).split()[0] for row in rows]
    assert first == ["gestört", "vertagt"] + ["liefert"] * 10
    assert "vor 2 Tagen" in text(rows[0])
    assert "14:00 Uhr" in text(rows[1])


def test_topic_and_state_pages(answers: dict[str, httpx.Response]) -> None:
    page = tree(answers["topic"])
    assert text(page.xpath("//h1")[0]) == "Thema: OZG & Online-Dienste"
    assert "Anträge und Dienste im Netz" in text(page)
    assert text(page.xpath("//h2[@id='neu']")[0]) == "14 Einträge"
    assert "im Saarland" not in text(page)
    state = tree(answers["state"])
    assert text(state.xpath("//h1")[0]) == "Land: Sachsen"
    assert text(tree(answers["federation"]).xpath("//h1")[0]) == "Ebene: Bund"
    town, county = tree(answers["town"]), tree(answers["county"])
    assert text(town.xpath("//h1")[0]) == "Ort: Leipzig"
    assert town.xpath("//*[@class='map']//circle")
    assert "14713000" in text(town)
    assert len(town.xpath("//li[@class='entry']")) == 6
    assert text(county.xpath("//h1")[0]) == "Kreis: Emsland"
    source = tree(answers["source"])
    assert text(source.xpath("//h1")[0]) == "Quelle: Stadt Augsburg"
    assert "gestört" in text(source.xpath("//dl[@class='facts']")[0])


@pytest.mark.parametrize(
    "path",
    ["/eintrag/999999", "/ort/99999999", "/ort/1", "/quelle/nix", "/eintrag/999999.bib",
     "/thema/quatsch", "/land/DE-XX", "/land/xx.atom", "/thema/x.atom",
     "/archive/nichts", "/nichts", "/eintrag/1x", "/-/metadata", "/-/nichts"],
)  # fmt: skip
def test_missing_pages_are_in_the_sites_dress(web: httpx.Client, path: str) -> None:
    answer = web.get(path)
    assert answer.status_code == 404
    page = tree(answer)
    assert text(page.xpath("//h1")[0]) == "Fehler 404: Seite nicht gefunden"
    assert page.xpath("//form[@role='search']")


def test_a_failure_is_in_the_sites_dress_and_tells_nothing(
    web: httpx.Client, site: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("disk /var/lib/secret is on fire")

    monkeypatch.setattr(site, "archive", broken)
    answer = web.get("/quellen")
    assert answer.status_code == 500
    assert text(tree(answer).xpath("//h1")[0]) == "Fehler 500: Da ist etwas schiefgegangen"
    assert "secret" not in answer.text


def test_a_query_that_takes_too_long_says_what_to_do(web: httpx.Client) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select sum(i) from n"
    answer = web.get("/archive", params={"sql": endless, "_timelimit": "50"})
    assert answer.status_code == 400
    page = tree(answer)
    assert text(page.xpath("//h1")[0]) == "Fehler 400: Diese Abfrage dauert zu lange"
    assert "engerer Zeitraum" in text(page)
    assert not page.xpath("//textarea | //script[not(@src)]")


def test_an_item_can_be_cited_and_reported(web: httpx.Client, ids: dict[str, int]) -> None:
    number = ids["corrected"]
    page = tree(web.get(f"/eintrag/{number}"))
    bib, ris = web.get(f"/eintrag/{number}.bib"), web.get(f"/eintrag/{number}.ris")
    assert bib.text.startswith(f"@online{{kommunalradar-{number},\n")
    assert "  title = {{Wohngeld: Anträge jetzt vollständig online}},\n" in bib.text
    assert "attachment" in bib.headers["content-disposition"]
    assert ris.text.split("\r\n")[:2] == [
        "TY  - ELEC", "TI  - Wohngeld: Anträge jetzt vollständig online"
    ]  # fmt: skip
    assert "10. März 2026" in text(page.xpath("//p[@class='citation']")[0])
    (report,) = page.xpath("//a[@class='report']/@href")
    assert report.startswith("mailto:post@radar.example?subject=Hinweis%20zu%20Eintrag")
    assert f"eintrag/{number}%0D%0A" in report


def test_hostile_words_stay_within_their_citation(web: httpx.Client, ids: dict[str, int]) -> None:
    number = ids["hostile"]
    bib = web.get(f"/eintrag/{number}.bib").text
    assert bib.count("{") == bib.count("}")
    assert r"\& " in bib
    assert all(line[2:6] == "  - " for line in web.get(f"/eintrag/{number}.ris").text.splitlines())


def test_items_show_where_they_are_set_and_what_is_alike(
    web: httpx.Client, answers: dict[str, httpx.Response], ids: dict[str, int]
) -> None:
    page = tree(web.get(f"/eintrag/{ids['clustered']}"))
    assert page.xpath("//section[@aria-labelledby='orte']//a/@href") == ["/ort/03454"]
    (label,) = page.xpath("//*[@class='map']/@aria-label")
    assert label == "Karte von Deutschland: Emsland"
    siblings = page.xpath("//section[@aria-labelledby='auch-bei']//a/@href")
    similar = page.xpath("//section[@aria-labelledby='aehnlich']//a/@href")
    assert not set(siblings) & set(similar), "a reprint is not offered twice"
    found = [
        href
        for answer in answers.values()
        for href in tree(answer).xpath("//section[@aria-labelledby='aehnlich']//a/@href")
    ]
    assert found
    unplaced = tree(web.get("/ort/16051000"))
    assert not unplaced.xpath("//*[@class='map']"), "no position is known, none is drawn"


def test_the_operators_pages(answers: dict[str, httpx.Response]) -> None:
    imprint = tree(answers["imprint"])
    assert [text(node) for node in imprint.xpath("//main//h2 | //main//p")] == [
        "Anbieter", "Amt für Beispiele https://amt.example/", "<b>Tel.</b> 0"
    ]  # fmt: skip
    assert imprint.xpath("//main//a/@href") == ["https://amt.example/"]
    model = tree(answers["model"])
    assert "Von hundert vergebenen Themen stimmen etwa 84." in text(model)
    assert [cell.text for cell in model.xpath("//tbody/tr[1]/td")] == [
        "84\u00a0%",
        "77\u00a0%",
        "0,805",
    ]
    assert "post@radar.example" in text(tree(answers["privacy"]))


def test_sources_can_be_narrowed(web: httpx.Client) -> None:
    def shown(query: str) -> list[str]:
        return tree(web.get(f"/quellen?{query}")).xpath("//tbody/tr/@id")  # type: ignore[no-any-return]

    assert shown("land=DE-SN") == ["leipzig"]
    assert shown("name=KIEL") == ["kiel"]
    assert shown("zustand=bad") == ["augsburg"]
    assert len(shown("lizenz=press")) == 4
    assert shown("land=DE-SN&name=kiel") == []
    assert len(shown("land=%3Cscript%3E&seite=%C2%B2")) == 12


def test_the_languages_lead_to_one_another(web: httpx.Client, ids: dict[str, int]) -> None:
    german = tree(web.get("/suche?q=Stadt&land=DE-SN"))
    (link,) = german.xpath("//a[@class='tongue']")
    assert (link.get("href"), link.get("hreflang")) == ("/en/suche?q=Stadt&land=DE-SN", "en")
    english = tree(web.get(link.get("href")))
    assert english.xpath("//a[@class='tongue']/@href") == ["/suche?q=Stadt&land=DE-SN"]
    assert text(english.xpath("//h2[@id='treffer']")[0]).endswith("items for “Stadt”")
    within = {
        href
        for href in english.xpath("//main//a/@href")
        if href.startswith("/") and not href.startswith("/en/")
    }
    assert all(".atom" in href or ".json" in href or href.endswith(".ics") for href in within)
    item = tree(web.get(f"/en/eintrag/{ids['corrected']}"))
    assert item.xpath("//h1/@lang") == ["de"], "what the source wrote stays German, and says so"
    assert "Corrected on 11 March 2026" in text(item)
    missing = web.get("/en/gibt-es-nicht")
    assert text(tree(missing).xpath("//h1")[0]) == "Error 404: Page not found"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/abo", "verschicken keine E-Mails"),
        ("/abo?thema=ozg", "verschicken keine E-Mails"),
        ("/en/abo", "sends no e-mail"),
    ],
)
def test_where_no_letters_are_sent_the_form_says_so(
    web: httpx.Client, path: str, said: str
) -> None:
    answer = web.get(path)
    assert answer.status_code == 404
    assert said in text(tree(answer))


def test_kinds_are_many_in_a_filter_and_one_at_an_entry(web: httpx.Client) -> None:
    page = tree(web.get("/en/suche?art=article"))
    filters = page.xpath("//input[@name='art']/..")
    assert any("Articles" in text(one) for one in filters)
    chip = page.xpath("//*[@class='chips']//a")[0]
    assert "Article" in text(chip)
    assert "Articles" not in text(chip)


def test_how_much_is_shown_of_a_source_reads_as_a_sentence(web: httpx.Client) -> None:
    assert "Press, teaser only" in text(tree(web.get("/en/quellen")))
