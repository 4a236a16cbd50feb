"""Customers, their people and items: what every `ErpPort` promises to a synchronisation.

A new ERP is one line in `HOUSES`; what it cannot do, it says.
"""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve, fields

from crossdock.connectors.keeping import written
from crossdock.errors import Conflict, NotSupported, RemoteError, RemoteUnavailable
from crossdock.records import Address, Contact, Item, ListPrice, Money, TradingAccount
from crossdock_mocks.backoffice.books import Books
from crossdock_mocks.backoffice.customer_merging import delete_customer
from crossdock_mocks.backoffice.kinds import CUSTOMER
from crossdock_mocks.engine import Fault

#: Port, mock, and the operations that create a customer and a contact.
HOUSES = {
    "erp": ("erp_port", "erp_mock", "createCustomer"),
    "qbo": ("qbo_port", "qbo_mock", "writeCustomer"),
    "bc": ("bc_port", "bc_mock", "createCustomer"),
}
LONG = "x" * 3000
QUAY = Address(street="1 Quay", city="Hull", region="HU", postcode="HU1 1AA", country="GB")
YARD = Address(street="2 Yard", city="Leeds", region="LS", postcode="LS1 1AA", country="GB")


@pytest.fixture(params=HOUSES)
def house(request):
    port, mock, create = HOUSES[request.param]
    return request.getfixturevalue(port), request.getfixturevalue(mock), create


@pytest.fixture
def port(house):
    return house[0]


@pytest.fixture
def acme(port):
    """A customer with all that its ERP keeps."""
    kept = port.keeps["trading_account"]
    wanted = TradingAccount(
        id="", system="main", name="Acme Quay Ltd", currency="EUR", legal_name="Acme Quay Limited",
        email="buyer@acme.example", phone="+44 1482 1", website="https://acme.example",
        tax_number="GB123456789", terms_days=30, address=QUAY, shipping_address=YARD,
        reference="A-77",
    )  # fmt: skip
    return only(wanted, kept)


def only(record, kept):
    """Leave out what is not kept."""
    changes = {}
    for name, _ in written(record):
        if name not in kept:
            whole = name.partition(".")[0]
            blank = next(each for each in fields(type(record)) if each.name == whole).default
            changes[whole] = getattr(blank, "factory", lambda blank=blank: blank)()
    return evolve(record, **changes)


def told(record):
    return dict(written(record))


def everything(read, limit=100):
    found, after = [], None
    while True:
        page = read(after=after, limit=limit)
        found += page.items
        after = page.next
        if after is None:
            return found


def news(port, mock, cursor):
    mock.world.clock.advance(timedelta(minutes=10))
    found = []
    while True:
        piece = port.changes(cursor)
        found += piece.changes
        cursor = piece.cursor
        if not piece.more:
            return found, cursor


def test_a_customer_is_made_changed_and_made_inactive_with_all_that_is_kept(house, acme):
    port, mock, _ = house
    _, cursor = news(port, mock, None)
    made = port.save_customer(acme, idempotency_key="make-1")
    assert made.id
    assert made.version
    assert told(made) == told(acme)
    assert port.customer(made.id) == made
    mock.world.clock.advance(timedelta(seconds=30))
    wanted = evolve(made, name="Acme Works Ltd", address=YARD, email="", phone="")
    changed = port.save_customer(wanted)
    assert told(changed) == told(wanted)
    with pytest.raises(Conflict):
        port.save_customer(evolve(made, name="Somebody else's"))
    assert port.customer(made.id) == changed
    if "active" in port.keeps["trading_account"]:
        gone = port.save_customer(evolve(changed, active=False))
        assert (gone.active, gone.id) == (False, made.id)
        assert {each.id: each.active for each in everything(port.all_customers)}[made.id] is False
        assert port.save_customer(evolve(gone, active=True)).active
    else:
        with pytest.raises(NotSupported, match="active"):
            port.save_customer(evolve(changed, active=False))
    found, _ = news(port, mock, cursor)
    assert {(each.entity, each.id) for each in found} >= {("trading_account", made.id)}
    assert port.writes_as() in ("", made.modified_by)


