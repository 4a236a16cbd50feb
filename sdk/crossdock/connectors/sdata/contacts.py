"""People at accounts, read and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.connectors.keeping import fit
from crossdock.connectors.sdata.records import Records
from crossdock.connectors.sdata.sheets import Form, Sheet
from crossdock.connectors.sdata.values import Reference
from crossdock.connectors.vendor_crm.keys import created
from crossdock.records import Contact


class Contacts:
    """People; the methods are those of `CrmPort`. A CRM that keeps more of them extends both forms.

    Args:
        records: reads and writes records.
        form: of a person in this CRM.
        kept: what it keeps of one, and how long that may be.
    """

    def __init__(self, records: Records, form: Form, kept: Mapping[str, int | None]) -> None:
        self._records = records
        self._contract = records.contract
        self._person = form
        self._kept = kept

    def read_contact(self, sheet: Sheet) -> Contact:
        """Read a person of the CRM's entry."""
        return Contact(
            id=sheet.id,
            account_id=sheet.reference("account") or "",
            first_name=sheet.text("first_name"),
            last_name=sheet.text("last_name"),
            job_title=sheet.text("job_title"),
            email=sheet.text_or_none("email"),
            phone=sheet.text_or_none("phone"),
            external_ids=dict(sheet.kept("external_ids") or {}),
            modified_at=sheet.modified,
            version=sheet.version,
        )

    def _contact_words(self, contact: Contact, before: Contact | None) -> dict[str, Any]:
        """Write a person; ids of `before` that it does not name stay as they are."""
        known = before.external_ids if before else {}
        return {
            "account": Reference(contact.account_id),
            "first_name": contact.first_name,
            "last_name": contact.last_name,
            "job_title": contact.job_title,
            "email": contact.email,
            "phone": contact.phone,
            "external_ids": {**known, **contact.external_ids} or None,
        }

    def contact(self, contact_id: str) -> Contact:
        """Read one person."""
        row = self._contract.get(self._person, contact_id)
        return self._contract.read(self._person, row, self.read_contact)

    def contacts(self, account_id: str) -> Sequence[Contact]:
        """List the people of an account, by last name."""
        rows = self._records.of(self._person, "account", account_id)
        found = [self._contract.read(self._person, row, self.read_contact) for row in rows]
        return tuple(sorted(found, key=lambda each: (each.last_name, each.id)))

    def save_contact(self, contact: Contact) -> Contact:
        """Create a person (empty `id`) or replace them; raises `Conflict` if they were changed."""
        form = self._person
        fit(contact, self._kept, self._records.remote, form.uses.change)
        if not contact.id:
            fields = self._records.written(form, self._contact_words(contact, None))
            return created(
                contact, lambda key: self._records.create_once(form, key, fields), self.contact
            )
        row = self._contract.get(form, contact.id)
        before = self._contract.read(form, row, self.read_contact)
        self._records.check_version("contact", contact.id, contact.version, before.version)
        words = self._contact_words(contact, before)
        fields = self._records.written(form, words, Sheet(row, form))
        if not self._records.change(form, row, fields):
            return before
        return self.contact(contact.id)
