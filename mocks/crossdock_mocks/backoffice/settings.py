"""Settings of the company that rule prices, rounding, credit and contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from crossdock_mocks.backoffice.decimals import minor_units
from crossdock_mocks.backoffice.pricing import Policy
from crossdock_mocks.backoffice.tax import RoundingMode


@frozen
class Settings:
    """What the company has decided.

    Attributes:
        currency: The company's currency, of list prices and costs.
        rounding: How tax is rounded.
        price_policy: How a price is chosen.
        credit_policy: What happens over the limit: hold or refuse.
        past_due_policy: What happens with invoices past due: ignore, hold or refuse.
        notice_days: So many days before its end a contract counts as expiring.
    """

    currency: str
    rounding: RoundingMode
    price_policy: Policy
    credit_policy: str
    past_due_policy: str
    notice_days: int

    @classmethod
    def of(cls, company: Mapping[str, Any]) -> Settings:
        """The settings in the company's document."""
        return cls(
            currency=company["currency"],
            rounding=company["rounding"],
            price_policy=company["pricePolicy"],
            credit_policy=company["creditPolicy"],
            past_due_policy=company["pastDuePolicy"],
            notice_days=company["contractNoticeDays"],
        )


def new_company(
    *, name: str, country: str | None, currency: str, rounding: str, as_of: str
) -> dict[str, Any]:
    """A company's document with the house's own settings."""
    return {
        "id": "company",
        "name": name,
        "country": country or None,
        "currency": currency,
        "minorUnits": minor_units(currency),
        "rounding": rounding,
        "pricesIncludeTax": False,
        "pricePolicy": "hierarchy",
        "creditPolicy": "hold",
        "pastDuePolicy": "ignore",
        "contractNoticeDays": 60,
        "asOf": as_of,
        "rules": [],
        "version": 1,
    }
