"""A tab inside the page of another system, in a real browser."""

import html
import json

import pytest
from click.testing import CliRunner
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from crossdock.cli import main

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("embed"),  # one stack for all of them
]

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>An account of the CRM</title>
<style>
body {{ margin: 2rem auto; max-width: 62rem; padding: 0 1rem; font-family: sans-serif; }}
iframe {{ width: 100%; height: 20rem; border: 1px solid #8885; border-radius: 10px; }}
</style>
</head>
<body>
<main>
<h1>Northwind, as the CRM shows it</h1>
<p>Owner, phone and address, and what the ERP knows:</p>
<iframe title="Aging of receivables" src="{url}"></iframe>
</main>
<script>
window.heights = [];
addEventListener("message", (event) => {{
  if (event.origin !== "{frame}" || event.data.crossdock !== "height") return;
  window.heights.push(event.data.height);
  document.querySelector("iframe").style.height = event.data.height + "px";
}});
</script>
</body>
</html>
"""


@pytest.fixture
def hold(crm, stack):
    """Put a link into a frame of a page."""

    def put(url, site=crm):
        return site.put("/account", PAGE.format(url=html.escape(url), frame=stack.url))

    return put


def test_a_tab_stands_in_the_page_of_the_crm(browser, stack, hold):
    browser.open(hold(stack.link()))

    browser.into()
    assert "Current" in browser.text()
    assert browser.driver.find_elements(By.CSS_SELECTOR, "table.cd-table")
    assert browser.driver.get_cookies() == []
    browser.out()
    assert browser.console() == []


def test_the_page_gives_the_frame_the_height_that_it_asks_for(browser, stack, hold):
    browser.open(hold(stack.link()))

    browser.until(lambda: browser.run("return window.heights.length"))
    tall = browser.run("return window.heights.at(-1)")
    assert tall > 400
    browser.into()
    assert browser.run("return document.documentElement.scrollHeight <= innerHeight + 1")


def test_the_reader_changes_a_parameter_within_the_frame(browser, stack, hold):
    browser.open(hold(stack.link()))
    browser.into()
    before = browser.run("return location.href")

    select = browser.driver.find_element(By.CSS_SELECTOR, "select")
    Select(select).select_by_index(1)
    chosen = Select(select).first_selected_option.text
    name = select.get_attribute("name")
    browser.driver.find_element(By.CSS_SELECTOR, ".params button").click()

    browser.until(lambda: browser.run("return location.href") != before)
    browser.until(lambda: browser.run("return document.readyState") == "complete")
    again = browser.driver.find_element(By.NAME, name)
    assert Select(again).first_selected_option.text == chosen
    assert browser.run("return location.search") == ""
    assert browser.console() == []


def test_the_browser_refuses_it_in_the_page_of_a_stranger(browser, stack, hold, stranger):
    browser.open(hold(stack.link(), stranger))

    assert any("frame-ancestors" in line for line in browser.console())
    browser.into()
    assert browser.run("return location.protocol") == "chrome-error:"
    assert "cd-view" not in browser.driver.page_source


def test_a_link_opened_in_a_window_shows_no_data(browser, stack):
    browser.open(stack.link())

    assert "This view belongs into your CRM" in browser.text()
    assert not browser.driver.find_elements(By.CSS_SELECTOR, ".cd-view")


def test_an_expired_link_says_so_in_the_frame(browser, stack, hold):
    browser.open(hold(stack.link(now=1_000_000_000)))

    browser.into()
    assert "This view has expired" in browser.text()
    assert not browser.driver.find_elements(By.CSS_SELECTOR, ".cd-view")


def test_a_changed_link_is_refused(browser, stack, hold):
    url = stack.link()
    at = len(url) - 10
    browser.open(hold(url[:at] + ("A" if url[at] != "A" else "B") + url[at + 1 :]))

    browser.into()
    assert "This link is not good" in browser.text()


def test_the_command_line_signs_a_link_that_opens(browser, stack, hold, crm):
    command = ["embed", "link", "erp-tabs/credit", stack.story["account"], "--user", "U-kim"]
    command += ["--origin", crm.origin, "--config", str(stack.config), "--json"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output

    browser.open(hold(stack.url + json.loads(done.output)["url"]))

    browser.into()
    assert "Limit" in browser.text() or "limit" in browser.text()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "dark")])
@pytest.mark.parametrize("tab", ["aging", "sales", "overview", "orders"])
def test_nobody_is_shut_out_of_a_frame(browser, stack, hold, tab, width, scheme):
    browser.size(width)
    browser.scheme(scheme)
    browser.open(hold(stack.link(tab=f"erp-tabs/{tab}")))

    browser.into()
    browser.until(lambda: browser.driver.find_elements(By.CSS_SELECTOR, ".cd-view"))
    assert browser.complaints() == []
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out_of_what_a_frame_says(browser, stack, hold, scheme):
    browser.scheme(scheme)
    browser.open(hold(stack.link(now=1_000_000_000)))

    browser.into()
    assert browser.complaints() == []
