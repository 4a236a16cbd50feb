import json
from datetime import datetime
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator, ValidationError

from crossdock import Metric, Metrics, Money, Series, View
from crossdock.render.json import SCHEMA, value_document, view_document
from crossdock.specifications import specification


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(specification(SCHEMA).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_one_of_every_component_and_value_fits_the_schema(everything, validator):
    document = view_document(everything)

    validator.validate(document)
    assert document == json.loads(json.dumps(document))
    assert {"metrics", "table", "chart", "timeline", "fields", "notice", "action"} == {
        component["type"] for component in document["components"]
    }


def test_every_kind_of_value_keeps_its_kind(every_value):
    kinds = [
        value["type"] if isinstance(value := value_document(each), dict) else type(value).__name__
        for each, _ in every_value
    ]

    assert kinds == [
        "str",
        "int",
        "number",
        "money",
        "money",
        "money",
        "date",
        "instant",
        "bool",
        "bool",
        "badge",
        "link",
        "drill",
        "action",
        "percent",
        "percent",
        "unknown",
        "NoneType",
    ]


def test_amounts_are_decimal_strings_with_all_their_digits(validator):
    assert value_document(Money("0.0125", "GBP")) == {
        "type": "money",
        "amount": "0.0125",
        "currency": "GBP",
    }
    tiny = View([Metrics(metrics=[Metric(label="x", value=Decimal("1E-8"))])])
    validator.validate(view_document(tiny))
    assert "0.00000001" in json.dumps(view_document(tiny))


def test_a_gap_in_a_chart_stays_a_gap(everything):
    (chart, _) = [c for c in view_document(everything)["components"] if c["type"] == "chart"]

    assert chart["series"][1]["values"] == ["900", None, "1500.5"]
    assert chart["currency"] == "GBP"
    assert Series(label="x", values=[None]).values == (None,)


@pytest.mark.parametrize(
    "change",
    [
        {"components": [{"type": "gauge"}]},
        {"components": [{"type": "notice", "text": "x", "title": "", "tone": "loud"}]},
        {"components": [], "more": 1},
        {
            "components": [
                {"type": "fields", "title": "", "provenance": None,
                 "items": [{"label": "x", "value": {"type": "money", "amount": 1.5,
                                                    "currency": "GBP"}}]}
            ]
        },
    ],
)  # fmt: skip
def test_the_schema_refuses_what_is_no_view(validator, change):
    with pytest.raises(ValidationError):
        validator.validate(change)


def test_what_cannot_be_told_is_refused():
    with pytest.raises(TypeError, match="float"):
        value_document(1.5)
    with pytest.raises(ValueError, match="aware"):
        value_document(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
