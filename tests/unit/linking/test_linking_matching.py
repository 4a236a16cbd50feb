"""How sure it is that an account and a customer are one company, and why."""

from __future__ import annotations

import pytest

from crossdock.host.linking.candidates import Customers
from crossdock.records import Account, Address, TradingAccount
from crossdock.rules.matching import normalizing
from crossdock.rules.matching.comparing import compare, name_likeness


def acct(**given):
    return Account(**{"id": "A-1", "name": "Nordhafen Maschinenbau", **given})


def cust(customer_id="C-1", **given):
    defaults = {"system": "main", "name": "Nordhafen Maschinenbau GmbH", "currency": "EUR"}
    return TradingAccount(**{"id": customer_id, **defaults, **given})


def kinds(match):
    return {reason.kind: reason.points for reason in match.reasons}


def test_an_account_that_names_the_customer_is_certain():
    match = compare(acct(name="Anything", external_ids={"main": "C-1"}), cust(name="Anything"))

    assert match.sureness == "certain"
    assert match.reasons[0].text == "the account names the customer C-1 itself"


def test_the_same_tax_number_is_certain_and_another_one_undoes_a_name():
    same = compare(acct(tax_number="DE 123 456 789"), cust(tax_number="DE123456789"))
    other = compare(acct(tax_number="DE123456789"), cust(tax_number="DE987654321"))

    assert same.sureness == "certain"
    assert (other.sureness, other.score) == ("unlikely", 0)
    assert kinds(other)["other_tax_number"] < 0


def test_a_key_that_something_contradicts_is_not_certain():
    match = compare(
        acct(tax_number="DE123456789", address=Address(country="DE")),
        cust(tax_number="DE123456789", name="Zenith Freight", address=Address(country="AT")),
    )

    assert match.sureness == "possible"
    assert {"tax_number", "other_country", "other_name"} == set(kinds(match))


def test_a_name_alone_is_never_more_than_possible():
    match = compare(acct(), cust())

    assert match.sureness == "possible"
    assert kinds(match) == {"name": 45}


def test_a_domain_of_their_own_and_a_name_are_likely_and_a_public_one_says_nothing():
    own = compare(acct(email="office@nordhafen.example"), cust(email="ap@nordhafen.example"))
    site = compare(
        acct(website="https://www.nordhafen.example/de"), cust(email="ap@nordhafen.example")
    )
    public = compare(acct(email="nordhafen@gmail.com"), cust(email="nordhafen.ap@gmail.com"))

    assert own.sureness == site.sureness == "likely"
    assert kinds(public) == {"name": 45}


def test_reasons_add_up_to_the_score_and_carry_nothing_personal():
    match = compare(
        acct(email="a@x.example", phone="+49 40 1234567", tax_number="DE1234567"),
        cust(email="a@x.example", phone="0049401234567", tax_number="1234567"),
    )

    assert match.score == min(100, sum(each.points for each in match.reasons))
    said = " ".join(each.text for each in match.reasons)
    assert "1234567" not in said
    assert "a@x" not in said


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [
        ("Nordhafen Maschinenbau", "NORDHAFEN MASCHINENBAU GmbH & Co. KG", 100),
        ("Nord Hafen Maschinen-Bau", "Nordhafen Maschinenbau", 100),
        ("Møller, A.P.", "A.P. Møller A/S", 100),
        ("Zakłady Łódź Sp. z o.o.", "Zaklady Lodz", 100),
        ("Smith Tools", "Smyth Tools Ltd.", 90),
        ("Windpark Fehmarn", "Windpark Fehmarn Betriebsgesellschaft mbH", 85),
    ],
)
def test_names_are_alike_whatever_their_form(one, other, least):
    assert name_likeness(one, other) >= least


def test_a_name_of_nothing_but_its_form_is_still_a_name():
    assert normalizing.company_name("AG") == "ag"
    assert name_likeness("", "Acme") == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("DE123456789", "123456789", True),
        ("ATU12345678", "DEU12345678", False),
        ("12345", "54321", False),
        ("", "DE123456789", None),
        ("-", "DE123456789", None),
    ],
)
def test_tax_numbers_are_compared_with_the_country_or_without(one, other, same):
    assert normalizing.same_tax_number(one, other) is same


def test_of_many_customers_those_that_may_be_it_come_the_surest_first():
    many = [cust(f"C-{n}", name=f"Customer number {n}") for n in range(500)]
    domain = cust("X-1", name="Holding of the harbour", email="ap@nordhafen.example")
    alike = cust("X-2", name="Nordhaven Maschinenbau")
    named = cust("X-3", tax_number="DE123456789")

    found = Customers([*many, domain, alike, named]).candidates(
        acct(tax_number="DE123456789", email="kim@nordhafen.example"), least=20
    )

    assert [each.customer.id for each in found] == ["X-3", "X-2", "X-1"]
