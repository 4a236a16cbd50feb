"""The people in a Tryton: who confirms, receives, ships, invoices and takes payments there.

They press the buttons of Tryton's own screens, under a login of their own (`office`), as whoever
sells may neither confirm over a limit nor post what is invoiced. Source: the buttons of
`stock.shipment.out` and `account.invoice`, and the wizard `account.invoice.pay` of 8.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import httpx

from crossdock.connectors.tryton.session import Session, TrytonRefused
from crossdock.host.settings.config import SystemConfig
from crossdock.secret import revealed
from crossdock.server.desk.words import Said

_LOGIN: Final = "office"
_SHIPPING: Final = ("pick", "pack", "do")
_WARNING: Final = "UserWarning"


class TrytonOffice:
    """Plays the warehouse and the bookkeeper in one database.

    Args:
        system: the configured Tryton; its password is the office's too.
        transport: how it is reached, where it is not by a socket.
    """

    acts: Final = frozenset({"approve", "receive", "ship", "ship_part", "invoice", "pay"})

    def __init__(self, system: SystemConfig, transport: httpx.BaseTransport | None = None) -> None:
        given = system.settings
        self._session = Session(
            str(given["url"]),
            str(given["database"]),
            _LOGIN,
            revealed(given["password"]),
            transport=transport,
        )
        self._signed_in = False

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def play(self, act: str, order_id: str, *, key: str, actor: str) -> Said:  # noqa: ARG002 - see below
        """Do one of `acts` on a sale; see `BackOffice.play`.

        Tryton's buttons fit one state each, so that pressing one twice does it once.
        """
        try:
            if not self._signed_in:
                self._session.sign_in()
                self._signed_in = True
            sale = _Sale(self._session, order_id)
            match act:
                case "approve":
                    return sale.confirm()
                case "receive":
                    return sale.receive()
                case "ship":
                    return sale.ship(part=False)
                case "ship_part":
                    return sale.ship(part=True)
                case "invoice":
                    return sale.invoice()
                case "pay":
                    return sale.pay()
                case _:
                    return Said(False, f"Nobody in this back office knows how to {act!r}.")
        except TrytonRefused as refused:
            return Said(False, str(refused))


class _Sale:
    """One sale, as the people there have it before them."""

    def __init__(self, session: Session, name: str) -> None:
        self._session = session
        domain = [["id", "=", int(name[1:])]] if name.startswith("#") else [["number", "=", name]]
        fields = ("number", "state", "shipments", "invoices", "lines")
        found = session.find("sale.sale", domain, *fields)
        if not found:
            raise TrytonRefused("sale.sale", ["not found", f"there is no sale {name}"])
        self._row = found[0]

    # Sales.

    def confirm(self) -> Said:
        """Confirm it in spite of its credit limit, as those may who answer for that."""
        for _ in range(5):
            try:
                self._session.call("sale.sale.confirm", [self._row["id"]])
                return Said(True, "Tryton let the order go.")
            except TrytonRefused as asked:
                if asked.kind != _WARNING:
                    raise
                self._session.call("res.user.warning.skip", asked.told[0], False)
        return Said(False, "Tryton went on asking.")

    # The warehouse.

    def receive(self) -> Said:
        """Set aside what is there, and take in as much as is missing of each line's item.

        Until the warehouse looks, nothing is set aside for a sale, however much there is.
        """
        session = self._session
        missing: dict[int, Decimal] = {}
        shipments = self._waiting()
        for shipment in shipments:
            session.call("stock.shipment.out.assign_try", [shipment])
            for move in self._inside(shipment):
                if move["state"] == "draft":
                    product = move["product"]
                    missing[product] = missing.get(product, Decimal(0)) + move["quantity"]
        if not missing:
            told = "The warehouse set all of it aside." if shipments else "Nothing of it is open."
            return Said(bool(shipments), told)
        fields = ("code", "default_uom")
        products = session.find("product.product", [["id", "in", list(missing)]], *fields)
        place = {
            row["code"]: row["id"]
            for row in session.find("stock.location", [["code", "in", ["SUP", "STO"]]], "code")
        }
        (company,) = session.find("company.company", [], "currency")
        made = session.create(
            "stock.move",
            *(
                {
                    "product": row["id"],
                    "unit": row["default_uom"],
                    "quantity": float(missing[row["id"]]),
                    "from_location": place["SUP"],
                    "to_location": place["STO"],
                    "unit_price": Decimal(0),
                    "currency": company["currency"],
                    "company": company["id"],
                }
                for row in products
            ),
        )
        session.call("stock.move.do", made)
        for shipment in shipments:
            session.call("stock.shipment.out.assign_try", [shipment])
        told = ", ".join(f"{missing[row['id']]} x {row['code']}" for row in products)
        return Said(True, f"The warehouse received {told}.")

    def ship(self, *, part: bool) -> Said:
        """Send what lies ready: all of it, or about half."""
        session, sent = self._session, []
        for shipment in self._waiting():
            session.call("stock.shipment.out.assign_try", [shipment])
            ready = [move for move in self._inside(shipment) if move["state"] == "assigned"]
            short = [move for move in self._inside(shipment) if move["state"] == "draft"]
            if not ready:
                continue
            if part:
                session.call("stock.shipment.out.wait", [shipment])
                self._leave(shipment, *_half([*self._inside(shipment)], ready))
            elif short:
                self._leave(shipment, {}, [move["id"] for move in short])
            if part or short:
                session.call("stock.shipment.out.assign_try", [shipment])
            for button in _SHIPPING:
                session.call(f"stock.shipment.out.{button}", [shipment])
            (row,) = session.find("stock.shipment.out", [["id", "=", shipment]], "number", "state")
            if row["state"] != "done":
                return Said(False, f"Shipment {row['number']} is {row['state']}.")
            sent.append(row["number"])
            if part:
                break
        if not sent:
            return Said(False, "Nothing is reserved for this order, so nothing can be shipped.")
        return Said(True, f"The warehouse shipped it: {', '.join(sent)}.")

    def _waiting(self) -> list[int]:
        wanted = [
            ["id", "in", self._row["shipments"]],
            ["state", "in", ["draft", "waiting", "assigned"]],
        ]
        rows = self._session.find("stock.shipment.out", wanted, "state")
        drafts = [row["id"] for row in rows if row["state"] == "draft"]
        if drafts:
            self._session.call("stock.shipment.out.wait", drafts)
        return sorted(row["id"] for row in rows)

    def _inside(self, shipment: int) -> list[dict[str, Any]]:
        """Give the moves that bring a shipment's goods to the door."""
        return self._session.find(
            "stock.move",
            [["shipment", "=", f"stock.shipment.out,{shipment}"], ["to_location.code", "=", "OUT"]],
            "state", "quantity", "product", "origin",
            order=[["id", "ASC"]],
        )  # fmt: skip

    def _leave(self, shipment: int, less: Mapping[int, float], out: Sequence[int]) -> None:
        """Send less of some goods and leave others out; Tryton sends the rest another time."""
        changes: list[list[Any]] = [["write", [move], {"quantity": n}] for move, n in less.items()]
        if out:
            changes.append(["delete", list(out)])
        self._session.call("stock.shipment.out.write", [shipment], {"inventory_moves": changes})

    # Bookkeeping.

    def invoice(self) -> Said:
        """Post what was drafted for it."""
        wanted = [["id", "in", self._row["invoices"]], ["state", "in", ["draft", "validated"]]]
        drafts = [row["id"] for row in self._session.find("account.invoice", wanted)]
        if not drafts:
            return Said(False, "Nothing of this order waits to be invoiced.")
        self._session.call("account.invoice.post", drafts)
        fields = ("number", "total_amount", "currency.code")
        rows = self._session.find("account.invoice", [["id", "in", drafts]], *fields)
        told = ", ".join(f"{row['number']} over {_amount(row, 'total_amount')}" for row in rows)
        return Said(True, f"Tryton invoiced it: {told}.")

    def pay(self, on: date | None = None) -> Said:
        """Take in what is open of its invoices."""
        wanted = [["id", "in", self._row["invoices"]], ["state", "=", "posted"]]
        fields = ("number", "amount_to_pay", "currency.code")
        rows = self._session.find("account.invoice", wanted, *fields)
        for row in rows:
            pay_invoice(self._session, row["id"], row["amount_to_pay"], on=on)
        if not rows:
            return Said(False, "No invoice of this order is open, so there is nothing to pay.")
        told = ", ".join(f"{_amount(row, 'amount_to_pay')} for {row['number']}" for row in rows)
        return Said(True, f"The bank received {told}.")


