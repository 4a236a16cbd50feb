"""Customers, items and the lists behind them: names, parents, what is needed, what is retired."""

from __future__ import annotations

import pytest

from crossdock_mocks.dialects.quickbooks import REALM_ID


def test_a_customer_may_be_made_of_a_persons_name(books):
    made = books.write("Customer", Title="Dr", GivenName="Ada", FamilyName="Lovelace")

    assert made["DisplayName"] == made["FullyQualifiedName"] == "Dr Ada Lovelace"
    assert (made["Active"], made["Balance"], made["SyncToken"]) == (True, 0, "0")


def test_a_retired_name_is_free_again(books, refused):
    first = books.customer("Acme")
    gone = books.write("Customer", Id=first["Id"], SyncToken="0", sparse=True, Active=False)
    assert gone["DisplayName"] == "Acme (deleted)"
    second = books.customer("ACME")

    with pytest.raises(refused) as refusal:
        books.write("Customer", Id=first["Id"], SyncToken="1", sparse=True, Active=True)
    assert refusal.value.code == "6240"

    books.write("Customer", Id=second["Id"], SyncToken="0", sparse=True, DisplayName="Acme Two")
    back = books.write("Customer", Id=first["Id"], SyncToken="1", sparse=True, Active=True)
    assert back["DisplayName"] == "Acme"


def test_a_retired_record_is_read_by_its_id_and_found_only_when_asked_for(books):
    row = books.customer("Acme")
    books.write("Customer", Id=row["Id"], SyncToken="0", sparse=True, Active=False)

    assert books.again("Customer", row)["Active"] is False
    assert books.rows(f"SELECT * FROM Customer WHERE Id = '{row['Id']}'") == []
    found = books.rows(f"SELECT * FROM Customer WHERE Id = '{row['Id']}' AND Active = false")
    assert [each["Id"] for each in found] == [row["Id"]]


def test_documents_cannot_be_made_for_what_is_retired_and_old_ones_stay(books, refused):
    customer, item = books.customer(), books.item()
    invoice = books.sale("Invoice", customer, books.line(item, 1, 10))
    retired = {"SyncToken": "0", "sparse": True, "Active": False}
    books.write("Item", Id=item["Id"], **retired)
    token = books.again("Customer", customer)["SyncToken"]
    books.write("Customer", Id=customer["Id"], **{**retired, "SyncToken": token})

    for wrong in ({"value": customer["Id"]}, {"value": "1"}):
        with pytest.raises(refused) as refusal:
            books.write("Invoice", CustomerRef=wrong, Line=[books.line(item, 1, 10)])
        assert refusal.value.code == "610"
    changed = books.write("Invoice", {**invoice, "PrivateNote": "Still mine"})
    assert changed["PrivateNote"] == "Still mine"


def test_a_company_with_one_currency_has_customers_and_rates_in_no_other(books, refused):
    books.world.table("qbo_settings").update("multicurrency", value=False)
    for asked in (
        lambda: books.write("Customer", DisplayName="A", CurrencyRef={"value": "USD"}),
        lambda: books.rows("SELECT * FROM ExchangeRate"),
        lambda: books.take(books.client.get("/exchangerate?sourcecurrencycode=USD")),
    ):
        with pytest.raises(refused) as refusal:
            asked()
        assert refusal.value.code == "6000"


