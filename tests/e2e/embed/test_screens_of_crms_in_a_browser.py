"""Sales by month and year in the account's own screen, as in Sage CRM and SalesLogix."""

import html
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("embed"),
]

SCREENS = Path(__file__).parent / "frames"
MONTHS = ("January", "June", "December", "Year")


@pytest.mark.parametrize("name", ["sage_crm", "saleslogix"])
def test_sales_by_month_and_year_stand_in_the_accounts_own_screen(
    browser, stack, crm, tmp_path, name
):
    link = html.escape(stack.link(tab="erp-tabs/sales"))
    page = (SCREENS / f"{name}.html").read_text(encoding="utf-8")
    page = page.replace("{url}", link).replace("{frame}", stack.url)

    browser.open(crm.put(f"/{name}", page))

    browser.into()
    browser.until(lambda: browser.driver.find_elements(By.CSS_SELECTOR, "table.cd-table"))
    shown = browser.text()
    assert all(month in shown for month in MONTHS)
    heads = browser.driver.find_elements(By.CSS_SELECTOR, "table.cd-table th")
    years = {head.text.strip() for head in heads} & {"2024", "2025", "2026"}
    assert len(years) >= 2  # years side by side
    assert browser.driver.find_elements(By.CSS_SELECTOR, "svg")
    assert browser.complaints() == []
    browser.out()
    frame = browser.driver.find_element(By.CSS_SELECTOR, "iframe")
    browser.until(lambda: frame.size["height"] > 400)  # the screen gives it the room that it needs
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    assert browser.console() == []
    assert browser.driver.save_screenshot(str(tmp_path / f"{name}.png"))