def pay_invoice(session: Session, invoice: int, amount: Decimal, *, on: date | None = None) -> None:
    """Take in an amount for an invoice by transfer, all of it or a part, on a day."""
    (method,) = session.find("account.invoice.payment.method", [])
    filled: dict[str, Any] = {"payment_method": method["id"], "amount": amount}
    if on is not None:
        filled["date"] = on
    session.wizard(
        "account.invoice.pay",
        [("start", "choice", filled), ("ask", "pay", {"type": "partial"})],
        active_id=invoice,
        active_ids=[invoice],
        active_model="account.invoice",
    )


def _half(
    moves: Sequence[Mapping[str, Any]], ready: Iterable[Mapping[str, Any]]
) -> tuple[dict[int, float], list[int]]:
    """Take half of each product that lies ready, or all of one where all are single."""
    lying: dict[int, Decimal] = {}
    for move in ready:
        lying[move["product"]] = lying.get(move["product"], Decimal(0)) + move["quantity"]
    halves = {product: n // 2 for product, n in lying.items() if n >= 2}
    if not halves:
        halves = dict(list(lying.items())[:1])
    less: dict[int, float] = {}
    out: list[int] = []
    for move in moves:
        wanted = halves.pop(move["product"], None)
        if wanted is None:
            out.append(move["id"])
        else:
            less[move["id"]] = float(min(wanted, move["quantity"]))
    return less, out


def _amount(row: Mapping[str, Any], name: str) -> str:
    return f"{row[name]} {row['currency.']['code']}"
