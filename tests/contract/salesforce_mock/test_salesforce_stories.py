"""Whole business stories by the unmodified client: from a lead's campaign to an activated order."""

from __future__ import annotations

from decimal import Decimal

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest


def code_of(call):
    with pytest.raises(SalesforceMalformedRequest) as refused:
        call()
    return refused.value.content[0]["errorCode"]


def one(sf, soql):
    (record,) = sf.query(soql)["records"]
    return record


@pytest.fixture
def prices(sf):
    """Two products with a standard price: their price book entries."""
    return sf.query(
        "SELECT Id, UnitPrice, Product2Id, Pricebook2Id FROM PricebookEntry "
        "WHERE IsActive = true AND Pricebook2.IsStandard = true ORDER BY ProductCode LIMIT 2"
    )["records"]


@pytest.fixture
def account(sf):
    return sf.Account.create({"Name": "Story Ltd"})["id"]


@pytest.fixture
def deal(sf, account):
    return sf.Opportunity.create(
        {"Name": "Big one", "AccountId": account, "StageName": "Prospecting",
         "CloseDate": "2026-12-15"}
    )["id"]  # fmt: skip


def test_a_quote_to_cash_story(sf, account, deal, prices):
    first, second = prices
    for entry, quantity, price in [(first, 3, 10.01), (second, 2, None)]:
        line = {"OpportunityId": deal, "PricebookEntryId": entry["Id"], "Quantity": quantity}
        sf.OpportunityLineItem.create({**line, **({"UnitPrice": price} if price else {})})
    expected = 3 * Decimal("10.01") + 2 * Decimal(str(second["UnitPrice"]))
    opportunity = sf.Opportunity.get(deal)
    assert Decimal(str(opportunity["Amount"])) == expected
    assert opportunity["HasOpportunityLineItem"] is True
    assert opportunity["TotalOpportunityQuantity"] == 5
    chance = Decimal(str(opportunity["Probability"])) / 100
    weighted = float(expected * chance)
    assert opportunity["ExpectedRevenue"] == pytest.approx(weighted, abs=0.01)
    sf.Opportunity.update(deal, {"Amount": 1, "NextStep": "call"})
    assert Decimal(str(sf.Opportunity.get(deal)["Amount"])) == expected

    quote = sf.Quote.create({"Name": "Offer", "OpportunityId": deal})["id"]
    for entry, discount in [(first, 0), (second, 12.5)]:
        sf.QuoteLineItem.create(
            {"QuoteId": quote, "PricebookEntryId": entry["Id"], "Quantity": 4,
             "UnitPrice": 25, "Discount": discount}
        )  # fmt: skip
    sf.Quote.update(quote, {"Tax": 17.5, "ShippingHandling": 5, "Status": "Presented"})
    offer = sf.Quote.get(quote)
    assert (offer["Subtotal"], offer["TotalPrice"], offer["GrandTotal"]) == (200.0, 187.5, 210.0)
    assert (offer["Discount"], offer["LineItemCount"]) == (6.25, 2)
    assert (offer["AccountId"], len(offer["QuoteNumber"])) == (account, 8)

    draft = {
        "AccountId": account, "EffectiveDate": "2026-12-01", "Status": "Draft",
        "Pricebook2Id": first["Pricebook2Id"], "QuoteId": quote, "OpportunityId": deal,
        "External_Key__c": "story-1",
    }  # fmt: skip
    assert code_of(lambda: sf.Order.create({**draft, "Status": "Activated"})) == "FAILED_ACTIVATION"
    order = sf.Order.create(draft)["id"]
    assert code_of(lambda: sf.Order.update(order, {"Status": "Activated"})) == "FAILED_ACTIVATION"
    line = sf.OrderItem.create(
        {"OrderId": order, "PricebookEntryId": first["Id"], "Quantity": 4, "UnitPrice": 25}
    )["id"]
    assert sf.Order.get(order)["TotalAmount"] == 100.0
    sf.OrderItem.update(line, {"Quantity": 5})
    assert sf.Order.get(order)["TotalAmount"] == 125.0
    sf.Order.update(order, {"Status": "Activated"})
    active = sf.Order.get(order)
    assert (active["StatusCode"], active["ActivatedDate"] is not None) == ("Activated", True)
    locked = "FIELD_INTEGRITY_EXCEPTION"
    assert code_of(lambda: sf.OrderItem.update(line, {"Quantity": 6})) == locked
    assert code_of(lambda: sf.OrderItem.delete(line)) == locked
    assert code_of(lambda: sf.Order.update(order, {"EffectiveDate": "2027-01-01"})) == locked
    assert code_of(lambda: sf.Order.delete(order)) == "DELETE_FAILED"
    sf.Order.update(order, {"ERP_Order_Number__c": "SO-1", "Description": "sent to the ERP"})

    sf.Opportunity.update(deal, {"StageName": "Won"})
    won = sf.Opportunity.get(deal)
    assert (won["IsWon"], won["IsClosed"], won["Probability"]) == (True, True, 100.0)
    history = sf.query(
        f"SELECT StageName, Amount FROM OpportunityHistory WHERE OpportunityId = '{deal}' "
        "ORDER BY Id"
    )["records"]
    assert [each["StageName"] for each in history][:: len(history) - 1] == ["Prospecting", "Won"]
    told = one(
        sf,
        "SELECT Name, (SELECT OrderNumber, TotalAmount, Quote.Name FROM Orders), "
        "(SELECT Name FROM Quotes) FROM Account WHERE Name = 'Story Ltd'",
    )
    assert told["Orders"]["records"][0]["Quote"]["Name"] == "Offer"
    assert code_of(lambda: sf.Account.delete(account)) == "DELETE_FAILED"


