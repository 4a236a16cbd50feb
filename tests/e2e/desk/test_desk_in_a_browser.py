"""A real Chromium walks the desk, over real processes."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("desk"),  # one stack for all of them
]


def test_a_quote_goes_straight_through_to_paid(visitor, stack):
    visitor.open("/")
    assert visitor.path == "/sign-in"
    visitor.sign_in("Kim")
    visitor.open("/accounts")

    # Find an account, see its tabs and a chart.
    name = visitor.see(".row-link").text
    visitor.type("search", name)
    visitor.leave_by(visitor.see(".search button"))
    assert name in visitor.text("table")
    visitor.follow(name)
    assert visitor.text("h1").startswith(name)
    tabs = {tab.text for tab in visitor.all(".tabs a")}
    assert {"Overview", "Sales history", "Aging", "Credit", "Orders", "Invoices"} <= tabs
    visitor.follow("Sales history")
    chart = next(svg for svg in visitor.all("svg[role=img]") if svg.is_displayed())
    assert chart.size["height"] > 100
    assert chart.find_elements(By.CSS_SELECTOR, "rect.cd-bar")

    # Be stopped over the credit limit, with the reason beside the total.
    visitor.open(f"/quotes/{stack.story['over_limit_quote']}")
    visitor.press("save")
    visitor.press("promote")
    assert "This quote was not promoted" in visitor.text("#summary")
    assert visitor.focused().get_attribute("id") == "summary"
    reason = visitor.see("dd[aria-describedby]").get_attribute("aria-describedby")
    assert "credit limit" in visitor.text(f"#{reason}")
    visitor.see("#summary a").click()
    assert visitor.focused().get_attribute("id") == "f-totals"

    # Promote a good one.
    before = len(stack.journal("createSalesOrder"))
    visitor.open(f"/quotes/{stack.story['quote']}")
    visitor.press("save")
    assert "Priced by the ERP" in visitor.text("h1")
    visitor.press("promote")
    assert visitor.path.startswith("/orders/")
    visitor.until(lambda: visitor.text("h1 .badge") == "Confirmed")

    # Play the warehouse and the bookkeeper; the page hears of it from the ERP.
    for act, status in (
        ("ship_part", "Partly shipped"),
        ("ship", "Shipped"),
        ("invoice", "Invoiced"),
        ("pay", "Paid"),
    ):
        visitor.until(lambda act=act: visitor.all(f'button[value="{act}"]'))
        visitor.press(act)
        assert visitor.all(".notice.tone-good")
        visitor.until(lambda status=status: visitor.text("h1 .badge") == status)
    assert "Paid in full" in visitor.text(".timeline")

    # One order, and the plugin in the worker placed it.
    placed = stack.journal("createSalesOrder")[before:]
    assert len(placed) == 1
    assert "worker" in str(placed[0])
    visitor.leave_by(visitor.see(".facts a"))
    assert visitor.text("h1").startswith("Sales order SO-")


def test_the_desk_works_without_scripts(visitor_of, stack):
    visitor = visitor_of(scripts=False)
    visitor.sign_in("Kim")
    visitor.open(f"/accounts/{stack.story['account']}/quotes/new")
    visitor.type("find", "bearing")
    visitor.press("find")
    add = visitor.see(".found button")
    item = add.get_attribute("value").partition(":")[2]
    visitor.leave_by(add)
    assert visitor.field("lines.0.item_id").get_attribute("value") == item
    assert visitor.focused().get_attribute("name") == "lines.0.quantity"
    visitor.press("add")
    visitor.press("remove:1")
    visitor.type("lines.0.quantity", "2")
    visitor.press("save")
    assert "Priced by the ERP" in visitor.text("h1")
    visitor.press("promote")
    visitor.until(lambda: "SO-" in visitor.text(".facts"))


def test_the_quote_editor_is_used_by_keyboard(visitor, stack):
    visitor.sign_in("Kim")
    visitor.open(f"/accounts/{stack.story['account']}/quotes/new")
    visitor.keys(Keys.TAB)
    assert visitor.focused().text == "Skip to the content"
    visitor.keys(Keys.ENTER)
    assert visitor.focused().get_attribute("id") == "main"
    while visitor.focused().get_attribute("name") != "lines.0.item_id":
        visitor.keys(Keys.TAB)
    outline = "return getComputedStyle(document.activeElement).outlineWidth"
    assert visitor.driver.execute_script(outline) == "3px"
    visitor.leaving(lambda: visitor.keys("no-such-item", Keys.ENTER))
    assert "was not saved" in visitor.text("#summary")
    field = visitor.field("lines.0.item_id")
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("value") == "no-such-item"


def test_item_codes_are_suggested_while_they_are_typed(visitor, stack):
    visitor.sign_in("Kim")
    visitor.open(f"/accounts/{stack.story['account']}/quotes/new")
    visitor.type("lines.0.item_id", "bearing")
    visitor.until(lambda: visitor.all("#items option"))


def test_a_quote_is_kept_unchecked_while_the_erp_is_away(visitor, stack):
    visitor.sign_in("Kim")
    account = stack.story["account"]
    visitor.open(f"/accounts/{account}/quotes/new")
    visitor.type("find", "bearing")
    visitor.press("find")
    visitor.leave_by(visitor.see(".found button"))
    stack.erp_goes_away()
    try:
        visitor.press("save")
        assert "Unchecked draft" in visitor.text("h1")
        visitor.open(f"/accounts/{account}/tabs/erp-tabs/aging")
        visitor.driver.refresh()  # what somebody read a moment ago may be shown before
        assert visitor.all(".cd-notice, .cd-unknown")
        assert "Traceback" not in visitor.text()
    finally:
        stack.erp_comes_back()


def links(visitor, path, start):
    visitor.open(path)
    found = [link.get_attribute("href") for link in visitor.all("main a")]
    return [link[len(visitor.url) :] for link in found if link.startswith(visitor.url + start)]


def pages(visitor, stack):
    """One page of every kind."""
    visitor.sign_in("Kim")
    account = f"/accounts/{stack.story['account']}"
    return [
        "/sign-in",
        "/accounts",
        "/accounts?search=zzzz",
        account,
        *links(visitor, account, f"{account}/tabs/"),
        *links(visitor, account, "/orders/")[:1],
        f"{account}/quotes/new",
        f"/quotes/{stack.story['over_limit_quote']}",
        "/deliveries",
        "/deliveries?show=all",
    ]


def test_axe_finds_nothing_on_any_page_and_none_is_wider_than_the_screen(
    visitor, stack, complaints, chaos
):
    found = {}
    tabs = 0
    for path in pages(visitor, stack):
        visitor.open(path)
        # All tabs are looked at with three trading accounts; here some of them stand for all.
        tabs += "/tabs/" in path
        asked = chaos or "/tabs/" not in path or tabs <= 2
        for width, scheme in ((1280, "light"), (768, "light"), (360, "dark")):
            visitor.size(width)
            visitor.scheme(scheme)
            needed = visitor.driver.execute_script("return document.documentElement.scrollWidth")
            said = complaints(visitor) if asked and width != 768 else []
            if said or needed > width:
                found[f"{path}, {width} wide, {scheme}"] = [*said, f"{needed} wide"]
    assert found == {}


def test_axe_finds_nothing_on_a_form_that_was_refused(visitor, stack, complaints):
    visitor.sign_in("Kim")
    visitor.open(f"/quotes/{stack.story['over_limit_quote']}")
    visitor.type("lines.0.quantity", "many")
    visitor.press("save")
    assert "was not saved" in visitor.text("#summary")
    for width, scheme in ((1280, "light"), (360, "dark")):
        visitor.size(width)
        visitor.scheme(scheme)
        assert complaints(visitor) == []


def test_controls_are_large_enough_for_a_thumb(visitor, stack):
    visitor.size(360)
    visitor.sign_in("Kim")
    for path in ("/accounts", f"/quotes/{stack.story['over_limit_quote']}"):
        visitor.open(path)
        small = [
            control.get_attribute("outerHTML")[:120]
            for control in visitor.all("main button:not(.enter), main input, main select")
            if control.is_displayed() and control.size["height"] < 40
        ]
        assert small == []
