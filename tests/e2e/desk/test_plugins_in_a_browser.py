"""What plugins bring to the desk, walked in a real Chromium, with and without scripts."""

import pytest
from selenium.webdriver.common.by import By

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("desk"),  # one stack for all of them
]


@pytest.mark.parametrize("scripts", [True, False])
def test_from_the_dashboard_over_a_list_to_an_account_and_its_fields(visitor_of, scripts):
    visitor = visitor_of(scripts=scripts)
    visitor.sign_in("Kim")
    visitor.open("/")
    titles = [card.text for card in visitor.all(".card > h2")]
    assert titles == ["Accounts to look after", "Receivables"]
    visitor.follow("Overdue for 30 days")
    assert visitor.path == "/lists/watch-list/overdue"
    visitor.leave_by(visitor.see(".row-link"))
    visitor.follow("Edit")

    visitor.type("email", "nobody")
    visitor.leave_by(visitor.see("form.editor button"))
    assert "This was not saved" in visitor.text("#summary")
    field = visitor.field("email")
    assert field.get_attribute("aria-invalid") == "true"
    said = visitor.see(f"#{field.get_attribute('aria-describedby')}")
    assert "is not an e-mail address" in said.text
    if scripts:
        visitor.see("#summary a").click()
        assert visitor.focused().get_attribute("name") == "email"

    visitor.type("email", " office@Overdue.example")
    visitor.leave_by(visitor.see("form.editor button"))
    assert "Saved" in visitor.text()
    assert visitor.field("email").get_attribute("value") == "office@overdue.example"


def test_a_contact_leads_to_the_overview_of_its_account(visitor, stack):
    visitor.sign_in("Kim")
    visitor.open(f"/accounts/{stack.story['account']}")
    visitor.leave_by(visitor.see("a.contact-name"))
    visitor.follow("Account overview")
    assert "Credit available" in visitor.text()
    visitor.leave_by(visitor.driver.find_element(By.PARTIAL_LINK_TEXT, "Aging"))
    assert visitor.path == f"/accounts/{stack.story['account']}/tabs/erp-tabs/aging"


@pytest.mark.full
def test_axe_finds_nothing_on_them(visitor, stack, complaints):
    visitor.sign_in("Kim")
    account = f"/accounts/{stack.story['account']}"
    visitor.open(f"{account}?show=opportunities")
    deal = visitor.see('a.row-link[href^="/opportunities/"]').get_attribute("href")
    contact = visitor.see("a.contact-name").get_attribute("href")
    pages = [
        "/", "/lists", "/lists/watch-list/dormant", f"{account}/edit", "/accounts/new",
        deal.removeprefix(visitor.url), contact.removeprefix(visitor.url),
        contact.removeprefix(visitor.url) + "/tabs/erp-tabs/overview",
    ]  # fmt: skip
    found = {}
    for scheme in ("light", "dark"):
        visitor.scheme(scheme)
        for width in (1280, 400):
            visitor.size(width)
            for path in pages:
                visitor.open(path)
                if said := complaints(visitor):
                    found[path, scheme, width] = said
                wide = visitor.driver.execute_script("return document.body.scrollWidth")
                assert wide <= width, f"{path} is {wide} wide on {width}"
    assert found == {}
