"""Accounts, contacts and items: what every `CrmPort` promises to a synchronisation."""

from decimal import Decimal

import pytest
from attrs import evolve, fields

from crossdock.connectors.keeping import written
from crossdock.errors import Conflict, NotSupported, RemoteError, RemoteUnavailable
from crossdock.records import Account, Address, Contact, Item, ListPrice, Money, PriceList
from crossdock_mocks.dialects.salesforce.merging import merge as merge_records
from crossdock_mocks.dialects.salesforce.records import Records
from crossdock_mocks.engine import Fault
from crossdock_mocks.frontoffice import Office
from crossdock_mocks.frontoffice.parties import merge_account
from crossdock_mocks.frontoffice.resources import ACCOUNT

SYNCED = ("crm", "hubspot", "salesforce")
LOST = {"crm": "createAccount", "hubspot": "createObject", "salesforce": "createRecord"}
CURRENCIES = {"crm": "EUR", "hubspot": "EUR", "salesforce": "EUR"}
QUAY = Address(street="1 Quay", city="Hull", region="HU", postcode="HU1 1AA", country="GB")
YARD = Address(street="2 Yard", city="Leeds", region="LS", postcode="LS1 1AA", country="GB")
pytestmark = pytest.mark.parametrize("house", SYNCED, indirect=True)


@pytest.fixture
def acme(port):
    wanted = Account(
        id="", name="Acme Quay Ltd", legal_name="Acme Quay Limited", kind="customer",
        email="buyer@acme.example", phone="+44 1482 1", website="https://acme.example",
        tax_number="GB123456789", currency="EUR", address=QUAY, shipping_address=YARD,
        external_ids={"main": "C-77001"},
    )  # fmt: skip
    return only(wanted, port.keeps["account"])


def only(record, kept):
    """Leave out what is not kept."""
    changes = {}
    for name, _ in written(record):
        if name not in kept:
            whole = name.partition(".")[0]
            changes[whole] = next(
                each for each in fields(type(record)) if each.name == whole
            ).default
    return evolve(record, **changes)


def told(record, *but):
    return {name: value for name, value in written(record) if name not in ("owner_id", *but)}


def everything(read, limit=60):
    found, after = [], None
    while True:
        page = read(after=after, limit=limit)
        found += page.items
        after = page.next
        if after is None:
            return found


def test_an_account_is_made_and_changed_with_all_that_is_kept(house, port, acme):
    made = port.save_account(acme)
    assert told(made) == told(acme)
    assert made.external_ids["main"] == "C-77001"
    assert port.account(made.id) == made
    assert port.writes_as() in ("", made.modified_by) or house.name == "crm"
    house.later()
    wanted = evolve(made, name="Acme Works Ltd", address=YARD, email=None, phone=None)
    changed = port.save_account(wanted)
    assert told(changed) == told(wanted)
    with pytest.raises(Conflict):
        port.save_account(evolve(made, name="Somebody else's"))
    if "active" in port.keeps["account"]:
        assert port.save_account(evolve(changed, active=False)).active is False
        assert {each.id: each.active for each in everything(port.all_accounts)}[made.id] is False
    else:
        with pytest.raises(NotSupported, match="active"):
            port.save_account(evolve(changed, active=False))


@pytest.mark.usefixtures("no_waiting")
def test_a_lost_answer_makes_no_second_account(house, port, acme):
    before = len(everything(port.all_accounts))
    house.world.faults.add(Fault(kind="drop_after_commit", operation=LOST[house.name], times=1))
    try:
        port.save_account(acme)
    except RemoteUnavailable:
        # Where nothing of ours is unique, the caller asks before he makes it again.
        assert house.name == "crm"
    else:
        port.save_account(acme)
    found = port.accounts_by_external_id("main", "C-77001")
    assert [each.name for each in found] == [acme.name]
    assert len(everything(port.all_accounts)) == before + 1
    assert port.accounts_by_external_id("main", "C-none") == ()


def test_what_does_not_fit_or_is_not_kept_is_refused_by_its_name(house, port, acme):
    before = len(house.journal())
    for name, most in port.keeps["account"].items():
        if most is None or "." in name:
            continue
        with pytest.raises(RemoteError) as caught:
            port.save_account(evolve(acme, **{name: "x" * (most + 1)}))
        assert [each.field for each in caught.value.fields] == [name]
    over = evolve(acme, address=evolve(QUAY, postcode="9" * 70_000))
    with pytest.raises(RemoteError) as caught:
        port.save_account(over)
    assert [each.field for each in caught.value.fields] == ["address.postcode"]
    full = evolve(
        acme, legal_name="Acme Limited", shipping_address=YARD, address=evolve(QUAY, name="Ada")
    )
    for name, _ in written(full):
        if name not in port.keeps["account"]:
            whole = name.partition(".")[0]
            with pytest.raises(NotSupported, match=whole):
                port.save_account(evolve(acme, **{whole: getattr(full, whole)}))
    assert len(house.journal()) == before


