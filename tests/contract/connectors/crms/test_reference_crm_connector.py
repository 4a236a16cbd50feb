"""What the reference CRM does in its own way, and its connector with it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from attrs import evolve

from crossdock.connectors.calling import acting_for
from crossdock.errors import RemoteRejectedData, RemoteUnavailable
from crossdock.records import OrderEvent
from crossdock_mocks.engine import Fault

pytestmark = pytest.mark.parametrize("house", ["crm"], indirect=True)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_records_keep_the_ids_of_the_data_set(port, dataset):
    for row in dataset.rows("accounts"):
        assert port.account(row["id"]).name == row["name"]
        for kind in ("contacts", "opportunities", "activities", "quotes"):
            expected = {e["id"] for e in dataset.rows(kind) if e["account_id"] == row["id"]}
            assert {each.id for each in getattr(port, kind)(row["id"])} == expected


def test_an_unknown_account_is_told_beside_its_field(port, draft):
    with pytest.raises(RemoteRejectedData) as caught:
        port.save_quote(evolve(draft, account_id="A-404"))
    assert [error.field for error in caught.value.fields] == ["account_id"]


def test_the_crm_is_told_for_whom_a_call_is(house, port, draft):
    with acting_for("U-kim"):
        saved = port.save_quote(draft)
    assert house.world.table("crm_quotes").get(saved.id)["created_by"] == "U-kim"


def test_many_writers_of_one_order_all_come_through(port, order):
    def note(number):
        event = OrderEvent(key=f"k{number}", at=NOON, kind="note", title=f"Note {number}")
        port.add_order_event(order.id, event)
        return port.update_order(evolve(order, external_ids={f"system{number}": f"X-{number}"}))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(note, range(3)))
    assert dict(port.order(order.id).external_ids) == {
        f"system{number}": f"X-{number}" for number in range(3)
    }
    assert len(port.order_events(order.id)) == 3


def test_the_change_feed_tells_each_change_in_its_order(port, order):
    found = [(change.entity, change.action) for change in port.changes(None).changes]
    assert found == [("quote", "created"), ("order", "created"), ("quote", "updated")]


@pytest.mark.usefixtures("no_waiting")
def test_a_lost_answer_to_a_new_quote_is_told_and_not_tried_again(house, port, draft):
    house.world.faults.add(Fault(kind="drop_after_commit", operation="createQuote"))
    with pytest.raises(RemoteUnavailable, match="Whether the call took effect is not known"):
        port.save_quote(draft)
    assert len(house.journal("createQuote")) == 1
