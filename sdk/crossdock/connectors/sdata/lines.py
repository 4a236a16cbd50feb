"""Lines of quotes and orders: product, quantity, price and discount are the CRM's, the rest ours.

What was priced by the ERP is only true of the line as it was then: where quantity, price or
discount are others now, somebody changed them in the CRM, and net and tax are not known any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import evolve

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.reading import Row
from crossdock.connectors.sdata.products import Product, Products, product_of
from crossdock.connectors.sdata.progress import progress_read
from crossdock.connectors.sdata.records import Records
from crossdock.connectors.sdata.sheets import Form, Sheet
from crossdock.connectors.sdata.values import Reference, plain
from crossdock.connectors.vendor_crm import documents
from crossdock.connectors.vendor_crm.documents import QUANTITIES
from crossdock.connectors.writing import Unwritable
from crossdock.connectors.writing import number as plain_number
from crossdock.records import Money, OrderLine, QuoteLine

_AS: Final = "as"
"""What a line was when it was written, beside its fields."""
_UNPRICED: Final = "unpriced"
"""The list price that a line without a price is shown at."""
_ZERO: Final = Decimal(0)
_HUNDRED: Final = Decimal(100)
_MOST_DIGITS: Final = Decimal("0.000001")
Wanted = Mapping[int, Mapping[str, Any]]


class Lines:
    """The lines of one kind of documents.

    Args:
        records: reads and writes records.
        form: words `document`, `number`, `product`, `quantity`, `price`, `discount`, `description`,
            and those that the CRM has fields for besides.
        products: what lines refer to.
        percent: what the CRM writes for a discount of one percent: 1, or 0.01.
        net_prices: whether the CRM's price is the one after the discount, and the discount is not
            its own; the price before it is the word `unit_price` then.
    """

    def __init__(
        self,
        records: Records,
        form: Form,
        products: Products,
        *,
        percent: Decimal = Decimal(1),
        net_prices: bool = False,
    ) -> None:
        self._records = records
        self.form = form
        self._products = products
        self._percent = percent
        self._net_prices = net_prices

    def numbered(self, rows: Iterable[Row]) -> dict[int, Sheet]:
        """Give lines by their numbers, in order; one without a number gets the next free one."""
        sheets = [Sheet(row, self.form) for row in rows]
        sheets.sort(key=lambda sheet: (len(sheet.id), sheet.id))

        def number(sheet: Sheet) -> int | None:
            found = sheet.number("number")
            whole = found is not None and found == found.to_integral_value()
            return int(found) if found is not None and whole else None

        return documents.filled(*documents.numbered(sheets, number))

    def products_of(self, lines: Iterable[Iterable[Row]]) -> dict[str, Product]:
        """Give the products that the lines of some documents refer to."""
        ids = [Sheet(row, self.form).reference("product") for rows in lines for row in rows]
        return self._products.by_id(ids)

    # Reading.

    def quote_lines(
        self, rows: Sequence[Row], products: Mapping[str, Product], unit: str
    ) -> tuple[QuoteLine, ...]:
        """Read the lines of a quote in a currency."""
        return tuple(
            QuoteLine(
                **self._common(number, sheet, products, unit),
                list_price=sheet.money("list_price", unit),
                tax_rate=sheet.number("tax_rate"),
                tax=sheet.money("tax", unit) if self._is_as_written(sheet) else None,
                price_rule=sheet.text("price_rule"),
                price_source=sheet.text("price_source"),
            )
            for number, sheet in self.numbered(rows).items()
        )

    def order_lines(
        self,
        rows: Sequence[Row],
        products: Mapping[str, Product],
        unit: str,
        progress: Mapping[str, Any],
    ) -> tuple[OrderLine, ...]:
        """Read the lines of an order in a currency.

        Args:
            rows: its lines.
            products: that they refer to.
            unit: the currency.
            progress: how far each has come, by its number, as the order's head has it; a line that
                is not there has come as far as its own fields say.
        """
        found: list[OrderLine] = []
        for number, sheet in self.numbered(rows).items():
            line = OrderLine(
                **self._common(number, sheet, products, unit),
                **_quantities(sheet),
                quote_line=_whole(sheet.number("quote_line")),
            )
            told = progress.get(str(number))
            found.append(line if told is None else evolve(line, **progress_read(told)))
        return tuple(found)

    def _common(
        self, number: int, sheet: Sheet, products: Mapping[str, Product], unit: str
    ) -> dict[str, Any]:
        product = products.get(sheet.reference("product") or "")
        described = sheet.text("description")
        as_written = self._is_as_written(sheet)
        net = sheet.money("net", unit) if sheet.is_ours else sheet.money("total", unit)
        price, discount = self._priced(sheet, unit, as_written=as_written)
        return {
            "number": number,
            "item_id": product.code if product else "",
            "quantity": sheet.number("quantity") or _ZERO,
            "unit": sheet.text("unit"),
            "description": described or ("" if sheet.is_ours or not product else product.name),
            "unit_price": price,
            "discount_percent": discount,
            "net": net if as_written else None,
            "promised_on": sheet.day("promised_on"),
        }

    def _priced(self, sheet: Sheet, unit: str, *, as_written: bool) -> tuple[Money | None, Decimal]:
        """Give the price before the discount, and the discount in percent."""
        shown, discount = sheet.number("price"), self._discount(sheet)
        kept = sheet.kept(_UNPRICED)
        if shown is None or (kept is not None and Decimal(str(kept)) == shown):
            return None, discount
        if self._net_prices:
            before = sheet.number("unit_price") if sheet.is_ours and as_written else None
            if before is None:
                return of_unit(shown, unit), _ZERO
            return of_unit(before, unit), discount
        return of_unit(shown, unit), discount

    def _discount(self, sheet: Sheet) -> Decimal:
        return plain((sheet.number("discount") or _ZERO) / self._percent)

    def _is_as_written(self, sheet: Sheet) -> bool:
        kept = sheet.kept(_AS)
        if kept is None:
            return True
        discount = _ZERO if self._net_prices else self._discount(sheet)
        quantity, price = sheet.number("quantity") or _ZERO, sheet.number("price") or _ZERO
        return bool(kept == _fingerprint(quantity, price, discount))

    # Writing.

    def written(self, lines: Sequence[QuoteLine | OrderLine], unit: str) -> dict[int, Any]:
        """Write lines by our words, by their numbers; a line's cost never goes to the CRM.

        Raises:
            Unwritable: an item is unknown to the CRM, or an amount is in another currency.
        """
        products = self._products.by_code(line.item_id for line in lines)
        found: dict[int, Any] = {}
        for index, line in enumerate(lines):
            place = f"lines.{index}"
            product = product_of(line.item_id, products, place)
            found[line.number] = self._line(line, unit, place, product)
        return found

    def _line(
        self, line: QuoteLine | OrderLine, unit: str, place: str, product: Product
    ) -> dict[str, Any]:
        listed = product.list_price or _ZERO
        price = _amount(line.unit_price, unit, f"{place}.unit_price")
        shown, discount = listed if price is None else price, line.discount_percent
        quantity = Decimal(line.quantity)
        words: dict[str, Any] = {
            "number": Decimal(line.number),
            "product": Reference(product.id),
            "quantity": quantity,
            "discount": discount * self._percent,
            "description": line.description,
            "unit": line.unit,
            "net": _amount(line.net, unit, f"{place}.net"),
            "promised_on": line.promised_on,
        }
        if self._net_prices:
            if price is not None:
                shown = (price - price * discount / _HUNDRED).quantize(_MOST_DIGITS)
            words["unit_price"] = price
        words |= {
            "price": plain(shown),
            _AS: _fingerprint(quantity, shown, _ZERO if self._net_prices else discount),
            _UNPRICED: plain(shown) if price is None else None,
        }
        if isinstance(line, QuoteLine):
            return words | {
                "list_price": _amount(line.list_price, unit, f"{place}.list_price"),
                "tax_rate": line.tax_rate,
                "tax": _amount(line.tax, unit, f"{place}.tax"),
                "price_rule": line.price_rule,
                "price_source": line.price_source,
            }
        quantities = {name: getattr(line, name) for name in QUANTITIES}
        words |= {
            name: value if value or self.form.has(name) else None
            for name, value in quantities.items()
        }
        words["quote_line"] = None if line.quote_line is None else Decimal(line.quote_line)
        if self.form.has("standing"):
            words["standing"] = documents.standing(line)
        return words

    def nested(self, wanted: Wanted) -> list[dict[str, Any]]:
        """Write lines that are made together with their document."""
        return [
            {
                name: value
                for name, value in self._records.written(self.form, words).items()
                if value is not None
            }
            for words in wanted.values()
        ]

    def bring_to(
        self, document_id: str, wanted: Wanted, now: Mapping[int, Sheet], *, remove: bool
    ) -> bool:
        """Write what differs, line by line; says whether anything did.

        Another item is another line. What was done before an answer was lost is not done again, as
        whoever asks next reads the lines that are there.

        Args:
            document_id: whose lines they are.
            wanted: by our words, by number.
            now: those that are there, by number.
            remove: whether those that are not wanted go.
        """
        contract, changed = self._records.contract, False
        for number, sheet in now.items():
            words = wanted.get(number)
            replaced = words is not None and words["product"].key != sheet.reference("product")
            if replaced or (remove and words is None):
                contract.delete(self.form, sheet.id)
                changed = True
        for number, words in wanted.items():
            there = now.get(number)
            if there is None or words["product"].key != there.reference("product"):
                given = {**words, "document": Reference(document_id)}
                contract.create(self.form, self._records.written(self.form, given))
                changed = True
                continue
            fields = self._records.written(self.form, words, there)
            changed = self._records.change(self.form, there.row, fields) or changed
        return changed


def _fingerprint(quantity: Decimal, price: Decimal, discount: Decimal) -> str:
    return "|".join(plain_number(plain(each)) for each in (quantity, price, discount))


def _quantities(sheet: Sheet) -> dict[str, Any]:
    return {name: sheet.number(name) or _ZERO for name in QUANTITIES}


def _whole(value: Decimal | None) -> int | None:
    return None if value is None else int(value)


def _amount(value: Money | None, unit: str, field: str) -> Decimal | None:
    if value is None:
        return None
    if value.currency != unit:
        raise Unwritable(field, f"is in {value.currency}, the document in {unit}")
    return value.amount
