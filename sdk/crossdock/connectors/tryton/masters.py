"""Customers of Tryton read in full and written, and its products read in full.

The caller's own key is an identifier of the party, of no type, behind a mark; nothing makes it
unique, so whoever lost an answer looks for it first. Tax numbers are checked by their country's
rules and are written in Tryton; people at a party are not kept beside it, and merging
(`party.replace`) makes the one inactive and tells of the other (`replaced_by`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from attrs import evolve

from crossdock.connectors.http import Remote
from crossdock.connectors.keeping import fit, keeps
from crossdock.connectors.partial import PartialErp
from crossdock.connectors.reading import Row
from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton import parties, wire
from crossdock.connectors.tryton.database import Database, in_pieces
from crossdock.connectors.tryton.directory import Directory
from crossdock.connectors.tryton.parties import Party
from crossdock.connectors.tryton.products import Product
from crossdock.connectors.tryton.strictness import strict
from crossdock.errors import Stale
from crossdock.ports import Keeps, Page
from crossdock.records import Address, Item, TradingAccount

MARK: Final = "crossdock:"
_MOST: Final = 1_000
_EVEN_INACTIVE: Final = {"active_test": False}
_REACHED: Final = ("email", "phone", "website")
_KEEPS: Final[Keeps] = MappingProxyType(
    {
        "trading_account": keeps(
            dict.fromkeys(
                ("name", "email", "phone", "website", "terms_days", "active", "reference")
            ),
            dict.fromkeys(("street", "city", "postcode", "country")),
        )
    }
)


class Masters(PartialErp):
    """What `ErpPort` asks of customers and items, besides one at a time."""

    keeps: Keeps = _KEEPS
    _remote: Remote
    _database: Database
    _directory: Directory
    _category: str

    @strict
    def all_customers(self, *, after: str | None = None, limit: int = 200) -> Page[TradingAccount]:
        """List every customer in the order of Tryton's ids, inactive ones too."""
        found, further = self._behind(self._directory.parties, self._mine(), after, limit)
        return Page(items=self._trading_accounts(found), next=further)

    @strict
    def customers_by_reference(self, reference: str) -> Sequence[TradingAccount]:
        """Find the customers that carry the caller's own reference."""
        domain = [("identifiers.code", "=", f"{MARK}{reference}")]
        return self._trading_accounts(self._directory.parties(domain))

    @strict
    def save_customer(
        self,
        customer: TradingAccount,
        *,
        idempotency_key: str = "",  # noqa: ARG002 - Tryton keeps none; see `customers_by_reference`
    ) -> TradingAccount:
        """Create a customer (empty `id`; Tryton gives the code), or replace what is kept of it.

        Raises:
            Stale: it was changed since it was read.
        """
        operation = use.WRITE_PARTY if customer.id else use.CREATE_PARTY
        fit(customer, self.keeps["trading_account"], self._database.remote, operation)
        if customer.id:
            return self._changed(customer)
        created = self._database.read(
            use.CREATE_PARTY, [[self._new(customer)]], lambda told: int(told[0])
        )
        return self._trading_accounts(self._directory.parties([("id", "=", created)]))[0]

    @strict
    def all_items(self, *, after: str | None = None, limit: int = 200) -> Page[Item]:
        """List every item that is sold in the order of Tryton's ids, inactive ones too."""
        domain = [("salable", "=", True)]
        found, further = self._behind(self._directory.products, domain, after, limit)
        return Page(items=tuple(map(self._item, found)), next=further)

    def _behind(
        self, read: Any, domain: Sequence[Any], after: str | None, limit: int
    ) -> tuple[list[Any], str | None]:
        """Read a page behind an id: what is made meanwhile comes at the end."""
        size = max(1, min(limit, _MOST))
        behind = int(after) if after and after.isascii() and after.isdigit() else 0
        rows = read([*domain, ("id", ">", behind)], order=[("id", "ASC")], limit=size + 1)
        return rows[:size], str(rows[size - 1].id) if len(rows) > size else None

    def _mine(self) -> list[Any]:
        if self._category:
            return [("categories.name", "=", self._category)]
        return [("code", "!=", None), ("id", "!=", self._database.company.party_id)]

    # Reading.

    def _item(self, product: Product) -> Item:
        home = self._database.company.currency
        return product.record(self.system, home, self._directory.tax_name(product.taxes))

    def _trading_accounts(self, found: Sequence[Party]) -> tuple[TradingAccount, ...]:
        addresses = self._directory.invoice_addresses(found)
        references = self._references([each.id for each in found])
        return tuple(
            evolve(
                parties.trading_account(
                    each,
                    self.system,
                    self._database.company.currency,
                    terms_days=self._directory.terms_days(each.term),
                    at=addresses[each.id],
                ),
                reference=references.get(each.id, ""),
            )
            for each in found
        )

    def _references(self, party_ids: Sequence[int]) -> dict[int, str]:
        def told(row: Row) -> tuple[int, str]:
            return wire.key_or_none(row, "party") or 0, wire.label(row, "code")

        found: dict[int, str] = {}
        for piece in in_pieces(party_ids):
            domain = [("party", "in", list(piece)), ("code", "like", f"{MARK}%")]
            for party_id, code in self._database.search(
                use.SEARCH_IDENTIFIERS, domain, ("party", "code"), told
            ):
                found[party_id] = code.removeprefix(MARK)
        return found

    # Writing.

    def _new(self, wanted: TradingAccount) -> dict[str, Any]:
        values: dict[str, Any] = {
            "name": wanted.name,
            "active": wanted.active,
            "addresses": [["create", [{**self._address(wanted.address), "invoice": True}]]],
            "contact_mechanisms": [
                ["create", [{"type": kind, "value": getattr(wanted, kind)}]]
                for kind in _REACHED
                if getattr(wanted, kind)
            ],
        }
        if wanted.reference:
            code = f"{MARK}{wanted.reference}"
            values["identifiers"] = [["create", [{"type": None, "code": code}]]]
        if wanted.currency:
            values["customer_currency"] = self._directory.currency_id(wanted.currency)
        if self._category:
            values["categories"] = [["add", self._categories()]]
        return values | self._terms(wanted)

    def _changed(self, wanted: TradingAccount) -> TradingAccount:
        now = self._directory.party(wanted.id)
        before = self._trading_accounts([now])[0]
        if before.version != wanted.version:
            raise Stale(
                f"{self._database.label} has customer {wanted.id} as somebody else changed it "
                "since it was read",
                system=self.system,
                code="ConcurrencyException",
            )
        values: dict[str, Any] = {"name": wanted.name, "active": wanted.active}
        if wanted.address != before.address:
            place = self._directory.invoice_address_id(now)
            address = self._address(wanted.address)
            values["addresses"] = [["write", [place], address] if place else ["create", [address]]]
        values["contact_mechanisms"] = self._reached(now.id, before, wanted)
        if before.reference != wanted.reference:
            values["identifiers"] = self._identified(now.id, wanted.reference)
        stamps = {"_timestamp": {f"party.party,{now.id}": now.stamp}}
        self._database.call(
            use.WRITE_PARTY, [[now.id], values | self._terms(wanted)], stamps | _EVEN_INACTIVE
        )
        return self._trading_accounts([self._directory.party(wanted.id)])[0]

    def _terms(self, wanted: TradingAccount) -> dict[str, Any]:
        if wanted.terms_days is None:
            return {}
        term = self._directory.term_of(wanted.terms_days)
        if term is None:
            raise self._database.remote.rejected(
                use.WRITE_PARTY, "terms_days", f"no payment term is {wanted.terms_days} days"
            )
        return {"customer_payment_term": term}

    def _address(self, where: Address) -> dict[str, Any]:
        return {
            "street_unstructured": where.street or None,
            "city": where.city or None,
            "postal_code": where.postcode or None,
            "country": self._country(where.country) if where.country else None,
        }

    def _country(self, code: str) -> int:
        found = self._database.search(
            use.SEARCH_COUNTRIES, [("code", "=", code)], ("code",), wire.key
        )
        if not found:
            raise self._database.remote.rejected(
                use.WRITE_PARTY, "address.country", f"there is no country {code} in Tryton"
            )
        return found[0]

    def _reached(
        self, party_id: int, before: TradingAccount, wanted: TradingAccount
    ) -> list[list[Any]]:
        """Write what changed of how somebody is reached; further numbers of his stay."""
        told: list[list[Any]] = []
        known: Mapping[tuple[str, str], int] | None = None
        for kind in _REACHED:
            was, new = getattr(before, kind) or "", getattr(wanted, kind) or ""
            if was == new:
                continue
            if known is None:
                known = dict(
                    self._database.search(
                        use.SEARCH_MECHANISMS,
                        [("party", "=", party_id)],
                        ("type", "value"),
                        lambda row: (
                            (wire.label(row, "type"), wire.label(row, "value")), wire.key(row),
                        ),
                    )
                )  # fmt: skip
            there = known.get((kind, was)) or known.get(("mobile", was))
            if there is None:
                told.append(["create", [{"type": kind, "value": new}]])
            elif new:
                told.append(["write", [there], {"value": new}])
            else:
                told.append(["delete", [there]])
        return told

    def _identified(self, party_id: int, reference: str) -> list[list[Any]]:
        domain = [("party", "=", party_id), ("code", "like", f"{MARK}%")]
        there = self._database.search(use.SEARCH_IDENTIFIERS, domain, ("code",), wire.key)
        told: list[list[Any]] = [["delete", there]] if there else []
        if reference:
            told.append(["create", [{"type": None, "code": f"{MARK}{reference}"}]])
        return told

    def _categories(self) -> list[int]:
        domain = [("name", "=", self._category)]
        return self._database.search(use.SEARCH_CATEGORIES, domain, ("name",), wire.key)
