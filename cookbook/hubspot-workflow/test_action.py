import json
import os
import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from crossdock.server.api import ApiSettings, create_api
from crossdock.testing import a_quote, of

HERE = Path(__file__).parent
BIG_DISCOUNTS = HERE.parent / "ask-for-approval" / "big-discounts"
KEY = "cdk_" + "h" * 40
RUN = """
const [program, event] = process.argv.slice(1);
require(program).main(JSON.parse(event), (said) => console.log(JSON.stringify(said)));
"""
pytestmark = pytest.mark.dock("straight-through", BIG_DISCOUNTS, crm="hubspot")


@contextmanager
def served(api):
    """The side-car on a port of its own, as long as the block runs."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(api, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


@pytest.fixture
def act(dock, tmp_path):
    """Run the action as a workflow does, on a quote."""
    node = shutil.which("node")
    if node is None:
        assert os.environ.get("CI") != "true", "node is missing: run `make system-deps`"
        pytest.skip("node is not installed")
    keys = {"hubspot": {"secret": KEY, "scopes": ["quotes:promote"], "users": ["*"]}}
    api = create_api(dock.host, ApiSettings.of({"keys": keys}, base=tmp_path))
    with served(api) as url:

        def run(quote):
            event = {
                "object": {"objectType": "QUOTE", "objectId": quote.id},
                "inputFields": {"hubspot_owner_id": dock.user("sales").id},
            }
            ran = subprocess.run(
                [node, "-e", RUN, str(HERE / "action.js"), json.dumps(event)],
                env={**os.environ, "CROSSDOCK_URL": url, "CROSSDOCK_KEY": KEY},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert ran.returncode == 0, ran.stderr
            return json.loads(ran.stdout)["outputFields"]

        yield run
    api.state.api.close()


def test_a_quote_is_ordered_once_and_what_stands_against_one_is_told(dock, act):
    dock.host.crm.provisioning.provision()  # as `crossdock provision --apply` does
    account = next(a for a in dock.host.crm.accounts().items if a.external_ids.get("main"))
    quote = dock.save(a_quote(account.id, of(2, "BRG-1001"))).quote
    ordered = act(quote)
    assert (ordered["ordered"], ordered["reasons"]) == (True, "")
    assert act(quote)["order_id"] == ordered["order_id"]
    dock.deliveries.run()
    assert dock.erp.calls("createSalesOrder") == ["createSalesOrder"]

    held = dock.save(a_quote(account.id, of(2, "BRG-1001", less=20))).quote
    assert act(held) == {
        "ordered": False,
        "order_id": "",
        "reasons": "BRG-1001 is sold at 20 % off.",
    }