def test_a_contact_is_made_once_and_found_by_another_systems_id(house, port, acme):
    account = port.save_account(acme)
    wanted = only(
        Contact(
            id="", account_id=account.id, first_name="Ada", last_name="Wolf", job_title="Buyer",
            email="ada@acme.example", phone="+44 1", mobile="+44 7", external_ids={"main": "CP-1"},
        ),
        port.keeps["contact"],
    )  # fmt: skip
    made = port.save_contact(wanted)
    assert told(made) == told(wanted)
    assert port.contacts_by_external_id("main", "CP-1") == (port.contact(made.id),)
    assert port.contacts_by_external_id("main", "CP-2") == ()
    assert made.id in {each.id for each in everything(port.all_contacts)}


def test_all_accounts_are_read_page_by_page_and_gone_on_with(house, port, dataset):
    first = port.all_accounts(limit=7)
    assert len(first.items) == 7
    port.save_account(Account(id="", name="In between"))
    begun = first.next
    rest = everything(lambda after, limit: port.all_accounts(after=after or begun, limit=limit))
    names = [each.name for each in (*first.items, *rest)]
    assert len(names) == len({each.id for each in (*first.items, *rest)})
    assert set(names) - {"In between"} == {row["name"] for row in dataset.rows("accounts")}


def test_an_item_is_kept_once_under_its_code(house, port):
    item = Item(
        id="NEW-77", name="Widget", system=port.system, description="A widget",
        list_price=Money("12.50", "EUR"),
    )  # fmt: skip
    made = port.save_item(item)
    assert told(made, "unit", "product_line") == told(item)
    house.later()
    again = port.save_item(evolve(item, name="Better widget", list_price=Money("13.75", "EUR")))
    assert (again.name, again.list_price) == ("Better widget", Money("13.75", "EUR"))
    with pytest.raises(Conflict):
        port.save_item(evolve(made, name="Stale widget"))
    assert [each.id for each in everything(port.all_items)].count("NEW-77") == 1
    assert port.item("NEW-77").name == "Better widget"


def test_price_lists_are_kept_with_one_price_for_an_item_or_said_not_to_be(house, port):
    wanted = PriceList(id="", name="Trade", system=port.system, currency=CURRENCIES[house.name])
    if "price_list" not in port.keeps:
        for ask in (port.price_lists, lambda: port.save_price_list(wanted)):
            with pytest.raises(NotSupported):
                ask()
        return
    before = port.price_lists()
    made = port.save_price_list(wanted)
    assert told(made) == told(wanted)
    assert [each for each in port.price_lists() if each not in before] == [made]

    for code in ("NEW-1", "NEW-2", "NEW-3"):
        cost = Money("12.50", wanted.currency)
        port.save_item(Item(id=code, name=code, system=port.system, list_price=cost))
        price = ListPrice(
            price_list_id=made.id, item_id=code, system=port.system,
            price=Money("11.25", wanted.currency),
        )  # fmt: skip
        assert port.save_price(price) == price
    less = evolve(price, price=Money("10.75", wanted.currency))
    assert port.save_price(less) == less == port.save_price(less)
    found = everything(lambda after, limit: port.prices(made.id, after=after, limit=2))
    assert [(each.item_id, each.price.amount) for each in found] == [
        ("NEW-1", Decimal("11.25")), ("NEW-2", Decimal("11.25")), ("NEW-3", Decimal("10.75")),
    ]  # fmt: skip

    many = evolve(price, minimum_quantity=Decimal(10), discount_percent=Decimal("2.5"))
    if "minimum_quantity" in port.keeps["price"]:
        assert port.save_price(many) == many
        assert len(everything(lambda after, limit: port.prices(made.id, after=after))) == 4
    else:
        with pytest.raises(NotSupported, match="discount_percent"):
            port.save_price(many)
    with pytest.raises(RemoteError):
        port.save_price(evolve(price, price=Money("1.00", "CHF")))
    with pytest.raises(RemoteError):
        port.save_price(evolve(price, item_id="NONE"))

    house.later()
    now = next(each for each in port.price_lists() if each.id == made.id)
    gone = port.save_price_list(evolve(now, name="Trade 2026", active=False))
    assert (gone.name, gone.active) == ("Trade 2026", False)
    with pytest.raises(Conflict):
        port.save_price_list(evolve(made, name="Stale"))


def merge(house, one, two):
    """Merge an account into another one, as people of that CRM do."""
    if house.name == "salesforce":
        sales = Records(house.world, house.kim)
        merge_records(house.world, sales, "Account", two, one)
    elif house.name == "hubspot":
        body = {"primaryObjectId": two, "objectIdToMerge": one}
        house.person().post("/crm/v3/objects/companies/merge", json=body).raise_for_status()
    else:
        office = Office(house.world, house.kim)
        merge_account(office, office.read(ACCOUNT, one), two)


def test_a_merged_account_is_told_with_the_one_that_goes_on(house, port, drained):
    one, two = (port.save_account(Account(id="", name=name)) for name in ("One", "Two"))
    person = port.save_contact(Contact(id="", account_id=one.id, last_name="Wolf"))
    house.later(60)
    _, cursor = drained(port)
    merge(house, one.id, two.id)
    house.later(60)
    found, _ = drained(port, cursor)
    gone = {(each.id, each.action): each.successor for each in found if each.entity == "account"}
    assert gone[one.id, "deleted"] == two.id
    assert [each.id for each in port.contacts(two.id)] == [person.id]
