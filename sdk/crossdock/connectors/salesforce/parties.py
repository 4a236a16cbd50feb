"""Accounts, contacts and users, from Salesforce's records and onto them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from crossdock.connectors.reading import Row, text
from crossdock.connectors.salesforce import values
from crossdock.connectors.salesforce.fields import EXTERNAL_IDS, own, own_name
from crossdock.connectors.salesforce.queries import STAMPS, version_of
from crossdock.connectors.salesforce.values import Written
from crossdock.records import Account, Address, Contact, User

_EMAIL, _TAX_NUMBER, _CURRENCY = map(own_name, ("email", "tax_number", "currency"))
_ACCOUNT: Final = (
    *STAMPS, "Name", "Type", "Industry", "OwnerId", "Phone", "Website", "ParentId",
    "BillingStreet", "BillingCity", "BillingState", "BillingPostalCode", "BillingCountry",
    "ShippingStreet", "ShippingCity", "ShippingState", "ShippingPostalCode", "ShippingCountry",
    "LastModifiedById", *own("Account"),
)  # fmt: skip
CONTACT: Final = (
    *STAMPS, "AccountId", "FirstName", "LastName", "Title", "Email", "Phone", "MobilePhone",
    "LastModifiedById", *own("Contact"),
)  # fmt: skip
_TYPES: Final = {
    "prospect": "Prospect", "customer": "Customer - Direct",
    "partner": "Channel Partner / Reseller", "former": "Other",
}  # fmt: skip


@frozen
class Accounts:
    """Reads and writes accounts.

    Attributes:
        customer_numbers: the field with the ERP's customer number, by the ERP's name.
    """

    customer_numbers: Mapping[str, str]

    @property
    def fields(self) -> tuple[str, ...]:
        """Name the fields that are read."""
        return (*_ACCOUNT, *self.customer_numbers.values())

    def account(self, row: Row) -> Account:
        """Read an account; its kind is its type, in Salesforce's own words."""
        numbers = {
            system: number
            for system, name in self.customer_numbers.items()
            if (number := values.text(row, name))
        }
        return Account(
            id=text(row, "Id"),
            name=values.text(row, "Name"),
            kind=_kind(values.text(row, "Type")),
            industry=values.text(row, "Industry"),
            owner_id=values.text_or_none(row, "OwnerId"),
            email=values.text_or_none(row, _EMAIL),
            phone=values.text_or_none(row, "Phone"),
            website=values.text(row, "Website"),
            tax_number=values.text(row, _TAX_NUMBER),
            address=_address(row, "Billing"),
            shipping_address=_address_or_none(row, "Shipping"),
            currency=values.text_or_none(row, _CURRENCY),
            parent_id=values.text_or_none(row, "ParentId"),
            external_ids={**values.object_or_empty(row, EXTERNAL_IDS), **numbers},
            created_at=values.instant(row, "CreatedDate"),
            modified_at=values.instant(row, "LastModifiedDate"),
            modified_by=values.text(row, "LastModifiedById"),
            version=version_of(row),
        )

    def written(self, account: Account, before: Account | None) -> dict[str, Written]:
        """Write an account; ids of `before` that it does not name stay as they are."""
        ids = {**(before.external_ids if before else {}), **account.external_ids}
        others = {name: value for name, value in ids.items() if name not in self.customer_numbers}
        body: dict[str, Written] = {
            "Name": account.name,
            "Industry": values.as_text(account.industry),
            "Phone": account.phone,
            "Website": values.as_text(account.website),
            "ParentId": account.parent_id,
            **_written("Billing", account.address),
            **_written("Shipping", account.shipping_address or Address()),
            _EMAIL: account.email,
            _TAX_NUMBER: values.as_text(account.tax_number),
            _CURRENCY: account.currency,
            EXTERNAL_IDS: values.as_json(others),
            **{name: ids.get(system) for system, name in self.customer_numbers.items()},
        }
        # One type stands for several of Salesforce's, which are left as finer than ours.
        if before is None or account.kind != before.kind:
            body["Type"] = _TYPES.get(account.kind, account.kind)
        return body | owned_by(account.owner_id)


