"""How values are compared, how they are written for the other system, and how records give them.

Each was found by changing the code on purpose: docs/mutation.md.
"""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.records import (
    Account,
    Address,
    Contact,
    Item,
    ListPrice,
    Money,
    PriceList,
    TradingAccount,
)
from crossdock.rules.ownership import (
    FieldPolicy,
    Limit,
    Side,
    account_side,
    contact_side,
    customer_side,
    formed,
    item_side,
    normal,
    price_list_side,
    price_side,
    unreadable,
    with_values,
)
from crossdock.rules.ownership.countries import Country, country_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "entered", "read"),
    [
        ("", " +49 (0)30 1234567", "+49301234567"),
        ("DE", "030 1234567", "+49301234567"),
        ("DE", "123 456", "+49123456"),
        ("DE", "011 22", "011 22"),
        ("DE", "110", "110"),
        ("ES", "912 345 678", "+34912345678"),
        ("HU", "06 1 234 5678", "+3612345678"),
        ("Atlantis", "030  1234567", "030 1234567"),
        ("", "0044 20 7946 0018", "+442079460018"),
        ("", "+1 234 56", "+123456"),
        ("", "+1 23 45", "+1 23 45"),
        ("", "+123 456 789 012 345", "+123456789012345"),
        ("", "+123 456 789  012 345 6", "+123 456 789 012 345 6"),
        ("US", "(555) 010-9999  x 12", "(555) 010-9999 x 12"),
    ],
)
def test_a_number_is_e164_where_its_country_and_its_length_allow(country, entered, read):
    assert normal("phone", entered, country) == read


def test_a_country_is_known_by_its_codes_and_its_names():
    denmark = Country(
        code="DK", long_code="DNK", calling="45", trunk="", names=("denmark", "danmark")
    )
    for written in ("dk", "DNK", "Danmark", " DENMARK "):
        assert country_of(written) == denmark
    assert country_of("U.S.A.") == country_of("united states") == country_of("US")
    assert country_of("Atlantis") is None


@pytest.mark.parametrize(
    ("form", "entered", "compared", "written"),
    [
        ("text", " two  words ", "two words", "two words"),
        ("exact", " two  words", " two  words", " two  words"),
        ("upper", "Acme  works", "ACME WORKS", "ACME WORKS"),
        ("lower", "Acme  works", "acme works", "acme works"),
        ("title", "ACME  works", "acme works", "Acme Works"),
        ("title", "McDonald GmbH & CO", "mcdonald gmbh & co", "McDonald GmbH & Co"),
        ("email", " Info@Example.COM", "info@example.com", "Info@example.com"),
        ("email", '"A@B"@Example.COM', '"a@b"@example.com', '"A@B"@example.com'),
        ("website", " HTTPS://www.Example.com/ ", "example.com", "HTTPS://www.Example.com/"),
        ("website", "example.com/FAX//", "example.com/fax", "example.com/FAX//"),
        ("country", "The  Netherlands", "NL", "NL"),
        ("country", "New  Atlantis", "New Atlantis", "New Atlantis"),
        ("currency", " eur", "EUR", "EUR"),
        ("tax_number", "de 123.456-789/1", "DE1234567891", "DE1234567891"),
        ("amount", " 1200.50  EUR", "1200.5 EUR", "1200.50 EUR"),
        ("amount", "2.50", "2.5", "2.50"),
        ("amount", "by  agreement", "by agreement", "by agreement"),
    ],
)
def test_a_value_is_compared_in_one_form_and_written_in_another(form, entered, compared, written):
    policy = FieldPolicy(name="name", owner="crm", form=form)
    assert normal(form, entered) == compared
    assert formed(policy, Limit(), entered, "", "ERP").value == written


