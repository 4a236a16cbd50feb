"""People at companies, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crossdock.connectors.keeping import fit
from crossdock.connectors.sage_crm import forms
from crossdock.connectors.sdata.records import Records
from crossdock.connectors.sdata.sheets import Sheet
from crossdock.connectors.sdata.values import Reference
from crossdock.connectors.vendor_crm.keys import created
from crossdock.records import Contact


class Contacts:
    """People; the methods are those of `CrmPort`.

    Args:
        records: reads and writes records.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._contract = records.contract

    def read_contact(self, sheet: Sheet) -> Contact:
        """Read a person."""
        return _contact(sheet)

    def contact(self, contact_id: str) -> Contact:
        """Read one person."""
        row = self._contract.get(forms.PERSON, contact_id)
        return self._contract.read(forms.PERSON, row, _contact)

    def contacts(self, account_id: str) -> Sequence[Contact]:
        """List the people of a company, by last name."""
        rows = self._records.of(forms.PERSON, "account", account_id)
        found = [self._contract.read(forms.PERSON, row, _contact) for row in rows]
        return tuple(sorted(found, key=lambda each: (each.last_name, each.id)))

    def save_contact(self, contact: Contact) -> Contact:
        """Create a person (empty `id`) or replace them; raises `Conflict` if they were changed."""
        form = forms.PERSON
        fit(contact, forms.KEEPS["contact"], self._records.remote, form.uses.change)
        if not contact.id:
            fields = self._records.written(form, _contact_words(contact, {}))
            return created(
                contact, lambda key: self._records.create_once(form, key, fields), self.contact
            )
        row = self._contract.get(form, contact.id)
        before = self._contract.read(form, row, _contact)
        self._records.check_version("contact", contact.id, contact.version, before.version)
        words = _contact_words(contact, dict(before.external_ids))
        fields = self._records.written(form, words, Sheet(row, form))
        if not self._records.change(form, row, fields):
            return before
        return self.contact(contact.id)


def _contact(sheet: Sheet) -> Contact:
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


def _contact_words(contact: Contact, known: dict[str, str]) -> dict[str, Any]:
    """Write a contact; ids in `known` that it does not name stay as they are."""
    return {
        "account": Reference(contact.account_id),
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "job_title": contact.job_title,
        "email": contact.email,
        "phone": contact.phone,
        "external_ids": {**known, **contact.external_ids} or None,
    }