def test_lines_keep_to_one_price_book_and_to_active_prices(sf, deal, prices, account):
    first, second = prices
    book = sf.Pricebook2.create({"Name": "Partners", "IsActive": True})["id"]
    special = sf.PricebookEntry.create(
        {"Pricebook2Id": book, "Product2Id": first["Product2Id"], "UnitPrice": 5, "IsActive": True}
    )["id"]
    again = {"Pricebook2Id": book, "Product2Id": first["Product2Id"], "UnitPrice": 6}
    assert code_of(lambda: sf.PricebookEntry.create(again)) == "DUPLICATE_VALUE"
    product = sf.Product2.create({"Name": "New", "ProductCode": "NEW-1"})["id"]
    unpriced = {"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 6}
    assert code_of(lambda: sf.PricebookEntry.create(unpriced)) == "STANDARD_PRICE_NOT_DEFINED"
    line = {"OpportunityId": deal, "Quantity": 1}
    sf.OpportunityLineItem.create({**line, "PricebookEntryId": special})
    other = {**line, "PricebookEntryId": second["Id"]}
    assert code_of(lambda: sf.OpportunityLineItem.create(other)) == "FIELD_INTEGRITY_EXCEPTION"
    assert sf.Opportunity.get(deal)["Pricebook2Id"] == book
    change = {"Pricebook2Id": first["Pricebook2Id"]}
    assert code_of(lambda: sf.Opportunity.update(deal, change)) == "FIELD_INTEGRITY_EXCEPTION"
    assert code_of(lambda: sf.Product2.delete(first["Product2Id"])) == "DELETE_FAILED"
    sf.Product2.update(product, {"Name": "Newer"})
    assert code_of(lambda: sf.OpportunityLineItem.create({**line, "Quantity": None})) == (
        "REQUIRED_FIELD_MISSING"
    )


def test_the_amount_follows_lines_that_go(sf, deal, prices):
    keys = [
        sf.OpportunityLineItem.create(
            {"OpportunityId": deal, "PricebookEntryId": each["Id"], "Quantity": 1, "UnitPrice": 7}
        )["id"]
        for each in prices
    ]
    assert sf.Opportunity.get(deal)["Amount"] == 14.0
    sf.OpportunityLineItem.delete(keys[0])
    assert sf.Opportunity.get(deal)["Amount"] == 7.0
    sf.Opportunity.delete(deal)
    gone = sf.query_all(
        f"SELECT Id, Opportunity.Name FROM OpportunityLineItem WHERE OpportunityId = '{deal}'",
        include_deleted=True,
    )["records"]
    assert {each["Id"] for each in gone} == set(keys)
    assert gone[0]["Opportunity"]["Name"] == "Big one"


def test_a_campaign_counts_whom_it_reached_and_what_came_of_it(sf, account, deal):
    campaign = sf.Campaign.create({"Name": "Fair", "IsActive": True})["id"]
    person = sf.Contact.create({"LastName": "Ode", "AccountId": account})["id"]
    lead = sf.Lead.create({"LastName": "Dar", "Company": "Cedar"})["id"]
    member = {"CampaignId": campaign}
    sf.CampaignMember.create({**member, "ContactId": person, "Status": "Responded"})
    second = sf.CampaignMember.create({**member, "LeadId": lead})["id"]
    assert code_of(lambda: sf.CampaignMember.create({**member, "LeadId": lead})) == (
        "DUPLICATE_VALUE"
    )
    assert code_of(lambda: sf.CampaignMember.create(member)) == "FIELD_INTEGRITY_EXCEPTION"
    sf.Opportunity.update(deal, {"CampaignId": campaign, "Amount": 500})
    sf.Opportunity.update(deal, {"StageName": "Won"})
    found = sf.Campaign.get(campaign)
    assert [
        found[f"NumberOf{each}"]
        for each in ("Contacts", "Leads", "Responses", "Opportunities", "WonOpportunities")
    ] == [1, 1, 1, 1, 1]
    assert (found["AmountAllOpportunities"], found["AmountWonOpportunities"]) == (500.0, 500.0)
    sf.CampaignMember.update(second, {"Status": "Responded"})
    sf.CampaignMember.delete(second)
    assert sf.Campaign.get(campaign)["NumberOfResponses"] == 1


def test_activities_know_their_account_and_when_they_end(sf, account, deal):
    person = sf.Contact.create({"LastName": "Ode", "AccountId": account})["id"]
    task = sf.Task.create({"Subject": "Call", "WhoId": person, "ActivityDate": "2026-11-19"})["id"]
    assert sf.Task.get(task)["AccountId"] == account
    assert sf.Account.get(account)["LastActivityDate"] is None
    sf.Task.update(task, {"Status": "Completed"})
    assert sf.Task.get(task)["IsClosed"] is True
    assert sf.Account.get(account)["LastActivityDate"] == "2026-11-19"
    event = sf.Event.create(
        {"Subject": "Visit", "WhatId": deal, "StartDateTime": "2026-11-25T10:00:00Z",
         "DurationInMinutes": 90}
    )["id"]  # fmt: skip
    found = one(sf, f"SELECT EndDateTime, What.Name, What.Type FROM Event WHERE Id = '{event}'")
    assert found["EndDateTime"] == "2026-11-25T11:30:00.000+0000"
    assert found["What"]["Type"] == "Opportunity"
    assert code_of(lambda: sf.Event.create({"Subject": "When?"})) == "REQUIRED_FIELD_MISSING"


def test_pages_of_an_answer_are_fixed_when_it_is_given(sf, world):
    rows = [{"attributes": {"type": "Account"}, "Name": f"Page {n:04}"} for n in range(450)]
    for start in range(0, 450, 200):
        sf.restful("composite/sobjects", method="POST", json={"records": rows[start : start + 200]})
    soql = "SELECT Id, Name FROM Account WHERE Name LIKE 'Page %' ORDER BY Name"
    headers = {"Sforce-Query-Options": "batchSize=200"}
    first = sf.query(soql, headers=headers)
    assert (first["totalSize"], first["done"], len(first["records"])) == (450, False, 200)
    sf.Account.create({"Name": "Page 0000b"})
    sf.Account.delete(first["records"][0]["Id"])
    second = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    third = sf.query_more(second["nextRecordsUrl"], identifier_is_url=True)
    seen = [r["Name"] for page in (first, second, third) for r in page["records"]]
    assert seen == [each["Name"] for each in rows]
    assert (third["done"], "nextRecordsUrl" in third) == (True, False)
    assert [each["Name"] for each in sf.query_all_iter(soql)][:2] == ["Page 0000b", "Page 0001"]
    assert code_of(lambda: sf.query_more("01gWV000000000zAAA-2000")) == "INVALID_QUERY_LOCATOR"
    assert code_of(
        lambda: sf.query_more(first["nextRecordsUrl"] + "9", identifier_is_url=True)
    ) == ("INVALID_QUERY_LOCATOR")


PROBES = [
    ("SELECT Name FROM Account WHERE Name LIKE 'Ac%'", None),
    ("SELECT Id FROM Contact WHERE Account.Name = 'acme'", None),
    ("select id, name from account where name = 'ACME'", None),
    ("SELECT COUNT() FROM Account WHERE Name = 'Acme'", None),
    ("SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry", None),
    ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)", None),
    ("SELECT FIELDS(ALL) FROM Account LIMIT 200", None),
    ("SELECT Nope FROM Account", "INVALID_FIELD"),
]


