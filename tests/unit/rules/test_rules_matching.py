# ruff: noqa: RUF001 - letters of other alphabets are what some of it is about
"""Companies looked for among many before another one is made: found, asked about, or new."""

from __future__ import annotations

import pytest

from crossdock.records import Address
from crossdock.rules.matching import Party, Pool, match
from crossdock.rules.matching.keys import skeleton
from crossdock.rules.matching.postings import Postings
from crossdock.rules.matching.words import compare_names

HARBOUR = Address(street="Kaistraße 12", postcode="20457", city="Hamburg", country="DE")
LUEBECK = Address(street="Am Wall 3", postcode="23552", city="Lübeck", country="DE")


def company(ref, name="Nordhafen Maschinenbau GmbH", **given):
    return Party(ref=ref, name=name, **{"address": HARBOUR, **given})


def tried(party, *known):
    outcome = match(Pool(known), party)
    return outcome.decision, [each.ref for each in outcome.found]


def kinds(party, known):
    found = Pool([known]).find(party, least=0)
    return found[0].match.kinds if found else frozenset()


@pytest.mark.parametrize(
    ("decision", "known", "came"),
    [
        ("automatic", {"tax_number": "DE123456789"}, {"tax_number": "123 456 789"}),
        ("automatic", {"phone": "+49 40 1234567"}, {"phone": "040/1234567"}),
        ("automatic", {"email": "a@nord.example"}, {"email": "A@nord.example; b@nord.example"}),
        ("review", {"tax_number": "DE12345678"}, {"tax_number": "DE12345678", "address": LUEBECK}),
        ("review", {"email": "a@nord.example"}, {"email": "b@nord.example", "address": LUEBECK}),
        ("review", {"tax_number": "DE123456789"}, {"tax_number": "DE123456798"}),
        ("review", {}, {}),
        ("new", {}, {"address": LUEBECK}),
        ("new", {"tax_number": "DE123456789"}, {"tax_number": "DE987654321", "address": LUEBECK}),
    ],
)  # fmt: skip
def test_what_is_beyond_doubt_is_linked_the_rest_is_asked_about(decision, known, came):
    found = tried(company("erp:1", **came), company("crm:1", **known))

    assert found == (decision, ["crm:1"] if decision != "new" else [])


@pytest.mark.parametrize(
    "came",
    [
        {"address": Address(street="Kaistr. 12", city="20457 Hamburg", country="DE")},
        {"address": Address(street="Kaistraße 12, 20457 Hamburg", country="DE")},
        {"name": "Nordhafen", "address": Address(
            street="Maschinenbau, Kaistraße 12", postcode="20457", city="Hamburg", country="DE")},
        {"name": "Nordhafen Maschinenbau, Hamburg"},
        {"name": "NORDHAFEN MASCHINENBAU - Abt. Einkauf"},
        {"name": "Nordhafen Maschienenbau Gesellschaft m.b.H."},
        {"name": "Maschinenbau Nordhafen"},
        {"name": "Nordhafen Masch.bau"},
    ],
)  # fmt: skip
def test_fields_that_were_split_joined_or_mistyped_do_not_hide_a_company(came):
    known = company("crm:1", phone="+49 40 1234567")

    assert tried(company("erp:1", phone="0401234567", **came), known)[0] != "new"


def test_names_of_other_alphabets_are_known_in_latin_letters():
    known = company("crm:1", "Завод Жълъд ООД", phone="+359 52 1234567", address=Address())
    greek = company("crm:2", "Παπαδόπουλος Μεταφορές Α.Ε.", address=Address(), email="a@p.example")

    assert tried(
        company("erp:1", "Zavod Zhalad OOD", phone="052 1234567", address=Address()), known
    )[1] == ["crm:1"]
    assert tried(
        company("erp:2", "Papadopoulos Metafores AE", email="a@p.example", address=Address()), greek
    )[1] == ["crm:2"]


def test_a_branch_is_no_duplicate_of_its_head_office():
    head = company(
        "crm:1", tax_number="DE123456789", email="info@nord.example", phone="+49 40 1234567"
    )
    branch = company(
        "erp:1",
        "Nordhafen Maschinenbau GmbH, Lübeck",
        tax_number="DE123456789",
        email="luebeck@nord.example",
        phone="+49 451 7654321",
        address=LUEBECK,
    )

    assert tried(branch, head) == ("new", [])
    assert "branch" in kinds(branch, head)


def test_a_subsidiary_in_the_same_house_is_a_company_of_its_own():
    mother = company("crm:1", email="info@nord.example", phone="+49 40 1234567")
    daughter = company("erp:1", "Nordhafen Logistik GmbH", email="info2@nord.example")

    assert tried(daughter, mother) == ("new", [])
    assert "other_words" in kinds(daughter, mother)


def test_a_name_that_many_have_tells_less():
    many = [
        company(f"crm:{n}", "Müller Bau", address=Address(city=f"Town{n}", postcode=f"{n:05}"))
        for n in range(40)
    ]
    one = Pool(many).find(company("erp:1", "Mueller Bau", address=Address()), least=0, most=1)

    assert "as 40 have it" in one[0].match.reasons[0].text
    assert one[0].match.reasons[0].points < 20


def test_two_that_are_equally_like_it_are_for_a_person():
    twin = {"tax_number": "DE123456789", "phone": "+49 40 1234567"}

    decision, found = tried(
        company("erp:1", **twin), company("crm:1", **twin), company("crm:2", **twin)
    )

    assert (decision, found) == ("review", ["crm:1", "crm:2"])


def test_what_a_person_said_is_not_it_is_not_found_again():
    known = company("crm:1", tax_number="DE123456789")
    came = company("erp:1", tax_number="DE123456789")

    assert match(Pool([known]), came, without={"crm:1"}).decision == "new"


def test_a_customer_whose_number_has_a_space_is_found_by_it():
    customer = company("main:NORD 01", "Nordhafen", address=Address())
    account = company("crm:1", "Zenith", address=Address(), names=frozenset({"main:NORD 01"}))

    assert tried(account, customer)[1] == ["main:NORD 01"]
    assert tried(customer, account)[1] == ["crm:1"]


def test_a_pool_finds_what_was_added_while_it_is_looked_through():
    pool = Pool()
    first, second = (
        company("erp:1", email="a@nord.example"),
        company("erp:2", email="a@nord.example"),
    )

    assert match(pool, first).decision == "new"
    pool.add(first)
    assert match(pool, second).found[0].ref == "erp:1"
    assert len(pool) == 1


def test_postings_keep_every_record_of_a_key_and_pass_over_what_too_many_have():
    postings = Postings()
    for place in range(20_000):
        postings.add(f"k{place % 4_000}", place)
        postings.add("everybody", place)

    assert postings.places("k7", 60) == [7, 4_007, 8_007, 12_007, 16_007]
    assert postings.places("everybody", 60) is None
    assert postings.count("everybody") == 20_000
    assert postings.places("nobody", 60) == []


def test_a_key_survives_vowels_and_doubled_letters():
    assert skeleton("schmidt") == skeleton("schmitt")[:1] + skeleton("schmidt")[1:]
    assert skeleton("wagner") == skeleton("waagnerr")


def test_words_find_their_counterparts():
    assert (
        compare_names(("nordhafen", "masch", "bau"), ("nordhafen", "maschinenbau")).first_only == ()
    )
    assert compare_names(("huber", "logistik"), ("huber", "stahlbau")).second_only == ("stahlbau",)
    assert compare_names(("bmw",), ("bayerische", "motoren", "werke")).likeness >= 80
