"""How sure it is that an account and a customer are one company, and why."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from attrs import evolve

from crossdock.records import Account, Address, TradingAccount
from crossdock.rules.matching import (
    POINTS,
    Party,
    compare,
    compare_forms,
    form_of,
    name_likeness,
    normalizing,
)
from crossdock.rules.matching.comparing import most_points


def acct(**given):
    return Account(**{"id": "A-1", "name": "Nordhafen Maschinenbau", **given})


def cust(customer_id="C-1", **given):
    defaults = {"system": "main", "name": "Nordhafen Maschinenbau GmbH", "currency": "EUR"}
    return TradingAccount(**{"id": customer_id, **defaults, **given})


def kinds(match):
    return {reason.kind: reason.points for reason in match.reasons}


TAX = "DE123456789"
HARBOUR = Address(street="Kaistraße 12", postcode="20457", city="Hamburg", country="DE")
WALL = Address(street="Am Wall 3", postcode="20457", city="Hamburg", country="DE")
LUEBECK = Address(street="Am Wall 3", postcode="23552", city="Lübeck", country="DE")
ALTONA = Address(street="Kaistraße 12", city="Hamburg Altona", country="DE")

SAME_NAME = (45, "the same name")
SAME_TAX = (90, "the same tax number")
SAME_PHONE = (40, "the same telephone number")
SAME_MAIL = (45, "the same e-mail address")
SAME_DOMAIN = (35, "e-mail or website at the same domain nord.example")
SAME_ADDRESS = (40, "the same address")
SAME_TOWN = (10, "in the same town")
SWITCHBOARD = (25, "telephone numbers that differ in the extension only")
OTHER_TOWN = (-10, "in other towns")
OTHER_NAME = (-15, "names that have little in common")
BRANCH = (-150, "another place of the same company: a branch of its own")


def forms(one, other):
    """Write two companies one way, called alike where they are not called anything."""
    return (
        form_of(Party(**{"ref": "crm:A-1", "name": "Nordhafen", **one})),
        form_of(Party(**{"ref": "main:C-1", "name": "Nordhafen", **other})),
    )


def told(match):
    return [(each.points, each.text) for each in match.reasons]


def only(words):
    return (-85, f"only one of the names says {words}")


def alike(points, likeness):
    return (points, f"names that are alike ({likeness} of 100)")


def garbled(one, other):
    return (-20, f"{one} and {other} may be the same, written wrong")


def test_an_account_that_names_the_customer_is_certain():
    match = compare(acct(name="Anything", external_ids={"main": "C-1"}), cust(name="Anything"))

    assert match.sureness == "certain"
    assert match.reasons[0].text == "one record names the other, C-1, itself"


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
        ("Bayerische Motoren Werke", "BMW AG", 80),
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


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        (TAX, "123 456 789", [SAME_TAX, SAME_NAME]),
        (TAX, "123456798", [SAME_NAME, (30, "tax numbers that differ in one place")]),
        ("1234567", "1234568", [SAME_NAME, (30, "tax numbers that differ in one place")]),
        ("123456", "123457", [(-60, "other tax numbers"), SAME_NAME]),
        (TAX, "DE123456711", [(-60, "other tax numbers"), SAME_NAME]),
        (TAX, "", [SAME_NAME]),
    ],
)
def test_tax_numbers_settle_it_hint_at_it_or_speak_against_it(one, other, reasons):
    assert told(compare(acct(tax_number=one), cust(tax_number=other))) == reasons


@pytest.mark.parametrize(
    ("number", "more", "reasons"),
    [
        ("C-1", {}, [(100, "one record names the other, C-1, itself"), SAME_NAME]),
        ("20:7", {}, [(100, "one record names the other, 20:7, itself"), SAME_NAME]),
        (
            "C-1",
            {"tax_number": TAX},
            [(100, "one record names the other, C-1, itself"), SAME_TAX, SAME_NAME],
        ),
    ],
)
def test_a_record_that_names_the_other_is_told_so_whichever_is_compared_with_which(
    number, more, reasons
):
    account = form_of(Party.of_account(acct(external_ids={"main": number, "old": "7"}, **more)))
    customer = form_of(Party.of_customer(cust(number, **more)))

    for match in (compare_forms(account, customer), compare_forms(customer, account)):
        assert told(match) == reasons
        assert (match.score, match.points) == (100, sum(points for points, _ in reasons))


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        ("Nord-Hafen Gold", "Gold Nordhafen", [SAME_NAME]),
        ("Smith Tools", "Smyth Tools Ltd.", [alike(35, 91)]),
        ("Bayerische Motoren Werke", "BMW", [alike(22, 80)]),
        ("Huber X Maschinenbau", "Huber Maschinenbau", [alike(42, 97)]),
        ("Huber KX Maschinenbau", "Huber Maschinenbau", [only("kx"), alike(39, 94)]),
        ("Huber Maschinenbau KX", "Huber Maschinenbau", [alike(39, 94)]),
        ("Huber Limitd Nord", "Huber Nord", [alike(32, 88)]),
        ("Huber Sax Nord", "Huber Nord", [only("sax"), alike(32, 88)]),
        ("Huber Nord Sax", "Huber Nord", [alike(32, 88)]),
        ("Nordhafen Logistik", "Nordhafen Stahlbau", [only("logistik and stahlbau")]),
        ("Alpha", "Alpha Beta Gamma Delta Rho", [only("beta and gamma and delta"), alike(32, 88)]),
        ("Werk 12", "Werk 13", [only("12 and 13"), alike(29, 86)]),
        ("Schmitz Brot", "Schmidt Brot", [alike(36, 92), garbled("schmitz", "schmidt")]),
        ("Huber Schlosserei", "Huber Schrainerei", [garbled("schlosserei", "schrainerei")]),
        ("Alfa", "Alga", []),
        ("Zenith Freight", "Acme", [OTHER_NAME]),
    ],
)  # fmt: skip
def test_names_tell_how_alike_they_are_and_which_words_only_one_has(one, other, reasons):
    assert told(compare_forms(*forms({"name": one}, {"name": other}))) == reasons


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        ({}, {}, [only("altona"), alike(32, 88)]),
        ({"address": ALTONA}, {}, [SAME_NAME]),
        ({}, {"address": ALTONA}, [alike(32, 88)]),
        (
            {"name": "Nordhafen Altonna"},
            {"address": ALTONA},
            [alike(32, 88)],
        ),
    ],
)
def test_a_word_that_stands_in_an_address_tells_no_companies_apart(one, other, reasons):
    one = {"name": "Nordhafen Altona", **one}

    assert told(compare_forms(*forms(one, other))) == reasons
    assert told(compare_forms(*forms(other, one))) == reasons


@pytest.mark.parametrize(
    ("namesakes", "points", "text"),
    [
        (2, 45, "the same name"),
        (3, 40, "the same name, as 3 have it"),
        (8, 27, "the same name, as 8 have it"),
        (1_000, 10, "the same name, as 1,000 have it"),
    ],
)
def test_a_name_tells_less_with_each_company_that_has_it_but_not_beside_a_key(
    namesakes, points, text
):
    assert told(compare_forms(*forms({}, {}), namesakes=namesakes)) == [(points, text)]
    assert told(
        compare_forms(*forms({"phone": "040 1234567"}, {"phone": "040 1234567"}), namesakes=8)
    ) == [SAME_NAME, SAME_PHONE]


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        ({"email": "a@nord.example"}, {"email": "A@nord.example; b@nord.example"}, [SAME_MAIL]),
        (
            {"email": "a@nord.example", "website": "west.example"},
            {"email": "b@west.example, c@nord.example", "website": "other.example"},
            [SAME_DOMAIN],
        ),
        ({"email": "a@nord.example"}, {"email": "a@west.example"}, []),
        ({"phone": "+49 40 1234567"}, {"phone": "040/1234567"}, [SAME_PHONE]),
        ({"phone": "12345611"}, {"phone": "12345622"}, [SWITCHBOARD]),
        ({"phone": "040 7654321, 040 1234567"}, {"phone": "040 1234599"}, [SWITCHBOARD]),
        ({"phone": "1234567"}, {"phone": "1234599"}, []),
        ({"phone": "12345678"}, {"phone": "112345678"}, []),
        ({"phone": "040 1234567"}, {"phone": "040 7654321"}, []),
    ],
)  # fmt: skip
def test_how_a_company_is_reached_speaks_for_it_and_never_against(one, other, reasons):
    assert told(compare_forms(*forms(one, other))) in (
        [SAME_NAME, *reasons],
        [*reasons, SAME_NAME],
    )


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (HARBOUR, [SAME_ADDRESS]),
        (evolve(HARBOUR, country=""), [SAME_ADDRESS]),
        (evolve(HARBOUR, country="AT"), [(-25, "other countries, DE and AT")]),
        (WALL, [SAME_TOWN]),
        (LUEBECK, [OTHER_TOWN]),
        (Address(), []),
    ],
)
def test_where_a_company_is_speaks_for_it_or_against_it(other, reason):
    match = compare_forms(*forms({"address": HARBOUR}, {"address": other}))

    assert told(match) == [SAME_NAME, *reason]


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        # One number, another town, and nothing that tells a branch: it may have moved.
        ({}, {"address": LUEBECK}, [SAME_TAX, SAME_NAME, OTHER_TOWN]),
        (
            {},
            {"address": LUEBECK, "name": "Nordhafen Lübeck"},
            [BRANCH, SAME_TAX, SAME_NAME, OTHER_TOWN],
        ),
        (
            {"phone": "040 1234567"},
            {"address": LUEBECK, "phone": "0451 7654321"},
            [BRANCH, SAME_TAX, SAME_NAME, OTHER_TOWN],
        ),
        (
            {"phone": "040 1234567"},
            {"address": WALL, "phone": "040 7654321"},
            [BRANCH, SAME_TAX, SAME_NAME, SAME_TOWN],
        ),
        ({"phone": "040 1234567"}, {"address": WALL}, [SAME_TAX, SAME_NAME, SAME_TOWN]),
        (
            {"phone": "040 123456711"},
            {"address": WALL, "phone": "040 123456722"},
            [SAME_TAX, SAME_NAME, SWITCHBOARD, SAME_TOWN],
        ),
        ({"phone": "040 1234567"}, {"phone": "040 7654321"}, [SAME_TAX, SAME_NAME, SAME_ADDRESS]),
        (
            {"phone": "040 1234567"},
            {"address": Address(), "phone": "040 7654321"},
            [SAME_TAX, SAME_NAME],
        ),
        # One telephone or mailbox for both: the company moved.
        (
            {"phone": "040 1234567"},
            {"address": LUEBECK, "phone": "040 1234567", "name": "Nordhafen Lübeck"},
            [SAME_TAX, SAME_NAME, SAME_PHONE, OTHER_TOWN],
        ),
        (
            {"email": "a@nord.example"},
            {"address": LUEBECK, "email": "a@nord.example", "name": "Nordhafen Lübeck"},
            [SAME_TAX, SAME_NAME, SAME_MAIL, OTHER_TOWN],
        ),
        # Without a tax number only what is named after its town is a branch.
        (
            {"tax_number": "", "email": "a@nord.example"},
            {"address": LUEBECK, "email": "luebeck@nord.example"},
            [BRANCH, SAME_NAME, SAME_DOMAIN, OTHER_TOWN],
        ),
        (
            {"tax_number": "", "email": "a@nord.example", "phone": "040 1234567"},
            {"address": LUEBECK, "email": "b@nord.example", "phone": "0451 7654321"},
            [SAME_NAME, SAME_DOMAIN, OTHER_TOWN],
        ),
        (
            {"tax_number": ""},
            {"address": LUEBECK, "name": "Nordhafen Lübeck"},
            [SAME_NAME, OTHER_TOWN],
        ),
    ],
)
def test_a_branch_is_told_from_a_company_that_moved(one, other, reasons):
    one = {"tax_number": TAX, "address": HARBOUR, **one}
    match = compare_forms(*forms(one, {"tax_number": TAX, "address": HARBOUR, **other}))

    assert told(match) == reasons


@pytest.mark.parametrize(
    ("one", "other", "points"),
    [
        ({"name": "Zenith"}, {}, 10),
        ({"name": "Huber"}, {"name": "Hubka"}, 55),
        ({"tax_number": TAX}, {"tax_number": "123456789"}, 145),
        ({"tax_number": "DE111111111"}, {"tax_number": "ATU22221111111"}, 145),
        ({"tax_number": TAX}, {"tax_number": "DE123456798"}, 85),
        ({"tax_number": TAX}, {"tax_number": "DE987654321"}, 55),
        ({"tax_number": TAX}, {}, 55),
        ({"email": "a@nord.example"}, {"email": "a@nord.example"}, 100),
        ({"email": "a@nord.example"}, {"email": "b@nord.example"}, 90),
        ({"phone": "040 1234567"}, {"phone": "040 1234567"}, 95),
        ({"phone": "040 1234567"}, {"phone": "040 1234599"}, 80),
        ({"names": frozenset({"main:C-1"})}, {}, 155),
        ({}, {"names": frozenset({"crm:A-1"})}, 155),
        ({"name": "Zenith", "phone": "040 1234567"}, {"phone": "040 1234567"}, 95),
        ({"address": HARBOUR}, {"address": HARBOUR}, 85),
        ({"address": HARBOUR}, {"address": WALL}, 85),
        ({"address": HARBOUR}, {"address": evolve(LUEBECK, street="Kaistraße 3")}, 55),
    ],
)
def test_what_two_can_reach_at_most_is_known_at_a_glance(one, other, points):
    first, second = forms(one, other)

    assert most_points(first, second) == points
    assert compare_forms(first, second).points <= points


def test_the_page_about_trading_accounts_has_the_points_that_are_given():
    page = (Path(__file__).parents[3] / "docs" / "trading-accounts.md").read_text(encoding="utf-8")
    table = page.partition("| speaks for it")[2].partition("\n\n")[0]

    assert sorted(map(int, re.findall(r"\| (-?\d+) (?=\|)", table))) == sorted(POINTS.values())
