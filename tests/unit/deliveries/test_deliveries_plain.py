"""Records as plain data: exact both ways, whatever the record."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock import records
from crossdock.records import Account, DocumentChanged, Event, Money, Order, OrderLine
from crossdock.records.plain import from_plain, to_plain

_RECORDS = sorted(
    (
        each
        for name in records.__all__
        if isinstance(each := getattr(records, name), type) and attrs.has(each)
    ),
    key=lambda record: record.__name__,
)
_DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
_INSTANTS = st.datetimes(timezones=st.just(UTC))
_TEXTS = st.text(max_size=8)


@pytest.fixture(scope="module", autouse=True)
def exact_types():
    """Tell hypothesis what our fields may hold."""
    st.register_type_strategy(Decimal, _DECIMALS)
    st.register_type_strategy(datetime, _INSTANTS)
    st.register_type_strategy(str, _TEXTS)
    st.register_type_strategy(
        Money, st.builds(Money, _DECIMALS, st.sampled_from(["EUR", "JPY", "KWD"]))
    )
    above_zero = _DECIMALS.filter(lambda each: each > 0)
    st.register_type_strategy(
        records.ExchangeRate,
        st.builds(
            records.ExchangeRate,
            of=_TEXTS,
            to=_TEXTS,
            rate=above_zero,
            on=st.dates(),
            source=_TEXTS,
        ),
    )
    yield
    st.register_type_strategy(str, st.text())


def _through_json(value):
    return from_plain(json.loads(json.dumps(to_plain(value))))


@pytest.mark.parametrize("record", _RECORDS, ids=lambda record: record.__name__)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_record_comes_back_as_it_was(record, data):
    value = data.draw(st.from_type(record))
    back = _through_json(value)
    assert value == back
    assert type(back) is record


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=8)
        | _DECIMALS
        | _INSTANTS
        | st.dates(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.lists(inner, max_size=3).map(tuple)
            | st.dictionaries(st.text(max_size=5) | st.just("$tuple"), inner, max_size=3)
        ),
        max_leaves=12,
    )
)
def test_any_plain_data_come_back_as_they_were(value):
    back = _through_json(value)
    assert value == back
    assert type(value) is type(back)


def test_every_digit_of_a_decimal_is_kept():
    line = OrderLine(number=1, item_id="X", quantity=Decimal("1.500"), unit_price=Money("0", "EUR"))
    assert str(_through_json(line).quantity) == "1.500"
    assert str(_through_json(Decimal("1E+3"))) == "1E+3"


def test_records_within_plain_data_come_back_as_records():
    order = Order(id="SO-1", system="main", currency="EUR", ordered_on=date(2026, 11, 21))
    value = {
        "orders": [order],
        "pair": (order, Decimal("1.10")),
        "$odd": {"when": order.ordered_on},
    }
    assert value == _through_json(value)


@pytest.mark.parametrize(
    "value",
    [{"a": {1: 2}}, {"a"}, float("nan"), b"bytes", complex(1, 2)],
    ids=repr,
)
def test_what_cannot_be_stored_is_refused_with_the_reason(value):
    with pytest.raises(TypeError, match="cannot be stored"):
        to_plain(value)


def test_what_an_older_version_did_not_write_takes_its_default():
    plain = to_plain(Account(id="A-1", name="Acme"))
    del plain["$Account"]["industry"]
    plain["$Account"]["something_new"] = 1
    assert from_plain(plain) == Account(id="A-1", name="Acme")


def test_what_cannot_be_read_is_told_with_its_place():
    with pytest.raises(ValueError, match="no record 'Unicorn'"):
        from_plain({"$Unicorn": {}})
    plain = to_plain(OrderLine(number=1, item_id="X", quantity=Decimal(1)))
    plain["$OrderLine"]["quantity"] = "many"
    with pytest.raises(ValueError, match=r"stored OrderLine cannot be read: .*quantity"):
        from_plain(plain)


def test_every_event_can_be_stored():
    names = {event.__name__ for event in Event.__args__}
    assert names <= {record.__name__ for record in _RECORDS}
    assert DocumentChanged.__name__ in names
