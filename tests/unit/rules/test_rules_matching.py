# ruff: noqa: RUF001 - letters of other alphabets are what some of it is about
"""Companies looked for among many before another one is made: found, asked about, or new."""

from __future__ import annotations

import pytest

from crossdock.records import Address
from crossdock.rules.matching import Party, Pool, form_of, match
from crossdock.rules.matching.postings import Postings

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
        ("automatic", {"names": {"erp:1"}, "address": Address()}, {"address": Address()}),
        ("automatic", {"phone": "040 1234567", "tax_number": "DE123456789"},
            {"phone": "040 1234567", "tax_number": "DE123456789", "address": Address()}),
        ("automatic", {"email": "a@nord.example", "tax_number": "DE123456789"},
            {"email": "a@nord.example", "tax_number": "DE123456789", "address": Address()}),
        ("automatic", {"phone": "040 1234567", "tax_number": "DE123456789"},
            {"phone": "040 1234567", "tax_number": "DE123456789", "name": "Nordhaven Machinenbau"}),
        ("review", {"tax_number": "DE123456789"},
            {"tax_number": "DE123456789", "address": Address()}),
        ("review", {"phone": "040 1234567", "email": "a@nord.example"},
            {"phone": "040 1234567", "email": "a@nord.example", "address": Address()}),
        ("review", {"tax_number": "DE123456789", "phone": "040 1234567", "name": "Alfa"},
            {"tax_number": "DE123456789", "phone": "040 1234567", "name": "Alga"}),
        ("review", {"names": {"erp:1"}, "address": Address()}, {"name": "Zenith"}),
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


@pytest.mark.parametrize(("there", "shown"), [(2, 2), (7, 3)])
def test_of_several_that_are_equally_like_it_up_to_three_are_shown_to_a_person(there, shown):
    twin = {"tax_number": "DE123456789", "phone": "+49 40 1234567"}
    pool = Pool(company(f"crm:{n}", **twin) for n in range(there))

    outcome = match(pool, company("erp:1", **twin))

    assert outcome.decision == "review"
    assert [each.ref for each in outcome.found] == ["crm:0", "crm:1", "crm:2"][:shown]
    assert outcome.text == (
        f"{shown} are like it: the same tax number, the same name, the same telephone number, "
        "the same address"
    )
    assert len(pool.find(company("erp:1", **twin), least=0)) == min(there, 5)


def test_one_that_is_twenty_points_ahead_of_the_next_is_it():
    pool = Pool([company("crm:1", phone="040 1234522"), company("crm:2", email="a@nord.example")])

    outcome = match(pool, company("erp:1", email="a@nord.example", phone="040 1234511"))

    assert (outcome.decision, [each.ref for each in outcome.found]) == ("automatic", ["crm:2"])
    assert outcome.text == "the same name, the same e-mail address, the same address"


def test_what_a_record_names_as_its_own_is_never_made_anew_however_little_else_agrees():
    named = company("crm:1", "Nordhafen Schiffbau GmbH", names=frozenset({"erp:1"}))
    alike = [company(f"crm:{n}", phone="040 1234567", email="a@nord.example") for n in (2, 3, 4)]
    came = company("erp:1", phone="040 1234567", email="a@nord.example")

    assert tried(came, named) == ("review", ["crm:1"])
    assert tried(came, alike[0], named) == ("review", ["crm:1", "crm:2"])
    assert tried(came, *alike, named) == ("review", ["crm:1", "crm:2", "crm:3"])


def test_of_two_that_name_the_same_customer_a_person_says_which_is_it():
    plain = company("crm:1", address=Address(), names=frozenset({"erp:1"}))
    more = company("crm:2", phone="040 1234567", names=frozenset({"erp:1"}))

    assert tried(company("erp:1", phone="040 1234567"), plain, more) == (
        "review", ["crm:2", "crm:1"],
    )  # fmt: skip


def test_what_is_asked_about_or_new_says_why():
    pool = Pool([company("crm:1")])

    asked, new = match(pool, company("erp:1")), match(pool, company("erp:2", "Zenith"))

    assert (asked.decision, asked.text) == ("review", "the same name, the same address")
    assert (new.decision, new.text) == ("new", "nothing that is there is like it")


def test_what_a_person_said_is_not_it_is_not_found_again():
    known = company("crm:1", tax_number="DE123456789")
    came = company("erp:1", tax_number="DE123456789")

    assert match(Pool([known]), came, without={"crm:1"}).decision == "new"


def test_a_customer_whose_number_has_a_space_is_found_by_it():
    customer = company("main:NORD 01", "Nordhafen", address=Address())
    account = company("crm:1", "Zenith", address=Address(), names=frozenset({"main:NORD 01"}))

    assert tried(account, customer)[1] == ["main:NORD 01"]
    assert tried(customer, account)[1] == ["crm:1"]


def test_one_that_is_looked_for_is_not_found_as_itself_and_each_is_looked_for_anew():
    phone = {"phone": "040 1234567"}
    one, other = company("crm:1", **phone), company("crm:2", **phone)
    pool = Pool([one, form_of(other), company("crm:3", "Zenith", phone="040 7654321")])

    assert [each.ref for each in pool.find(one, least=100)] == ["crm:2"]
    assert [each.ref for each in pool.find(form_of(other), least=100)] == ["crm:1"]
    assert [each.ref for each in pool.find(company("erp:9", phone="040 7654321"), least=60)] == [
        "crm:1",
        "crm:2",
        "crm:3",
    ]


def test_one_that_is_not_worth_a_look_hides_none_that_is():
    name = "Alpha Beta Gamma Delta Rho"
    reach = {"email": "a@nord.example", "phone": "040 1234567"}
    pool = Pool(
        [
            company("crm:1", name, address=Address()),
            company("crm:2", "Zenith", **reach, address=Address()),
            company("crm:3", name, email="b@nord.example", address=Address()),
        ]
    )

    found = pool.find(company("erp:1", name, **reach, address=Address()), least=70)

    assert [(each.ref, each.match.points) for each in found] == [("crm:3", 80), ("crm:2", 70)]
    assert Pool([company("crm:1")]).find(company("erp:1"), least=85)[0].match.score == 85


def test_of_many_of_one_name_the_one_that_shares_other_keys_is_looked_at():
    crowd = [
        company(f"crm:{n}", address=Address(street=f"Ring {n}", city=f"Town{n}")) for n in range(40)
    ]
    reach = {"email": "info@nord.example", "phone": "040 1234567", "address": Address()}
    pool = Pool([*crowd, company("crm:it", "Zenith Werft", **reach)])

    assert match(pool, company("erp:1", **reach)).found[0].ref == "crm:it"


def test_of_many_that_share_a_word_the_one_that_shares_most_is_looked_at():
    crowd = [company(f"crm:{n}", f"Nordhafen {n}", address=Address()) for n in range(40)]
    pool = Pool([*crowd, company("crm:it", "Nordhafen Machinenbau")])

    assert match(pool, company("erp:1")).found[0].ref == "crm:it"


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

    for n in range(4_000):
        assert postings.places(f"k{n}", 5) == [n, *range(4_000 + n, 20_000, 4_000)]
    assert postings.places("k7", 4) is None
    assert postings.places("everybody", 19_999) is None
    assert postings.places("everybody", 20_000) == list(range(20_000))
    assert postings.count("everybody") == 20_000
    assert postings.places("nobody", 0) == []
