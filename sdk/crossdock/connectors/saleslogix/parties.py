"""Accounts and contacts, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from attrs import evolve

from crossdock.connectors.keeping import fit
from crossdock.connectors.reading import Row
from crossdock.connectors.saleslogix import forms
from crossdock.connectors.sdata import values, where
from crossdock.connectors.sdata.contacts import Contacts
from crossdock.connectors.sdata.records import Records
from crossdock.connectors.sdata.sheets import Sheet
from crossdock.connectors.sdata.values import Reference
from crossdock.connectors.vendor_crm.keys import created
from crossdock.ports import Page
from crossdock.records import Account, AccountLink, Address, Contact

_LIMIT: Final = 200
_ACTIVE, _INACTIVE = "Active", "Inactive"
_ADDRESS: Final = {
    "street": "Address1", "city": "City", "region": "State", "postcode": "PostalCode",
    "country": "Country",
}  # fmt: skip
_TYPES: Final = {
    "prospect": "Prospect", "customer": "Customer", "partner": "Partner", "former": "Former",
}  # fmt: skip


class Parties(Contacts):
    """Accounts and contacts; the methods are those of `CrmPort`.

    Args:
        records: reads and writes records.
        erp: the ERP whose customer number stands in `ErpExtId`; ids elsewhere are kept beside.
    """

    def __init__(self, records: Records, erp: str) -> None:
        super().__init__(records, forms.CONTACT, forms.KEEPS["contact"])
        self._erp = erp

    # Accounts.

    def account(self, account_id: str) -> Account:
        """Read one account."""
        return self._read(self._row(account_id))

    def _row(self, account_id: str) -> Row:
        return self._contract.get(forms.ACCOUNT, account_id, include="Address")

    def _read(self, row: Row) -> Account:
        return self._contract.read(forms.ACCOUNT, row, self._account)

    def accounts(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[Account]:
        """List accounts by their ids, which count up as they are made; at most 200.

        `search` matches names, cities and customer numbers; each of its words must be found
        somewhere. A page begins behind the last id of the one before.
        """
        size = max(1, min(limit, _LIMIT))
        form = forms.ACCOUNT
        conditions = [
            where.any_of(
                where.contains(path, word)
                for path in (form.path("name"), "Address.City", form.path("number"))
            )
            for word in search.split()
        ]
        if after is not None:
            if not self._contract.is_key(after):
                raise self._records.remote.rejected(
                    form.uses.list, "after", "is no cursor of this list"
                )
            conditions.append(where.above(form.id, after))
        rows = self._contract.rows(
            form, where=where.every(*conditions), order=form.id, include="Address", limit=size + 1
        )
        found = tuple(map(self._read, rows[:size]))
        return Page(items=found, next=found[-1].id if len(rows) > size else None)

    def _account(self, sheet: Sheet) -> Account:
        held = sheet.row.get("Address")
        address: Row = held if isinstance(held, dict) else {}
        known = dict(sheet.kept("external_ids") or {})
        number = sheet.text("number")
        return Account(
            id=sheet.id,
            name=sheet.text("name"),
            kind=sheet.text("kind", "Prospect").lower(),
            industry=sheet.text("industry"),
            owner_id=sheet.reference("owner"),
            email=sheet.text_or_none("email"),
            phone=sheet.text_or_none("phone"),
            website=sheet.text("website"),
            tax_number=sheet.text("tax_number"),
            address=Address(
                **{name: values.text(address, theirs) for name, theirs in _ADDRESS.items()}
            ),
            currency=sheet.text_or_none("currency"),
            parent_id=sheet.reference("parent"),
            external_ids={**known, **({self._erp: number} if number else {})},
            active=sheet.text("active", _ACTIVE) == _ACTIVE,
            created_at=sheet.created,
            modified_at=sheet.modified,
            version=sheet.version,
        )

    def numbered(self, system: str, number: str) -> Sequence[Account] | None:
        """Find the accounts with a customer number; `None` where another ERP is meant."""
        if system != self._erp:
            return None
        form = forms.ACCOUNT
        rows = self._contract.rows(
            form, where=where.equal(form.path("number"), number), order=form.id, include="Address"
        )
        return tuple(map(self._read, rows))

    def account_links(self, account_id: str) -> Sequence[AccountLink]:
        """Tell the customers of an account: its own number, and those of its bill-to accounts.

        The bill-to that is marked as default is the default one, and otherwise the own number.
        """
        number = Sheet(self._row(account_id), forms.ACCOUNT).text("number")
        own = [AccountLink(system=self._erp, customer_id=number, default=True)] if number else []
        others = [
            AccountLink(
                system=sheet.text("system", self._erp),
                customer_id=sheet.text("number"),
                default=sheet.flag("default"),
                name=sheet.text("name"),
                currency=sheet.text("currency"),
            )
            for row in self._records.of(forms.BILL_TO, "account", account_id)
            if (sheet := Sheet(row, forms.BILL_TO)).text("number")
        ]
        chosen = [each for each in others if each.default]
        found = [*chosen, *own, *(each for each in others if not each.default)]
        known: dict[str, AccountLink] = {}
        for each in found:
            default = each.ref == found[0].ref
            known.setdefault(each.ref, AccountLink(**{**_plain(each), "default": default}))
        return tuple(known.values())

    def save_account(self, account: Account) -> Account:
        """Create an account (empty `id`) or replace it; raises `Conflict` if it was changed.

        External ids that the record does not name stay as they are.
        """
        form = forms.ACCOUNT
        fit(account, forms.KEEPS["account"], self._records.remote, form.uses.change)
        if not account.id:
            fields = self._records.written(form, self._words(account, None))
            fields["Address"] = _address_written(account.address)
            return created(
                account, lambda key: self._records.create_once(form, key, fields), self.account
            )
        row = self._row(account.id)
        before = self._read(row)
        self._records.check_version("account", account.id, account.version, before.version)
        fields = self._records.written(form, self._words(account, before), Sheet(row, form))
        if account.address != before.address:
            held = row.get("Address") or {}
            fields["Address"] = _address_written(account.address) | (
                {"$key": held["$key"]} if held.get("$key") else {}
            )
            self._contract.change(form, row, fields)
            return self.account(account.id)
        return self.account(account.id) if self._records.change(form, row, fields) else before

    def _words(self, account: Account, before: Account | None) -> dict[str, Any]:
        ids = {**(before.external_ids if before else {}), **account.external_ids}
        others = {name: value for name, value in ids.items() if name != self._erp}
        words: dict[str, Any] = {
            "name": account.name,
            "industry": account.industry,
            "email": account.email,
            "phone": account.phone,
            "website": account.website,
            "tax_number": account.tax_number,
            "currency": account.currency,
            "parent": Reference(account.parent_id),
            "owner": Reference(account.owner_id),
            "number": ids.get(self._erp),
            "external_ids": others or None,
        }
        # One of ours stands for several types of a CRM, which are left as finer than ours.
        if before is None or account.kind != before.kind:
            words["kind"] = _TYPES.get(account.kind, account.kind)
        if before is None or account.active != before.active:
            words["active"] = _ACTIVE if account.active else _INACTIVE
        return words

    # Contacts.

    def read_contact(self, sheet: Sheet) -> Contact:
        """Read a contact."""
        return evolve(
            super().read_contact(sheet),
            mobile=sheet.text_or_none("mobile"),
            active=sheet.text("active", _ACTIVE) == _ACTIVE,
        )

    def _contact_words(self, contact: Contact, before: Contact | None) -> dict[str, Any]:
        words = {**super()._contact_words(contact, before), "mobile": contact.mobile}
        if before is None or contact.active != before.active:
            words["active"] = _ACTIVE if contact.active else _INACTIVE
        return words


def _plain(link: AccountLink) -> dict[str, Any]:
    return {
        "system": link.system, "customer_id": link.customer_id, "name": link.name,
        "currency": link.currency,
    }  # fmt: skip


def _address_written(address: Address) -> dict[str, Any]:
    return {theirs: getattr(address, name) or None for name, theirs in _ADDRESS.items()}
