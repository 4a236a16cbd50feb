"""What Infor's own mobile client asks SalesLogix for, asked of the mock.

Its models (`src/Models` and `src/Integrations/BOE/Models` of Infor CRM Mobile) name the properties,
conditions and orders below, at times in another case than they have; a mock that lacks one of them
would fail that client. Left out are a contact's picklists and what is outside the contract.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

LISTS: list[tuple[str, str, str, str]] = [
    ("accounts", "", "AccountNameUpper",
     "AccountName,AccountManager/UserInfo/UserName,AccountManager/UserInfo/LastName,"
     "Owner/OwnerDescription,WebAddress,Industry,LeadSource/Description,MainPhone,Fax,Status,"
     "SubType,Type,ModifyDate,Address/*,BusinessDescription,CreateUser,Description,GlobalSyncID,"
     "ImportSource,Notes"),
    ("contacts", "", "LastNameUpper,FirstName",
     "AccountName,Account/AccountName,NameLF,WorkPhone,Mobile,Email,Title,LastHistoryDate,Address/*,"
     "CuisinePreference,Fax,HomePhone,LocationCode,MiddleName,Name,Owner/OwnerDescription,Prefix,"
     "Suffix,WebAddress"),
    ("leads", "", "LastNameUpper,FirstName",
     "Company,LeadNameLastFirst,LeadNameFirstLast,WebAddress,Email,WorkPhone,Mobile,TollFree,Title,"
     "Address/*,BusinessDescription,FullAddress,Industry,Interests,LeadSource/Description,SICCode"),
    ("opportunities", "", "EstimatedClose desc",
     "Account/AccountName,Account/AccountManager/UserInfo/UserName,Account/Address/*,"
     "Account/AccountManager/UserInfo/Region,Description,Stage,Status,SalesPotential,ExchangeRate,"
     "ExchangeRateCode,ExchangeRateDate,ExchangeRateLocked,ActualClose,EstimatedClose,Weighted,"
     "CloseProbability,Reseller/AccountName,LeadSource/Description,Owner/OwnerDescription,Type"),
    ("opportunityproducts", 'upper(Product.Name) like "A%"', "Sort",
     "Product/Name,Product/Family,Program,Price,Discount,CalculatedPrice,Quantity,ExtendedPrice"),
    ("tickets", "", "TicketNumber",
     "Account/AccountName,Account/MainPhone,Area,Category,Issue,AssignedTo/OwnerDescription,"
     "Contact/NameLF,Contact/WorkPhone,ReceivedDate,StatusCode,Subject,TicketNumber,UrgencyCode,"
     "Urgency/Description,NeededByDate,AssignedDate,Notes,ViaCode,TicketProblem/Notes,"
     "TicketSolution/Notes,CompletedBy/OwnerDescription"),
    ("history", 'Type ne "atDatabaseChange"', "CompletedDate desc",
     "AccountName,ContactName,LeadName,CompletedDate,Description,StartDate,TimeLess,Type,LeadId,"
     "OpportunityId,OpportunityName,AccountId,ContactId,TicketId,Notes,CompletedUser,TicketNumber,"
     "UserName,UserId,LongNotes,Priority,Duration,Category"),
    ("products", "", "Name",
     "Name,Description,Price,ExtendedPrice,CalculatedPrice,Family,Status,ActualId,CommodityType,"
     "ErpLogicalId,UnitOfMeasure/*"),
    ("quotes", "", "DocumentDate desc, CreateDate desc",
     "QuoteNumber,ErpExtId,Account/AccountName,Account/ErpExtId,Account/AccountManager/*,GrandTotal,"
     "DocGrandTotal,CurrencyCode,BaseCurrencyCode,ErpStatus,StatusDate,Status,DocumentDate,"
     "Opportunity/Description,ShipTo/Name,ShipTo/Address/*,BillTo/Name,BillTo/Address/*,"
     "PayFrom/Address/*,Total,DocTotal,RequestedBy/NameLF,ExpectedDeliveryDate,StartDate,EndDate,"
     "Comments,Type,DropShip,ShipEarly,PartialShip,CustomerRFQNumber,SalesOrder/*,"
     "BillingContact/Address/*,ShippingContact/Address/*,ExchangeRate,ErpLogicalId,SyncStatus,"
     "ErpLocation,Warehouse/Description,Location/Address/*,Carrier/CarrierName,QuoteItems/*"),
    ("quoteItems", "", "ErpLineNumber",
     "Description,ErpLineNumber,ErpLineTotalAmount,ErpStatus,Quantity,Price,ExtendedPrice,"
     "DocExtendedPrice,CalculatedPrice,DocCalculatedPrice,DocTotalAmount,ErpUnitPrice,ProductName,"
     "Quote/ErpLogicalId,Quote/QuoteNumber,SlxLocation/Description,Product/Name,UnitOfMeasure/*,"
     "ActualId,Discount,Status,OpenQuantity,DropShip,FixedPrice,RushRequest"),
    ("salesorders", "IsQuote eq false", "ErpDocumentDate desc",
     "SalesOrderNumber,Account/AccountName,Status,ErpExtId,CustomerPurchaseOrderNumber,"
     "DocGrandTotal,GrandTotal,OrderDate,CurrencyCode,ErpSalesOrder/ERPStatus,ErpStatusDate,"
     "Quote/QuoteNumber,DueDate,ErpShipTo/Name,ErpShipTo/Address/*,ErpBillTo/Name,"
     "ErpPayFrom/Address/*,DocOrderTotal,OrderTotal,ErpPaymentMethod,ErpPaymentTermId,"
     "ErpInvoiceImmediately,ErpTaxExempt,ExchangeRate,SyncStatus,AccountManager/*,"
     "WarehouseLocation/Description,Location/Description,RequestedBy/NameLF,Carrier/CarrierName"),
    ("salesOrderItems", "", "ErpLineNumber",
     "Description,ErpLineNumber,ExtendedPrice,ErpStatusDate,SlxLocation/Description,"
     "SalesOrder/ErpLogicalId,Salesorder/CurrencyCode,Salesorder/BaseCurrencyCode,Product/Name,"
     "ActualID,Discount,ErpShippedQuantity,ErpOpenQuantity,ErpDropShip,ErpBackOrdered,"
     "ErpPartialShipAllowed,ErpFixedPriceItem,ErpRushRequest,ErpSubstituteItem,"
     "SalesOrder/ErpLocation,ErpLineTotalAmount,ErpUnitPrice,UnitOfMeasure/*"),
    ("erpInvoices", "", "ErpDocumentDate desc, CreateDate desc",
     "InvoiceNumber,Account/AccountName,ERPShipTo/BuyerContact/NameLF,ErpStatusDate,ErpStatus,"
     "ErpPaymentTermId,ErpTotalBaseAmount,GrandTotal,CurrencyCode,ErpExtendedBaseAmount,"
     "ErpExtendedAmount,BaseCurrencyCode,Owner/OwnerDescription,ErpBillTo/Address/*,Description"),
    ("erpInvoiceItems", "", "ErpLineNumber",
     "ErpLineNumber,ErpLineTotalAmount,Quantity,Price,ProductName,Description,BaseUnitPrice,"
     "ErpInvoice/CurrencyCode,SalesOrder/SalesOrderNumber,UnitOfMeasure/Name,ExtendedPrice,"
     "SalesOrderLineReference"),
    ("erpShipments", "", "ErpDocumentDate desc, CreateDate desc",
     "ErpExtId,ErpShipTo/Name,ErpStatus,ErpCarrierParty,ErpDeclaredValue,DatePromised,"
     "ErpActualShipDate,ErpActualDeliveryDate,ErpPartialShipAllowed,ShipmentTotalBaseAmount,"
     "ShipmentTotalAmount,SlxLocation/Name,ErpGrossWeight,ErpGrossWeightUnit,ErpIncoTerm"),
    ("erpShipmentItems", "", "CreateDate desc",
     "ErpLineNumber,ErpShipment/ErpExtId,ProductName,ErpShippedQuantity,ErpShippedUOM,"
     "SalesOrder/SalesOrderNumber,Description,ErpOrderQuantity,ErpBackOrderedQuantity,ErpOrderUOM"),
    ("erpReceivables", "", "ErpDocumentDate desc, CreateDate desc",
     "ErpExtId,Account/AccountName,ErpInvoice/InvoiceNumber,ReceivableAmount,ReceivedAmount,"
     "ReceivableBaseAmount,ReceivedBaseAmount,ErpStatus,ErpInvoiceNumber,ErpPayFrom/Address/*,"
     "ErpInvoice/*,ErpPaymentTermId"),
    ("erpBillTos", "", "CreateDate desc",
     "Name,Address/*,Fax,MainPhone,Email,ErpStatus,SyncStatus,ErpLogicalId,ErpAccountingEntityId,"
     "Owner/OwnerDescription,CustomerType,PaymentTermId,ErpPaymentMethod"),
    ("erpShipTos", "", "CreateDate desc",
     "Name,Address/*,Fax,MainPhone,Email,ErpStatus,SyncStatus,ErpLogicalId,ErpAccountingEntityId,"
     "Owner/OwnerDescription,ErpCustomerType,PaymentTermId,ErpPaymentMethod"),
    ("slxLocations", 'LocationType eq "Warehouse"', "Name",
     "Name,Description,ErpLogicalId,ErpAccountingEntityId,ErpStatus,ErpExtId,LocationType"),
]  # fmt: skip

_ACTIVITIES = (
    "Description,StartDate,Type,AccountId,AccountName,ContactId,ContactName,PhoneNumber,LeadId,"
    "LeadName,TicketId,OpportunityId,Leader,UserId,Timeless,Alarm,Priority,RecurrenceState,Recurring,"
    "AlarmTime,Category,Company,Duration,Leader/$key,Location,LongNotes,OpportunityName,Rollover,"
    "EndDate,TicketNumber,RecurPeriod,RecurPeriodSpec,RecurIterations,AllowAdd,AllowEdit,AllowDelete,"
    "AllowComplete"
)


def _shown(entry: dict[str, Any], path: list[str]) -> bool:
    """Whether a property was answered, as far as there is something to follow."""
    names = {name.lower(): name for name in entry}
    if path[0] == "*":
        return len(entry) > 3
    name = names.get(path[0].lower())
    if name is None:
        return False
    value = entry[name]
    if len(path) == 1 or value is None or path[1].startswith("$"):
        return True
    inside = value.get("$resources", [value])
    return all(_shown(each, path[1:]) for each in inside)


@pytest.mark.parametrize(
    ("kind", "where", "orderby", "select"), LISTS, ids=[each[0] for each in LISTS]
)
def test_a_list_of_infor_s_client_is_answered_with_what_it_asks_for(
    reader: httpx.Client, kind: str, where: str, orderby: str, select: str
) -> None:
    params: dict[str, str | int] = {
        "where": where, "orderby": orderby, "select": select, "count": 5,
        "include": "$descriptors,$permissions", "_compact": "true",
    }  # fmt: skip
    answer = reader.get(f"/{kind}", params=params)
    assert answer.status_code == 200, answer.text
    for entry in answer.json()["$resources"]:
        for path in select.split(","):
            assert _shown(entry, path.split("/")), (path, entry)


def test_activities_are_of_the_system_contract_too_and_become_history(
    client: httpx.Client,
) -> None:
    url = str(client.base_url).replace("/dynamic/", "/system/")
    params: dict[str, str | int] = {"select": _ACTIVITIES, "orderby": "StartDate desc", "count": 5}
    listed = client.get(f"{url}activities", params=params)
    assert listed.status_code == 200, listed.text
    activity = listed.json()["$resources"][0]
    assert all(_shown(activity, path.split("/")) for path in _ACTIVITIES.split(","))
    assert listed.json()["$url"].startswith(f"{url}activities?")
    key = activity["$key"]
    done = client.post(
        f"{url}activities/$service/Complete",
        json={
            "$name": "ActivityComplete",
            "request": {
                "entity": {"$key": key}, "ActivityId": key, "userId": activity["UserId"],
                "result": "Complete", "completeDate": "2026-11-20T12:00:00Z",
            },
        },
    )  # fmt: skip
    assert done.status_code == 200, done.text
    assert client.get(f"/activities('{key}')").status_code == 404
    history = client.get(f"/history('{done.json()['response']['Result']}')").json()
    assert (history["Description"], history["AccountId"], history["Result"]) == (
        activity["Description"], activity["AccountId"], "Complete",
    )  # fmt: skip
