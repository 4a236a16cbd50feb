import runpy
from pathlib import Path

import pytest

create_app = runpy.run_path(str(Path(__file__).with_name("app.py")))["create_app"]
pytestmark = pytest.mark.dock("erp-tabs", "straight-through")
KIM = {"X-User": "kim"}


@pytest.fixture
def client(dock):
    return create_app(dock.host).test_client()


def test_a_tab_stands_in_the_page(client, dock):
    shown = client.get(f"/accounts/{dock.story['account']}?tab=erp-tabs/aging", headers=KIM)
    assert shown.status_code == 200
    assert '<a href="?tab=erp-tabs/aging">Aging</a>' in shown.text
    assert "Balance" in shown.text
    assert client.get("/accounts/A-1001").status_code == 401


def test_the_guards_are_asked_before_a_quote_is_saved(client, dock):
    address = f"/accounts/{dock.story['account']}/quotes"
    saved = client.post(address, data={"item": "BRG-1001", "quantity": "2"}, headers=KIM)
    assert saved.status_code == 201
    quote = dock.host.crm.quote(saved.json["id"])
    assert str(quote.gross) == saved.json["gross"]

    refused = client.post(address, data={"item": "BRG-9999", "quantity": "2"}, headers=KIM)
    assert refused.status_code == 422
    assert "BRG-9999" in refused.json[0]
