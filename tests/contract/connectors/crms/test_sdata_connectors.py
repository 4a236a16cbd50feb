"""What Sage CRM and SalesLogix do in their own ways, and their connectors with them."""

from datetime import date
from decimal import Decimal

import httpx
import pytest
from attrs import evolve

from crossdock.connectors.trading_accounts import KeepsTradingAccounts
from crossdock.errors import (
    Conflict,
    NotFound,
    NotSupported,
    RemoteRefused,
    RemoteRejectedData,
)
from crossdock.records import Account, Activity, Address, Contact, Item, Money, QuoteLine
from crossdock_mocks.engine import Fault

BOTH = pytest.mark.parametrize("house", ["sage-crm", "saleslogix"], indirect=True)
SAGE = pytest.mark.parametrize("house", ["sage-crm"], indirect=True)
SLX = pytest.mark.parametrize("house", ["saleslogix"], indirect=True)


def eur(amount):
    return Money(amount, "EUR")


def lines_of(house, quote_id):
    kind = {"sage-crm": "quoteitems", "saleslogix": "quoteItems"}[house.name]
    column = {"sage-crm": "quit_orderquoteid", "saleslogix": "Quote"}[house.name]
    return [
        row
        for row in house.world.table(f"sdata_{kind}").find(limit=10_000)
        if str(row[column]) == quote_id
    ]


@BOTH
@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", ["status_after_commit", "drop_after_commit", "half_body"])
@pytest.mark.parametrize("operation", ["createQuoteItem", "updateQuoteItem", "updateQuote"])
def test_a_quote_that_was_changed_in_part_only_is_finished_by_saving_it_again(
    house, port, draft, kind, operation
):
    saved = port.save_quote(draft)
    house.later()
    more = evolve(saved.lines[1], number=5)
    first = evolve(saved.lines[0], quantity=Decimal(4), net=eur("41.80"))
    wanted = evolve(
        saved, lines=(first, saved.lines[1], more), valid_until=date(2027, 1, 1), net=None,
        tax=None, gross=None,
    )  # fmt: skip
    house.world.faults.add(Fault(kind=kind, operation=operation, times=1))
    try:
        changed = port.save_quote(wanted)
    except Exception:  # noqa: BLE001 - whatever was lost, it is looked at again
        now = port.quote(saved.id)
        changed = port.save_quote(evolve(wanted, version=now.version))
    assert [(line.number, line.quantity) for line in changed.lines] == [
        (1, Decimal(4)), (4, Decimal("2.5")), (5, Decimal("2.5")),
    ]  # fmt: skip
    assert changed.valid_until == date(2027, 1, 1)
    assert len(lines_of(house, saved.id)) == 3


@BOTH
def test_an_item_that_the_crm_does_not_have_is_refused_by_its_place(port, draft):
    wrong = evolve(draft.lines[0], item_id="NOPE-1")
    with pytest.raises(RemoteRejectedData, match="no product with the code 'NOPE-1'") as caught:
        port.save_quote(evolve(draft, lines=(wrong,), net=None, tax=None, gross=None))
    assert caught.value.fields[0].field == "lines.0.item_id"


@BOTH
def test_a_line_without_a_price_is_shown_at_the_list_price_and_stays_unpriced(port, draft):
    line = QuoteLine(number=1, item_id="BRG-1001", quantity=Decimal(2))
    unpriced = evolve(
        draft, lines=(line,), net=None, tax=None, gross=None, pricing_status="unpriced",
        priced_at=None, price_source="", checks=(),
    )  # fmt: skip
    saved = port.save_quote(unpriced)
    assert (saved.lines[0].unit_price, saved.lines[0].net) == (None, None)
    assert saved.pricing_status == "unpriced"


@BOTH
def test_what_somebody_changed_in_the_crm_is_not_the_erps_price_any_more(house, port, draft):
    saved = port.save_quote(draft)
    assert saved.lines[0].net == eur("31.35")
    house.later()
    house.changes_a_line(saved)
    changed = port.quote(saved.id)
    assert changed.lines[0].quantity == Decimal(4)
    assert (changed.lines[0].net, changed.lines[0].tax) == (None, None)
    assert changed.lines[1].net == eur("10.00")
    assert changed.version != saved.version


@BOTH
def test_searches_take_percent_signs_as_they_are(port):
    port.save_account(Account(id="", name="Ten 100%_sure GmbH"))
    assert [each.name for each in port.accounts("100%_sure").items] == ["Ten 100%_sure GmbH"]
    assert port.accounts("O'Hara").items == ()
    with pytest.raises(RemoteRejectedData, match="no cursor"):
        port.accounts(after="' or 1 eq 1")


@BOTH
def test_what_cannot_be_a_key_is_nobodys(port):
    assert port.quotes("' or 1 eq 1") == port.contacts("../users") == ()


