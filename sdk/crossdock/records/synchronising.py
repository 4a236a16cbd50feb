"""What two systems agreed on of one record, and what a person has to decide of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from attrs import field, frozen

from crossdock.records._fields import sensitive

ConflictState = Literal["open", "decided", "carried_out", "over"]


@frozen(kw_only=True)
class SyncWord:
    """A person's word on one field, not carried out yet.

    Attributes:
        field: which one; `record` for the record as a whole.
        take: whose value, or `value` for a third one.
        value: that third one.
        crm, erp: the values that the person saw; the word counts for these two alone.
        by: who decided.
    """

    field: str
    take: Literal["crm", "erp", "value"]
    value: str = sensitive("personal", masked="")
    crm: str = sensitive("personal", masked="")
    erp: str = sensitive("personal", masked="")
    by: str = ""


@frozen(kw_only=True)
class SyncPair:
    """One record of the CRM and the one of an ERP that is the same, and what both agreed on.

    Attributes:
        entity: account, contact or item.
        crm_system, crm_id: the CRM's.
        erp_system, erp_id: the ERP's; of an account its customer.
        crm_values, erp_values: what each had when both last agreed, by field; empty before.
        crm_version, erp_version: the versions that were read or written then.
        agreed_at: when that was; `None` where they never met.
        words: what people decided and nobody has carried out yet.
        contested: the fields that wait for a person's word.
        default: of an account, whether new orders go to this customer; only that one is kept the
            same as the account.
        lost: which side is known to be gone (`crm`, `erp`); empty for neither.
    """

    entity: str
    crm_system: str
    crm_id: str
    erp_system: str
    erp_id: str
    crm_values: Mapping[str, str] = field(factory=dict)
    erp_values: Mapping[str, str] = field(factory=dict)
    crm_version: str = ""
    erp_version: str = ""
    agreed_at: datetime | None = None
    words: tuple[SyncWord, ...] = ()
    contested: tuple[str, ...] = ()
    default: bool = True
    lost: str = ""

    @property
    def id(self) -> str:
        """Names the pair among all."""
        return f"{self.entity}:{self.crm_system}:{self.crm_id}:{self.erp_system}:{self.erp_id}"


@frozen(kw_only=True)
class SyncConflict:
    """One field of one pair that a person has to decide on.

    Attributes:
        number: grows with each; 0 for one that was not stored.
        name: what the record is called, for people.
        account_id: the CRM account that it belongs to.
        field: which one; `record` where one side is gone.
        crm_value, erp_value: what each has; `None` where there is no record.
        agreed_crm, agreed_erp: what each had when both last agreed; `None` where they never did.
        crm_by, crm_at, erp_by, erp_at: who changed each record last, and when, as far as told.
        reason: why it is for a person.
        refused: whether a system cannot take the value, rather than two values standing against
            each other.
        roles: who may decide; empty for everybody with the right.
        take, value, decided_by, decided_at, comment: what was decided.
    """

    number: int = 0
    entity: str
    crm_system: str
    crm_id: str
    erp_system: str
    erp_id: str
    name: str = ""
    account_id: str = ""
    field: str
    crm_value: str | None = sensitive("personal")
    erp_value: str | None = sensitive("personal")
    agreed_crm: str | None = sensitive("personal")
    agreed_erp: str | None = sensitive("personal")
    crm_by: str = ""
    crm_at: datetime | None = None
    erp_by: str = ""
    erp_at: datetime | None = None
    reason: str = ""
    refused: bool = False
    roles: tuple[str, ...] = ()
    state: ConflictState = "open"
    opened_at: datetime | None = None
    take: str = ""
    value: str = sensitive("personal", masked="")
    decided_by: str = ""
    decided_at: datetime | None = None
    comment: str = ""


@frozen(kw_only=True)
class Counterpart:
    """Whether a record that is about to be created is in the other system already.

    Attributes:
        decision: `automatic`, it is; `review`, a person was asked; `new`, it is not.
        id: of the record that it is, or most likely is; empty for a new one.
        text: the reasons in a sentence.
    """

    decision: Literal["automatic", "review", "new"]
    id: str = ""
    score: int = 0
    text: str = ""
