"""Who: accounts, contacts, trading accounts, users, and how they are addressed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from attrs import field, frozen

from crossdock.records._fields import sensitive, told
from crossdock.records.money import Money


@frozen(kw_only=True)
class Address:
    """A postal address.

    Attributes:
        country: an ISO 3166-1 alpha-2 code where the system keeps codes.
        name: who it is for, often a person.
    """

    street: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    name: str = sensitive("personal", masked="")


@frozen(kw_only=True)
class Account:
    """The CRM's company.

    Attributes:
        id: the CRM's own id.
        legal_name: as in the register of companies, where the CRM keeps it beside the name.
        kind: prospect, customer, partner or former, as the CRM keeps it.
        address: where invoices go.
        shipping_address: where goods go; `None` where it is not kept, or the same.
        active: whether the CRM still works with it.
        modified_by: who changed it last, as the CRM calls him; empty where it does not tell.
        external_ids: ids of the same company elsewhere, by configured system name
            (`{"main": "C-10001"}`).
        version: what optimistic locking compares; an opaque token of the CRM.
    """

    id: str
    name: str
    legal_name: str = ""
    kind: str = "customer"
    industry: str = ""
    owner_id: str | None = None
    email: str | None = sensitive("personal")
    phone: str | None = sensitive("personal")
    website: str = ""
    tax_number: str = sensitive("personal", masked="")
    address: Address = field(factory=Address)
    shipping_address: Address | None = None
    currency: str | None = None
    parent_id: str | None = None
    active: bool = True
    external_ids: Mapping[str, str] = field(factory=dict)
    created_at: datetime | None = None
    modified_at: datetime | None = None
    modified_by: str = ""
    version: str | None = None


@frozen(kw_only=True)
class Contact:
    """A person at an account, or at an ERP's customer.

    Attributes:
        account_id: the account of a CRM, or the customer of an ERP, that he works at.
        system: the configured name of the ERP that keeps him; empty for a CRM's.
        reference: the caller's own key, which an ERP keeps.
        modified_by: who changed it last, as the system calls him; empty where it does not tell.
    """

    id: str
    account_id: str
    first_name: str = ""
    last_name: str
    job_title: str = ""
    email: str | None = sensitive("personal")
    phone: str | None = sensitive("personal")
    mobile: str | None = sensitive("personal")
    active: bool = True
    system: str = ""
    reference: str = ""
    external_ids: Mapping[str, str] = field(factory=dict)
    modified_at: datetime | None = None
    modified_by: str = ""
    version: str | None = None

    @property
    def name(self) -> str:
        """The full name, first name first."""
        return f"{self.first_name} {self.last_name}".strip()


@frozen(kw_only=True)
class TradingAccount:
    """The ERP's customer account; one CRM account may have many, in several ERPs.

    Attributes:
        id: the ERP's customer number.
        system: the configured name of the ERP it lives in; `ctx.erp` routes by it.
        legal_name: as in the register of companies, where the ERP keeps it beside the name.
        address: where invoices go.
        shipping_address: where goods go; `None` where it is not kept, or the same.
        active: whether the ERP still takes orders of it.
        reference: the caller's own key, such as the id of the CRM account that it was made for.
        modified_by: who changed it last, as the ERP calls him; empty where it does not tell.
        bill_to_id: the customer that pays, where it is another one.
        credit_limit: `None` where it is masked or unlimited; ask `CreditStatus` for which.
        default: whether new orders of the account go here.
    """

    id: str
    system: str
    name: str
    currency: str
    legal_name: str = ""
    terms_days: int | None = None
    email: str | None = sensitive("personal")
    phone: str | None = sensitive("personal")
    website: str = ""
    tax_number: str = sensitive("personal", masked="")
    address: Address = field(factory=Address)
    shipping_address: Address | None = None
    bill_to_id: str | None = None
    credit_limit: Money | None = sensitive("credit")
    on_hold: bool = False
    hold_reason: str = told("credit", default="")
    default: bool = False
    active: bool = True
    reference: str = ""
    created_at: datetime | None = None
    modified_at: datetime | None = None
    modified_by: str = ""
    version: str | None = None

    @property
    def ref(self) -> str:
        """`system:id`, unique over all configured ERPs."""
        return f"{self.system}:{self.id}"


@frozen(kw_only=True)
class AccountLink:
    """What the cross-reference says of one ERP customer of an account, without asking the ERP.

    Attributes:
        system: the configured name of the ERP.
        customer_id: the ERP's customer number.
        default: whether new orders of the account go here.
        name, currency: the customer's as it was last read; empty until somebody read it.
        lost: whether the ERP said that it has no such customer any more.
    """

    system: str
    customer_id: str
    default: bool = False
    name: str = ""
    currency: str = ""
    lost: bool = False

    @property
    def ref(self) -> str:
        """`system:customer`, as of `TradingAccount`."""
        return f"{self.system}:{self.customer_id}"


Role = str


@frozen(kw_only=True)
class User:
    """Somebody who works in the CRM.

    Attributes:
        id: the CRM's id of the user.
        roles: names that `crossdock.toml` maps to rights (`sales`, `manager`, `accounting`, ...).
    """

    id: str
    name: str
    email: str = sensitive("personal", masked="")
    roles: tuple[Role, ...] = ()
    team: str = ""
    manager_id: str | None = None
    active: bool = True


ActivityKind = Literal["call", "email", "meeting", "task", "note"]


@frozen(kw_only=True)
class Activity:
    """A call, e-mail, meeting, task or note on an account; `text` says more than the subject."""

    id: str
    account_id: str
    kind: ActivityKind
    subject: str = told("personal")
    text: str = told("personal", default="")
    contact_id: str | None = None
    opportunity_id: str | None = None
    owner_id: str | None = None
    due_at: datetime | None = None
    completed_at: datetime | None = None
    created_at: datetime | None = None


CaseStatus = Literal["open", "closed"]
CasePriority = Literal["", "low", "normal", "high", "urgent"]


@frozen(kw_only=True)
class Case:
    """Something that a customer asks service for: a case, a ticket.

    Attributes:
        state: the CRM's own word for how far it has come, such as `Waiting for customer`.
        priority: empty where nobody said.
    """

    id: str
    account_id: str
    subject: str = told("personal")
    status: CaseStatus = "open"
    state: str = ""
    priority: CasePriority = ""
    contact_id: str | None = None
    owner_id: str | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
