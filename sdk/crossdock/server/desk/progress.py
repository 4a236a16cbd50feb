"""How far an order has come, as the steps that the page draws."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal

from attrs import frozen

from crossdock.records import Order
from crossdock.server.desk import wording
from crossdock.server.desk.wording import Wording

StepState = Literal["done", "partly", "waiting", "stopped", "ahead"]
_STOPPED: Final = ("on_hold", "rejected", "possibly_created", "awaiting_approval")


@frozen(kw_only=True)
class Step:
    """One step; `text` says how far it is."""

    title: str
    state: StepState
    text: str


def steps(order: Order, words: Wording, *, stuck: bool = False) -> tuple[Step, ...]:
    """Give the steps from promoted to paid, judged by the quantities of the order's lines.

    Args:
        order: the CRM's order.
        words: writes quantities and days.
        stuck: whether something about it waits in the exceptions queue.
    """
    wanted = sum((line.quantity - line.cancelled for line in order.lines), Decimal(0))
    shipped = sum((line.shipped for line in order.lines), Decimal(0))
    invoiced = sum((line.invoiced for line in order.lines), Decimal(0))
    return (
        Step(title="Promoted", state="done", text=words.day(order.ordered_on)),
        _in_erp(order, stuck=stuck),
        _quantity("Shipped", shipped, wanted, words),
        _quantity("Invoiced", invoiced, wanted, words),
        Step(title="Paid", state="done", text="in full")
        if order.status == "paid"
        else Step(title="Paid", state="ahead", text="not yet"),
    )


def _in_erp(order: Order, *, stuck: bool) -> Step:
    if order.status in _STOPPED:
        return Step(title="In the ERP", state="stopped", text=wording.state(order.status).lower())
    if order.erp_order_id:
        return Step(title="In the ERP", state="done", text=order.erp_order_id)
    if order.status in ("cancelled", "returned"):
        return Step(title="In the ERP", state="ahead", text="no")
    if stuck:
        return Step(title="In the ERP", state="stopped", text="needs somebody")
    return Step(title="In the ERP", state="waiting", text="on its way")


def _quantity(title: str, done: Decimal, wanted: Decimal, words: Wording) -> Step:
    if not done:
        return Step(title=title, state="ahead", text="not yet")
    if done >= wanted:
        return Step(title=title, state="done", text="in full")
    text = f"{words.number(done)} of {words.number(wanted)}"
    return Step(title=title, state="partly", text=text)
