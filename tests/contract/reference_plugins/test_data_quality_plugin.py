"""Accounts and contacts are judged before they are saved (C4)."""

import pytest
from attrs import evolve

from crossdock.records import Account, Address, Contact

GOOD = Account(
    id="",
    name="Kraft & Sohn",
    kind="customer",
    email="office@kraft.example",
    phone="+49 30 1234567",
    website="https://kraft.example",
    tax_number="DE123456789",
    address=Address(street="Hafen 1", city="Kiel", postcode="24103", country="DE"),
)


@pytest.fixture
def scene(open_scene):
    return open_scene("data-quality")


def objections(saved):
    return {each.field: each.message for each in saved.verdict.objections}


def test_what_is_complete_and_well_formed_is_saved_as_it_is(scene):
    saved = scene.host.save_account(GOOD, user="kim")
    assert saved.verdict.amendments == saved.verdict.warnings == ()
    assert (saved.account.name, saved.account.address) == (GOOD.name, GOOD.address)
    assert saved.event_id == f"record_changed:crm:account:{saved.account.id}:created:1"


def test_what_a_customer_needs_is_asked_for_beside_the_field_and_a_prospect_needs_less(scene):
    empty = Account(id="", name="Kraft", kind="customer")
    said = objections(scene.host.save_account(empty, user="kim"))
    assert list(said) == ["email", "address.street", "address.city", "address.country"]
    assert said["address.street"] == (
        "The street is missing, and a customer needs one. Goods are delivered there."
    )
    prospect = evolve(empty, kind="prospect", address=Address(country="DE"))
    assert scene.host.save_account(prospect, user="kim").account is not None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "office(at)kraft.example", "is not an e-mail address"),
        ("email", "a@b@kraft.example", "is not an e-mail address"),
        ("phone", "call me", "is not a telephone number"),
        ("website", "ftp://kraft.example", "is not an address such as https://example.com"),
        ("tax_number", "DE12", "is not written as tax numbers of DE are"),
    ],
)
def test_a_field_of_the_wrong_form_stops_the_save(scene, field, value, said):
    saved = scene.host.save_account(evolve(GOOD, **{field: value}), user="kim")
    assert saved.account is None
    assert list(objections(saved)) == [field]
    assert said in objections(saved)[field]


def test_a_country_is_a_code(scene):
    wrong = evolve(GOOD, address=evolve(GOOD.address, country="Germany"))
    assert list(objections(scene.host.save_account(wrong, user="kim"))) == ["address.country"]


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_spaces_capitals_and_the_scheme_are_put_right_and_told(scene):
    loose = evolve(
        GOOD,
        name="  Kraft  &   Sohn ",
        email=" Office@KRAFT.example ",
        website="kraft.example",
        tax_number="de 123.456-789",
        address=evolve(GOOD.address, country=" de", city="Kiel "),
    )
    saved = scene.host.save_account(loose, user="kim")
    (amendment,) = saved.verdict.amendments
    assert {each.field for each in amendment.changes} == {
        "name", "email", "website", "tax_number", "address.country", "address.city"
    }  # fmt: skip
    assert saved.account.email == "Office@kraft.example"
    assert (saved.account.tax_number, saved.account.address) == ("DE123456789", GOOD.address)


def test_what_was_wrong_before_and_is_not_touched_only_warns(scene):
    account = scene.host.crm.account(scene.story["account"])
    scene.host.crm.save_account(evolve(account, tax_number="AT1", email=None))
    account = scene.host.crm.account(account.id)
    saved = scene.host.save_account(evolve(account, phone="+43 1 555 0000"), user="kim")
    assert saved.account.phone == "+43 1 555 0000"
    assert {each.field for each in saved.verdict.warnings} == {"email", "tax_number"}
    touched = scene.host.save_account(evolve(saved.account, tax_number="AT2"), user="kim")
    assert list(objections(touched)) == ["tax_number"]


def test_who_becomes_a_customer_must_have_what_a_customer_needs(scene):
    prospect = Account(id="", name="Kraft", kind="prospect", address=Address(country="DE"))
    made = scene.host.save_account(prospect, user="kim").account
    saved = scene.host.save_account(evolve(made, kind="customer"), user="kim")
    assert "email" in objections(saved)


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_what_the_user_may_not_see_is_not_judged(scene):
    service = scene.user("service")
    account = evolve(GOOD, email=None, phone="nonsense")
    assert scene.host.save_account(account, user=service).account.phone == "nonsense"


def test_a_contact_can_be_reached(scene):
    wanted = Contact(id="", account_id=scene.story["account"], first_name="Ada", last_name="Wolf")
    said = objections(scene.host.save_contact(wanted, user="kim"))
    assert said == {
        "email": "Ada Wolf cannot be reached: enter an e-mail address or a telephone number."
    }
    saved = scene.host.save_contact(evolve(wanted, phone="+43 1 555"), user="kim")
    assert saved.contact.phone == "+43 1 555"
    nameless = evolve(wanted, first_name=" ", phone="+43 1 555")
    assert list(objections(scene.host.save_contact(nameless, user="kim"))) == ["first_name"]


def test_the_fields_are_the_hosts_choice(open_scene):
    settings = {"required": {"customer": ["industry"]}, "tidy": False}
    scene = open_scene("data-quality", data_quality=settings)
    saved = scene.host.save_account(evolve(GOOD, name=" Kraft "), user="kim")
    assert (list(objections(saved)), saved.verdict.amendments) == (["industry"], ())


def test_nothing_is_asked_of_any_system_to_judge(scene):
    scene.host.crm.account(scene.story["account"])
    scene.forget_calls()
    scene.host.save_account(evolve(GOOD, email="wrong"), user="kim")
    assert scene.erp.calls() == []
    assert set(scene.crm.calls()) <= {"getUser", "listUsers"}
