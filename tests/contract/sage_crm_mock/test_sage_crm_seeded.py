"""A world begins with the companies, documents and trading accounts of the data set."""

from decimal import Decimal

import pytest

from crossdock_mocks.datasets import DataSet
from crossdock_mocks.dialects import sage_crm
from crossdock_mocks.engine import App


def number(name):
    return int(name.partition("-")[2])


def test_companies_have_the_numbers_of_the_data_set_and_its_customers_as_trading_accounts(
    dataset, rows
):
    accounts = list(dataset.rows("accounts"))
    assert {row["key"]: row["comp_name"] for row in rows("company")} == {
        number(row["id"]): row["name"] for row in accounts
    }
    trading = {
        (row["acc_companyid"], row["acc_erpsystem"], row["acc_customernumber"], row["acc_default"])
        for row in rows("account")
    }
    assert trading == {
        (number(row["id"]), "main", row["customer_id"], "Y")
        for row in accounts
        if row["customer_id"]
    }
    for row in rows("company"):
        own = rows("account", acc_companyid=row["key"])
        assert row["comp_primaryaccountid"] == (own[0]["key"] if own else None)


def test_quotes_and_orders_come_with_their_lines_and_their_sums(dataset, rows):
    lines = list(dataset.rows("quote_lines"))
    for quote in dataset.rows("quotes"):
        (row,) = rows("quotes", key=number(quote["id"]))
        own = [each for each in lines if each["quote_id"] == quote["id"]]
        net = sum(
            (
                each["quantity"]
                * each["unit_price"]
                * (100 - (each["discount_percent"] or 0))
                / 100
                for each in own
            ),
            Decimal(0),
        )
        assert row["quot_nettamt"] == pytest.approx(float(net), abs=0.02)
        assert (row["quot_cdorderid"] is not None) == (quote["status"] == "ordered")
    ordered = [each for each in dataset.rows("quotes") if each["status"] == "ordered"]
    assert [row["orde_quoteid"] for row in rows("orders")] == [number(q["id"]) for q in ordered]
    assert {row["orde_cderporder"] for row in rows("orders")} == {
        f"main:{each['order_id']}" for each in ordered if each["order_id"]
    }
    assert any(row["orit_cdshipped"] for row in rows("orderitems"))


def test_a_world_without_a_data_set_has_its_users_and_nothing_else(app: App):
    world = app.open_world()
    names = [row["user_logon"] for row in world.table("sdata_users").find()]
    assert names == [sage_crm.USER, sage_crm.READER]
    assert world.table("sdata_company").count() == 0
    assert world.table("sdata_custom_captions").count() == 5
    world.close()


def test_ids_that_are_no_numbers_get_one(app: App, tmp_path):
    files = {
        "dataset.toml": 'name = "Odd"\ncompany = "Odd Ltd"\ncurrency = "GBP"\n'
        'as_of = 2026-11-20\ncountry = "GB"\nrounding = "line"\nprices_include_tax = false\n',
        "tax_codes.csv": "id,name,rate\nSTD,Standard,0.20\n",
        "items.csv": "id,name,list_price,tax_code\nX,Thing,1.00,STD\n",
        "customers.csv": "id,name,currency\nC-1,One,GBP\n",
        "accounts.csv": "id,name,kind,customer_id\nacme,Acme,customer,C-1\nA-7,Seven,prospect,\n"
        "B-7,Other seven,prospect,\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    world = app.open_world(DataSet.load(tmp_path))
    keys = {row["comp_name"]: row["key"] for row in world.table("sdata_company").find()}
    assert keys == {"Acme": 5_000_001, "Seven": 7, "Other seven": 5_000_002}
    assert world.table("sdata_currency").first()["curr_symbol"] == "GBP"
    (account,) = world.table("sdata_account").find()
    assert (account["acc_companyid"], account["acc_customernumber"]) == (5_000_001, "C-1")
    world.close()
