"""The company: what it is called, and its preferences."""

from __future__ import annotations

from typing import Any, Final

from crossdock_mocks.dialects.quickbooks.entities import COMPANY_INFO, PREFERENCES, Entity
from crossdock_mocks.dialects.quickbooks.ledger import Ledger
from crossdock_mocks.dialects.quickbooks.names import merged, must_be_email
from crossdock_mocks.dialects.quickbooks.refusals import missing, refused
from crossdock_mocks.dialects.quickbooks.wire import Row

KEY: Final = "1"
"""The id of both: there is one of each."""


def write_company(ledger: Ledger, entity: Entity, given: Row) -> Row:
    """Update the company or its preferences; groups of preferences are merged field by field.

    Raises:
        Problem: 400 with code 2020, 610, 5010 or 2210.
    """
    if given.get("Id") is None:
        if entity is COMPANY_INFO:
            raise refused(500, f"Operation create is not supported for {entity.name}")
        given = {**given, "Id": KEY}
    old = ledger.current(entity, given)
    values = {name: value for name, value in given.items() if name not in entity.read_only}
    if entity is COMPANY_INFO:
        if "CompanyName" in values and not values["CompanyName"]:
            raise missing("CompanyName")
        must_be_email((values.get("Email") or {}).get("Address"))
        # Name and country stay, whatever a full update leaves out.
        values.setdefault("CompanyName", old["CompanyName"])
        return ledger.save(entity, merged(entity, old, given, values))
    row = dict(old)
    for name, value in values.items():
        if isinstance(value, dict):
            row[name] = {**row.get(name, {}), **value}
    return ledger.save(PREFERENCES, row)


def new_company(name: str, country: str, started: str, email: str) -> Row:
    """A company as a row."""
    address = {"Id": "1", "Country": country} if country else {"Id": "1"}
    return {
        "CompanyName": name,
        "LegalName": name,
        "CompanyAddr": address,
        "LegalAddr": address,
        "CustomerCommunicationAddr": address,
        "CompanyStartDate": started,
        "FiscalYearStartMonth": "January",
        "Country": country,
        "Email": {"Address": email},
        "SupportedLanguages": "en",
        "NameValue": [
            {"Name": "NeoEnabled", "Value": "true"},
            {"Name": "IndustryType", "Value": "Wholesale trade"},
            {"Name": "SubscriptionStatus", "Value": "SUBSCRIBED"},
            {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
        ],
    }


def new_preferences(currency: Row, *, multicurrency: bool) -> dict[str, Any]:
    """Preferences as a row: nothing is applied by itself, and numbers are given by the books."""
    return {
        "AccountingInfoPrefs": {
            "FirstMonthOfFiscalYear": "January",
            "UseAccountNumbers": False,
            "TaxYearMonth": "January",
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": True,
            "TrackDepartments": True,
            "CustomerTerminology": "Customers",
            "DepartmentTerminology": "Location",
        },
        "ProductAndServicesPrefs": {
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": True,
        },
        "SalesFormsPrefs": {
            "AllowDeposit": True,
            "AllowDiscount": True,
            "AllowEstimates": True,
            "AllowServiceDate": True,
            "AllowShipping": True,
            "AutoApplyCredit": False,
            "AutoApplyPayments": False,
            "CustomTxnNumbers": True,
            "UsingProgressInvoicing": False,
            "UsingPriceLevels": False,
            "CustomField": [
                {
                    "CustomField": [
                        {
                            "Name": "SalesFormsPrefs.SalesCustomName1",
                            "Type": "StringType",
                            "StringValue": "P.O. Number",
                        }
                    ]
                }
            ],
        },
        "TaxPrefs": {"UsingSalesTax": True, "PartnerTaxEnabled": False},
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        "CurrencyPrefs": {"HomeCurrency": currency, "MultiCurrencyEnabled": multicurrency},
        "TimeTrackingPrefs": {"UseServices": True, "WorkWeekStartDate": "Monday"},
        "OtherPrefs": {
            "NameValue": [
                {"Name": "SalesFormsPrefs.DefaultCustomerMessage", "Value": ""},
                {"Name": "DTXCopyMemo", "Value": "false"},
            ]
        },
    }
