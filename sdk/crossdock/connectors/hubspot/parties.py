"""Companies, contacts and owners, from HubSpot's objects and onto them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from crossdock.connectors.hubspot import values
from crossdock.connectors.hubspot.objects import Object
from crossdock.connectors.hubspot.properties import ACCOUNT_KINDS, own
from crossdock.connectors.reading import Row, each, text, text_or_none, truth
from crossdock.records import Account, Address, Contact, User

_KINDS: Final = frozenset(ACCOUNT_KINDS)
_EXTERNAL: Final = "crossdock_external_ids"
_COMPANY: Final = (
    "name", "phone", "website", "industry", "address", "city", "state", "zip", "country",
    "hubspot_owner_id", "lifecyclestage", "hs_parent_company_id", *own("companies"),
)  # fmt: skip
CONTACT: Final = (
    "firstname", "lastname", "email", "phone", "mobilephone", "jobtitle", "associatedcompanyid",
    *own("contacts"),
)  # fmt: skip


@frozen
class Companies:
    """Reads and writes companies.

    Attributes:
        customer_numbers: the property with the ERP's customer number, by the ERP's name.
    """

    customer_numbers: Mapping[str, str]

    @property
    def properties(self) -> tuple[str, ...]:
        """Name the properties that are read."""
        return (*_COMPANY, *self.customer_numbers.values())

    def account(self, company: Object) -> Account:
        """Read a company.

        Its kind is our property's; where that is not set, a customer is who came that far in its
        life cycle, and everybody else a prospect.
        """
        row = company.properties
        customer = values.text(row, "lifecyclestage") in ("customer", "evangelist")
        numbers = {
            system: number
            for system, name in self.customer_numbers.items()
            if (number := values.text(row, name))
        }
        return Account(
            id=company.id,
            name=values.text(row, "name") or f"Company {company.id}",
            kind=values.word(row, "crossdock_kind", _KINDS, "customer" if customer else "prospect"),
            industry=values.text(row, "industry"),
            owner_id=values.text_or_none(row, "hubspot_owner_id"),
            email=values.text_or_none(row, "crossdock_email"),
            phone=values.text_or_none(row, "phone"),
            website=values.text(row, "website"),
            tax_number=values.text(row, "crossdock_tax_number"),
            address=Address(
                street=values.text(row, "address"),
                city=values.text(row, "city"),
                region=values.text(row, "state"),
                postcode=values.text(row, "zip"),
                country=values.text(row, "country"),
            ),
            currency=values.currency_or_none(row, "crossdock_currency"),
            parent_id=values.text_or_none(row, "hs_parent_company_id"),
            external_ids={**values.object_or_empty(row, _EXTERNAL), **numbers},
            created_at=company.created_at,
            modified_at=company.updated_at,
            version=company.version,
        )

    def written(self, account: Account, known: Mapping[str, str]) -> dict[str, str]:
        """Write an account; ids in `known` that it does not name stay as they are."""
        ids = {**known, **account.external_ids}
        others = {name: value for name, value in ids.items() if name not in self.customer_numbers}
        where = account.address
        return {
            "name": account.name,
            "crossdock_kind": account.kind,
            "industry": account.industry,
            "hubspot_owner_id": account.owner_id or "",
            "crossdock_email": account.email or "",
            "phone": account.phone or "",
            "website": account.website,
            "crossdock_tax_number": account.tax_number,
            "address": where.street,
            "city": where.city,
            "state": where.region,
            "zip": where.postcode,
            "country": where.country,
            "crossdock_currency": account.currency or "",
            _EXTERNAL: values.as_json(others),
            **{name: ids.get(system, "") for system, name in self.customer_numbers.items()},
        }


def contact(person: Object) -> Contact:
    """Read a contact; one without a last name goes by what else there is."""
    row = person.properties
    first, last = values.text(row, "firstname"), values.text(row, "lastname")
    email = values.text_or_none(row, "email")
    return Contact(
        id=person.id,
        account_id=values.text(row, "associatedcompanyid"),
        first_name=first,
        last_name=last or ("" if first else email or f"Contact {person.id}"),
        job_title=values.text(row, "jobtitle"),
        email=email,
        phone=values.text_or_none(row, "phone"),
        mobile=values.text_or_none(row, "mobilephone"),
        external_ids=values.object_or_empty(row, _EXTERNAL),
        modified_at=person.updated_at,
        version=person.version,
    )


def contact_written(contact: Contact, known: Mapping[str, str]) -> dict[str, str]:
    """Write a contact; ids in `known` that it does not name stay as they are."""
    return {
        "firstname": contact.first_name,
        "lastname": contact.last_name,
        "jobtitle": contact.job_title,
        "email": contact.email or "",
        "phone": contact.phone or "",
        "mobilephone": contact.mobile or "",
        _EXTERNAL: values.as_json({**known, **contact.external_ids}),
    }


@frozen
class Owners:
    """Reads owners as users.

    Attributes:
        roles: the role of a team, or of a person by e-mail address.
        default_role: of everybody else; empty for none.
    """

    roles: Mapping[str, str]
    default_role: str

    def user(self, row: Row) -> User:
        """Read an owner. HubSpot tells no roles, so settings give them to teams and people."""
        email = text_or_none(row, "email") or ""
        first, last = text_or_none(row, "firstName") or "", text_or_none(row, "lastName") or ""
        teams = each(row, "teams", _team) if row.get("teams") else ()
        names = [name for _, name in sorted(teams, key=lambda team: not team[0])]
        return User(
            id=text(row, "id"),
            name=f"{first} {last}".strip() or email,
            email=email,
            roles=self._roles(email, names),
            team=names[0] if names else "",
            active=not truth(row, "archived"),
        )

    def _roles(self, email: str, teams: Sequence[str]) -> tuple[str, ...]:
        own_role = self.roles.get(email)
        found = [own_role] if own_role else [self.roles[t] for t in teams if t in self.roles]
        return tuple(dict.fromkeys(found or filter(None, [self.default_role])))


def _team(row: Row) -> tuple[bool, str]:
    return truth(row, "primary"), text(row, "name")