@pytest.mark.usefixtures("no_waiting")
def test_a_lost_answer_makes_no_second_customer(house, acme):
    port, mock, create = house
    before = len(everything(port.all_customers))
    mock.world.faults.add(Fault(kind="drop_after_commit", operation=create, times=1))
    with suppress(RemoteUnavailable):  # where the ERP keeps keys it is asked again by itself
        port.save_customer(acme, idempotency_key="make-1")
    found = port.customers_by_reference(acme.reference)
    assert [each.name for each in found] == [acme.name]
    again = port.save_customer(acme, idempotency_key="make-1")
    assert [again] == list(port.customers_by_reference(acme.reference))
    assert len(everything(port.all_customers)) == before + 1
    assert port.customers_by_reference("A-none") == ()


def test_what_does_not_fit_is_refused_by_its_name_and_nothing_is_written(house, acme):
    port, mock, _ = house
    before = len(mock.journal())
    for name, most in port.keeps["trading_account"].items():
        if most is None or "." in name:
            continue
        with pytest.raises(RemoteError) as caught:
            port.save_customer(evolve(acme, **{name: "x" * (most + 1)}))
        assert [each.field for each in caught.value.fields] == [name]
    over = evolve(acme, address=evolve(QUAY, city=LONG))
    with pytest.raises(RemoteError) as caught:
        port.save_customer(over)
    assert [each.field for each in caught.value.fields] == ["address.city"]
    sent = [entry for entry in mock.journal()[before:] if entry.method != "GET"]
    assert not any(entry.committed for entry in sent)


def test_a_field_that_is_not_kept_is_refused_and_never_lost_in_silence(house, acme):
    port, _, _ = house
    full = evolve(
        acme, legal_name="Acme Limited", website="https://a.example", shipping_address=YARD,
        tax_number="GB1", address=evolve(QUAY, name="Ada"),
    )  # fmt: skip
    for name, _ in written(full):
        if name in port.keeps["trading_account"]:
            continue
        whole = name.partition(".")[0]
        with pytest.raises(NotSupported, match=whole):
            port.save_customer(evolve(acme, **{whole: getattr(full, whole)}))


def test_all_customers_and_items_are_read_page_by_page_and_gone_on_with(house, dataset):
    port, _, _ = house
    numbers = {row["id"] for row in dataset.rows("customers")}
    first = port.all_customers(limit=7)
    assert len(first.items) == 7
    rest = everything(
        lambda after, limit: port.all_customers(after=after or first.next, limit=limit)
    )
    read = [each.id for each in (*first.items, *rest)]
    assert (len(read), set(read)) == (len(numbers), numbers)
    codes = {row["id"] for row in dataset.rows("items")}
    assert {each.id for each in everything(port.all_items)} == codes


def test_people_at_a_customer_are_kept_or_said_not_to_be(house, acme):
    port, mock, _ = house
    person = Contact(
        id="", account_id="", system="main", first_name="Ada", last_name="Wolf",
        job_title="Buyer", email="ada@acme.example", phone="+44 1", mobile="+44 7", reference="P-1",
    )  # fmt: skip
    if "contacts" not in port.capabilities:
        assert "contact" not in port.keeps
        for ask in (lambda: port.save_contact(person), port.all_contacts):
            with pytest.raises(NotSupported):
                ask()
        return
    _, cursor = news(port, mock, None)
    customer = port.save_customer(acme)
    wanted = only(evolve(person, account_id=customer.id), port.keeps["contact"])
    made = port.save_contact(wanted, idempotency_key="person-1")
    assert told(made) == told(wanted)
    assert made.account_id == customer.id
    assert list(port.contacts(customer)) == [made] == [port.contact(made.id)]
    mock.world.clock.advance(timedelta(seconds=30))
    changed = port.save_contact(evolve(made, job_title="Head of buying", email=""))
    assert (changed.job_title, changed.email) == ("Head of buying", None)
    with pytest.raises(Conflict):
        port.save_contact(made)
    assert changed in everything(port.all_contacts)
    found, _ = news(port, mock, cursor)
    assert ("contact", made.id) in {(each.entity, each.id) for each in found}


