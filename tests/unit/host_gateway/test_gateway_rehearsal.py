"""What a write of a dry run answers, and what can be read of it again: each kind by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.errors import NotFound, NotSupported
from crossdock.host.gateway.rehearsal import (
    Rehearsal,
    Write,
    answer_type,
    named,
    rehearsal,
    rehearsing,
)
from crossdock.ports import CrmPort, ErpPort
from crossdock.records import (
    Account,
    Acknowledgement,
    Activity,
    Contact,
    Item,
    Order,
    OrderEvent,
    OrderLine,
    Quote,
    QuoteLine,
    TradingAccount,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CUSTOMER = TradingAccount(id="C-1", system="main", name="Müller", currency="EUR", reference="A-1")
ORDER = Order(
    id="R-1", system="crm", currency="EUR", reference="R-1", account_id="A-1",
    lines=(OrderLine(number=1, item_id="BRG-1", quantity=Decimal(2)),),
    erp_system="other", erp_order_id="SO-9", version="7",
)  # fmt: skip
QUOTE = Quote(
    id="Q-1", account_id="A-1", currency="EUR", version="1",
    lines=(QuoteLine(number=1, item_id="BRG-1", quantity=Decimal(2)),),
)  # fmt: skip


def event(key: str) -> OrderEvent:
    return OrderEvent(key=key, at=NOON, kind="shipped", title=key)


class System:
    """A CRM or an ERP of which only reads may be called."""

    def __init__(self, name: str) -> None:
        self.system = name
        self.asked: list[str] = []

    def quote(self, quote_id):
        self.asked.append(quote_id)
        return evolve(QUOTE, id=quote_id, order_id="R-7" if quote_id == "Q-7" else None)

    def order(self, order_id):
        self.asked.append(order_id)
        return evolve(ORDER, id=order_id)

    def order_events(self, order_id):
        self.asked.append(order_id)
        return (event("old"),)


class Dry:
    """A rehearsal beside a CRM and an ERP, which is called as the gateway calls it."""

    def __init__(self) -> None:
        self.written: list[Write] = []
        self.rehearsal = Rehearsal(self.written.append)
        self.crm, self.erp = System("crm"), System("main")

    def write(self, method, *args, **kwargs):
        port, protocol = self._of(method)
        return self.rehearsal.write(port, protocol, method, named(protocol, method, args, kwargs))

    def read(self, method, *args, **kwargs):
        port, protocol = self._of(method)
        return self.rehearsal.read(port, protocol, method, named(protocol, method, args, kwargs))

    def _of(self, method):
        in_erp = method in (
            "place_order", "orders_by_reference", "customer", "customers_by_reference",
            "save_customer", "change_order", "send_invoice",
        )  # fmt: skip
        return (self.erp, ErpPort) if in_erp else (self.crm, CrmPort)


@pytest.fixture
def dry() -> Dry:
    return Dry()


def test_a_new_record_gets_a_marked_id_and_a_changed_one_a_marked_version(dry):
    new = dry.write("save_contact", Contact(id="", account_id="A-1", last_name="Wolf"))
    changed = dry.write("save_account", Account(id="A-1", name="Müller", version="3"))
    note = Activity(id="", account_id="A-1", kind="note", subject="x", owner_id="U-1")
    again = dry.write("add_activity", note, key="k")

    assert (new.id, new.version, new.last_name) == ("dry-run-1", "dry-run-1", "Wolf")
    assert (changed.id, changed.version, changed.name) == ("A-1", "dry-run-2", "Müller")
    assert again.id == "dry-run-3"
    assert [(each.system, each.method, each.answer) for each in dry.written] == [
        ("crm", "save_contact", new),
        ("crm", "save_account", changed),
        ("crm", "add_activity", again),
    ]
    assert dry.written[2].arguments == {"activity": note, "key": "k"}


def test_what_was_written_is_read_again_by_its_id_in_the_system_that_it_was_written_to(dry):
    new = dry.write("save_contact", Contact(id="", account_id="A-1", last_name="Wolf"))
    customer = dry.write("save_customer", CUSTOMER)

    assert dry.read("contact", "dry-run-1") is new
    assert dry.read("customer", "C-1") is customer
    assert dry.read("account", "A-9") is None
    assert dry.read("users") is None
    with pytest.raises(NotFound, match="crm has no dry-run-9: it was only rehearsed") as missing:
        dry.read("contact", "dry-run-9")
    assert missing.value.system == "crm"
    with pytest.raises(NotFound, match="crm has no dry-run-1"):
        dry.read("account", "dry-run-1")


def test_what_was_written_is_found_by_the_callers_own_key(dry):
    customer = dry.write("save_customer", evolve(CUSTOMER, system="other"))
    account = dry.write("save_account", Account(id="", name="x", external_ids={"main": "C-1"}))
    contact = dry.write(
        "save_contact", Contact(id="", account_id="A", last_name="y", external_ids={"main": "C-1"})
    )

    assert dry.read("accounts_by_external_id", "main", "C-1") == (account,)
    assert dry.read("contacts_by_external_id", "main", "C-1") == (contact,)
    assert dry.read("accounts_by_external_id", "main", "C-2") is None
    assert dry.read("accounts_by_external_id", "other", "C-1") is None
    # It lives in another ERP than the one that is asked.
    assert customer.system == "other"
    assert dry.read("customers_by_reference", "A-1") is None
    dry.write("save_customer", CUSTOMER)
    assert [each.system for each in dry.read("customers_by_reference", "A-1")] == ["main"]
    assert dry.read("customers_by_reference", "A-2") is None


def test_a_placed_order_is_the_erps_and_carries_the_crms_number(dry):
    placed = dry.write("place_order", CUSTOMER, ORDER, idempotency_key="k")

    assert placed == Acknowledgement(
        order=evolve(
            ORDER, id="dry-run-1", system="main", customer_id="C-1", trading_account=CUSTOMER.ref,
            status="confirmed", external_ids={"crm": "R-1"}, account_id="", erp_system="",
            erp_order_id="", version="1",
        ),
        reference="R-1",
    )  # fmt: skip
    assert dry.read("orders_by_reference", "R-1") == (placed.order,)
    assert dry.read("orders_by_reference", "R-2") is None


@pytest.mark.parametrize("bare", [{"id": ""}, {"system": ""}])
def test_an_order_of_no_system_carries_no_number(dry, bare):
    placed = dry.write("place_order", CUSTOMER, evolve(ORDER, **bare), idempotency_key="k")

    assert placed.order.external_ids == {}


def test_the_same_key_gives_the_same_order_and_no_key_another(dry):
    first = dry.write("place_order", CUSTOMER, ORDER, idempotency_key="k")

    assert dry.write("place_order", CUSTOMER, ORDER, idempotency_key="k") == evolve(
        first, replayed=True
    )
    assert not first.replayed
    others = [
        dry.write("place_order", CUSTOMER, ORDER, idempotency_key=key) for key in ("", "", "k2")
    ]
    assert [each.order.id for each in others] == ["dry-run-2", "dry-run-3", "dry-run-4"]
    assert not any(each.replayed for each in others)


def test_an_order_placed_elsewhere_is_not_found_here(dry):
    dry.write("place_order", evolve(CUSTOMER, system="other"), ORDER, idempotency_key="k")

    assert dry.read("orders_by_reference", "R-1") is None
    assert dry.written[0].system == "other"


def test_a_quote_that_is_ordered_becomes_one_order_however_often(dry):
    order = dry.write("order_from_quote", "Q-1")

    assert (order.id, order.reference, order.version) == ("dry-run-1",) * 2 + ("1",)
    assert (order.system, order.quote_id, len(order.lines)) == ("crm", "Q-1", 1)
    assert dry.read("order", "dry-run-1") is order
    ordered = dry.read("quote", "Q-1")
    assert (ordered.status, ordered.order_id) == ("ordered", "dry-run-1")
    assert dry.write("order_from_quote", "Q-1") is order
    assert dry.crm.asked == ["Q-1"]


def test_a_quote_that_has_its_order_gives_that(dry):
    assert dry.write("order_from_quote", "Q-7").id == "R-7"

    dry.write("update_order", evolve(ORDER, id="R-7"))
    assert dry.write("order_from_quote", "Q-7").version == "dry-run-1"


def test_what_happened_to_an_order_is_added_to_what_is_known_of_it(dry):
    assert dry.read("order_events", "R-1") is None
    for key in ("a", "b", "a"):
        assert dry.write("add_order_event", "R-1", event(key)) is None
    dry.write("add_order_event", "dry-run-5", event("c"))

    assert [each.key for each in dry.read("order_events", "R-1")] == ["old", "a", "b"]
    assert [each.key for each in dry.read("order_events", "dry-run-5")] == ["c"]
    assert dry.read("order_events", "dry-run-6") == ()
    assert dry.read("order_events", "R-2") is None
    assert dry.crm.asked == ["R-1"]
    assert len(dry.written) == 4


def test_a_write_that_answers_nothing_answers_nothing(dry):
    assert dry.write("send_invoice", "IN-1") is None
    assert (dry.written[0].system, dry.written[0].answer) == ("main", None)


def test_a_write_whose_answer_nobody_knows_is_not_rehearsed(dry):
    class Odd:
        system = "odd"

        def save_item(self, item_id: str) -> Item:
            """Answers with what it was not given."""

    with pytest.raises(NotSupported) as refused:
        dry.rehearsal.write(Odd(), Odd, "save_item", {"item_id": "BRG-1"})

    assert str(refused.value) == (
        "save_item of odd cannot be rehearsed: what it would answer is not known"
    )
    assert dry.written == []


def test_calls_inside_a_rehearsal_are_dry_and_those_after_it_are_not():
    assert not rehearsing()
    with rehearsal():
        assert rehearsing()
        with rehearsal(on=False):
            assert rehearsing()
    assert not rehearsing()
    with rehearsal(on=False):
        assert not rehearsing()
    with pytest.raises(ValueError, match="x"), rehearsal():
        raise ValueError("x")
    assert not rehearsing()


def test_arguments_are_named_as_the_port_names_them():
    assert named(CrmPort, "accounts_by_external_id", ("main",), {"external_id": "C-1"}) == {
        "system": "main",
        "external_id": "C-1",
    }
    with pytest.raises(TypeError):
        named(CrmPort, "account", (), {})
    assert answer_type(CrmPort, "account") is Account