@pytest.mark.parametrize(("soql", "code"), PROBES, ids=[each[0] for each in PROBES])
def test_the_probes_that_break_known_fakes_pass(sf, soql, code):
    key = sf.Account.create({"Name": "Acme", "Industry": "Energy"})["id"]
    sf.Account.create({"Name": "Zebra"})
    person = sf.Contact.create({"LastName": "Ode", "AccountId": key})["id"]
    if code is not None:
        assert code_of(lambda: sf.query(soql)) == code
        return
    found = sf.query(soql)
    seen = {each.get("Id", each.get("id")) for each in found["records"]}
    total = sf.query("SELECT COUNT() FROM Account")["totalSize"]
    expected = {
        0: lambda: [each["Name"] for each in found["records"]] == ["Acme"],
        1: lambda: seen == {person},
        2: lambda: seen == {key},
        3: lambda: (found["totalSize"], found["records"]) == (1, []),
        4: lambda: sum(each["expr0"] for each in found["records"]) == total,
        5: lambda: key in seen and len(seen) < total,
        6: lambda: found["totalSize"] == total and "Industry" in found["records"][0],
    }
    assert expected[[each[0] for each in PROBES].index(soql)]()


def test_missing_fields_and_dangling_lookups_are_refused(sf):
    assert code_of(lambda: sf.Contact.create({"FirstName": "Only"})) == "REQUIRED_FIELD_MISSING"
    assert code_of(
        lambda: sf.Contact.create({"LastName": "x", "AccountId": "001WV000000zzzz"})
    ) == ("INVALID_CROSS_REFERENCE_KEY")


