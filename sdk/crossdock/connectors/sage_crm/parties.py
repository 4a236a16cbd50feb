"""Companies with their addresses and trading accounts, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from crossdock.connectors.keeping import fit
from crossdock.connectors.reading import Row
from crossdock.connectors.sage_crm import forms
from crossdock.connectors.sdata import values, where
from crossdock.connectors.sdata.contacts import Contacts
from crossdock.connectors.sdata.currencies import Currencies
from crossdock.connectors.sdata.records import Records
from crossdock.connectors.sdata.sheets import Sheet
from crossdock.connectors.sdata.values import Reference
from crossdock.connectors.vendor_crm.keys import created
from crossdock.ports import Page
from crossdock.records import Account, AccountLink, Address

_LIMIT: Final = 200
_PARTS: Final = "Address,Account"
_ADDRESS: Final = ("street", "city", "region", "postcode", "country")
_TYPES: Final = {
    "prospect": "Prospect", "customer": "Customer", "partner": "Partner", "former": "Former",
}  # fmt: skip


class Parties(Contacts):
    """Companies and people; the methods are those of `CrmPort`.

    A company's trading accounts are records of their own. The external ids of an account name one
    for each ERP: its default one there. `account_links` tells all of them.

    Args:
        records: reads and writes records.
        currencies: what companies name theirs by.
        erps: the ERPs that trading accounts are in, by their configured names; ids elsewhere are
            kept beside the company.
    """

    def __init__(self, records: Records, currencies: Currencies, erps: Sequence[str]) -> None:
        super().__init__(records, forms.PERSON, forms.KEEPS["contact"])
        self._currencies = currencies
        self._erps = tuple(erps)

    def account(self, account_id: str) -> Account:
        """Read one company as an account."""
        return self._read(self._company(account_id))

    def _company(self, account_id: str) -> Row:
        return self._contract.get(forms.COMPANY, account_id, include=_PARTS)

    def _read(self, row: Row) -> Account:
        return self._contract.read(forms.COMPANY, row, self._account)

    def accounts(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[Account]:
        """List companies by their ids, which count up as they are made; at most 200.

        `search` matches names, cities and customer numbers; each of its words must be found
        somewhere. A page begins behind the last id of the one before.
        """
        size = max(1, min(limit, _LIMIT))
        company = forms.COMPANY
        conditions = [self._found(word) for word in search.split()]
        if after is not None:
            if not self._contract.is_key(after):
                raise self._records.remote.rejected(
                    company.uses.list, "after", "is no cursor of this list"
                )
            conditions.append(where.above(company.id, int(after)))
        rows = self._contract.rows(
            company,
            where=where.every(*conditions),
            order=company.id,
            include=_PARTS,
            limit=size + 1,
        )
        found = tuple(map(self._read, rows[:size]))
        return Page(items=found, next=found[-1].id if len(rows) > size else None)

    def _found(self, word: str) -> str:
        """Ask for a word in a company's name, its city, or the number of a trading account."""
        address, account = forms.ADDRESS, forms.TRADING_ACCOUNT
        return where.any_of(
            [
                where.contains(forms.COMPANY.path("name"), word),
                where.contains(f"PrimaryAddress.{address.path('city')}", word),
                where.contains(f"PrimaryAccount.{account.path('number')}", word),
            ]
        )

    def _account(self, sheet: Sheet) -> Account:
        address, trading = self._address(sheet), self._trading(sheet)
        known = sheet.kept("external_ids") or {}
        parts = [part.version for part in ([address] if address else []) + trading]
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
            address=Address(**{name: address.text(name) for name in _ADDRESS})
            if address
            else Address(),
            currency=self._currencies.of(sheet) if sheet.reference("currency") else None,
            parent_id=sheet.reference("parent"),
            external_ids={**dict(known), **_numbers(trading)},
            active=sheet.text("active", "Active") == "Active",
            created_at=sheet.created,
            modified_at=sheet.modified,
            version="/".join([sheet.version, *([max(parts)] if parts else [])]),
        )

    def _address(self, sheet: Sheet) -> Sheet | None:
        """Give the primary address; the first one where none is."""
        found = [Sheet(row, forms.ADDRESS) for row in values.resources(sheet.row, "Address")]
        primary = sheet.reference("address")
        return next((each for each in found if each.id == primary), found[0] if found else None)

    def _trading(self, sheet: Sheet) -> list[Sheet]:
        """Give the trading accounts, the default one first."""
        rows = values.resources(sheet.row, "Account")
        found = [Sheet(row, forms.TRADING_ACCOUNT) for row in rows]
        return sorted(
            (each for each in found if each.text("status") != "Closed"),
            key=lambda each: (not each.flag("default"), int(each.id)),
        )

    def account_links(self, account_id: str) -> Sequence[AccountLink]:
        """Tell all trading accounts of a company, the default one first."""
        return tuple(
            AccountLink(
                system=each.text("system"),
                customer_id=each.text("number"),
                default=each.flag("default"),
                name=each.text("name"),
                currency=self._currencies.of(each),
            )
            for each in self._trading(Sheet(self._company(account_id), forms.COMPANY))
        )

    def save_account(self, account: Account) -> Account:
        """Create a company (empty `id`) or replace it; raises `Conflict` if it was changed.

        External ids that the record does not name stay as they are. A customer number that its
        ERP's trading account does not have yet becomes that of the default one.
        """
        fit(account, forms.KEEPS["account"], self._records.remote, forms.COMPANY.uses.change)
        if not account.id:
            return self._new(account)
        row = self._company(account.id)
        now = Sheet(row, forms.COMPANY)
        before = self._read(row)
        self._records.check_version("account", account.id, account.version, before.version)
        fields = self._records.written(forms.COMPANY, self._words(account, before), now)
        changed = self._save_trading(account, now)
        changed = self._save_address(account, now) or changed
        changed = self._records.change(forms.COMPANY, row, fields) or changed
        return self.account(account.id) if changed else before

    def _new(self, account: Account) -> Account:
        fields = self._records.written(forms.COMPANY, self._words(account, None))
        address = self._records.written(forms.ADDRESS, _address_words(account.address))
        if any(value is not None for value in address.values()):
            fields["Address"] = {"$resources": [address | _BUSINESS]}
        numbers = {name: account.external_ids.get(name) for name in self._erps}
        trading = [
            self._records.written(forms.TRADING_ACCOUNT, self._trading_words(account, name, number))
            for name, number in numbers.items()
            if number
        ]
        if trading:
            fields["Account"] = {"$resources": trading}
        return created(
            account,
            lambda key: self._records.create_once(forms.COMPANY, key, fields),
            self.account,
        )

    def _trading_words(self, account: Account, system: str, number: str) -> dict[str, Any]:
        return {"name": account.name, "system": system, "number": number}

    def _save_trading(self, account: Account, now: Sheet) -> bool:
        form, changed = forms.TRADING_ACCOUNT, False
        there = self._trading(now)
        for system in self._erps:
            number = account.external_ids.get(system)
            mine = [each for each in there if each.text("system") == system]
            if not number or number in {each.text("number") for each in mine[:1]}:
                continue
            known = next((each for each in mine if each.text("number") == number), None)
            if known is not None:  # it was one of several, and is the default one from now on
                fields = self._records.written(form, {"default": True})
                self._contract.change(form, known.row, fields)
            elif mine:
                fields = self._records.written(form, {"number": number})
                self._contract.change(form, mine[0].row, fields)
            else:
                words = self._trading_words(account, system, number)
                words["account"] = Reference(account.id)
                self._contract.create(form, self._records.written(form, words))
            changed = True
        return changed

    def _save_address(self, account: Account, now: Sheet) -> bool:
        form = forms.ADDRESS
        words = _address_words(account.address)
        there = self._address(now)
        if there is not None:
            return self._records.change(form, there.row, self._records.written(form, words))
        if not any(words.values()):
            return False
        given = {**words, "kind": "Business", "account": Reference(account.id)}
        made = Sheet(self._contract.create(form, self._records.written(form, given)), form)
        primary = self._records.written(forms.COMPANY, {"address": Reference(made.id)}, now)
        self._contract.change(forms.COMPANY, now.row, primary)
        return True

    def _words(self, account: Account, before: Account | None) -> dict[str, Any]:
        ids = {**(before.external_ids if before else {}), **account.external_ids}
        others = {name: value for name, value in ids.items() if name not in self._erps}
        words: dict[str, Any] = {
            "name": account.name,
            "industry": account.industry,
            "email": account.email,
            "phone": account.phone,
            "website": account.website,
            "tax_number": account.tax_number,
            "parent": Reference(account.parent_id),
            "external_ids": others or None,
            "owner": Reference(account.owner_id),
        }
        currency = self._records.remote.written(
            forms.COMPANY.uses.change,
            lambda: self._currencies.written(account.currency) if account.currency else {},
        )
        words |= currency or {"currency": Reference(None)}
        # One of ours stands for several types of a CRM, which are left as finer than ours.
        if before is None or account.kind != before.kind:
            words["kind"] = _TYPES.get(account.kind, account.kind)
        if before is None or account.active != before.active:
            words["active"] = "Active" if account.active else "Inactive"
        return words

    def numbered(self, system: str, number: str) -> Sequence[Account] | None:
        """Find the companies with a trading account; `None` where an ERP has none such."""
        if system not in self._erps:
            return None
        form = forms.TRADING_ACCOUNT
        condition = where.every(
            where.equal(form.path("system"), system), where.equal(form.path("number"), number)
        )
        rows = self._contract.rows(form, where=condition, order=form.id)
        ids = [Sheet(row, form).reference("account") for row in rows]
        return tuple(self.account(each) for each in dict.fromkeys(ids) if each)


_BUSINESS: Final = {forms.ADDRESS.fields["kind"]: "Business"}


def _numbers(trading: Sequence[Sheet]) -> dict[str, str]:
    """Give the customer number in each ERP: of the default trading account there, or the first."""
    found: dict[str, str] = {}
    for each in trading:
        found.setdefault(each.text("system"), each.text("number"))
    return found


def _address_words(address: Address) -> dict[str, Any]:
    return {name: getattr(address, name) for name in _ADDRESS}
