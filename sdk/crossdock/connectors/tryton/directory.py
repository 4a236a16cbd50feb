"""Who and what Tryton's ids stand for: codes of parties and products, terms, taxes, currencies.

Documents point at records by id; people, and the CRM, know them by code. What hardly ever changes
is remembered for some minutes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

from attrs import frozen

from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row
from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton import parties, products, wire
from crossdock.connectors.tryton.database import Database, in_pieces
from crossdock.connectors.tryton.parties import Party
from crossdock.connectors.tryton.products import Product
from crossdock.connectors.tryton.refusals import nothing
from crossdock.errors import RemoteRefused
from crossdock.records import Address

_T = TypeVar("_T")
_KEEP_SECONDS: Final = 300.0
_WITH_INACTIVE: Final = {"active_test": False}


@frozen(kw_only=True)
class Tax:
    """A tax; `rate` is a fraction, and `None` where the tax is no percentage."""

    id: int
    name: str
    rate: Decimal | None


class Directory:
    """Looks up what ids stand for, in one database."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[Any, tuple[float, Any]] = {}

    # Parties.

    def party(self, code: str) -> Party:
        """Read a party by its code, as it is now; raises `NotFound`."""
        found = self.parties([("code", "=", code)])
        if not found:
            raise nothing(self._database.label, self._database.system, f"customer {code}")
        return found[0]

    def party_id(self, code: str) -> int:
        """Give the id of the party with a code."""
        known: int | None = self._known(("party", code))
        return known if known is not None else self.party(code).id

    def parties(self, domain: Sequence[Any], **how: Any) -> list[Party]:
        """Read the parties that fit a domain, inactive ones too."""
        found = self._database.search(
            use.SEARCH_PARTIES, domain, parties.FIELDS, parties.party,
            context=_WITH_INACTIVE, **how,
        )  # fmt: skip
        for each in found:
            self._keep(("party", each.code), each.id)
            self._keep(("code", each.id), each.code)
        return found

    def codes(self, party_ids: Iterable[int]) -> Mapping[int, str]:
        """Give the codes of parties by their ids."""
        wanted = set(party_ids)
        found = {each: code for each in wanted if (code := self._known(("code", each)))}
        missing = sorted(wanted - found.keys())
        for piece in in_pieces(missing):
            found |= {each.id: each.code for each in self.parties([("id", "in", list(piece))])}
        return found

    def addresses(self, address_ids: Iterable[int]) -> Mapping[int, Address]:
        """Read addresses by their ids."""
        return {each_id: at for each_id, (at, _) in self._addresses(address_ids).items()}

    def invoice_addresses(self, found: Sequence[Party]) -> Mapping[int, Address]:
        """Give each party's address for invoices, or its first."""
        known = self._addresses(each for one in found for each in one.addresses)
        chosen = {}
        for one in found:
            mine = [known[each] for each in one.addresses if each in known]
            told = next((at for at, row in mine if wire.flag(row, "invoice")), None)
            chosen[one.id] = told or (mine[0][0] if mine else Address())
        return chosen

    def invoice_address_id(self, found: Party) -> int | None:
        """Give the id of a party's address for invoices, or of its first."""
        known = self._addresses(found.addresses)
        mine = [each for each in found.addresses if each in known]
        told = next((each for each in mine if wire.flag(known[each][1], "invoice")), None)
        return told or (mine[0] if mine else None)

    def _addresses(self, address_ids: Iterable[int]) -> dict[int, tuple[Address, Row]]:
        found: dict[int, tuple[Address, Row]] = {}
        for piece in in_pieces(sorted(set(address_ids))):
            rows = self._database.search(
                use.SEARCH_ADDRESSES, [("id", "in", list(piece))], parties.ADDRESS_FIELDS,
                lambda row: (wire.key(row), (parties.address(row), row)), context=_WITH_INACTIVE,
            )  # fmt: skip
            found |= dict(rows)
        return found

    # Products.

    def products_by_code(self, codes: Iterable[str]) -> dict[str, Product]:
        """Read products by their codes, as they are now; codes of none are left out.

        Raises:
            RemoteRefused: several active products have one code.
        """
        wanted = list(dict.fromkeys(codes))
        by_id = [int(each[1:]) for each in wanted if each[:1] == "#" and each[1:].isdigit()]
        found: dict[str, list[Product]] = {}
        for piece in in_pieces(wanted):
            for each in self.products(["OR", ("code", "in", list(piece)), ("id", "in", by_id)]):
                found.setdefault(each.code, []).append(each)
        return {code: self._only(code, found[code]) for code in wanted if code in found}

    def product(self, code: str) -> Product:
        """Read a product by its code, as it is now; raises `NotFound`."""
        found = self.products_by_code([code])
        if code not in found:
            raise nothing(self._database.label, self._database.system, f"item {code}")
        return found[code]

    def products(self, domain: Sequence[Any], **how: Any) -> list[Product]:
        """Read the products that fit a domain, inactive ones too."""
        found = self._database.search(
            use.SEARCH_PRODUCTS, domain, products.FIELDS, products.product,
            context=_WITH_INACTIVE, **how,
        )  # fmt: skip
        for each in found:
            self._keep(("product", each.id), each.code)
        return found

    def product_codes(self, product_ids: Iterable[int]) -> Mapping[int, str]:
        """Give the codes of products by their ids."""
        wanted = set(product_ids)
        found = {each: code for each in wanted if (code := self._known(("product", each)))}
        missing = sorted(wanted - found.keys())
        for piece in in_pieces(missing):
            found |= {each.id: each.code for each in self.products([("id", "in", list(piece))])}
        return found

    def _only(self, code: str, found: Sequence[Product]) -> Product:
        chosen = [each for each in found if each.sold] or list(found)
        if len(chosen) > 1:
            names = ", ".join(each.name for each in chosen)
            raise RemoteRefused(
                f"{self._database.label} has {len(chosen)} products with the code {code} "
                f"({names}); a code must tell products apart",
                system=self._database.system,
                code="ambiguous_code",
            )
        return chosen[0]

    # Terms, taxes, currencies, the warehouse.

    def terms_days(self, term_id: int | None) -> int | None:
        """Give the days of a payment term; `None` without one, or where it says no days."""
        if term_id is None:
            return None
        return self._all("terms", self._terms).get(term_id)

    def term_of(self, days: int) -> int | None:
        """Give the id of a payment term of so many days; `None` where there is none."""
        known = self._all("terms", self._terms)
        return next((term for term, due in known.items() if due == days), None)

    def taxes(self) -> Mapping[int, Tax]:
        """Give all taxes by id."""
        return self._all("taxes", self._taxes)

    def tax_name(self, tax_ids: Sequence[int]) -> str:
        """Name what is put on sales, several taxes with a plus between them."""
        known = self.taxes()
        return "+".join(known[each].name for each in tax_ids if each in known)

    def tax_rounding(self) -> str:
        """Say whether tax is rounded by `line` or by `document`."""
        return self._all("rounding", self._rounding)

    def currency_id(self, code: str) -> int:
        """Give the id of a currency; raises `RemoteRefused` where there is none."""
        found = self._all("currencies", self._currencies).get(code)
        if found is None:
            raise RemoteRefused(
                f"{self._database.label} keeps no currency {code}",
                system=self._database.system,
                code="no_such_currency",
            )
        return found

    def warehouses(self) -> tuple[int, ...]:
        """Give the ids of all warehouses."""
        return self._all("warehouses", self._warehouses)

    def _terms(self) -> Mapping[int, int | None]:
        deltas: dict[int, int | None] = {}
        for line, months, count in self._list(
            use.SEARCH_TERM_DELTAS,
            ("line", "months", "weeks", "days"),
            lambda row: (wire.key(row, "line"), row.get("months"), _days(row)),
        ):
            # Months have no fixed number of days.
            deltas[line] = None if months or deltas.get(line, 0) is None else count
        return {
            term: deltas.get(line, 0)
            for term, line in self._list(
                use.SEARCH_TERM_LINES,
                ("payment",),
                lambda row: (wire.key(row, "payment"), wire.key(row)),
            )
        }

    def _taxes(self) -> Mapping[int, Tax]:
        def tax(row: Row) -> Tax:
            percentage = wire.label(row, "type") == "percentage"
            return Tax(
                id=wire.key(row),
                name=wire.label(row, "description") or wire.label(row, "name"),
                rate=wire.amount_or_none(row, "rate") if percentage else None,
            )

        found = self._list(use.SEARCH_TAXES, ("name", "description", "type", "rate"), tax)
        return {each.id: each for each in found}

    def _rounding(self) -> str:
        def read(result: Any) -> str:
            rows = wire.rows(result)
            return wire.label(rows[0], "tax_rounding") if rows else "document"

        told = self._database.read(use.READ_ACCOUNTING, [[1], ["tax_rounding"]], read)
        return "line" if told == "line" else "document"

    def _currencies(self) -> Mapping[str, int]:
        return dict(
            self._list(
                use.SEARCH_CURRENCIES,
                ("code",),
                lambda row: (wire.label(row, "code"), wire.key(row)),
            )
        )

    def _warehouses(self) -> tuple[int, ...]:
        found = self._database.search(
            use.SEARCH_WAREHOUSES, [("type", "=", "warehouse")], ("name",), wire.key
        )
        return tuple(found)

    def _list(
        self, operation: Operation, fields: Sequence[str], parse: Callable[[Row], _T]
    ) -> list[_T]:
        return self._database.search(operation, [], fields, parse, context=_WITH_INACTIVE)

    # What is remembered.

    def _all(self, name: str, read: Callable[[], _T]) -> _T:
        known: _T | None = self._known(name)
        if known is None:
            known = read()
            self._keep(name, known)
        return known

    def _known(self, name: Any) -> Any:
        with self._lock:
            at, value = self._kept.get(name, (0.0, None))
            return value if value is not None and self._clock() - at < _KEEP_SECONDS else None

    def _keep(self, name: Any, value: Any) -> None:
        with self._lock:
            self._kept[name] = (self._clock(), value)


def _days(row: Row) -> int:
    return 7 * (row.get("weeks") or 0) + (row.get("days") or 0)