def test_a_case_is_closed_by_its_status_and_holds_whom_it_is_of(sf, account):
    contact = sf.Contact.create({"LastName": "Asker", "AccountId": account, "Email": "a@b.example"})
    case = sf.Case.create({"ContactId": contact["id"], "Subject": "Seal leaks"})["id"]
    assert case.startswith("500")
    fields = (
        "SELECT CaseNumber, AccountId, ContactEmail, Status, Priority, IsClosed, ClosedDate, "
        "Account.Name FROM Case"
    )
    found = one(sf, f"{fields} WHERE AccountId = '{account}' AND IsClosed = false")
    assert found["AccountId"] == account
    assert found["Account"]["Name"] == "Story Ltd"
    assert (found["ContactEmail"], found["Status"], found["Priority"]) == (
        "a@b.example", "New", "Medium"
    )  # fmt: skip
    assert (found["IsClosed"], found["ClosedDate"]) == (False, None)
    assert len(found["CaseNumber"]) == 8
    sf.Case.update(case, {"Status": "Closed"})
    closed = one(sf, f"{fields} WHERE Id = '{case}'")
    assert closed["IsClosed"] is True
    assert closed["ClosedDate"] is not None
    assert code_of(lambda: sf.Case.update(case, {"IsClosed": False})) == (
        "INVALID_FIELD_FOR_INSERT_UPDATE"
    )
    assert code_of(lambda: sf.Account.delete(account)) == "DELETE_FAILED"
    assert code_of(lambda: sf.Contact.delete(contact["id"])) == "DELETE_FAILED"
    of_account = f"SELECT Id, (SELECT Subject FROM Cases) FROM Account WHERE Id = '{account}'"
    assert one(sf, of_account)["Cases"]["totalSize"] == 1
    sf.Case.update(case, {"Status": "Working"})
    assert one(sf, f"{fields} WHERE Id = '{case}'")["ClosedDate"] is None
    sf.Case.delete(case)
    sf.Account.delete(account)
