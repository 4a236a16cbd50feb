"""Customers, contacts and items through the gateway: rights, what is hidden, dry runs, keys."""

import pytest
from attrs import evolve

from crossdock.errors import AccessDenied, NotFound
from crossdock.host.gateway import Passage, Rehearsal, Rights, guarded_crm, guarded_erp
from crossdock.host.systems import Router
from crossdock.ports import CrmPort, ErpPort, scopes_of
from crossdock.records import Account, Contact, Item, ListPrice, Money, TradingAccount

CUSTOMER = TradingAccount(
    id="C-1", system="main", name="Müller", currency="EUR", email="m@mueller.example",
    phone="+49 1", tax_number="DE1", credit_limit=Money("1000.00", "EUR"), reference="A-1",
    version="3",
)  # fmt: skip
PERSON = Contact(id="P-1", account_id="C-1", system="main", last_name="Wolf", email="w@x.example")
ITEM = Item(id="BRG-1", name="Bearing", system="main", cost=Money("2.10", "EUR"), version="1")
PRICE = ListPrice(
    price_list_id="OEM", item_id="BRG-1", system="main", price=Money("4.00", "EUR")
)  # fmt: skip
SCOPES = frozenset({*scopes_of(ErpPort).values(), *scopes_of(CrmPort).values()})


class Erp:
    """An ERP that remembers what it was given."""

    system = "main"
    capabilities = frozenset({"customer_reference"})

    def __init__(self, name="main"):
        self.system = name
        self.keeps = {"trading_account": {"name": 100}}
        self.saved = []

    def customer(self, customer_id):
        if customer_id != "C-1":
            raise NotFound("no such customer", system=self.system)
        return CUSTOMER

    def contact(self, contact_id):
        return PERSON

    def customers_by_reference(self, reference):
        return (CUSTOMER,) if reference == "A-1" else ()

    def save_customer(self, customer, *, idempotency_key=""):
        self.saved.append((customer, idempotency_key))
        return customer

    def save_contact(self, contact, *, idempotency_key=""):
        self.saved.append((contact, idempotency_key))
        return contact

    def item(self, item_id):
        return evolve(ITEM, system=self.system)

    def save_item(self, item):
        self.saved.append((item, ""))
        return item

    def save_price(self, price):
        self.saved.append((price, ""))
        return price


class Crm:
    """A CRM that remembers what it was given."""

    system = "crm"
    guards = None

    def __init__(self):
        self.keeps = {"item": {"name": 100}}
        self.saved = []

    def accounts_by_external_id(self, system, external_id):
        return ()

    def save_account(self, account):
        self.saved.append(account)
        return account

    def save_item(self, item):
        self.saved.append(item)
        return item


@pytest.fixture
def through():
    """Puts a port behind the gateway; tells what was refused."""
    refused = []

    def make(guard, port, *, scopes=SCOPES, hidden=frozenset(), rehearsal=None):
        passage = Passage(
            plugin_id="sync",
            rights=Rights(scopes=scopes, hidden=hidden),
            identity="sync",
            ends=60.0,
            clock=lambda: 0.0,
            refuse=lambda scope, reason: refused.append(scope),
            rehearsal=rehearsal,
        )
        return guard(port, passage)

    make.refused = refused
    return make


@pytest.mark.parametrize(
    ("method", "scope", "record"),
    [
        ("save_customer", "erp.customers:write", CUSTOMER),
        ("save_contact", "erp.contacts:write", PERSON),
        ("customers_by_reference", "erp.customers:read", "A-1"),
        ("save_item", "erp.items:write", ITEM),
        ("save_price", "erp.prices:write", PRICE),
    ],
)
def test_each_needs_its_own_right_and_without_it_nothing_is_asked(through, method, scope, record):
    erp = Erp()
    port = through(guarded_erp, Router({"main": erp}), scopes=SCOPES - {scope})
    with pytest.raises(AccessDenied, match=scope):
        getattr(port, method)(record)
    assert (erp.saved, through.refused) == ([], [scope])
    assert port.keeps == erp.keeps


def test_what_was_hidden_is_put_back_into_a_customer_that_is_written(through):
    erp = Erp()
    port = through(guarded_erp, Router({"main": erp}), hidden=frozenset({"personal", "credit"}))
    seen = port.customer("C-1")
    assert (seen.email, seen.phone, seen.tax_number, seen.credit_limit) == (None, None, "", None)
    port.save_customer(evolve(seen, name="Müller & Co"), idempotency_key="k")
    assert erp.saved == [(evolve(CUSTOMER, name="Müller & Co"), "k")]
    with pytest.raises(AccessDenied):
        port.save_customer(evolve(seen, email="other@mueller.example"))
    # One that was not read in this call is read as it stands now.
    again = through(guarded_erp, Router({"main": erp}), hidden=frozenset({"personal", "credit"}))
    again.save_customer(seen)
    again.save_contact(evolve(PERSON, email=None))
    assert erp.saved[1:] == [(CUSTOMER, ""), (PERSON, "")]


def test_a_dry_run_sends_nothing_and_finds_again_what_it_would_have_made(through):
    erp, crm, written = Erp(), Crm(), []
    rehearsal = Rehearsal(written.append)
    port = through(guarded_erp, Router({"main": erp}), rehearsal=rehearsal)
    made = port.save_customer(evolve(CUSTOMER, id="", reference="A-2", version=None))
    assert made.id.startswith("dry-run-")
    assert list(port.customers_by_reference("A-2")) == [made] == [port.customer(made.id)]
    assert list(port.customers_by_reference("A-1")) == [CUSTOMER]
    side = through(guarded_crm, crm, rehearsal=rehearsal)
    account = side.save_account(Account(id="", name="Müller", external_ids={"main": made.id}))
    assert side.accounts_by_external_id("main", made.id) == (account,)
    item = side.save_item(Item(id="BRG-1", name="Bearing", system="crm"))
    assert item.id == "BRG-1"
    assert (erp.saved, crm.saved) == ([], [])
    assert [(each.system, each.method) for each in written] == [
        ("main", "save_customer"), ("crm", "save_account"), ("crm", "save_item"),
    ]  # fmt: skip


def test_a_customer_and_a_contact_go_to_the_erp_that_they_live_in(through):
    one, two = Erp("one"), Erp("two")
    port = through(guarded_erp, Router({"one": one, "two": two}))
    port.save_customer(evolve(CUSTOMER, system="two", id="C-1"))
    port.save_contact(evolve(PERSON, system="one"))
    assert [len(each.saved) for each in (one, two)] == [1, 1]
    assert port.keeps == {}
    assert port.using("two").keeps == two.keeps
    blind = through(guarded_erp, Router({"one": one, "two": two}), hidden=frozenset({"personal"}))
    blind.save_contact(evolve(PERSON, system="two", email=None))
    assert two.saved[-1][0].email == PERSON.email
    seen = evolve(CUSTOMER, system="two", email=None, phone=None, tax_number="")
    blind.save_customer(seen)
    assert two.saved[-1][0].email == CUSTOMER.email


def test_an_item_and_a_price_go_to_the_erp_that_they_are_sold_by_and_keep_what_was_hidden(through):
    one, two = Erp("one"), Erp("two")
    port = through(guarded_erp, Router({"one": one, "two": two}), hidden=frozenset({"cost"}))
    port.save_item(evolve(ITEM, system="two", name="Better bearing", cost=None))
    port.save_price(evolve(PRICE, system="two"))
    assert one.saved == []
    assert [each for each, _ in two.saved] == [
        evolve(ITEM, system="two", name="Better bearing"), evolve(PRICE, system="two"),
    ]  # fmt: skip