def _address(row: Row, which: str) -> Address:
    return Address(
        street=values.text(row, f"{which}Street"),
        city=values.text(row, f"{which}City"),
        region=values.text(row, f"{which}State"),
        postcode=values.text(row, f"{which}PostalCode"),
        country=values.text(row, f"{which}Country"),
    )


def _address_or_none(row: Row, which: str) -> Address | None:
    found = _address(row, which)
    return None if found == Address() else found


def _written(which: str, where: Address) -> dict[str, Written]:
    return {
        f"{which}Street": values.as_text(where.street),
        f"{which}City": values.as_text(where.city),
        f"{which}State": values.as_text(where.region),
        f"{which}PostalCode": values.as_text(where.postcode),
        f"{which}Country": values.as_text(where.country),
    }


def _kind(type_name: str) -> str:
    if type_name.startswith("Customer"):
        return "customer"
    if "Partner" in type_name:
        return "partner"
    return "former" if type_name == "Other" else "prospect"


def owned_by(owner_id: str | None) -> dict[str, Written]:
    """Write whose a record is; every record is somebody's, so nobody means: as it is."""
    return {"OwnerId": owner_id} if owner_id else {}


def contact(row: Row) -> Contact:
    """Read a contact."""
    return Contact(
        id=text(row, "Id"),
        account_id=values.text(row, "AccountId"),
        first_name=values.text(row, "FirstName"),
        last_name=values.text(row, "LastName"),
        job_title=values.text(row, "Title"),
        email=values.text_or_none(row, "Email"),
        phone=values.text_or_none(row, "Phone"),
        mobile=values.text_or_none(row, "MobilePhone"),
        external_ids=values.object_or_empty(row, EXTERNAL_IDS),
        modified_at=values.instant(row, "LastModifiedDate"),
        modified_by=values.text(row, "LastModifiedById"),
        version=version_of(row),
    )


def contact_written(contact: Contact, known: Mapping[str, str]) -> dict[str, Written]:
    """Write a contact; ids in `known` that it does not name stay as they are."""
    return {
        "AccountId": contact.account_id or None,
        "FirstName": values.as_text(contact.first_name),
        "LastName": contact.last_name,
        "Title": values.as_text(contact.job_title),
        "Email": contact.email,
        "Phone": contact.phone,
        "MobilePhone": contact.mobile,
        EXTERNAL_IDS: values.as_json({**known, **contact.external_ids}),
    }


@frozen
class Users:
    """Reads users.

    Attributes:
        role_field: the field that says what somebody is: `Title`, `Profile.Name`,
            `UserRole.Name`, or one of the organization's own.
        roles: the role for a value of it, or for a person by user name.
        default_role: of everybody else; empty for none.
        team_field: the field that names somebody's team.
    """

    role_field: str
    roles: Mapping[str, str]
    default_role: str
    team_field: str

    @property
    def fields(self) -> tuple[str, ...]:
        """Name the fields that are read."""
        return (
            "Id", "Name", "Email", "Username", "IsActive", "ManagerId", self.role_field,
            self.team_field,
        )  # fmt: skip

    def user(self, row: Row) -> User:
        """Read a user."""
        username = values.text(row, "Username")
        role = self.roles.get(username) or self.roles.get(_at(row, self.role_field))
        role = role or self.default_role
        return User(
            id=text(row, "Id"),
            name=values.text(row, "Name"),
            email=values.text(row, "Email"),
            roles=(role,) if role else (),
            team=_at(row, self.team_field),
            manager_id=values.text_or_none(row, "ManagerId"),
            active=values.truth(row, "IsActive"),
        )


def _at(row: Row, path: str) -> str:
    *parents, last = path.split(".")
    for name in parents:
        row = values.parent(row, name)
    return values.text(row, last)
