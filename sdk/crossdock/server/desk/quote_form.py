"""The quote editor's form: what was typed, kept as typed, and the quote that it means."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

import attrs
from attrs import field, frozen
from starlette.datastructures import FormData

from crossdock.records import Quote, QuoteLine
from crossdock.server.desk import wording

_MOST_LINES: Final = 500
_MOST_DIGITS: Final = 12


@frozen(kw_only=True)
class LineForm:
    """One line as it stands in the form."""

    number: int
    item_id: str = ""
    quantity: str = "1"
    discount_percent: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing was entered; such a line is left out."""
        return not self.item_id and self.quantity in ("", "1") and not self.discount_percent


@frozen(kw_only=True)
class QuoteForm:
    """Everything that can be typed, as text, so that nothing is lost when some of it is wrong.

    Attributes:
        version: which version of the quote the form was made from.
        find: what was typed into the item search.
        found: what the results below it were searched by.
    """

    version: str = ""
    valid_until: str = ""
    contact_id: str = ""
    opportunity_id: str = ""
    trading_account: str = ""
    lines: tuple[LineForm, ...] = ()
    find: str = ""
    found: str = ""

    @classmethod
    def of(cls, quote: Quote) -> QuoteForm:
        """Fill the form from a quote."""
        return cls(
            version=quote.version or "",
            valid_until=quote.valid_until.isoformat() if quote.valid_until else "",
            contact_id=quote.contact_id or "",
            opportunity_id=quote.opportunity_id or "",
            trading_account=quote.trading_account,
            lines=tuple(
                LineForm(
                    number=line.number,
                    item_id=line.item_id,
                    quantity=wording.typed(line.quantity),
                    discount_percent=wording.typed(line.discount_percent or None),
                )
                for line in quote.lines
            ),
        )

    @classmethod
    def submitted(cls, sent: FormData) -> QuoteForm:
        """Read the form back as it was sent."""

        def text(name: str, default: str = "") -> str:
            value = sent.get(name, default)
            return value.strip()[:400] if isinstance(value, str) else default

        lines = []
        for index in range(_MOST_LINES):
            if f"lines.{index}.item_id" not in sent:
                break
            number = text(f"lines.{index}.number")
            lines.append(
                LineForm(
                    number=int(number) if number.isdecimal() and len(number) < 7 else index + 1,
                    item_id=text(f"lines.{index}.item_id"),
                    quantity=text(f"lines.{index}.quantity"),
                    discount_percent=text(f"lines.{index}.discount_percent"),
                )
            )
        return cls(
            version=text("version"),
            valid_until=text("valid_until"),
            contact_id=text("contact_id"),
            opportunity_id=text("opportunity_id"),
            trading_account=text("trading_account"),
            lines=tuple(lines),
            find=text("find"),
            found=text("found"),
        )

    def tidy(self) -> QuoteForm:
        """Leave blank lines out, so that the form's lines are those of the quote it means."""
        return attrs.evolve(self, lines=tuple(line for line in self.lines if not line.blank))

    def with_line(self, item_id: str = "") -> QuoteForm:
        """Add a line, in the place of a blank one where the form ends with such."""
        kept = self.lines
        if item_id:
            while kept and kept[-1].blank:
                kept = kept[:-1]
        number = max((line.number for line in self.lines), default=0) + 1
        return attrs.evolve(self, lines=(*kept, LineForm(number=number, item_id=item_id)))

    def without_line(self, index: int) -> QuoteForm:
        """Take a line out."""
        return attrs.evolve(self, lines=self.lines[:index] + self.lines[index + 1 :])


@frozen(kw_only=True)
class Reading:
    """What a form means.

    Attributes:
        quote: the quote; not to be used where there are problems.
        problems: what is wrong, by the name of the control.
        changed: whether the quote differs from the one that the form was made from.
    """

    quote: Quote
    problems: dict[str, str] = field(factory=dict)
    changed: bool = False


def read(form: QuoteForm, base: Quote) -> Reading:
    """Turn a form into a quote.

    A line that was changed loses its old price, so that it never looks priced when it is not.

    Args:
        form: what was typed, tidied.
        base: the quote as the CRM had it, or a new one.
    """
    problems: dict[str, str] = {}
    before = {line.number: line for line in base.lines}
    lines = []
    for index, typed in enumerate(form.lines):
        lines.append(_line(typed, f"lines.{index}", before.get(typed.number), problems))
    if not lines:
        problems["lines"] = "A quote needs at least one line. Choose an item for it."
    quote = attrs.evolve(
        base,
        lines=tuple(lines),
        valid_until=_day(form.valid_until, problems),
        contact_id=form.contact_id or None,
        opportunity_id=form.opportunity_id or None,
        trading_account=form.trading_account,
        version=form.version or base.version,
    )
    if quote.lines != base.lines or quote.trading_account != base.trading_account:
        quote = attrs.evolve(
            quote, net=None, tax=None, gross=None, pricing_status="unpriced", priced_at=None,
            checks=(),
        )  # fmt: skip
    return Reading(quote=quote, problems=problems, changed=quote != base)


def _line(
    typed: LineForm, place: str, before: QuoteLine | None, problems: dict[str, str]
) -> QuoteLine:
    if not typed.item_id:
        problems[f"{place}.item_id"] = "Choose an item, or remove the line."
    quantity = _number(typed.quantity)
    if quantity is None or quantity <= 0:
        problems[f"{place}.quantity"] = "Write a quantity above zero, such as 3 or 1.5."
    discount = _number(typed.discount_percent or "0")
    if discount is None or not 0 <= discount <= 100:
        problems[f"{place}.discount_percent"] = "Write a discount from 0 to 100, such as 5."
    same = before if before is not None and before.item_id == typed.item_id else None
    line = QuoteLine(
        number=typed.number,
        item_id=typed.item_id,
        quantity=quantity or Decimal(0),
        discount_percent=discount or Decimal(0),
        description=same.description if same else "",
        unit=same.unit if same else "",
    )
    if before is not None and (line.item_id, line.quantity, line.discount_percent) == (
        before.item_id, before.quantity, before.discount_percent,
    ):  # fmt: skip
        return before
    return line


def _number(text: str) -> Decimal | None:
    """Read a plain decimal number; nothing else (`1e9`, `NaN`, `1,5`) is taken for one."""
    digits = text.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _day(text: str, problems: dict[str, str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems["valid_until"] = "Write the day as year-month-day, such as 2026-10-31."
        return None
