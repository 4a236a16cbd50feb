"""What the demonstration does with Business Central, over a socket: connect, place, prove, post."""

from decimal import Decimal

from crossdock.connectors import business_central
from crossdock.connectors.calling import calling_as
from crossdock.demo.erps import ERPS
from crossdock.host import SystemConfig
from crossdock.records import Money, Order, OrderLine
from crossdock.server.desk.back_office import BackOffice
from crossdock_mocks.engine import serve_in_thread


def test_the_demonstrations_people_and_proof_find_the_order(bc_mock, dataset):
    code = next(r["id"] for r in dataset.rows("items") if r["active"] and r["kind"] == "goods")
    number = next(row["id"] for row in dataset.rows("customers") if not row["on_hold"])
    line = OrderLine(number=1, item_id=code, quantity=Decimal(4), unit_price=Money("12.50", "EUR"))
    order = Order(id="R-1", system="crm", currency="EUR", reference="R-1", lines=(line,))
    told = ERPS["business-central"]
    with serve_in_thread((bc_mock.app, bc_mock.world)) as (address,):
        given = {k: v for k, v in told.table(address.base_url).items() if k != "system"}
        port = business_central.connect("main", given)
        with calling_as("crossdock/1 (worker w-1; plugin straight-through)"):
            placed = port.place_order(port.customer(number), order, idempotency_key="k").order
        system = SystemConfig(name="main", connector="business-central", settings=given)
        office = BackOffice([system])

        def play(act):
            return office.play(act, "main", placed.id, key=f"R-1-{act}", actor="demo")

        assert play("ship_part").text.startswith("Business Central shipped and invoiced it: IN-")
        assert port.order(placed.id).lines[0].shipped == 2
        assert play("ship").done
        assert not play("ship").done
        assert "The bank received" in play("pay").text
        assert not play("pay").done
        assert not play("receive").done
        assert port.order(placed.id).status == "paid"
        proof = told.placed(address.base_url, "R-1")
        assert proof.order_ids == (placed.id,)
        assert proof.callers == ("crossdock/1 (worker w-1; plugin straight-through)",)
        office.close()
        port.close()
