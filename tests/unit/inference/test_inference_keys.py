"""Keys: which member a path's parameter is, and the form of new ones."""

import pytest

from crossdock_mocks.inference.keys import key_property, new_key
from crossdock_mocks.inference.naming import singular, stem
from crossdock_mocks.inference.places import Place
from crossdock_mocks.inference.schemas import Schemas

STRING, INTEGER = {"type": "string"}, {"type": "integer"}


@pytest.mark.parametrize(
    ("param", "words", "members", "wanted", "key"),
    [
        ("id", ("customers",), {"id": STRING}, STRING, "id"),
        ("customerId", ("customers",), {"name": STRING, "id": INTEGER}, INTEGER, "id"),
        (
            "issue_number",
            ("repos", "issues"),
            {"id": INTEGER, "number": INTEGER},
            INTEGER,
            "number",
        ),
        ("repo", ("repos",), {"id": INTEGER, "name": STRING}, STRING, "name"),
        ("username", ("users",), {"id": INTEGER, "login": STRING}, STRING, "login"),
        ("tag", ("releases", "tags"), {"id": INTEGER, "tag_name": STRING}, STRING, "tag_name"),
        ("No", ("Customers",), {"Name": STRING, "No": STRING}, STRING, "No"),
        ("environment_name", ("environments",), {"id": INTEGER, "name": STRING}, STRING, "name"),
        ("isbn13", ("books",), {"title": STRING, "isbn13": STRING}, STRING, "isbn13"),
    ],
)
def test_a_parameter_is_the_member_that_it_is_named_after(param, words, members, wanted, key):
    record = {"type": "object", "properties": members}
    assert key_property(Schemas({}), record, param, words, wanted) == key


def flat(**schema):
    return Schemas({}).flat({"type": "string", **schema})


@pytest.mark.parametrize(
    ("schema", "form"),
    [
        ({"type": "integer"}, "7"),
        ({"example": "C0001"}, "C0007"),
        ({"example": "ORD-100"}, "ORD-007"),
        ({}, "orde_000007"),
        ({"maxLength": 4}, "0007"),
    ],
)
def test_new_keys_have_the_form_of_the_example(schema, form):
    assert str(new_key(flat(**schema), 7, "order", "s", at_seeding=False)) == form


def test_new_keys_meet_their_pattern_and_differ():
    made = [
        new_key(flat(pattern="^[A-Z]{3}-[0-9]{5}$"), n, "order", "s", at_seeding=True)
        for n in range(1, 50)
    ]
    assert len(set(made)) == 49
    assert all(len(each) == 9 and each[3] == "-" for each in made)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/orders/{id}", ("orders", "{id}")),
        ("/orders/{id}.json", ("orders", "{id}")),
        ("/orders.json", ("orders",)),
        ("/Orders('{No}')", ("Orders", "{No}")),
        ("/Orders({id})/Lines", ("Orders", "{id}", "Lines")),
        ("/jobs/{id}:cancel", ("jobs", "{id}", "cancel")),
        ("/repos/{owner}/{repo}", ("repos", "{owner}", "{repo}")),
    ],
)
def test_all_ways_to_write_a_path_give_the_same_parts(path, parts):
    assert Place.of(path).parts == parts


@pytest.mark.parametrize(
    ("plural", "one"),
    [("customers", "customer"), ("companies", "company"), ("addresses", "address"),
     ("taxIds", "tax_id"), ("status", "status"), ("boxes", "box"), ("line-items", "line_item")],
)  # fmt: skip
def test_words_are_put_in_the_singular(plural, one):
    assert singular(plural) == one


def test_a_name_tells_what_it_refers_to():
    assert stem("customerId") == ("customer", "id")
    assert stem("customer_ids") == ("customer", "id")
    assert stem("customer") == ("customer", "")