def test_a_value_is_cut_or_refused_only_if_it_is_longer_than_what_a_system_takes():
    policy = FieldPolicy(name="name", owner="crm")

    def made(longest, cut="truncate"):
        given = formed(policy, Limit(longest=longest, cut=cut), " Hinterland AG", "", "CRM")
        return given.value, given.notes, given.refusal

    assert made(None) == made(13) == made(13, "refuse") == ("Hinterland AG", (), "")
    assert made(12) == (
        "Hinterland A", ("name was cut to 12 characters for the CRM: 'Hinterland A'",), "",
    )  # fmt: skip
    assert made(11) == (
        "Hinterland", ("name was cut to 10 characters for the CRM: 'Hinterland'",), "",
    )  # fmt: skip
    assert made(12, "refuse") == (
        "Hinterland AG", (),
        "name has 13 characters, and the CRM takes 12: shorten 'Hinterland AG', or let the policy "
        "truncate it",
    )  # fmt: skip


# Records in the words of a policy


def test_a_record_gives_what_its_system_keeps_and_who_changed_it_when():
    known = {"modified_at": NOON, "modified_by": "kim", "version": "4"}
    told = {"changed_at": NOON, "changed_by": "kim", "version": "4"}
    town = Address(street="Hafen 1", city="Ulm", postcode="89073", country="DE")
    account = Account(
        id="A-1", name="Hinterland", kind="partner", email="a@x", currency="EUR", active=False,
        address=town, **known,
    )  # fmt: skip
    contact = Contact(id="P-1", account_id="A-1", last_name="Kim", mobile="+491", **known)
    item = Item(
        id="BRG", name="Bearing", system="main", unit="pc", list_price=Money("1200.50", "EUR"),
        **known,
    )  # fmt: skip

    assert account_side(account, "crm", {"name": 60, "email": None, "active": None}) == Side(
        system="crm", id="A-1", kind="partner", longest={"name": 60}, **told,
        values={"name": "Hinterland", "email": "a@x", "active": "no"},
    )  # fmt: skip
    assert account_side(account, "crm").values == {
        "name": "Hinterland", "legal_name": "", "email": "a@x", "phone": "", "website": "",
        "tax_number": "", "currency": "EUR", "address.street": "Hafen 1", "address.city": "Ulm",
        "address.region": "", "address.postcode": "89073", "address.country": "DE",
        "shipping_address.street": "", "shipping_address.city": "", "shipping_address.region": "",
        "shipping_address.postcode": "", "shipping_address.country": "", "active": "no",
    }  # fmt: skip
    assert contact_side(contact, "crm") == Side(
        system="crm", id="P-1", **told,
        values={
            "first_name": "", "last_name": "Kim", "job_title": "", "email": "", "phone": "",
            "mobile": "+491", "active": "yes",
        },
    )  # fmt: skip
    assert item_side(item, "main") == Side(
        system="main", id="BRG", **told,
        values={
            "name": "Bearing", "description": "", "product_line": "", "unit": "pc",
            "list_price": "1200.50 EUR", "active": "yes",
        },
    )  # fmt: skip
    assert contact_side(contact, "crm", {"mobile": 20}) == Side(
        system="crm", id="P-1", **told, values={"mobile": "+491"}, longest={"mobile": 20}
    )
    assert item_side(item, "main", {"unit": 3}) == Side(
        system="main", id="BRG", **told, values={"unit": "pc"}, longest={"unit": 3}
    )


def test_what_a_system_does_not_tell_of_a_record_is_empty():
    customer = TradingAccount(id="C-1", system="main", name="Hinterland", currency="EUR")
    listed = PriceList(id="OEM", name="Makers", system="main", currency="EUR", modified_at=NOON)
    price = ListPrice(price_list_id="OEM", item_id="BRG", system="main")
    unknown = {"changed_by": "", "version": "", "kind": ""}

    assert customer_side(customer, {"name": 30}) == Side(
        system="main", id="C-1", values={"name": "Hinterland"}, longest={"name": 30},
        changed_at=None, **unknown,
    )  # fmt: skip
    assert price_list_side(listed, "erp", {"name": None, "valid_to": None}) == Side(
        system="erp", id="OEM", values={"name": "Makers", "valid_to": ""}, changed_at=NOON,
        **unknown,
    )  # fmt: skip
    assert price_side(price, "erp", {"price": 9}) == Side(
        system="erp", id="OEM/BRG/1", values={"price": ""}, longest={"price": 9}, changed_at=None,
        **unknown,
    )  # fmt: skip


