"""Adaptive Cards as their own renderer draws them, and texts that try to become more than text."""

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from crossdock.host import Host
from crossdock.render import STYLESHEET, render_adaptive_card
from crossdock.render.html import render_html
from crossdock.render.json import script_json, view_document

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("embed"),
]

PAGE = (Path(__file__).parent / "card_page.html").read_text(encoding="utf-8")
TABS = ("overview", "aging", "credit", "sales", "orders", "invoices")
VERSIONS = ("1.3", "1.5")
TRAP = """
window.said = [];
window.ran = (what) => window.said.push(String(what));
for (const name of ["alert", "confirm", "prompt", "print", "open"]) window[name] = window.ran;
"""


@pytest.fixture(scope="module")
def tabs(stack):
    """The reference plugins' tabs of one account."""
    account = stack.story["account"]
    with Host.open(stack.config) as host:
        return [
            host.render_tab(f"erp-tabs/{tab}", account, user="U-kim")
            for tab in TABS
        ]  # fmt: skip


@pytest.fixture
def draw(browser, crm, packages):
    """Let the renderer of the npm package draw cards."""
    for name in ("adaptivecards", "markdown-it"):
        source = (packages / name / "dist" / f"{name}.min.js").read_text(encoding="utf-8")
        crm.put(f"/{name}.js", source, "text/javascript")

    def drawn(cards, *, before=""):
        page = PAGE.replace("@CARDS@", str(script_json(cards)))
        browser.open(crm.put("/cards", page.replace("</title>", f"</title>{before}", 1)))
        browser.until(lambda: browser.run("return document.documentElement.dataset.ready"))
        return browser

    return drawn


def card_of(tab, version="1.5"):
    def href(target, params):
        return f"https://crm.example/{target}"

    return render_adaptive_card(
        tab.view,
        title=tab.tab.title,
        subtitle="Northwind · A-1001",
        href=href,
        more="https://crm.example/all",
        version=version,
    )


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_figures_of_a_tab_stand_on_its_card(browser, draw, tabs, version, scheme):
    browser.scheme(scheme)
    browser.size(1100, 2600)

    draw([card_of(tab, version) for tab in tabs])

    assert browser.run("return window.complaints") == []
    assert browser.console() == []
    text = browser.text()
    for tab in tabs:
        assert tab.tab.title in text
    assert "€" in text
    assert "main · C-" in text
    assert browser.complaints() == []


def test_a_card_leads_where_the_host_says(browser, draw, tabs):
    draw([card_of(tabs[1])])

    buttons = browser.driver.find_elements(By.CSS_SELECTOR, ".ac-pushButton")
    buttons[-1].click()
    assert browser.run("return window.opened") == ["https://crm.example/all"]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_component_is_drawn_without_a_complaint(browser, draw, view_of, version):
    card = render_adaptive_card(view_of("some words"), title="All", version=version, limit=10**6)

    draw([card])

    assert browser.run("return window.complaints") == []
    assert browser.console() == []


def nothing_ran(browser, site, before):
    """Whether a page stayed what it is: no script, no request, no dialog, no complaint."""
    browser.run(
        "for (const each of document.querySelectorAll('a, button, summary, [tabindex]'))"
        " { each.focus(); each.dispatchEvent(new MouseEvent('mouseover', {bubbles: true})); }"
    )
    assert browser.run("return window.said") == []
    loaded = browser.run("return performance.getEntriesByType('resource').map((e) => e.name)")
    assert [name for name in loaded if not name.startswith(site.origin)] == []
    assert [path for path in site.asked[before:] if "ran" in path] == []
    assert browser.console() == []
    frames = "iframe, object, embed, form, base, style:not(head style), script:not(.ours)"
    assert browser.run(f"return document.querySelectorAll('main :is({frames})').length") == 0


def test_no_text_runs_on_a_page(browser, crm, hostile_texts, view_of):
    # No content security policy: what keeps a text from running is that it is a text.
    crm.put("/crossdock.css", STYLESHEET.read_text(encoding="utf-8"), "text/css")
    views = [
        render_html(view_of(text), href=lambda target, params: target, prefix=f"cd{number}")
        for number, text in enumerate(hostile_texts.values())
    ]
    documents = [view_document(view_of(text)) for text in hostile_texts.values()]
    page = (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Texts</title>"
        f"<script>{TRAP}</script><link rel='stylesheet' href='/crossdock.css'></head><body>"
        f"<main>{''.join(map(str, views))}</main>"
        f"<script type='application/json' id='data'>{script_json(documents)}</script>"
        "<script>window.parsed = JSON.parse(document.getElementById('data').textContent).length;"
        "</script></body></html>"
    )
    before = len(crm.asked)

    browser.open(crm.put("/texts", page))

    assert browser.run("return document.querySelectorAll('.cd-view').length") == len(views)
    assert browser.run("return window.parsed") == len(views)
    nothing_ran(browser, crm, before)
    assert "window.ran('script')" in browser.run("return document.body.textContent")


@pytest.mark.parametrize(
    "version", [VERSIONS[0], *(pytest.param(each, marks=pytest.mark.full) for each in VERSIONS[1:])]
)
def test_no_text_runs_on_a_card(browser, crm, draw, hostile_texts, view_of, version):
    cards = [
        render_adaptive_card(
            view_of(text), title=text, subtitle=text, href=lambda target, params: target,
            more=text, version=version, limit=10**7,
        )
        for text in hostile_texts.values()
    ]  # fmt: skip
    before = len(crm.asked)

    draw(cards, before=f"<script>{TRAP}</script>")

    assert browser.run("return document.querySelectorAll('.card').length") == len(cards)
    nothing_ran(browser, crm, before)
    text = browser.run("return document.querySelector('main').textContent")
    assert "[x](javascript:window.ran('md'))" in text
    assert "**bold** *em* __bold__" in text
    assert (
        browser.run("return document.querySelectorAll('main :is(strong, em, img, code)').length")
        == 0
    )
    addresses = browser.run("return [...document.querySelectorAll('main a')].map((a) => a.href)")
    assert not [each for each in addresses if each.lower().startswith(("javascript", "data"))]
