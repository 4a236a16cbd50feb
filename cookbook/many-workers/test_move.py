import runpy
from pathlib import Path

import pytest
import sqlalchemy as sa

from crossdock.host.store import Store
from crossdock.host.store.schema import metadata

move = runpy.run_path(str(Path(__file__).with_name("move.py")))["move"]
pytestmark = pytest.mark.dock("straight-through")


@pytest.fixture
def ordered(dock):
    """A host whose order was placed in the ERP, and is not shipped yet."""
    quote = dock.save(dock.host.crm.quote(dock.story["quote"])).quote
    promotion = dock.host.promote_quote(quote.id, user=dock.user("sales"))
    dock.deliveries.run()
    for number in (1, 2):
        dock.host.store.audit.append(actor="user:U-kim", action="note.written", subject=str(number))
    return dock.host.crm.order(promotion.order.id)


def url_of(store):
    return store.url.render_as_string(hide_password=False)


def rows(store):
    with store.reading() as connection:
        return {
            table.name: connection.execute(sa.select(table)).fetchall()
            for table in metadata.sorted_tables
        }


@pytest.mark.usefixtures("ordered")
def test_everything_moves_and_the_audit_trail_can_still_be_verified(dock, tmp_path):
    copied = move(url_of(dock.host.store), f"sqlite:///{tmp_path}/new.db")
    assert copied["crossdock_placements"] == 1
    assert copied["crossdock_audit"] >= 2
    with Store.open(f"sqlite:///{tmp_path}/new.db") as new:
        assert rows(new) == rows(dock.host.store)
        assert new.audit.verify().broken is None
        new.audit.append(actor="user:U-kim", action="store.moved", subject="main")
        assert new.audit.verify().broken is None  # it goes on where it was


def test_nothing_is_moved_while_something_is_under_way(dock, ordered, tmp_path):
    dock.play("ship", ordered.erp_order_id)
    dock.host.promote_quote(dock.story["quote"], user=dock.user("sales"))
    quote = dock.host.crm.quotes(ordered.account_id)[-1]
    dock.host.promote_quote(quote.id, user=dock.user("sales"))
    with pytest.raises(SystemExit, match="under way"):
        move(url_of(dock.host.store), f"sqlite:///{tmp_path}/new.db")


@pytest.mark.usefixtures("ordered")
def test_a_store_that_is_in_use_is_left_alone(dock, tmp_path):
    target = f"sqlite:///{tmp_path}/new.db"
    move(url_of(dock.host.store), target)
    with pytest.raises(SystemExit, match="is in use"):
        move(url_of(dock.host.store), target)
