"""What the room needs to know of each kind of event: id, type, subject, lane, whose it is."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from attrs import evolve

from crossdock.host.deliveries.events import (
    ITEMS,
    concerns,
    event_id_of,
    event_type,
    lane_of,
    read_event,
    subject_of,
    systems_of,
    write_event,
)
from crossdock.records import (
    Change,
    DocumentChanged,
    JobDue,
    Order,
    OrderChange,
    OrderChangeRequested,
    OrderPromoted,
    Quote,
    QuoteApproved,
    QuoteSaved,
    QuoteWritten,
    RecordChanged,
)

_AT = datetime(2026, 11, 2, 8, 5, tzinfo=UTC)
_QUOTE = Quote(id="Q-1", account_id="A-1", currency="EUR", version="3")
_ORDER = Order(
    id="R-1", system="crm", currency="EUR", account_id="A-1", trading_account="main:C:1"
)  # fmt: skip
_SHIPPED = Order(id="SO-1", system="main", currency="EUR", customer_id="C-1")
_OF_NOBODY = evolve(_SHIPPED, customer_id="C-9")


def _change(entity, record_id, version="7", system="main"):
    return Change(
        cursor="12", system=system, entity=entity, id=record_id, action="updated", at=_AT,
        version=version,
    )  # fmt: skip


def _record(entity, record_id, version="7", system="main"):
    return RecordChanged(change=_change(entity, record_id, version, system))


_DUE = JobDue(plugin_id="collections", job_id="remind", due_at=_AT)
_APPROVED = QuoteApproved(
    quote_id="Q-1", account_id="A-1", approval_id="AP-7", fingerprint="f", requested_by="U-kim"
)
_CANCELLED = OrderChangeRequested(
    change=OrderChange(id="CO-7", order_id="R-1", kind="cancel"), order=_ORDER
)


def _news(order, version="7"):
    return DocumentChanged(change=_change("order", order.id, version), document=order)


@pytest.mark.parametrize(
    ("event", "type_", "id_", "subject", "lane"),
    [
        (QuoteSaved(quote=_QUOTE), "quote_saved", "quote_saved:Q-1:3", "Q-1", "account:A-1"),
        (_APPROVED, "quote_approved", "quote_approved:AP-7", "Q-1", "account:A-1"),
        (
            OrderPromoted(order=_ORDER),
            "order_promoted", "order_promoted:crm:R-1", "R-1", "account:A-1",
        ),
        (
            OrderPromoted(order=evolve(_ORDER, account_id="")),
            "order_promoted", "order_promoted:crm:R-1", "R-1", "order:R-1",
        ),
        (_CANCELLED, "order_change_requested", "order_change_requested:CO-7", "R-1", "account:A-1"),
        (
            _DUE,
            "scheduled_jobs", "job:collections:remind:2026-11-02T08:05Z", "collections/remind",
            "job:remind",
        ),
        (
            _news(_SHIPPED),
            "document_changed", "document_changed:main:order:SO-1:updated:7", "SO-1",
            "account:A-1",
        ),
        (
            _news(_OF_NOBODY, version=""),
            "document_changed",
            "document_changed:main:order:SO-1:updated:2026-11-02T08:05:00+00:00@12", "SO-1",
            "customer:main:C-9",
        ),
        (
            _record("trading_account", "C-1"),
            "record_changed", "record_changed:main:trading_account:C-1:updated:7", "C-1",
            "account:A-1",
        ),
        (
            _record("trading_account", "C-9"),
            "record_changed", "record_changed:main:trading_account:C-9:updated:7", "C-9",
            "customer:main:C-9",
        ),
        (
            _record("account", "A-1", system="crm"),
            "record_changed", "record_changed:crm:account:A-1:updated:7", "A-1", "account:A-1",
        ),
        (
            _record("item", "BRG-1001"),
            "record_changed", "record_changed:main:item:BRG-1001:updated:7", "BRG-1001",
            "item:main:BRG-1001",
        ),
        (
            QuoteWritten(change=_change("quote", "Q-1", system="crm")),
            "quote_written", "quote_written:crm:quote:Q-1:updated:7", "Q-1", "quote:crm:Q-1",
        ),
    ],
)  # fmt: skip
def test_each_kind_of_event_has_its_names_and_the_lane_of_its_account(
    event, type_, id_, subject, lane
):
    linked = {("main", "C-1"): "A-1"}

    assert (event_type(event), event_id_of(event), subject_of(event)) == (type_, id_, subject)
    assert lane_of(event, lambda *customer: linked.get(customer)) == lane
    assert read_event(write_event(event)) == event


def test_a_quote_without_versions_is_the_same_event_as_long_as_it_says_the_same():
    saved = QuoteSaved(quote=evolve(_QUOTE, version=None))
    digest = hashlib.sha256(write_event(saved).encode()).hexdigest()[:16]
    assert event_id_of(saved) == f"quote_saved:Q-1:{digest}"


def test_whose_records_an_event_tells_of():
    told = [
        (_news(_SHIPPED), ("main", "C-1")),
        (_record("trading_account", "C-1"), ("main", "C-1")),
        (_record("item", "BRG-1001"), ("main", ITEMS)),
        (_record("price", "P-1"), ("main", ITEMS)),
        (_record("account", "A-1", system="crm"), None),
        (OrderPromoted(order=_ORDER), None),
        (_DUE, None),
    ]
    assert [concerns(event) for event, _ in told] == [whose for _, whose in told]


def test_which_systems_a_stored_event_is_known_to_need():
    default = {("crm", "A-1"): "uk"}

    def needs(event):
        return systems_of(write_event(event), event_type(event), lambda *of: default.get(of))

    without = evolve(_ORDER, trading_account="")
    assert needs(OrderPromoted(order=_ORDER)) == {"crm", "main"}
    assert needs(OrderPromoted(order=without)) == {"crm", "uk"}
    assert needs(OrderPromoted(order=evolve(without, account_id="A-2"))) == {"crm"}
    assert needs(OrderPromoted(order=evolve(without, account_id=""))) == {"crm"}
    assert needs(_news(_SHIPPED)) == needs(_record("item", "BRG-1001")) == {"main"}
    assert needs(QuoteWritten(change=_change("quote", "Q-1", system="crm"))) == {"crm"}
    assert needs(_CANCELLED) == needs(_DUE) == frozenset()


def test_of_an_order_as_an_older_version_stored_it_the_account_tells_the_erp():
    values = json.loads(write_event(OrderPromoted(order=_ORDER)))
    del values["$OrderPromoted"]["order"]["trading_account"]
    assert systems_of(json.dumps(values), "order_promoted", lambda *_of: "uk") == {"crm", "uk"}


def test_an_event_is_stored_as_short_json_with_letters_as_they_are():
    text = write_event(QuoteSaved(quote=evolve(_QUOTE, id="Q-ä")))
    assert '"id":"Q-ä"' in text
