"""Accounts, contacts and users, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crossdock.connectors.keeping import fit
from crossdock.connectors.reading import Row
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.salesforce import parties, soql
from crossdock.connectors.salesforce.kept import KEEPS
from crossdock.connectors.salesforce.queries import is_id
from crossdock.connectors.salesforce.records import Records
from crossdock.connectors.vendor_crm.keys import created
from crossdock.errors import NotFound
from crossdock.ports import Page
from crossdock.records import Account, Contact, User

_LIMIT: Final = 200


class Parties:
    """Accounts, their contacts, and users; the methods are those of `CrmPort`."""

    def __init__(self, records: Records, accounts: parties.Accounts, users: parties.Users) -> None:
        self._records = records
        self._org = records.org
        self._accounts = accounts
        self._users = users

    def account(self, account_id: str) -> Account:
        """Read one account."""
        return self._org.read(self._account(account_id), self._accounts.account)

    def _account(self, account_id: str) -> Row:
        return self._org.get("Account", account_id, self._accounts.fields)

    def accounts(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[Account]:
        """List accounts by their ids, which count up as they are made; at most 200.

        `search` matches names, cities, account numbers and customer numbers; each of its words
        must be found somewhere. A page begins behind the last id of the one before, so none is
        told twice or left out when others come or go.
        """
        size = max(1, min(limit, _LIMIT))
        names = ("Name", "BillingCity", "AccountNumber", *self._accounts.customer_numbers.values())
        conditions = [
            soql.any_of(soql.contains(self._org.name(name), word) for name in names)
            for word in search.split()
        ]
        if after is not None:
            if not is_id(after):
                raise self._records.remote.rejected(use.QUERY, "after", "is no cursor of this list")
            conditions.append(f"Id > {soql.literal(after)}")
        rows = self._org.select(
            self._accounts.fields,
            "Account",
            where=soql.all_of(conditions),
            order="Id",
            limit=size + 1,
        )
        found = tuple(self._org.read(row, self._accounts.account) for row in rows[:size])
        return Page(items=found, next=found[-1].id if len(rows) > size else None)

    def save_account(self, account: Account) -> Account:
        """Create an account (empty `id`) or replace it; raises `Conflict` if it was changed.

        External ids that the record does not name stay as they are.
        """
        fit(account, KEEPS["account"], self._records.remote, use.CREATE)
        if not account.id:
            body = self._accounts.written(account, None)
            return created(
                account, lambda key: self._org.create_once("Account", key, body), self.account
            )
        now = self._account(account.id)
        before = self._org.read(now, self._accounts.account)
        self._records.check_version("account", account.id, account.version, before.version)
        if not self._records.change("Account", now, self._accounts.written(account, before)):
            return before
        return self.account(account.id)

    def contact(self, contact_id: str) -> Contact:
        """Read one contact."""
        return self._org.read(self._contact(contact_id), parties.contact)

    def _contact(self, contact_id: str) -> Row:
        return self._org.get("Contact", contact_id, parties.CONTACT)

    def save_contact(self, contact: Contact) -> Contact:
        """Create a contact (empty `id`) or replace it; raises `Conflict` if it was changed."""
        fit(contact, KEEPS["contact"], self._records.remote, use.CREATE)
        if not contact.id:
            body = parties.contact_written(contact, {})
            return created(
                contact, lambda key: self._org.create_once("Contact", key, body), self.contact
            )
        now = self._contact(contact.id)
        before = self._org.read(now, parties.contact)
        self._records.check_version("contact", contact.id, contact.version, before.version)
        if not self._records.change(
            "Contact", now, parties.contact_written(contact, before.external_ids)
        ):
            return before
        return self.contact(contact.id)

    def contacts(self, account_id: str) -> Sequence[Contact]:
        """List the contacts of an account, by last name."""
        rows = self._org.of(
            "AccountId", account_id, parties.CONTACT, "Contact", order="LastName, Id"
        )
        return tuple(self._org.read(row, parties.contact) for row in rows)

    def user(self, user_id: str) -> User:
        """Read one user, by id, user name, e-mail address, or what stands in it before the @."""
        if is_id(user_id):
            where = soql.equal("Id", user_id)
            rows = self._org.select(self._users.fields, "User", where=where)
        else:
            rows = []
        if not rows:
            named = [soql.equal(name, user_id) for name in ("Username", "Email")]
            begin = soql.literal(user_id)[1:-1].replace("%", "\\%").replace("_", "\\_")
            named += [f"{name} LIKE '{begin}@%'" for name in ("Username", "Email")]
            rows = self._org.select(
                self._users.fields, "User", where=soql.any_of(named), order="Id"
            )
        if len(rows) != 1:
            what = "no user" if not rows else "more than one user"
            raise NotFound(
                f"{self._records.remote.address.label} has {what} {user_id!r}",
                system=self._records.system,
                status=404,
            )
        return self._org.read(rows[0], self._users.user)

    def users(self) -> Sequence[User]:
        """List the users, by name, those who left included."""
        rows = self._org.select(
            self._users.fields, "User", where=soql.equal("UserType", "Standard"), order="Name, Id"
        )
        return tuple(self._org.read(row, self._users.user) for row in rows)
