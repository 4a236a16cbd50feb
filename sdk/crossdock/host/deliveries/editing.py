"""What a person may change of a promoted order before it is tried again.

The changes are texts by field, as a form or a command line gives them: `trading_account`,
`requested_on`, `ship_to.city`, `lines.0.item_id`, `lines.0.quantity`, and `lines.0.remove` (any
text). A line of a number that the order does not have yet is added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from attrs import evolve, fields

from crossdock.errors import EditRefused, FieldError, NotEditable
from crossdock.records import Address, Event, Order, OrderLine, OrderPromoted

_ADDRESS: Final = tuple(each.name for each in fields(Address))
_LINE: Final = re.compile(r"lines\.(\d{1,3})\.(item_id|quantity|remove)")
_MOST: Final = Decimal(10) ** 9
_PLACES: Final = 6
_MOST_CHARACTERS: Final = 200
_COUNTRY: Final = re.compile(r"[A-Za-z]{2}")


def editable(event: Event) -> Mapping[str, str]:
    """Give the fields that may be changed, with their values as text.

    Raises:
        NotEditable: it is another kind of event; such a record is put right where it is kept.
    """
    order = order_of(event)
    form = {
        "trading_account": order.trading_account,
        "requested_on": order.requested_on.isoformat() if order.requested_on else "",
    }
    form |= {f"ship_to.{name}": getattr(order.ship_to, name) for name in _ADDRESS}
    for index, line in enumerate(order.lines):
        form[f"lines.{index}.item_id"] = line.item_id
        form[f"lines.{index}.quantity"] = format(line.quantity, "f")
    return form


def edited(
    event: Event, changes: Mapping[str, str], *, trading_accounts: Sequence[str] = ()
) -> OrderPromoted:
    """Make the changes.

    A line whose item is another one loses its price, as that was the other item's; the ERP prices
    it. A line whose quantity alone is another one keeps the price that the customer was quoted.

    Args:
        event: what is delivered now.
        changes: texts by field; a field that is not named stays as it is.
        trading_accounts: the customers that the order's account is linked to; an order may name
            only those. Where it is empty only the form is checked.

    Raises:
        NotEditable: it is another kind of event.
        EditRefused: some fields do not make sense; it names each.
    """
    order = order_of(event)
    wrong: list[FieldError] = []

    def refuse(field: str, message: str) -> None:
        wrong.append(FieldError(field, message))

    given = {name: text.strip() for name, text in changes.items()}
    for name, text in given.items():
        if len(text) > _MOST_CHARACTERS:
            refuse(name, f"no more than {_MOST_CHARACTERS} characters")
        elif name not in editable(event) and not _LINE.fullmatch(name):
            refuse(name, "there is no such field, or it cannot be changed here")
    if wrong:
        raise EditRefused(wrong)

    values: dict[str, Any] = {}
    if "trading_account" in given:
        account = given["trading_account"]
        system, _, customer = account.partition(":")
        if account and not (system and customer):
            refuse("trading_account", "write it as ERP:customer, such as main:C-10001")
        elif account and trading_accounts and account not in trading_accounts:
            known = ", ".join(trading_accounts)
            refuse("trading_account", f"the account is linked to {known} only")
        values["trading_account"] = account
    if "requested_on" in given:
        try:
            wanted = given["requested_on"]
            values["requested_on"] = date.fromisoformat(wanted) if wanted else None
        except ValueError:
            refuse("requested_on", "write the day as 2026-12-24")
    ship_to = {name: given[f"ship_to.{name}"] for name in _ADDRESS if f"ship_to.{name}" in given}
    if country := ship_to.get("country"):
        if not _COUNTRY.fullmatch(country):
            refuse("ship_to.country", "a country has a code of two letters, such as DE")
        ship_to["country"] = country.upper()
    values["ship_to"] = evolve(order.ship_to, **ship_to)
    values["lines"] = _lines(order, given, refuse)
    if not values["lines"] and not wrong:
        refuse("lines.0.remove", "an order needs a line; give the delivery up instead")
    if wrong:
        raise EditRefused(wrong)
    changed = evolve(order, **values)
    if changed.lines != order.lines:
        changed = evolve(changed, net=None, tax=None, gross=None)
    return OrderPromoted(order=changed)


def differences(before: Event, after: Event) -> dict[str, list[str]]:
    """Give each field that was changed with its old and its new text."""
    old, new = editable(before), editable(after)
    names = [*old, *(name for name in new if name not in old)]
    return {
        name: [old.get(name, ""), new.get(name, "")]
        for name in names
        if old.get(name, "") != new.get(name, "")
    }


def order_of(event: Event) -> Order:
    """Give the order that may be changed.

    Raises:
        NotEditable: it is another kind of event; such a record is put right where it is kept.
    """
    if not isinstance(event, OrderPromoted):
        raise NotEditable(
            "only an order on its way into the ERP can be changed here; put any other record right "
            "where it is kept, then retry"
        )
    return event.order


def _lines(
    order: Order, given: Mapping[str, str], refuse: Callable[[str, str], None]
) -> tuple[OrderLine, ...]:
    named = sorted({int(found[1]) for name in given if (found := _LINE.fullmatch(name))})
    lines: list[OrderLine] = []
    next_number = max((line.number for line in order.lines), default=0) + 1
    for index in range(max(len(order.lines), named[-1] + 1) if named else 0):
        at = f"lines.{index}"
        if given.get(f"{at}.remove"):
            continue
        line = order.lines[index] if index < len(order.lines) else None
        item = given.get(f"{at}.item_id", line.item_id if line else "")
        quantity = given.get(f"{at}.quantity", format(line.quantity, "f") if line else "")
        if line is None and not item and not quantity:
            continue  # a line that was offered and not filled in
        if not item:
            refuse(f"{at}.item_id", "which item?")
            continue
        number = _quantity(quantity)
        if number is None:
            refuse(f"{at}.quantity", "a quantity is a number above zero, such as 3 or 2.5")
            continue
        if line is None:
            lines.append(OrderLine(number=next_number, item_id=item, quantity=number))
            next_number += 1
        elif item != line.item_id:
            lines.append(OrderLine(number=line.number, item_id=item, quantity=number))
        elif number != line.quantity:
            lines.append(evolve(line, quantity=number, net=None))
        else:
            lines.append(line)
    return tuple(lines) if named else order.lines


def _quantity(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or not 0 < number < _MOST:
        return None
    exponent = number.normalize().as_tuple().exponent
    return number if isinstance(exponent, int) and -exponent <= _PLACES else None