def test_a_parent_is_no_child_of_its_own(books, refused):
    rows = [books.customer("Level 0")]
    for level in range(1, 5):
        rows.append(books.customer(f"Level {level}", ParentRef={"value": rows[-1]["Id"]}))
    assert rows[-1]["Level"] == 4
    assert rows[-1]["FullyQualifiedName"].count(":") == 4

    with pytest.raises(refused) as refusal:
        books.customer("Level 5", ParentRef={"value": rows[-1]["Id"]})
    assert refusal.value.code == "6000"
    for parent in (rows[0], rows[1]):
        with pytest.raises(refused) as refusal:
            books.write(
                "Customer", Id=rows[0]["Id"], SyncToken="0", sparse=True,
                ParentRef={"value": parent["Id"]},
            )  # fmt: skip
        assert refusal.value.code == "2500"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "6080"),
        ({"CompanyName": "Only this"}, "6080"),
        ({"DisplayName": "a\tb"}, "2040"),
        ({"DisplayName": "a:b"}, "2040"),
        ({"DisplayName": "x" * 501}, "2050"),
        ({"DisplayName": 7}, "2010"),
        ({"DisplayName": "A", "PrimaryEmailAddr": {"Address": "no"}}, "2210"),
        ({"DisplayName": "A", "PrimaryEmailAddr": "a@b.c"}, "2010"),
        ({"DisplayName": "A", "SalesTermRef": {"value": "99"}}, "2500"),
        ({"DisplayName": "A", "BillWithParent": True}, "6000"),
        ({"DisplayName": "A", "PreferredDeliveryMethod": "Pigeon"}, "2170"),
        ({"DisplayName": "A", "Active": "maybe"}, "2170"),
        ({"DisplayName": "A", "AcctNum": "C-1"}, "2010"),
        ({"DisplayName": "A", "BillAddr": {"Street": "x"}}, "2010"),
        ({"DisplayName": "A", "SyncToken": "0", "Id": "99999"}, "610"),
        ({"DisplayName": "A", "Id": "1"}, "2020"),
    ],
)
def test_a_wrong_customer_is_refused(books, refused, given, code):
    with pytest.raises(refused) as refusal:
        books.write("Customer", given)

    assert (refusal.value.status, refusal.value.code) == (400, code)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"Name": None}, "2020"),
        ({"Type": None}, "2020"),
        ({"Type": "Bundle"}, "2170"),
        ({"IncomeAccountRef": None}, "2020"),
        ({"IncomeAccountRef": {"value": "99"}}, "2500"),
        ({"IncomeAccountRef": {"value": "2"}}, "6430"),
        ({"ExpenseAccountRef": {"value": "5"}}, "6430"),
        ({"Type": "Inventory"}, "2020"),
        ({"TrackQtyOnHand": True}, "6000"),
        ({"Name": "a:b"}, "2040"),
        ({"Name": "advice"}, "6240"),
        ({"UnitPrice": "dear"}, "2010"),
    ],
)
def test_a_wrong_item_is_refused(books, refused, given, code):
    books.item("Advice")
    body = {"Name": "New", "Type": "Service", "IncomeAccountRef": {"value": "6"}, **given}

    with pytest.raises(refused) as refusal:
        books.write("Item", body)

    assert refusal.value.code == code


def test_an_inventory_item_has_stock_and_stays_one(books, refused):
    accounts = {row["Name"]: {"value": row["Id"]} for row in books.rows("SELECT * FROM Account")}
    item = books.write(
        "Item", Name="Box", Type="Inventory", TrackQtyOnHand=True, QtyOnHand=7, UnitPrice="9.5",
        InvStartDate="2026-01-01", IncomeAccountRef=accounts["Sales of Product Income"],
        AssetAccountRef=accounts["Inventory Asset"],
        ExpenseAccountRef=accounts["Cost of Goods Sold"],
    )  # fmt: skip
    assert (item["QtyOnHand"], item["UnitPrice"]) == (7, 9.5)

    with pytest.raises(refused) as refusal:
        books.write("Item", Id=item["Id"], SyncToken="0", sparse=True, Type="Service")
    assert refusal.value.code == "6000"


