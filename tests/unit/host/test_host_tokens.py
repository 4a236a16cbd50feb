"""Tokens in the host's store are shared by all of its processes, one of which renews them."""

import subprocess
import sys
import threading

import pytest

from crossdock.host.settings.config import SystemConfig
from crossdock.host.store import Store
from crossdock.host.systems import connect
from crossdock.host.tokens import StoredTokens


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/host.db") as opened:
        yield opened


def test_what_one_wrote_another_reads(store):
    assert StoredTokens(store, "books").read() is None
    StoredTokens(store, "books").write("sealed")
    assert StoredTokens(store, "books").read() == "sealed"
    assert StoredTokens(store, "other").read() is None


def test_one_is_in_at_a_time(store):
    inside, order = threading.Event(), []

    def second():
        with StoredTokens(store, "books").alone():
            order.append("second")

    thread = threading.Thread(target=second)
    with StoredTokens(store, "books").alone():
        thread.start()
        inside.wait(0.05)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_the_lock_of_a_process_that_dies_is_free(store):
    url = store.url.render_as_string(hide_password=False)
    code = (
        "import os, sys\n"
        "from crossdock.host.store import Store\n"
        "from crossdock.host.tokens import StoredTokens\n"
        f"held = StoredTokens(Store.open({url!r}), 'books').alone()\n"
        "held.__enter__()\n"
        "os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    with StoredTokens(store, "books").alone():
        StoredTokens(store, "books").write("renewed")


def test_a_connector_whose_tokens_change_gets_the_store(store):
    settings = {
        "url": "http://books.test",
        "realm": "1",
        "client_id": "app",
        "client_secret": "app-secret",
        "refresh_token": "first",
    }
    system = SystemConfig(name="books", connector="quickbooks", settings=settings)
    opened = []
    port = connect(system, lambda: opened.append(store) or store)
    port.close()
    assert opened == [store]


def test_a_connector_with_a_fixed_key_asks_for_no_store():
    settings = {"url": "http://erp.test", "api_key": "erp-demo-key"}
    system = SystemConfig(name="main", connector="erp", settings=settings)
    connect(system, pytest.fail).close()
