"""What is written is read back the same, whatever it is."""

import json
from datetime import UTC, date

from hypothesis import given
from hypothesis import strategies as st

from crossdock.connectors.crm.orders import order_event, order_event_body
from crossdock.connectors.crm.quotes import quote, quote_body
from crossdock.records import Check, Money, OrderEvent, Quote, QuoteLine

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=40)
blank_or_words = st.just("") | words
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
instants = st.datetimes(timezones=st.just(UTC))


def decimals(low, high, places):
    return st.decimals(low, high, places=places, allow_nan=False, allow_infinity=False)


@st.composite
def quote_lines(draw, currency):
    def amounts(places):
        return st.none() | decimals(-(10**9), 10**9, places).map(lambda each: Money(each, currency))

    return QuoteLine(
        number=draw(st.integers(1, 99999)),
        item_id=draw(words),
        quantity=draw(decimals(0, 10**6, 6)),
        unit=draw(blank_or_words),
        description=draw(blank_or_words),
        list_price=draw(amounts(6)),
        unit_price=draw(amounts(6)),
        discount_percent=draw(decimals(0, 100, 6)),
        net=draw(amounts(2)),
        tax_rate=draw(st.none() | decimals(0, 1, 6)),
        tax=draw(amounts(2)),
        price_rule=draw(blank_or_words),
        price_source=draw(blank_or_words),
        promised_on=draw(st.none() | days),
    )


@st.composite
def quotes(draw):
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD"]))
    total = decimals(-(10**9), 10**9, 3).map(lambda each: Money(each, currency))
    net, tax, gross = draw(st.just((None, None, None)) | st.tuples(total, total, total))
    checks = st.builds(
        Check,
        level=st.sampled_from(["info", "warning", "error"]),
        message=words,
        code=words,
        field=blank_or_words,
    )
    optional = st.none() | words
    return Quote(
        id=draw(words),
        account_id=draw(words),
        currency=currency,
        lines=tuple(draw(st.lists(quote_lines(currency), max_size=3))),
        status=draw(st.sampled_from(["draft", "sent", "accepted", "declined"])),
        opportunity_id=draw(optional),
        contact_id=draw(optional),
        owner_id=draw(optional),
        trading_account=draw(blank_or_words),
        valid_until=draw(st.none() | days),
        net=net,
        tax=tax,
        gross=gross,
        pricing_status=draw(st.sampled_from(["unpriced", "priced", "unchecked"])),
        priced_at=draw(st.none() | instants),
        price_source=draw(blank_or_words),
        checks=tuple(draw(st.lists(checks, max_size=2))),
        order_id=draw(optional),
        created_at=draw(instants),
        modified_at=draw(instants),
        version=str(draw(st.integers(1, 10**6))),
    )


@given(quotes())
def test_a_quote_that_is_written_is_read_the_same(written):
    stored = json.loads(json.dumps(quote_body(written))) | {
        "id": written.id,
        "order_id": written.order_id,
        "created_at": written.created_at.isoformat(),
        "updated_at": written.modified_at.isoformat(),
        "version": int(written.version),
    }
    assert quote(stored) == written


@given(
    st.builds(
        OrderEvent,
        key=words,
        at=instants,
        kind=words,
        title=words,
        text=blank_or_words,
        document_id=blank_or_words,
        actor=blank_or_words,
    )
)
def test_a_timeline_entry_that_is_written_is_read_the_same(written):
    assert order_event(json.loads(json.dumps(order_event_body(written)))) == written
