"""What the quote editor offers to choose from: an account's trading accounts, an ERP's items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from crossdock.errors import CrossdockError, NotFound
from crossdock.records import Account, Item, TradingAccount
from crossdock.server.desk.refusals import refusal
from crossdock.server.desk.visit import Visit

_RESULTS: Final = 8


def customers(visit: Visit, account: Account) -> tuple[Sequence[TradingAccount], str]:
    """Give the trading accounts, and say in words which ERP is away.

    One that cannot be read now may be chosen all the same, as it was last read.
    """
    host = visit.desk.host
    found: list[TradingAccount] = []
    away = ""
    for link in host.linking.linked.told(account):
        try:
            customer = host.erp.using(link.system).customer(link.customer_id)
        except NotFound:
            continue
        except CrossdockError as error:
            away = refusal(error).title
            customer = TradingAccount(
                id=link.customer_id,
                system=link.system,
                name=link.name,
                currency=link.currency or account.currency or "EUR",
            )
        found.append(attrs.evolve(customer, default=link.default))
    return found, away


def system(visit: Visit, chosen: str, known: Sequence[TradingAccount]) -> str:
    """Name the ERP whose items are offered: that of the chosen customer, else of the default."""
    wanted = chosen.partition(":")[0] or (known[0].system if known else "")
    systems = visit.desk.host.erp.systems
    return wanted if wanted in systems else systems[0]


def find(visit: Visit, erp: str, search: str) -> tuple[Item, ...]:
    """Give the first items of an ERP that fit a search.

    Raises:
        NotFound: there is no such ERP.
    """
    if erp not in visit.desk.host.erp.systems:
        raise NotFound(f"there is no ERP called {erp!r}", system=erp)
    return tuple(visit.desk.host.erp.using(erp).items(search, limit=_RESULTS).items)
