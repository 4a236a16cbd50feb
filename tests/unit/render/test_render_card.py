"""The summary for CRMs that draw their own cards."""

import json

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from crossdock import Column, Fields, Metric, Metrics, Money, Table, Unknown, View
from crossdock.render import card_document
from crossdock.render.card import SCHEMA
from crossdock.render.formats import Formats
from crossdock.render.json import SCHEMA as VIEW_SCHEMA
from crossdock.specifications import specification


@pytest.fixture(scope="module")
def complaints():
    documents = [
        json.loads(specification(name).read_text(encoding="utf-8"))
        for name in (SCHEMA, VIEW_SCHEMA)
    ]
    known = Registry().with_resources(
        (each["$id"], Resource.from_contents(each)) for each in documents
    )
    judge = Draft202012Validator(
        documents[0], registry=known, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    return lambda card: [error.message[:300] for error in judge.iter_errors(card)]


def test_it_is_as_its_schema_says(everything, complaints):
    card = card_document(everything, title="Everything", url="https://crm.example/x")

    assert complaints(card) == []
    assert complaints(card | {"more": 1}) != []


def test_a_glance_sees_notices_figures_rows_and_a_link(everything):
    card = card_document(everything, title="T", subtitle="S", url="/tabs/x", figures=4, rows=1)

    assert (card["title"], card["subtitle"], card["url"]) == ("T", "S", "/tabs/x")
    assert card["notices"] == [
        {"title": "Careful & clear", "text": "Sales are <down>", "tone": "warning"}
    ]
    assert [figure["text"] for figure in card["figures"]] == [
        "plain", "12,345", "1,234.5", "-£1,234.50",
    ]  # fmt: skip
    assert card["figures"][3]["value"] == {
        "type": "money", "amount": "-1234.5", "currency": "GBP",
    }  # fmt: skip
    assert card["table"]["rows"] == [
        {
            "id": {
                "value": {"type": "link", "text": "IN-1", "target": "invoice/IN-1", "params": {}},
                "text": "IN-1",
            },
            "value": {
                "value": {"type": "money", "amount": "10", "currency": "GBP"},
                "text": "£10.00",
            },
        }
    ]
    assert card["table"]["more"] == 1


def test_figures_say_where_they_came_from(everything):
    card = card_document(everything, title="T")

    assert card["figures"][0]["provenance"]["text"] == "main · C-1 · read 21 Nov 2026, 14:05 UTC"
    assert card["table"]["provenance"]["source"] == "main"


def test_a_view_without_metrics_gives_its_fields():
    view = View([Fields(items=[("Limit", Money(5, "EUR")), ("Terms", Unknown("ERP away"))])])

    card = card_document(view, title="T", formats=Formats("de_DE"))

    assert [(each["label"], each["text"]) for each in card["figures"]] == [
        ("Limit", "5,00\N{NO-BREAK SPACE}€"),
        ("Terms", "ERP away"),
    ]
    assert card["figures"][1]["value"] == {"type": "unknown", "reason": "ERP away"}


def test_a_table_without_rows_is_passed_over():
    columns = [Column(key="a", label="A")]
    view = View([Table(columns=columns, rows=[]), Table(columns=columns, rows=[{"a": 1}])])

    assert card_document(view, title="T")["table"]["rows"] == [{"a": {"value": 1, "text": "1"}}]
    assert card_document(View([]), title="T")["table"] is None


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//evil.example", None])
def test_an_address_that_is_not_plainly_harmless_is_left_out(address):
    assert card_document(View([]), title="T", url=address)["url"] is None


def test_hostile_texts_are_carried_as_texts(hostile_texts, view_of, complaints):
    for name, text in hostile_texts.items():
        line = " ".join(text.split())
        view = view_of(f"x/1{line}")  # a target without a kind is no target, for the schema
        card = card_document(view, title=text, subtitle=text, figures=100, rows=100)
        json.dumps(card, ensure_ascii=False).encode()
        assert complaints(card) == [], name


def test_a_metric_keeps_its_tone():
    view = View([Metrics(metrics=[Metric(label="Overdue", value=3, tone="bad")])])

    assert card_document(view, title="T")["figures"][0]["tone"] == "bad"