@pytest.mark.parametrize(
    ("entity", "given", "code"),
    [
        ("Term", {"Name": "Net 7"}, "2020"),
        ("Term", {"Name": "Net 7", "DueDays": 1000}, "2090"),
        ("Term", {"Name": "net 30", "DueDays": 30}, "6240"),
        ("Term", {"DueDays": 30}, "2020"),
        ("Account", {"Name": "New"}, "6010"),
        ("Account", {"Name": "New", "AccountType": "Pocket"}, "2170"),
        ("Account", {"Name": "New", "AccountSubType": "Pocket"}, "2170"),
        ("Account", {"Name": "checking", "AccountType": "Bank"}, "6240"),
        ("Class", {}, "2020"),
        ("Department", {"Name": "A", "ParentRef": {"value": "5"}}, "2500"),
        ("PaymentMethod", {"Name": "cash"}, "6240"),
        ("TaxAgency", {"DisplayName": "Tax Authority"}, "6240"),
        ("TaxAgency", {}, "2020"),
    ],
)
def test_a_wrong_entry_of_another_list_is_refused(books, refused, entity, given, code):
    with pytest.raises(refused) as refusal:
        books.write(entity, given)

    assert refusal.value.code == code


def test_lists_grow(books):
    term = books.write("Term", Name="Net 7", DueDays="7")
    assert (term["Type"], term["DueDays"]) == ("STANDARD", 7)
    account = books.write("Account", Name="Savings", AccountSubType="Savings")
    assert (account["AccountType"], account["Classification"]) == ("Bank", "Asset")
    north = books.write("Department", Name="North")
    below = books.write("Department", Name="Hull", ParentRef={"value": north["Id"]})
    assert (below["FullyQualifiedName"], below["SubDepartment"]) == ("North:Hull", True)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"TaxCode": "STD", "TaxRateDetails": [{"TaxRateId": "1"}]}, "6240"),
        ({"TaxCode": "New"}, "2020"),
        ({"TaxRateDetails": [{"TaxRateId": "1"}]}, "2020"),
        ({"TaxCode": "New", "TaxRateDetails": [{"TaxRateId": "99"}]}, "2500"),
        ({"TaxCode": "New", "TaxRateDetails": [{"TaxRateName": "R", "RateValue": 5}]}, "2020"),
        ({"TaxCode": "New", "TaxRateDetails":
          [{"TaxRateName": "R", "RateValue": 500, "TaxAgencyId": "1"}]}, "2090"),
    ],
)  # fmt: skip
def test_a_wrong_tax_code_is_refused(books, refused, given, code):
    with pytest.raises(refused) as refusal:
        books.take(books.client.post("/taxservice/taxcode", json=given))

    assert refusal.value.code == code


def test_a_tax_code_of_two_rates_taxes_by_both(books):
    rates = [
        {"TaxRateName": f"R{rate}", "RateValue": rate, "TaxAgencyId": "1"} for rate in (5, 9.975)
    ]
    made = books.take(
        books.client.post("/taxservice/taxcode", json={"TaxCode": "Two", "TaxRateDetails": rates})
    )
    line = books.line(books.item(), 1, 100, TaxCodeRef={"value": made["TaxCodeId"]})

    invoice = books.sale("Invoice", books.customer(), line)

    assert [each["Amount"] for each in invoice["TxnTaxDetail"]["TaxLine"]] == [5, 9.98]
    assert invoice["TotalAmt"] == 114.98


def test_the_company_is_known_by_the_realm_too(books):
    assert books.read("CompanyInfo", REALM_ID) == books.read("CompanyInfo", "1")


def test_preferences_are_merged_group_by_group(books):
    before = books.take(books.client.get("/preferences"))["Preferences"]

    after = books.write(
        "Preferences", Id="1", SyncToken="0", SalesFormsPrefs={"AutoApplyCredit": True}
    )

    assert after["SalesFormsPrefs"]["AutoApplyCredit"] is True
    assert after["SalesFormsPrefs"]["AllowShipping"] is True
    assert after["CurrencyPrefs"] == before["CurrencyPrefs"]
    company = books.write("CompanyInfo", Id="1", SyncToken="0", sparse=True, LegalName="Legal")
    assert (company["LegalName"], company["SyncToken"]) == ("Legal", "1")
