"""A dock: a host on mock systems, in process, that a plugin's tests begin with."""

import subprocess
import sys
from datetime import timedelta

import httpx
import pytest

from crossdock import testing as kit
from crossdock.errors import ConfigError, PluginNotLoaded, SetupError
from crossdock.records import OrderPromoted
from crossdock.testing import Mock, a_quote, an_order, of
from crossdock.testing import mock as mocks_of_the_kit
from crossdock_mocks.engine import Fault

_FAILING = """
from crossdock import hookimpl


@hookimpl
def order_promoted(ctx, order):
    ctx.erp.item("BRG-1001")
    ctx.step("note", len, order.id)
    if ctx.config["broken"]:
        raise ValueError("this will not do")
"""


FURTHER = pytest.param("salesforce", "erp", marks=pytest.mark.full)


@pytest.fixture
def failing(tmp_path):
    folder = tmp_path / "failing"
    folder.mkdir()
    (folder / "plugin.py").write_text(_FAILING)
    (folder / "plugin.toml").write_text(
        'id = "failing"\nname = "Failing"\nsdk = ">=0.1"\npoints = ["order_promoted"]\n'
        'scopes = ["erp.items:read"]\n'
        "[config.properties.broken]\ntype = 'boolean'\ndefault = false\n"
    )
    return folder


@pytest.mark.parametrize(("crm", "erp"), [("crm", "erp"), ("hubspot", "quickbooks"), FURTHER])
def test_a_dock_stands_on_any_pair_of_systems_that_tell_of_the_same_companies(open_dock, crm, erp):
    dock = open_dock("erp-tabs", crm=crm, erp=erp)
    customers = [
        customer
        for account in dock.host.crm.accounts(limit=5).items
        for customer in dock.host.trading_accounts(account)
    ]
    assert customers
    assert dock.host.erp.customer(customers[0].id).name == customers[0].name
    assert dock.user("manager").roles == ("manager",)
    assert dock.crm.calls()
    assert dock.erp.calls()


def test_each_dock_has_worlds_of_its_own_and_a_journal_that_begins_empty(open_dock):
    one, other = open_dock("straight-through"), open_dock("straight-through")
    assert one.crm.calls() == other.crm.calls() == []
    before = other.crm.state()
    one.save(a_quote("A-1001", of(1, "BRG-1001")))
    assert one.crm.writes()
    assert other.crm.writes() == []
    assert other.crm.state() == before != one.crm.state()
    one.crm.reset()
    assert one.crm.state() == before


def test_crm_erp_and_host_share_one_clock(open_dock):
    dock = open_dock("straight-through")
    began = dock.host.now()
    dock.pass_time(days=2, hours=1)
    assert dock.host.now() - began == timedelta(days=2, hours=1)
    assert dock.crm.clock.now == dock.erp.clock.now == dock.host.store.clock() == dock.host.now()


@pytest.mark.dock("data-quality", config={"tidy": True})
class TestMarks:
    @pytest.mark.dock(config={"tidy": False})
    def test_what_stands_nearer_to_the_test_counts(self, dock):
        assert dock.host.plugins[0].config["tidy"] is False

    def test_what_stands_above_holds_for_all(self, dock):
        assert dock.plugin_id == "data-quality"
        assert dock.host.plugins[0].config["tidy"] is True


def test_a_system_that_is_away_is_waited_for_on_the_clock_and_not_in_the_test(open_dock, failing):
    dock = open_dock(failing)
    dock.erp.faults.add(Fault("status", operation="getItem", status=503, until=200.0))
    began = dock.clock.now
    (delivery,) = dock.publish(OrderPromoted(order=an_order("A-1001", of(1, "BRG-1001"), id="R-1")))
    assert delivery.state == "done"
    assert timedelta(seconds=200) < dock.clock.now - began < timedelta(hours=1)


def test_a_bug_is_dead_and_can_be_retried_from_the_exceptions_queue(open_dock, failing):
    dock = open_dock(failing, config={"broken": True})
    (delivery,) = dock.publish(OrderPromoted(order=an_order("A-1001", of(1, "BRG-1001"), id="R-1")))
    assert (delivery.state, delivery.failure) == ("dead", "bug")
    assert "this will not do" in delivery.cause
    dock.deliveries.retry(delivery.id, actor="test")
    (again,) = dock.deliveries.run()
    assert (again.state, again.run) == ("dead", 2)


def test_a_delivery_can_be_made_twice(open_dock, failing):
    dock = open_dock(failing)
    (delivery,) = dock.publish(OrderPromoted(order=an_order("A-1001", of(1, "BRG-1001"), id="R-1")))
    assert dock.deliveries.deliver_again(delivery).state == "done"
    assert dock.erp.calls("getItem") == ["getItem"] * 2


