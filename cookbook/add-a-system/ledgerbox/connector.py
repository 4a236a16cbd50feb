"""The connector: Ledgerbox as an ERP that knows customers and invoices, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from crossdock.connectors.credentials import ApiKey
from crossdock.connectors.exchange import Address
from crossdock.connectors.http import Remote
from crossdock.connectors.operations import Operation, read_only
from crossdock.connectors.partial import PartialErp
from crossdock.connectors.reading import Row, currency, day, each, text, text_or_none, whole
from crossdock.connectors.refusals import Complaint
from crossdock.connectors.settings import Settings
from crossdock.ports import Page
from crossdock.records import Invoice, Money, TradingAccount

LIST_CLIENTS = read_only("listClients", "/clients")
GET_CLIENT = read_only("getClient", "/clients/{no}")
LIST_BILLS = read_only("listBills", "/clients/{no}/bills")


def connect(system: str, settings: Mapping[str, Any], **more: Any) -> LedgerboxConnector:
    """Open the connector; it takes `url` and `token`."""
    checked = Settings(settings, section=f"erp.{system}", known=("token",))
    return LedgerboxConnector(system, checked, **more)


class LedgerboxConnector(PartialErp):
    """What it leaves out, `PartialErp` refuses in words: tabs show them in place of a figure."""

    product = "Ledgerbox"

    def __init__(self, system: str, settings: Settings, *, transport: Any = None) -> None:
        self.system = system
        key = ApiKey("X-Ledgerbox-Token", settings.secret("token"))
        self._remote = Remote(
            Address(kind="ERP", system=system, url=settings.url(), where=settings.where),
            credentials=lambda _: key,
            wording=_wording,
            timeout=settings.timeout(),
            transport=transport,
        )

    def close(self) -> None:
        self._remote.close()

    def customer(self, customer_id: str) -> TradingAccount:
        answer = self._remote.call(GET_CLIENT, {"no": customer_id})
        return self._remote.read(answer, self._client)

    def customers(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[TradingAccount]:
        query = {"word": search or None, "from": after, "size": min(limit, 100)}
        answer = self._remote.call(LIST_CLIENTS, query=query)
        clients, more = self._remote.read(answer, _page("clients", self._client))
        return Page(items=clients, next=more)

    def invoices(
        self, customer: TradingAccount, *, since: date | None = None, lines: bool = False
    ) -> Sequence[Invoice]:
        if lines:
            self.lacks("does not tell the lines of an invoice")
        return list(self._bills(customer.id, since))

    def _bills(self, client: str, since: date | None) -> Iterator[Invoice]:
        more: str | None = None
        while True:
            query = {"since": since.isoformat() if since else None, "from": more, "size": 100}
            answer = self._remote.call(LIST_BILLS, {"no": client}, query=query)
            bills, more = self._remote.read(answer, _page("bills", self._bill))
            yield from bills
            if more is None:
                return

    def _client(self, row: Row) -> TradingAccount:
        return TradingAccount(
            id=text(row, "no"),
            system=self.system,
            name=text(row, "title"),
            currency=currency(row),
        )

    def _bill(self, row: Row) -> Invoice:
        unit = currency(row)
        net, tax, open_ = (
            Money(Decimal(whole(row, f"{name}_cents")) / 100, unit)
            for name in ("net", "tax", "open")
        )
        return Invoice(
            id=text(row, "no"),
            system=self.system,
            customer_id=text(row, "client"),
            issued_on=day(row, "dated"),
            posted_on=day(row, "dated"),
            due_on=day(row, "due"),
            currency=unit,
            net=net,
            tax=tax,
            gross=net + tax,
            open=open_,
            status="open" if open_ else "paid",
        )


def _page(name: str, parse: Callable[[Row], Any]) -> Callable[[Row], tuple[Any, str | None]]:
    return lambda row: (each(row, name, parse), text_or_none(row, "more"))


def _wording(_status: int, body: Any) -> Complaint:
    if not isinstance(body, dict):
        return Complaint()
    return Complaint(code=str(body.get("reason", "")), message=str(body.get("say", "")))


USED = frozenset(each.id for each in globals().values() if isinstance(each, Operation))