def test_price_lists_are_read_in_full_or_said_not_to_be_told(house, dataset):
    port, _, _ = house
    if "price_lists" not in port.capabilities:
        with pytest.raises(NotSupported):
            port.price_lists()
        return
    lists = port.price_lists()
    assert {each.id for each in lists} == {row["id"] for row in dataset.rows("price_lists")}
    wanted = {
        (row["item_id"], row["min_quantity"], row["price"])
        for row in dataset.rows("prices")
        if row["price_list_id"] == lists[0].id
    }
    found = everything(lambda after, limit: port.prices(lists[0].id, after=after, limit=limit))
    assert all(each.price is None or isinstance(each.price, Money) for each in found)
    assert {
        (each.item_id, each.minimum_quantity, each.price and each.price.amount) for each in found
    } == wanted


def test_an_item_and_a_price_of_a_list_are_written_once_under_their_code_or_said_not_to_be(house):
    port, mock, _ = house
    known = port.items(limit=1).items[0]
    if "item" not in port.keeps:
        with pytest.raises(NotSupported):
            port.save_item(known)
    else:
        dearer = Money(known.list_price.amount + 1, known.list_price.currency)
        changed = port.save_item(evolve(known, name="Renamed", list_price=dearer, version=None))
        assert (changed.name, changed.list_price) == ("Renamed", dearer)
        mock.world.clock.advance(timedelta(seconds=30))
        again = port.save_item(evolve(changed, active=False))
        assert port.item(known.id) == again
        assert not again.active
        assert port.save_item(evolve(again, active=True)).active
        with pytest.raises(Conflict):
            port.save_item(evolve(changed, name="Stale"))
        new = Item(id="NEW-2", name="New", system="main", kind="service", list_price=dearer)
        made = port.save_item(evolve(new, tax_code="STD"))
        assert (made.name, made.kind, made.list_price) == ("New", "service", dearer)
        assert port.save_item(new).id == "NEW-2"
        assert [each.id for each in everything(port.all_items)].count("NEW-2") == 1
    if "price" not in port.keeps:
        price = ListPrice(price_list_id="NONE", item_id=known.id, system="main")
        with pytest.raises(NotSupported):
            port.save_price(price)
        return
    (book, *_) = port.price_lists()
    price = ListPrice(
        price_list_id=book.id, item_id=known.id, system="main", minimum_quantity=Decimal(500),
        price=Money("1.75", book.currency), discount_percent=Decimal("2.5"),
    )  # fmt: skip
    assert port.save_price(price) == price == port.save_price(price)
    found = everything(lambda after, limit: port.prices(book.id, after=after, limit=limit))
    assert [each for each in found if each.minimum_quantity == 500] == [price]
    with pytest.raises(RemoteError):
        port.save_price(evolve(price, price=None))


@pytest.mark.parametrize("house", ["erp"], indirect=True)
def test_a_new_item_needs_a_tax_code_which_the_setting_says(house, connect_erp):
    port, _, _ = house
    new = Item(id="NEW-1", name="New", system="main", kind="service", list_price=Money("9", "EUR"))
    with pytest.raises(NotSupported, match="tax_code"):
        port.save_item(new)
    made = connect_erp(tax_code="STD").save_item(new)
    assert (made.id, made.kind, made.tax_code, made.version) == ("NEW-1", "service", "STD", "1")


@pytest.mark.parametrize("house", ["erp"], indirect=True)
def test_a_merge_and_a_deletion_are_told_with_what_goes_on(house, acme, back_office):
    port, mock, _ = house
    one, two = (port.save_customer(evolve(acme, reference=each)) for each in ("A-1", "A-2"))
    _, cursor = news(port, mock, None)
    back_office(f"/customers/{one.id}/merge", {"into": two.id})
    three = port.save_customer(evolve(acme, reference="A-3"))
    books = Books(mock.world, "bookkeeper")
    delete_customer(books, books.get(CUSTOMER, three.id))
    found, _ = news(port, mock, cursor)
    gone = [each for each in found if each.action == "deleted"]
    assert [(each.entity, each.id, each.successor) for each in gone] == [
        ("trading_account", one.id, two.id),
        ("trading_account", three.id, ""),
    ]
    assert port.writes_as() not in {each.by for each in gone}
    assert port.writes_as() in {each.by for each in found}
