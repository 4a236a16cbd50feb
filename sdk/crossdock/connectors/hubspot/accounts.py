"""Companies and contacts, read and written."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot import parties
from crossdock.connectors.hubspot.kept import KEEPS, OF_ACCOUNT
from crossdock.connectors.hubspot.objects import Object
from crossdock.connectors.hubspot.records import Records
from crossdock.connectors.keeping import fit
from crossdock.connectors.vendor_crm.keys import created
from crossdock.ports import Page
from crossdock.records import Account, Contact


class Accounts:
    """Accounts and their contacts; the methods are those of `CrmPort`."""

    def __init__(self, records: Records, companies: parties.Companies) -> None:
        self._records = records
        self._portal = records.portal
        self._remote = records.remote
        self._companies = companies

    def account(self, account_id: str) -> Account:
        """Read one account."""
        return self._records.read(self._company(account_id), self._companies.account)

    def _company(self, account_id: str) -> Object:
        return self._portal.get("companies", account_id, self._companies.properties)

    def accounts(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[Account]:
        """List accounts; `search` matches names, cities and customer numbers. At most 200.

        Without a search they come in the order in which they were made, all of them: HubSpot
        sorts in searches only, which show a new account late and end at ten thousand.
        """
        words = search.split()
        if not words:
            listed = self._portal.page(
                "companies", self._companies.properties, after=after, limit=limit
            )
            found = [
                self._records.read(company, self._companies.account) for company in listed.objects
            ]
            return Page(items=tuple(found), next=listed.after)
        longest = max(words, key=len)
        token = {"operator": "CONTAINS_TOKEN", "value": f"{longest}*"}
        names = ["name", "city", *self._companies.customer_numbers.values()]
        listed = self._portal.search(
            "companies",
            [[{"propertyName": name, **token}] for name in names[:5]],
            self._companies.properties,
            sort="name",
            after=after,
            limit=limit,
        )
        accounts = [
            self._records.read(company, self._companies.account) for company in listed.objects
        ]
        fitting = tuple(each for each in accounts if _matches(each, words))
        one_word = len(words) == 1
        return Page(items=fitting, next=listed.after, total=listed.total if one_word else None)

    def save_account(self, account: Account) -> Account:
        """Create an account (empty `id`) or replace it; raises `Conflict` if it was changed.

        External ids that the record does not name stay as they are. Whose daughter a company is,
        is HubSpot's own to say.
        """
        operation = use.UPDATE_OBJECT if account.id else use.CREATE_OBJECT
        fit(account, OF_ACCOUNT, self._remote, operation)
        if not account.id:
            if account.parent_id:
                raise self._remote.rejected(
                    use.CREATE_OBJECT, "parent_id", "companies are put below each other in HubSpot"
                )
            body = self._companies.written(account, {})
            return created(
                account,
                lambda key: self._portal.create_once("companies", key, body, {}),
                self.account,
            )
        now = self._company(account.id)
        before = self._records.read(now, self._companies.account)
        self._records.check_version("account", account.id, account.version, before.version)
        if account.parent_id != before.parent_id:
            raise self._remote.rejected(
                use.UPDATE_OBJECT, "parent_id", "companies are put below each other in HubSpot"
            )
        written = self._companies.written(account, before.external_ids)
        self._records.change("companies", now, written)
        return self.account(account.id)

    def contact(self, contact_id: str) -> Contact:
        """Read one contact."""
        return self._records.read(self._person(contact_id), parties.contact)

    def _person(self, contact_id: str) -> Object:
        return self._portal.get("contacts", contact_id, parties.CONTACT)

    def save_contact(self, contact: Contact) -> Contact:
        """Create a contact (empty `id`) or replace it; raises `Conflict` if it was changed."""
        operation = use.UPDATE_OBJECT if contact.id else use.CREATE_OBJECT
        fit(contact, KEEPS["contact"], self._remote, operation)
        if not contact.id:
            body = parties.contact_written(contact, {})
            to = {"companies": contact.account_id}
            made = created(
                contact,
                lambda key: self._portal.create_once("contacts", key, body, to),
                self.contact,
            )
            return evolve(made, account_id=contact.account_id)
        now = self._person(contact.id)
        before = self._records.read(now, parties.contact)
        self._records.check_version("contact", contact.id, contact.version, before.version)
        if contact.account_id != before.account_id:
            self._records.move(
                "contacts", contact.id, "companies", before.account_id, contact.account_id
            )
        self._records.change("contacts", now, parties.contact_written(contact, before.external_ids))
        return self.contact(contact.id)

    def contacts(self, account_id: str) -> Sequence[Contact]:
        """List the contacts of an account, by last name."""
        ids = self._portal.associated("companies", account_id, "contacts")
        people = self._portal.get_many("contacts", ids, parties.CONTACT).values()
        found = [
            evolve(self._records.read(person, parties.contact), account_id=account_id)
            for person in people
        ]
        return tuple(sorted(found, key=lambda person: (person.last_name, person.id)))


def _matches(account: Account, words: Sequence[str]) -> bool:
    numbers = " ".join(account.external_ids.values())
    text = f"{account.name} {account.address.city} {numbers}".casefold()
    return all(word.casefold() in text for word in words)
