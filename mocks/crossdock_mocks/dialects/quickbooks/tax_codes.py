"""Tax codes: made by the tax service with their rates, and then only read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crossdock_mocks.dialects.quickbooks.entities import TAX_AGENCY, TAX_CODE, TAX_RATE, Entity
from crossdock_mocks.dialects.quickbooks.ledger import Ledger, reference_to
from crossdock_mocks.dialects.quickbooks.refusals import missing, refused
from crossdock_mocks.dialects.quickbooks.wire import Row, decimal, number


def create_tax_code(ledger: Ledger, given: Row) -> Row:
    """Create a tax code, with new rates or ones that exist; gives what the tax service answers.

    Raises:
        Problem: 400 with code 2020, 2090, 2500, 6240 or 610.
    """
    name = given.get("TaxCode")
    if not name:
        raise missing("TaxCode")
    _unused(ledger, TAX_CODE, name, "TaxCode")
    details = given.get("TaxRateDetails") or []
    if not details:
        raise missing("TaxRateDetails")
    told: list[Row] = []
    applied: dict[str, list[Row]] = {"Sales": [], "Purchase": []}
    for each in details:
        rate = _rate(ledger, each)
        side = each.get("TaxApplicableOn") or "Sales"
        applied[side].append(
            {
                "TaxRateRef": reference_to(TAX_RATE, rate),
                "TaxTypeApplicable": "TaxOnAmount",
                "TaxOrder": len(applied[side]),
            }
        )
        told.append(
            {
                "TaxRateName": rate["Name"],
                "TaxRateId": rate["Id"],
                "RateValue": rate["RateValue"],
                "TaxAgencyId": rate["AgencyRef"]["value"],
                "TaxApplicableOn": side,
            }
        )
    code = ledger.create(
        TAX_CODE,
        tax_code(name, name, applied["Sales"], applied["Purchase"]),
    )
    return {"TaxCode": name, "TaxCodeId": code["Id"], "TaxRateDetails": told}


def tax_code(name: str, description: str, sales: list[Row], purchase: list[Row]) -> Row:
    """A tax code as a row."""
    return {
        "Name": name,
        "Description": description,
        "Active": True,
        "Taxable": True,
        "TaxGroup": True,
        "SalesTaxRateList": {"TaxRateDetail": sales},
        "PurchaseTaxRateList": {"TaxRateDetail": purchase},
    }


def tax_rate(name: str, percent: Decimal, agency: Row) -> Row:
    """A tax rate as a row."""
    return {
        "Name": name,
        "Description": name,
        "RateValue": number(percent),
        "Active": True,
        "AgencyRef": {"value": agency["Id"], "name": agency["DisplayName"]},
        "SpecialTaxType": "NONE",
        "DisplayType": "ReadOnly",
    }


def _rate(ledger: Ledger, given: Row) -> Row:
    if given.get("TaxRateId") is not None:
        return ledger.refer(TAX_RATE, {"value": given["TaxRateId"]}, "TaxRateId")
    for name in ("TaxRateName", "RateValue", "TaxAgencyId"):
        if given.get(name) is None:
            raise missing(name)
    value = decimal(given["RateValue"])
    if not 0 <= value <= 100:
        raise refused(2090, "Invalid Number : RateValue is 0 to 100", "RateValue")
    _unused(ledger, TAX_RATE, given["TaxRateName"], "TaxRateName")
    agency = ledger.refer(TAX_AGENCY, {"value": given["TaxAgencyId"]}, "TaxAgencyId")
    return ledger.create(TAX_RATE, tax_rate(given["TaxRateName"], value, agency))


def _unused(ledger: Ledger, entity: Entity, name: str, element: str) -> None:
    taken: list[Any] = [
        row for row in ledger.table(entity).find() if row["Name"].casefold() == name.casefold()
    ]
    if taken:
        raise refused(6240, f"The name supplied already exists. : {name[:100]} is in use", element)