@BOTH
def test_something_that_was_done_is_found_under_its_key_wherever_it_is(house, port, account):
    done = Activity(
        id="", account_id=account, kind="email", subject="Sent", completed_at=house.world.clock.now
    )
    added = port.add_activity(done, key="mail:1")
    assert added.completed_at is not None
    # What was to be done and is done meanwhile is the same under the same key.
    again = port.add_activity(evolve(done, completed_at=None), key="mail:1")
    assert again.id == added.id
    assert added in port.activities(account)


@BOTH
@pytest.mark.usefixtures("no_waiting")
def test_masters_are_found_by_another_systems_id_and_made_once(house, port):
    wanted = Account(id="", name="Acme Quay Ltd", external_ids={"main": "C-77001"})
    kind = {"sage-crm": "createCompany", "saleslogix": "createAccount"}[house.name]
    house.world.faults.add(Fault(kind="drop_after_commit", operation=kind, times=1))
    made = port.save_account(wanted)
    assert port.accounts_by_external_id("main", "C-77001") == (made,)
    assert port.save_account(wanted).id == made.id  # the same again is the same
    other = port.save_account(Account(id="", name="Of the shop", external_ids={"shop": "9"}))
    assert [each.id for each in port.accounts_by_external_id("shop", "9")] == [other.id]
    assert port.accounts_by_external_id("shop", "8") == ()
    person = Contact(id="", account_id=made.id, last_name="Wolf", external_ids={"main": "P-1"})
    ada = port.save_contact(person)
    assert port.contacts_by_external_id("main", "P-1") == (port.contact(ada.id),)
    found, after = [], None
    while True:
        page = port.all_contacts(after=after, limit=30)
        found += page.items
        after = page.next
        if after is None:
            break
    assert ada in found
    assert len(found) == len({each.id for each in found}) > 30
    house.later()
    idle = port.save_account(evolve(made, active=False))
    assert not idle.active
    assert not port.accounts_by_external_id("main", "C-77001")[0].active


@BOTH
def test_what_does_not_fit_or_is_not_kept_is_refused_by_its_name(house, port):
    before = len(house.journal())
    with pytest.raises(RemoteRejectedData) as caught:
        port.save_account(Account(id="", name="x" * 200))
    assert caught.value.fields[0].field == "name"
    with pytest.raises(NotSupported, match="legal_name"):
        port.save_account(Account(id="", name="Acme", legal_name="Acme Limited"))
    with pytest.raises(NotSupported, match="price lists"):
        port.price_lists()
    assert len(house.journal()) == before


@BOTH
def test_an_item_is_kept_once_under_its_code_with_its_price(house, port):
    item = Item(id="NEW-77", name="Widget", system="crm", description="A widget",
                list_price=eur("12.50"))  # fmt: skip
    made = port.save_item(item)
    assert (made.id, made.name, made.description, made.list_price) == (
        "NEW-77", "Widget", "A widget", eur("12.50"),
    )  # fmt: skip
    house.later()
    again = port.save_item(evolve(item, name="Better widget", list_price=eur("13.75")))
    assert (again.name, again.list_price) == ("Better widget", eur("13.75"))
    with pytest.raises(Conflict):
        port.save_item(evolve(made, name="Stale widget"))
    gone = port.save_item(evolve(again, active=False))
    assert not gone.active
    found = port.all_items(limit=200)
    assert [each.id for each in found.items].count("NEW-77") == 1
    with pytest.raises(NotFound):
        port.item("NEW-78")


@SAGE
def test_trading_accounts_are_sage_crms_own(house, port):
    made = port.save_account(
        Account(
            id="", name="Kraft", address=Address(street="Hafen 1", city="Kiel", country="DE"),
            external_ids={"main": "C-777"},
        )
    )  # fmt: skip
    assert isinstance(port, KeepsTradingAccounts)
    (first,) = port.account_links(made.id)
    assert (first.ref, first.default, first.name) == ("main:C-777", True, "Kraft")
    body = {
        "acc_companyid": int(made.id), "acc_name": "Kraft UK", "acc_erpsystem": "main",
        "acc_customernumber": "C-778", "acc_default": "Y",
    }  # fmt: skip
    house.later()
    house.asks("POST", "account", json=body)
    # The default one stands for the account, and the others are told beside it.
    account = port.account(made.id)
    assert account.external_ids == {"main": "C-778"}
    assert account.version != made.version
    told = [(link.ref, link.default) for link in port.account_links(made.id)]
    assert told == [("main:C-778", True), ("main:C-777", False)]
    # Naming another one of them makes it the default; a new number is that of the default.
    house.later()
    back = port.save_account(evolve(account, external_ids={"main": "C-777"}))
    assert back.external_ids == {"main": "C-777"}
    house.later()
    moved = port.save_account(
        evolve(back, external_ids={"main": "C-779"}, address=Address(city="Husum"))
    )
    assert (moved.external_ids, moved.address) == ({"main": "C-779"}, Address(city="Husum"))
    assert {link.customer_id for link in port.account_links(made.id)} == {"C-778", "C-779"}
    with pytest.raises(Conflict):
        port.save_account(Account(id="", name="Other", external_ids={"main": "C-778"}))


