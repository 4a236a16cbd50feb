"""A whole draft priced by Tryton, with stock and what it does to the customer's credit."""

from __future__ import annotations

from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton import pricing
from crossdock.connectors.tryton.database import Database
from crossdock.connectors.tryton.directory import Directory
from crossdock.connectors.tryton.drafting import Drafting
from crossdock.connectors.tryton.parties import Party
from crossdock.connectors.tryton.products import Product
from crossdock.connectors.tryton.warehouse import Warehouse
from crossdock.errors import FieldError, RemoteRefused
from crossdock.records import PriceRequest, PriceRequestLine, Pricing


class Quoting:
    """Prices drafts of one company."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        drafting: Drafting,
        warehouse: Warehouse,
    ) -> None:
        self._database = database
        self._directory = directory
        self._drafting = drafting
        self._warehouse = warehouse

    def price(self, customer: Party, request: PriceRequest) -> Pricing:
        """Let Tryton price a draft; see `TrytonConnector.price`."""
        home = self._database.company.currency
        unit = request.currency or customer.currency or home
        products = self._directory.products_by_code(line.item_id for line in request.lines)
        chosen = [
            (line, self._sold(index, line, products)) for index, line in enumerate(request.lines)
        ]
        on = request.on or self._database.today()
        head = self._drafting.head(customer.id, self._directory.currency_id(unit), on)
        stock = self._warehouse.availability([(product, line.quantity) for line, product in chosen])
        wanted = [
            pricing.Wanted(
                line=line,
                product=product,
                filled=self._drafting.line(
                    head,
                    product,
                    line.quantity,
                    **(
                        {"discount_percent": line.discount_percent}
                        if line.discount_percent is not None
                        else {}
                    ),
                ),
                availability=stock.get(product.id),
            )
            for line, product in chosen
        ]
        return pricing.pricing(
            wanted,
            customer,
            head,
            self._drafting.totals(head, [each.filled for each in wanted]),
            self._directory.taxes(),
            system=self._database.system,
            unit=unit,
            home=home,
            on=on,
            rounding=self._directory.tax_rounding(),
        )

    def _sold(self, index: int, line: PriceRequestLine, products: dict[str, Product]) -> Product:
        field = f"lines.{index}"
        if line.quantity <= 0:
            raise self._database.remote.rejected(
                use.LINE_ON_CHANGE, f"{field}.quantity", "must be more than nothing"
            )
        product = products.get(line.item_id)
        if product is None:
            problem, code = f"there is no item {line.item_id}", "no_such_item"
        elif not product.sold:
            problem, code = f"{line.item_id} is not sold any more", "item_inactive"
        elif product.price is None:
            problem, code = f"{line.item_id} has no sales price", "no_price"
        else:
            return product
        raise RemoteRefused(
            f"{self._database.label} cannot price this: {problem}",
            system=self._database.system,
            code=code,
            fields=[FieldError(f"{field}.item_id", problem)],
        )
