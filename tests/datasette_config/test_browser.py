"""The pages in a real browser: accessibility, themes, narrow screens, keyboard, no JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect

from tests.datasette_config.looking import too_wide, violations

#: A live filter answers in a tenth of a second; a busy machine takes longer.
WAIT_MS = 15_000


@contextmanager
def opened(browser: Browser, address: str, **options: object) -> Iterator[Page]:
    """A page that fails the test when it asks anybody else, or complains on its console."""
    asked: list[str] = []
    said: list[str] = []
    context = browser.new_context(base_url=address, locale="de-DE", **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(address).netloc}
    assert [line for line in said if "404 (Not Found)" not in line] == []
    assert not context.cookies()
    context.close()


def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, address: str, page_types: dict[str, str]
) -> None:
    found: dict[str, list[object]] = {}
    with opened(browser, address) as page:
        for name, path in page_types.items():
            page.goto(path)
            found[name] = [*violations(page), *too_wide(page)]
    assert not any(found.values()), {name: wrong for name, wrong in found.items() if wrong}


def test_the_themes_differ_and_the_text_is_ink(browser: Browser, address: str) -> None:
    seen = {}
    for scheme in ("light", "dark"):
        with opened(browser, address, color_scheme=scheme) as page:
            page.goto("/")
            seen[scheme] = page.evaluate("getComputedStyle(document.documentElement).color")
    assert seen == {"light": "rgb(28, 35, 38)", "dark": "rgb(231, 228, 220)"}


def test_the_keyboard_alone_finds_an_item(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        page.goto("/quellen")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "inhalt"
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.name") == "q"
        page.keyboard.type("Wohngeld/Antrag")
        assert page.input_value("[name=q]") == "Wohngeld/Antrag", "a slash while typing is a slash"
        page.fill("[name=q]", "Wohngeld")
        page.keyboard.press("Enter")
        page.wait_for_url("**/suche?q=Wohngeld")
        page.locator("li.entry h3 a").first.focus()
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        page.keyboard.press("Enter")
        page.wait_for_url("**/eintrag/*")
        assert page.locator("h1").inner_text() == "Wohngeld: Anträge jetzt vollständig online"
        assert outline == "solid", "focus is visible"


def test_everything_works_without_javascript(browser: Browser, address: str) -> None:
    viewport = {"width": 390, "height": 800}
    with opened(browser, address, java_script_enabled=False, viewport=viewport) as page:
        page.goto("/")
        page.fill("#q", "Stadt")
        page.click("form.big button")
        page.wait_for_url("**/suche?q=Stadt**")
        assert not page.locator(".filters-body").is_visible()
        page.click("details.filters > summary")
        page.check("input[name=art][value=press_release]")
        page.fill("input[name=von]", "2026-03-01")
        page.click("text=Filter übernehmen")
        page.wait_for_url("**art=press_release**")
        assert page.locator(".chips li").count() == 3
        page.click(".chips li:first-child a")
        page.wait_for_url("**/suche?q=Stadt&von=2026-03-01")
        before = page.locator("#treffer").inner_text()
        page.locator(".months li a").last.click()
        page.wait_for_url("**bis=2026-03-31**")
        assert page.locator("#treffer").inner_text() == before
        page.click("li.entry h3 a")
        page.wait_for_url("**/eintrag/*")
        assert page.locator("p.original a").is_visible()


def test_filters_take_effect_without_loading_the_page_anew(browser: Browser, address: str) -> None:
    with opened(browser, address, viewport={"width": 1280, "height": 900}) as page:
        page.goto("/suche")
        page.evaluate("window.stays = true")
        total = page.locator("#treffer").inner_text()
        box = page.locator("input[name=land][value=DE-SN]")
        count = box.locator("xpath=../span[@class='count']").inner_text()
        box.check()
        page.wait_for_url("**/suche?land=DE-SN")
        expect(page.locator("#ansage")).not_to_be_empty(timeout=WAIT_MS)
        assert page.locator("#ansage").inner_text() == f"{count} Einträge", "announced"
        assert page.locator("#treffer").inner_text() == f"{count} Einträge"
        assert page.evaluate("document.activeElement.value") == "DE-SN", "the focus stays"
        page.fill("#q", "Stadt")
        page.keyboard.press("Enter")
        page.wait_for_url("**/suche?q=Stadt&land=DE-SN")
        expect(page).to_have_title(re.compile("^„Stadt“"), timeout=WAIT_MS)
        assert page.locator(".tongue").get_attribute("href") == "/en/suche?q=Stadt&land=DE-SN"
        page.go_back()
        expect(page.locator("#q")).to_have_value("", timeout=WAIT_MS)
        page.click(".chips a")
        expect(page.locator("#treffer")).to_have_text(total, timeout=WAIT_MS)
        assert page.url.endswith("/suche")
        assert page.evaluate("window.stays"), "the page was loaded anew"
        assert page.evaluate("getComputedStyle(document.querySelector('.small')).display") == "none"


def test_bars_can_be_brushed_and_cleared(browser: Browser, address: str) -> None:
    with opened(browser, address, viewport={"width": 1280, "height": 900}) as page:
        page.goto("/suche")
        bars = page.locator(".months li")
        many = bars.count()
        first, last = bars.nth(many - 3), bars.nth(many - 1)
        span = first.get_attribute("data-von"), last.get_attribute("data-bis")
        for bar, act in ((first, page.mouse.down), (last, page.mouse.up)):
            place = bar.bounding_box()
            assert place
            page.mouse.move(place["x"] + 8, place["y"] + 40, steps=6)
            act()
        page.wait_for_url(f"**/suche?von={span[0]}&bis={span[1]}")
        page.wait_for_selector(".chips")
        assert page.locator(".months .chosen").count() == 3
        assert bars.count() == many, "the other bars stay, to choose again"
        page.click(".chips a")
        page.wait_for_url("**/suche")
        page.wait_for_selector(".chips", state="detached")
        # The same with the keyboard alone.
        page.locator(".months li a").last.focus()
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/suche?von={span[0]}&bis={span[1]}")
        page.wait_for_selector(".chips")
        assert page.evaluate("document.activeElement.id") == "treffer"


def test_arrows_lead_through_the_titles_and_shortcuts_can_be_switched_off(
    browser: Browser, address: str
) -> None:
    focused = "document.activeElement.getAttribute('href')"
    with opened(browser, address) as page:
        page.goto("/suche")
        titles = page.locator(".entry h3 a")
        titles.first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        assert page.evaluate(focused) == titles.nth(1).get_attribute("href")
        page.goto("/barrierefreiheit")
        page.uncheck("#kuerzel")
        page.goto("/suche")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_the_map_can_be_used_with_the_keyboard(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        page.goto("/")
        tile = page.locator(".tiles a").first
        tile.focus()
        width = page.evaluate(
            "getComputedStyle(document.activeElement.querySelector('rect')).strokeWidth"
        )
        assert width == "6px", "focus is visible"
        page.keyboard.press("Enter")
        page.wait_for_url("**/land/DE-SH")


def test_the_front_page_waits_for_words(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        page.goto("/")
        assert page.evaluate("document.activeElement.id") == "q"


def test_a_reader_changes_the_language_on_the_way(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        page.goto("/suche?q=Wohngeld")
        page.click(".tongue")
        page.wait_for_url("**/en/suche?q=Wohngeld")
        assert page.evaluate("document.documentElement.lang") == "en"
        page.click("li.entry h3 a")
        page.wait_for_url("**/en/eintrag/*")
        assert page.locator("#einordnung").inner_text() == "Labels"
        page.click(".tongue")
        assert page.locator("#einordnung").inner_text() == "Einordnung"


def test_twice_the_text_size_hides_nothing(browser: Browser, address: str) -> None:
    with opened(browser, address, viewport={"width": 1280, "height": 900}) as page:
        for path in ("/", "/suche?q=Stadt", "/thema/ozg"):
            page.goto(path)
            page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
            assert page.evaluate("document.documentElement.scrollWidth") <= 1280, path


def test_filters_are_open_on_wide_screens(browser: Browser, address: str) -> None:
    with opened(browser, address, viewport={"width": 1280, "height": 800}) as page:
        page.goto("/suche")
        assert page.locator("text=letzte 7 Tage").is_visible()
        assert not page.locator("details.filters > summary").is_visible()


def test_print_leaves_the_text_and_the_address(browser: Browser, address: str) -> None:
    with opened(browser, address, viewport={"width": 800, "height": 1100}) as page:
        page.goto("/suche?q=Wohngeld")
        page.click("li.entry h3 a")
        page.emulate_media(media="print")
        assert not page.locator("header nav").is_visible()
        assert page.locator(".body").is_visible()
        shown = page.evaluate(
            "getComputedStyle(document.querySelector('.original a'), '::after').content"
        )
        assert "https://erfurt.example/" in shown


def test_sharing_asks_the_device_and_nobody_else(
    browser: Browser, address: str, ids: dict[str, int]
) -> None:
    with opened(browser, address) as page:
        page.add_init_script("navigator.share = async (what) => { window.shared = what; };")
        page.goto(f"/eintrag/{ids['hostile']}")
        page.get_by_role("button", name="teilen").click()
        shared = page.evaluate("window.shared")
        assert shared["url"] == f"{address}/eintrag/{ids['hostile']}"
        assert shared["title"].startswith("<script>")