def test_a_step_that_is_not_there_kills_nobody_and_is_told(open_dock, failing):
    dock = open_dock(failing)
    with (
        pytest.raises(AssertionError, match=r"no step 'place \*' was .*recorded were: note"),
        dock.deliveries.crash_after("place *"),
    ):
        dock.publish(OrderPromoted(order=an_order("A-1001", of(1, "BRG-1001"), id="R-1")))


def test_a_plugin_that_cannot_be_loaded_fails_the_test_with_the_reason(open_dock, failing):
    (failing / "plugin.py").write_text("import crossdock_nowhere")
    with pytest.raises(PluginNotLoaded, match="crossdock_nowhere"):
        open_dock(failing)


def test_what_makes_no_sense_is_told_with_what_would(open_dock, open_mock):
    with pytest.raises(ConfigError, match="no host can be set up with a CRM called 'erp'"):
        open_dock("erp-tabs", crm="erp")
    with pytest.raises(ConfigError, match="no mock called 'sap'; installed are: business-central"):
        open_mock("sap")
    with pytest.raises(TypeError, match="a dock takes: erp, plugins, crm, erps"):
        open_dock("erp-tabs", database="x")
    with pytest.raises(ConfigError, match="config names 'erp-tab', which is no plugin"):
        open_dock("erp-tabs", "data-quality", config={"erp-tab": {}})


def test_without_the_mocks_it_says_how_to_install_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "crossdock_mocks.datasets", None)
    with pytest.raises(SetupError, match=r'pip install "crossdock\[mocks\]"'):
        mocks_of_the_kit.Shelf().company()


def test_without_the_host_it_says_how_to_install_it(monkeypatch):
    for name in [each for each in sys.modules if each.startswith("crossdock.testing.dock")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(vars(kit), "Dock", raising=False)
    monkeypatch.setitem(sys.modules, "stamina", None)
    monkeypatch.setitem(sys.modules, "crossdock.host.store", None)
    with pytest.raises(SetupError, match=r'needs .* pip install "crossdock\[all\]"'):
        kit.Dock  # noqa: B018 - it is imported when it is asked for


def test_any_document_is_a_mock(open_mock, tmp_path):
    document = tmp_path / "shelves.openapi.yaml"
    document.write_text(
        """
openapi: 3.1.0
info: {title: Shelves, version: "1"}
paths:
  /shelves:
    get:
      operationId: listShelves
      responses:
        "200":
          description: All of them.
          content:
            application/json: {schema: {type: array, items: {$ref: "#/components/schemas/S"}}}
  /shelves/{id}:
    get:
      operationId: getShelf
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: One.
          content: {application/json: {schema: {$ref: "#/components/schemas/S"}}}
components:
  schemas:
    S: {type: object, required: [id], properties: {id: {type: string}, name: {type: string}}}
"""
    )
    mock = open_mock(document)
    assert isinstance(mock, Mock)
    with mock.client() as client:
        first = client.get("/shelves").json()[0]
        assert client.get(f"/shelves/{first['id']}").json() == first
    assert mock.calls() == ["listShelves", "getShelf"]


def test_a_view_is_compared_with_a_text_that_a_person_has_read(request, tmp_path):
    from crossdock import Notice, View
    from crossdock.testing.views import compare

    view = View([Notice(text="3 invoices are past due.", tone="warning")])
    with pytest.raises(AssertionError, match=r"write it with --update-views:\s+.*3 invoices"):
        compare(view, tmp_path, "late")
    compare(view, tmp_path, "late", update=True)
    compare(view, tmp_path, "late")
    with pytest.raises(AssertionError, match=r"-.*3 invoices are past due\.\n\+.*4 invoices"):
        compare(View([Notice(text="4 invoices are past due.", tone="warning")]), tmp_path, "late")


def test_pytest_pays_nothing_for_fixtures_that_nobody_asks_for():
    code = (
        "import sys, crossdock.testing.pytest_plugin;"
        "print([n for n in ('httpx', 'sqlalchemy', 'crossdock_mocks', 'crossdock.host') "
        "if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.mark.anyio
async def test_fixtures_serve_asynchronous_tests_as_well(open_mock):
    erp = open_mock("erp")
    erp.faults.add(Fault("timeout_before", operation="listItems", nth=1))
    async with erp.async_client(headers={"X-Api-Key": "erp-demo-key"}) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get("/items", timeout=5)
        assert (await client.get("/items")).status_code == 200
    assert [each.fault for each in erp.journal] == ["timeout_before", None]
