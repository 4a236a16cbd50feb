"""CRMs that keep a company's customers in ERPs themselves, as many as there are.

An account's external ids name one customer for each ERP. Some CRMs have trading accounts as records
of their own, many to a company; a connector of such a one tells all of them, and the host links an
account that was never linked by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from crossdock.records import AccountLink


@runtime_checkable
class KeepsTradingAccounts(Protocol):
    """A CRM that knows which customers an account is, in each ERP."""

    def account_links(self, account_id: str) -> Sequence[AccountLink]:
        """Tell all trading accounts of an account, the default one first.

        Raises:
            NotFound: there is no such account.
        """
