"""What no interface of Business Central tells, said in words in place of a figure."""

# ruff: noqa: ARG002 - whatever they are asked with, these methods say no

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from crossdock.connectors.partial import PartialErp
from crossdock.records import Payment, Return, TradingAccount

_NO_PAYMENTS: Final = (
    "shows no payment that is posted, only what is left of each invoice; who paid what and when "
    "stands in its ledger"
)
_NO_RETURNS: Final = "tells no goods that come back, only their credit"


class Untold(PartialErp):
    """The methods of the port that raise `NotSupported`, besides those of `PartialErp`."""

    product = "Business Central"

    def payments(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Payment]:
        """Raise `NotSupported`: no interface shows a payment that is posted."""
        self.lacks(_NO_PAYMENTS)

    def payment(self, payment_id: str) -> Payment:
        """Raise `NotSupported`: no interface shows a payment that is posted."""
        self.lacks(_NO_PAYMENTS)

    def returns(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Return]:
        """Raise `NotSupported`: only the credit of what came back is told."""
        self.lacks(_NO_RETURNS)

    def goods_return(self, return_id: str) -> Return:
        """Raise `NotSupported`: only the credit of what came back is told."""
        self.lacks(_NO_RETURNS)
