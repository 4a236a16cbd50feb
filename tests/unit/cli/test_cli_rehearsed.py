"""`crossdock plugins rehearsed`: a person reads what a dry run would have done."""

import json

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.host.gateway import Write
from crossdock.host.store import Store
from crossdock.records import Money, Order

_CONFIG = """
[crm]
system = "crm"
url = "http://127.0.0.1:1"
client_id = "crossdock"
client_secret = "secret"

[erp.main]
system = "erp"
url = "http://127.0.0.1:1"
api_key = "key"

[store]
url = "sqlite:///host.db"
"""


@pytest.fixture
def ask(tmp_path):
    (tmp_path / "crossdock.toml").write_text(_CONFIG)
    order = Order(id="R-1", system="crm", currency="EUR", gross=Money("119.00", "EUR"))
    with Store.open(f"sqlite:///{tmp_path}/host.db") as store:
        for plugin_id in ("one", "two"):
            store.rehearsed.add(
                plugin_id=plugin_id,
                point="order_promoted",
                user_id="",
                write=Write(
                    system="main",
                    method="place_order",
                    arguments={"order": order, "idempotency_key": "xd-1"},
                    answer=None,
                ),
            )

    def run(*arguments):
        config = str(tmp_path / "crossdock.toml")
        return CliRunner().invoke(main, ["plugins", "rehearsed", *arguments, "--config", config])

    return run


def test_each_write_says_who_what_and_with_what(ask):
    told = ask()

    assert told.exit_code == 0, told.output
    assert "one, order_promoted: main.place_order" in told.output
    assert "order = Order R-1, status submitted, gross 119.00 EUR" in told.output
    assert "idempotency_key = 'xd-1'" in told.output


def test_one_plugin_is_chosen_and_json_has_every_argument(ask):
    (write,) = json.loads(ask("two", "--json").output)

    assert (write["plugin"], write["method"]) == ("two", "place_order")
    assert write["arguments"]["order"]["$Order"]["gross"]["amount"] == "119.00"


def test_nothing_rehearsed_is_said(ask):
    assert "three has not rehearsed anything." in ask("three").output
