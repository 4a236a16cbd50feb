"""Trading accounts at the desk: both sides side by side, and a person's word."""

from __future__ import annotations

import attrs
import pytest

from crossdock.records import Address, TradingAccount

PAGE = "/accounts/A-1002/trading-accounts"


def look(browser, path):
    browser.open(path)
    return browser.text()


@pytest.fixture
def ada(browser_of, sign_in):
    return sign_in(browser_of(), "U-ada")


@pytest.fixture
def two_sides(host):
    """An account without a link, and a customer of the ERP that is it, all but in name."""
    account = attrs.evolve(
        host.crm.all_accounts["A-1002"], external_ids={}, tax_number="DE123456789"
    )
    host.crm.all_accounts["A-1002"] = account
    host.erp.all_customers["C-77"] = TradingAccount(
        id="C-77", system="main", name="Nordhafen Maschinenbau GmbH & Co. KG", currency="EUR",
        tax_number="DE 123 456 789", email="office@account2.example",
        address=Address(street="Kaistr. 12", city="Lyon", country="FR"),
    )  # fmt: skip
    host.erp.all_customers["C-78"] = TradingAccount(
        id="C-78", system="main", name="Nordhafen Spedition", currency="SEK",
        tax_number="DE999999999",
    )  # fmt: skip
    return host


def test_what_may_be_linked_stands_beside_the_account_with_its_reasons(two_sides, ada):
    text = look(ada, PAGE)

    assert "Certain 100 of 100" in text
    assert "Tax number DE123456789 DE 123 456 789 ✓ the same" in text
    assert "Street Kaistraße 12 Kaistr. 12" in text
    assert "The same tax number +90" in text
    assert "C-78" not in text  # its tax number is another one


def test_who_confirms_links_and_the_page_and_the_trail_say_so(two_sides, ada):
    ada.open(PAGE)
    ada.send(PAGE, action="link:main:C-77")

    assert ada.path == PAGE
    text = ada.text()
    assert "main:C-77 is linked, and new orders go there." in text
    assert "C-77 in main Nordhafen Maschinenbau GmbH & Co. KG EUR go here" in text
    assert "confirmed by Ada Okafor" in text
    (line,) = two_sides.store.audit.entries(action="link.confirmed")
    assert (line.actor, line.subject) == ("user:U-ada", "main:C-77")
    assert "C-77 in main" in look(ada, "/accounts/A-1002")


def test_what_is_rejected_says_by_whom_and_is_not_asked_again(two_sides, ada):
    ada.open(PAGE)
    ada.send(PAGE, action="reject:main:C-77")

    text = ada.text()
    assert "It is not proposed again." in text
    assert "Ada Okafor said that it is another company." in text
    assert two_sides.store.proposals.count("crm") == 0


def test_a_link_is_undone_with_a_reason_and_the_default_moves(two_sides, ada):
    ada.open(PAGE)
    ada.send(PAGE, action="link:main:C-77")
    ada.send(PAGE, action="link:main:C-78")
    ada.send(PAGE, action="default:main:C-78")
    assert "New orders go to main:C-78 from now on." in ada.text()

    ada.send(PAGE, action="unlink:main:C-78", comment="another company")

    text = ada.text()
    assert "main:C-78 is not linked any more." in text
    assert [link.ref for link in two_sides.store.links.of_account("crm", "A-1002")] == ["main:C-77"]
    assert "go here" in text


def test_a_search_finds_what_nobody_proposes(two_sides, ada):
    assert "Nordhafen Spedition" in look(ada, f"{PAGE}?find=spedition")
    assert "No customer of any ERP matches." in look(ada, f"{PAGE}?find=zzz")


def test_who_may_not_link_sees_both_sides_and_no_buttons(two_sides, kim):
    text = look(kim, PAGE)

    assert "Kim Aalto may only look: this needs the right links:write" in text
    assert "It is this account" not in text
    kim.send(PAGE, action="link:main:C-77")
    assert "may only look" in kim.text()
    assert two_sides.store.links.of_account("crm", "A-1002") == ()


def test_while_the_erp_is_away_the_links_are_still_there(two_sides, ada):
    ada.open(PAGE)
    ada.send(PAGE, action="link:main:C-77")
    two_sides.erp.away = True

    text = look(ada, PAGE)

    assert "An ERP could not be asked" in text
    assert "C-77 in main" in text


def test_everything_that_waits_is_listed_the_surest_first(two_sides, ada):
    two_sides.linking.proposing.look()

    assert "Trading accounts 1 to be confirmed" in look(ada, "/accounts")
    text = look(ada, "/trading-accounts")

    assert "To be confirmed 1" in text
    assert "Nordhafen Maschinenbau Nordhafen Maschinenbau GmbH & Co. KG C-77 in main" in text


def test_a_customer_that_is_gone_is_listed_and_told(two_sides, ada):
    ada.open(PAGE)
    ada.send(PAGE, action="link:main:C-77")
    del two_sides.erp.all_customers["C-77"]
    two_sides.linking.proposing.look()

    assert "gone in main" in look(ada, PAGE)
    assert "The customer in main" in look(ada, "/trading-accounts")
