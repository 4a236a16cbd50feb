"""What Salesforce does in its own way, and its connector with it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.connectors.salesforce import operations, soql
from crossdock.errors import Conflict, RemoteRejectedData, RemoteUnavailable
from crossdock.records import Account, Activity, Money, OrderLine
from crossdock_mocks.engine import Fault

pytestmark = pytest.mark.parametrize("house", ["salesforce"], indirect=True)


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def eur(amount):
    return Money(amount, "EUR")


def test_long_lists_are_read_to_their_end(house, port):
    everything = port._org.select(["Id"], "OrderItem")
    assert len(everything) == house.count("OrderItem")
    paged = port._org._pages(
        port._org.call(
            operations.QUERY,
            query={"q": "SELECT Id FROM Task"},
            headers={"Sforce-Query-Options": "batchSize=200"},
        )
    )
    assert len({row["Id"] for row in paged}) == house.count("Task") > 200
    assert house.journal("readQueryPage")


def test_a_quote_is_made_in_one_transaction_and_replaced_in_one(house, port, draft):
    saved = port.save_quote(draft)
    assert len(house.journal("createTree")) == 1
    emptied = evolve(
        saved,
        trading_account="",
        valid_until=None,
        lines=(saved.lines[0], evolve(saved.lines[1], item_id="BRG-1002")),
        checks=(),
    )
    house.later()
    changed = port.save_quote(emptied)
    assert evolve(changed, version=saved.version, modified_at=saved.modified_at) == emptied
    assert len(house.journal("composite")) == 1
    house.later()
    assert port.save_quote(evolve(changed, status="sent")).status == "sent"


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", ["status_after_commit", "drop_after_commit", "half_body"])
def test_a_lost_answer_to_a_changed_quote_is_looked_up(house, port, draft, kind):
    saved = port.save_quote(draft)
    house.later()
    house.world.faults.add(Fault(kind=kind, operation="composite", times=1))
    more = evolve(saved.lines[1], number=5)
    changed = port.save_quote(evolve(saved, lines=(*saved.lines, more)))
    assert [line.number for line in changed.lines] == [1, 4, 5]
    assert len(house.journal("composite")) == 1


@pytest.mark.usefixtures("no_waiting")
def test_a_change_that_was_not_made_is_told(house, port, draft):
    saved = port.save_quote(draft)
    house.later()
    house.world.faults.add(Fault(kind="drop_before", operation="composite", times=1))
    with pytest.raises(RemoteUnavailable):
        port.save_quote(evolve(saved, valid_until=date(2027, 1, 1)))
    assert port.quote(saved.id) == saved


def test_prices_are_read_with_the_digits_that_people_expect(port, draft):
    line = evolve(draft.lines[0], unit_price=eur("0.50"))
    saved = port.save_quote(evolve(draft, lines=(line,)))
    assert str(saved.lines[0].unit_price) == "0.50 EUR"
    assert str(saved.lines[0].list_price) == "12.50 EUR"


def test_a_write_that_is_refused_takes_all_of_its_transaction_with_it(house, port, draft):
    saved = port.save_quote(draft)
    house.later()
    house.person().patch(
        f"/sobjects/PricebookEntry/{_entry(house, 'BRG-1002')}", json={"IsActive": True}
    ).raise_for_status()
    too_long = evolve(saved.lines[1], unit="u" * 300)
    wanted = evolve(saved, valid_until=date(2027, 1, 1), lines=(saved.lines[0], too_long))
    with pytest.raises(RemoteRejectedData, match="STRING_TOO_LONG") as caught:
        port.save_quote(wanted)
    assert [each.field for each in caught.value.fields] == ["Crossdock_Unit__c"]
    assert port.quote(saved.id) == saved


def _entry(house, code):
    answer = house.person().get(
        "/query", params={"q": f"SELECT Id FROM PricebookEntry WHERE ProductCode = '{code}'"}
    )
    return answer.json()["records"][0]["Id"]


def test_a_quote_without_an_opportunity_is_in_none_that_anybody_sees(house, port, draft):
    before = port.opportunities(draft.account_id)
    saved = port.save_quote(draft)
    assert saved.opportunity_id is None
    assert port.opportunities(draft.account_id) == before
    rows = house.person().get(
        "/query",
        params={
            "q": "SELECT ForecastCategoryName FROM Opportunity WHERE Crossdock_For_Quote__c = true"
        },
    )
    assert [row["ForecastCategoryName"] for row in rows.json()["records"]] == ["Omitted"]
    with pytest.raises(RemoteRejectedData, match="stays in the opportunity"):
        port.save_quote(evolve(saved, opportunity_id=before[0].id))
    of_one = port.save_quote(evolve(draft, opportunity_id=before[0].id))
    assert of_one.opportunity_id == before[0].id


def test_an_item_that_is_in_no_price_book_is_refused_by_its_place(port, draft):
    lines = (draft.lines[0], evolve(draft.lines[1], item_id="NOT-THERE"))
    with pytest.raises(RemoteRejectedData) as caught:
        port.save_quote(evolve(draft, lines=lines))
    assert [each.field for each in caught.value.fields] == ["lines.1.item_id"]


def test_amounts_of_another_currency_are_refused(port, draft):
    with pytest.raises(RemoteRejectedData, match="keeps its amounts in EUR"):
        port.save_quote(evolve(draft, currency="USD"))


def test_a_line_that_a_person_changed_in_salesforce_counts(house, port, draft):
    saved = port.save_quote(draft)
    client = house.person()
    answer = client.get(
        "/query", params={"q": f"SELECT Id FROM QuoteLineItem WHERE QuoteId = '{saved.id}'"}
    )
    first = min(row["Id"] for row in answer.json()["records"])
    house.later()
    client.patch(f"/sobjects/QuoteLineItem/{first}", json={"UnitPrice": 9.5}).raise_for_status()
    client.post(
        "/sobjects/QuoteLineItem",
        json={"QuoteId": saved.id, "PricebookEntryId": _entry(house, "BRG-1002"), "Quantity": 2},
    ).raise_for_status()
    now = port.quote(saved.id)
    assert [(line.number, line.item_id) for line in now.lines] == [
        (1, "BRG-1001"), (2, "BRG-1002"), (4, "SEA-1001"),
    ]  # fmt: skip
    assert now.lines[0].unit_price == eur("9.50")
    with pytest.raises(Conflict):
        port.save_quote(evolve(saved, valid_until=None))
    house.later()
    again = port.save_quote(evolve(now, net=None, tax=None, gross=None))
    assert [line.number for line in again.lines] == [1, 2, 4]


def test_a_line_that_a_person_takes_away_is_told_as_a_change_of_its_quote(
    house, port, draft, drained
):
    quote = port.save_quote(draft)
    house.later(60)
    _, cursor = drained(port)
    line = house.rows(f"SELECT Id FROM QuoteLineItem WHERE QuoteId = '{quote.id}'")[0]["Id"]
    house.person().delete(f"/sobjects/QuoteLineItem/{line}").raise_for_status()
    house.later(10)
    news, _ = drained(port, cursor)
    assert {(change.entity, change.id) for change in news} == {("quote", quote.id)}


def test_an_order_is_activated_and_changed_all_the_same(house, port, order):
    table = house.world.table("sf_Order")
    assert table.get(order.id)["Status"] == "Activated"
    house.later()
    more = evolve(order.lines[0], quantity=Decimal(5), unit_price=eur("10.125"))
    added = OrderLine(number=9, item_id="BRG-1003", quantity=Decimal(1), net=eur("8.00"))
    updated = port.update_order(evolve(order, lines=(more, order.lines[1], added)))
    assert updated.lines == (more, order.lines[1], added)
    assert table.get(order.id)["Status"] == "Activated"


@pytest.mark.parametrize("kind", ["call", "email", "meeting", "task", "note"])
def test_an_activity_keeps_what_it_is(port, account, kim, kind):
    wanted = Activity(
        id="", account_id=account, kind=kind, subject="About prices", text="They rise.",
        owner_id=kim, due_at=NOON, completed_at=NOON + timedelta(hours=1),
    )  # fmt: skip
    added = port.add_activity(wanted, key=f"about:{kind}")
    assert evolve(added, id="", created_at=None) == wanted
    assert added in port.activities(account)


@pytest.mark.parametrize(
    "name",
    ["O'Brien", "back\\slash", "100% pure", "under_score", 'say "hi"', "a\nb", "x' OR Id != '"],
)
def test_no_value_becomes_a_part_of_a_statement(port, name):
    made = port.save_account(Account(id="", name=f"Firm {name} End"))
    found = port._org.select(["Id"], "Account", where=soql.equal("Name", made.name))
    assert [row["Id"] for row in found] == [made.id]
    assert made.id in {each.id for each in port.accounts(name.split()[0]).items}
    assert port.accounts("%").items == tuple(a for a in port.accounts("%").items if "%" in a.name)
