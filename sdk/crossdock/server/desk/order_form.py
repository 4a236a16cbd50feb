"""The form that changes or cancels an order: what was typed, and the change that it means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from attrs import field, frozen
from starlette.datastructures import FormData

from crossdock.records import LineChange, Order, OrderChange, OrderLine
from crossdock.server.desk import wording

_MOST_LINES: Final = 500
_MOST_DIGITS: Final = 12
_NO_NUMBER: Final = "A quantity is a number above zero, such as 3 or 1.5."


@frozen(kw_only=True)
class ChangeForm:
    """Everything that can be typed, by the name of its control."""

    typed: Mapping[str, str] = field(factory=dict)

    def __getitem__(self, name: str) -> str:
        """Give what was typed; empty where nothing was."""
        return self.typed.get(name, "")

    @classmethod
    def of(cls, order: Order) -> ChangeForm:
        """Fill the form with what the order says."""
        return cls(
            typed={f"lines.{x.number}.quantity": wording.typed(x.quantity) for x in order.lines}
        )

    @classmethod
    def submitted(cls, sent: FormData, order: Order) -> ChangeForm:
        """Read the form back as it was sent."""
        names = ["requested_on", "reason", "added.item_id", "added.quantity"]
        for line in order.lines[:_MOST_LINES]:
            names += [f"lines.{line.number}.quantity", f"lines.{line.number}.cancel"]
        values = {name: sent.get(name, "") for name in names}
        return cls(
            typed={n: v.strip()[:400] for n, v in values.items() if isinstance(v, str) and v}
        )


def read(form: ChangeForm, order: Order) -> tuple[OrderChange, dict[str, str]]:
    """Turn a form into a change; says beside it what is wrong, by the name of the control."""
    problems: dict[str, str] = {}
    lines = []
    for line in order.lines:
        place = f"lines.{line.number}.quantity"
        if form[f"lines.{line.number}.cancel"]:
            lines.append(LineChange(number=line.number, cancel=True))
            continue
        quantity = _quantity(form[place])
        if quantity is None:
            problems[place] = f"{_NO_NUMBER} Tick the box to cancel the line."
        elif quantity < line.shipped:
            problems[place] = (
                f"{wording.typed(line.shipped)} were shipped already, so it cannot be less."
            )
        elif quantity != line.quantity:
            lines.append(LineChange(number=line.number, quantity=quantity))
    added = _added(form, order, problems)
    requested_on = None
    if form["requested_on"]:
        try:
            requested_on = date.fromisoformat(form["requested_on"])
        except ValueError:
            problems["requested_on"] = "A day is written such as 2026-12-31."
    change = OrderChange(
        order_id=order.id,
        kind="change",
        lines=tuple(lines),
        added=added,
        requested_on=requested_on,
        reason=form["reason"],
    )
    if not (problems or lines or added or requested_on):
        problems[""] = "Nothing is changed yet: change a quantity, a line or the day."
    return change, problems


def _added(form: ChangeForm, order: Order, problems: dict[str, str]) -> tuple[OrderLine, ...]:
    item, quantity = form["added.item_id"], form["added.quantity"]
    if not item:
        if quantity:
            problems["added.item_id"] = "Say which item is added."
        return ()
    number = _quantity(quantity)
    if number is None:
        problems["added.quantity"] = _NO_NUMBER
        return ()
    line = max((each.number for each in order.lines), default=0) + 1
    return (OrderLine(number=line, item_id=item, quantity=number),)


def _quantity(text: str) -> Decimal | None:
    try:
        value = Decimal(text.replace(" ", ""))
    except InvalidOperation:
        return None
    if not value.is_finite() or value <= 0 or len(value.as_tuple().digits) > _MOST_DIGITS:
        return None
    return value