@SAGE
def test_an_account_without_an_address_or_number_gets_them_later(house, port):
    made = port.save_account(Account(id="", name="Bare"))
    house.later()
    wanted = evolve(made, address=Address(city="Kiel"), external_ids={"main": "C-801"})
    with pytest.raises(RemoteRejectedData, match="has no currency XAU"):
        port.save_account(evolve(wanted, currency="XAU"))
    assert port.account(made.id) == made  # nothing was written
    filled = port.save_account(evolve(wanted, currency="EUR"))
    assert (filled.address.city, filled.external_ids, filled.currency) == (
        "Kiel",
        {"main": "C-801"},
        "EUR",
    )


@SAGE
def test_a_new_trading_account_is_told_as_a_change_of_its_company(house, port, account, drained):
    house.later(60)
    _, cursor = drained(port)
    body = {
        "acc_companyid": int(account), "acc_name": "Branch", "acc_erpsystem": "uk",
        "acc_customernumber": "U-1",
    }  # fmt: skip
    house.asks("POST", "account", json=body)
    house.later(10)
    news, _ = drained(port, cursor)
    assert ("account", account) in {(change.entity, change.id) for change in news}


@SLX
def test_bill_to_accounts_are_further_customers(house, port, account):
    number = port.account(account).external_ids["main"]
    assert [link.ref for link in port.account_links(account)] == [f"main:{number}"]
    bill_to = {
        "Name": "Branch in Kiel", "ErpExtId": "U-1", "ErpLogicalId": "uk", "IsDefault": True,
        "CurrencyCode": "GBP", "Account": {"$key": account},
    }  # fmt: skip
    house.asks("POST", "erpBillTos", json=bill_to)
    told = [(link.ref, link.default, link.currency) for link in port.account_links(account)]
    assert told == [("uk:U-1", True, "GBP"), (f"main:{number}", False, "")]


@SLX
def test_what_was_changed_between_reading_and_writing_is_refused_by_its_tag(house, port, draft):
    saved = port.save_quote(draft)
    house.later()
    row = port._parts.quotes.row(saved.id)
    house.asks("PUT", f"quotes('{saved.id}')", json={"Comments": "By hand"})
    with pytest.raises(Conflict):
        port._parts.quotes._contract.change(port._parts.quotes.form.head, row, {"Comments": "x"})


@SLX
def test_the_lines_of_a_quote_that_was_ordered_stay(house, port, draft):
    saved = port.save_quote(draft)
    port.order_from_quote(saved.id)
    house.later()
    now = port.quote(saved.id)
    with pytest.raises(RemoteRefused, match="lines stay as they are"):
        port.save_quote(evolve(now, lines=now.lines[:1], net=None, tax=None, gross=None))


class Without(httpx.BaseTransport):
    """A CRM whose administrator has not added some fields yet."""

    def __init__(self, inner, *fields):
        self.inner, self.fields = inner, fields

    def handle_request(self, request):
        answer = self.inner.handle_request(request)
        answer.read()
        told = answer.json()
        for row in (told, told.get("$properties", {})):
            for name in self.fields:
                row.pop(name, None)
        return httpx.Response(answer.status_code, json=told)


@BOTH
def test_each_field_of_ours_that_is_missing_is_named_and_none_is_made(house):
    missing = {
        "sage-crm": ("comp_cdkey", "orde_cdrequestedon", "quit_cdtax", "quot_cdguardreasons"),
        "saleslogix": ("CrossdockNote", "CrossdockData"),
    }[house.name]
    settings = {"url": f"http://{house.name}.test"} | house.settings
    transport = Without(house.transport(), *missing)
    port = house.connector.connect("crm", settings, transport=transport)
    lacking = port.provisioning.lacking()
    assert not any(each.makeable for each in lacking)
    found = {each.name: each.problem.rpartition(": ")[2] for each in lacking}
    if house.name == "sage-crm":
        assert found == {
            "company.comp_cdkey": "text of 255 characters",
            "orders.orde_cdrequestedon": "date and time",
            "quoteitems.quit_cdtax": "number",
            "quotes.quot_cdguardreasons": "multiline text",
        }
    else:
        noted = {name for name in found if name.endswith(".CrossdockNote")}
        assert noted == {"quotes.CrossdockNote", "salesOrders.CrossdockNote"}
        assert len(found) == 2 + 14
        assert {each.partition(".")[0] for each in found} >= {"accounts", "erpReceivables"}
    assert port.provisioning.provision() == ()
    assert port.provisioning.lacking() == lacking
    port.close()