def test_systems_that_keep_different_fields_are_not_taken_for_one_another():
    account = Account(id="A-1", name="Hinterland", email="a@x")
    for keeps in ({"name": None}, {"email": 80}, {"name": 20, "email": None}, None):
        side = account_side(account, "crm", keeps)
        assert set(side.values) >= set(keeps or {"website", "phone"})
        assert len(side.values) == len(keeps or side.values)
        assert side.longest == {name: most for name, most in (keeps or {}).items() if most}


def test_what_is_written_to_a_record_leaves_the_rest_of_it_as_it_was():
    account = Account(
        id="A-1", name="Hinterland", website="x.example", email="a@x",
        address=Address(street="Hafen 1", city="Ulm"),
    )  # fmt: skip

    written = with_values(
        account,
        {
            "address.city": "Bonn", "address.country": "DE", "shipping_address.city": "Kiel",
            "website": "", "email": "", "phone": "",
        },
    )  # fmt: skip

    assert written == evolve(
        account, website="", email="", phone=None, shipping_address=Address(city="Kiel"),
        address=Address(street="Hafen 1", city="Bonn", country="DE"),
    )  # fmt: skip
    assert with_values(account, {"phone": "+49301"}).phone == "+49301"
    assert with_values(account, {"active": "no"}).active is False


def test_what_is_written_of_an_item_and_a_price_is_read_back_as_what_it_was():
    item = Item(id="BRG", name="Bearing", system="main", list_price=Money("9.90", "EUR"))
    listed = PriceList(id="OEM", name="Makers", system="main", currency="EUR")
    price = ListPrice(price_list_id="OEM", item_id="BRG", system="main")

    assert with_values(item, {"list_price": "1200.50 EUR"}).list_price == Money("1200.50", "EUR")
    assert with_values(item, {"list_price": ""}).list_price is None
    assert with_values(listed, {"valid_from": "2026-01-01", "valid_to": ""}) == evolve(
        listed, valid_from=date(2026, 1, 1)
    )
    for said, meant in (("12.50", Decimal("12.50")), ("", Decimal(0))):
        assert with_values(price, {"discount_percent": said}).discount_percent == meant


@pytest.mark.parametrize(
    ("field", "fits", "others", "says"),
    [
        ("list_price", ("12.50 EUR", " 12.50  EUR ", ""),
         ("12.50", "12,50 EUR", "EUR 12.50", "12.50 eur", "NaN EUR"),
         "an amount with its currency, such as 12.50 EUR"),
        ("price", ("0 EUR",), ("free",), "an amount with its currency, such as 12.50 EUR"),
        ("discount_percent", ("2.5", " 2.5", "0", ""), ("2,5", "2.5 %", "Infinity"),
         "a number such as 2.5"),
        ("valid_from", ("2026-12-31", ""), ("31.12.2026", "2026-02-30"),
         "a day such as 2026-12-31"),
        ("valid_to", ("2026-12-31",), ("never",), "a day such as 2026-12-31"),
        ("active", ("yes", "no"), ("inactive", ""), "yes or no"),
        ("name", ("12,50", ""), (), ""),
        ("address.city", ("Ulm",), (), ""),
    ],
)  # fmt: skip
def test_a_person_is_told_what_can_stand_in_a_field(field, fits, others, says):
    assert [unreadable(field, each) for each in fits] == [""] * len(fits)
    assert [unreadable(field, each) for each in others] == [
        f"{field.replace('_', ' ')} is {says}, not {each!r}" for each in others
    ]
