"""Products, which lines refer to by their keys, and people by their codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from attrs import evolve, frozen

from crossdock.connectors.remembering import Remembered
from crossdock.connectors.sdata.contract import Contract
from crossdock.connectors.sdata.sheets import Form, Sheet
from crossdock.connectors.writing import Unwritable


@frozen(kw_only=True)
class Product:
    """What is sold."""

    id: str
    code: str
    name: str
    list_price: Decimal | None


class Products:
    """Finds products, and believes what it found for some minutes; safe in many threads.

    Args:
        contract: the CRM.
        form: words `code`, `name`, and `price` where a product has its price itself.
        prices: of its prices otherwise: words `product` and `price`; the first one counts.
    """

    def __init__(self, contract: Contract, form: Form, prices: Form | None = None) -> None:
        self._contract = contract
        self.form = form
        self._prices = prices
        self._by_code: Remembered[str, Product] = Remembered()
        self._by_id: Remembered[str, Product] = Remembered()

    def by_code(self, codes: Iterable[str]) -> dict[str, Product]:
        """Give products by their codes, as far as they are there."""
        wanted = [code for code in dict.fromkeys(codes) if code]
        new = [code for code in wanted if self._by_code.get(code) is None]
        self._learn(self.form.path("code"), new)
        return {code: found for code in wanted if (found := self._by_code.get(code))}

    def by_id(self, ids: Iterable[str | None]) -> dict[str, Product]:
        """Give products by their keys, as far as they are there."""
        wanted = [each for each in dict.fromkeys(ids) if each]
        new = [each for each in wanted if self._by_id.get(each) is None]
        self._learn(self.form.id, [self._contract.literal_key(each) for each in new])
        return {each: found for each in wanted if (found := self._by_id.get(each))}

    def _learn(self, path: str, wanted: Iterable[str | int]) -> None:
        rows = self._contract.among(self.form, path, wanted, order=self.form.id)
        found = [self._contract.read(self.form, row, _product) for row in rows]
        prices = self.prices_of([product.id for product in found])
        for product in found:
            product = evolve(product, list_price=prices.get(product.id, product.list_price))
            self._by_id.put(product.id, product)
            if self._by_code.get(product.code) is None:
                self._by_code.put(product.code, product)

    def forget(self) -> None:
        """Look products up anew from now on."""
        self._by_code, self._by_id = Remembered(), Remembered()

    def prices_of(self, ids: Sequence[str]) -> dict[str, Decimal]:
        """Give the prices of products by their keys, where they stand apart from them."""
        form = self._prices
        if form is None:
            return {}
        keys = [self._contract.literal_key(each) for each in ids]
        found: dict[str, Decimal] = {}
        for row in self._contract.among(form, form.path("product"), keys, order=form.id):
            sheet = Sheet(row, form)
            product, price = sheet.reference("product"), sheet.number("price")
            if product and price is not None:
                found.setdefault(product, price)
        return found


def _product(sheet: Sheet) -> Product:
    return Product(
        id=sheet.id,
        code=sheet.text("code"),
        name=sheet.text("name"),
        list_price=sheet.number("price"),
    )


def product_of(code: str, known: dict[str, Product], field: str) -> Product:
    """Give the product of a line's item.

    Raises:
        Unwritable: there is none, so the CRM cannot keep the line.
    """
    found = known.get(code)
    if found is None:
        raise Unwritable(
            f"{field}.item_id", f"the CRM has no product with the code {code!r}; add it there"
        )
    return found
