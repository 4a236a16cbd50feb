"""What a merge is made of, and what comes of it: both records, what they agreed on, the plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

Outcome: TypeAlias = Literal["unchanged", "take_crm", "take_erp", "set_both", "conflict", "refused"]
Whole: TypeAlias = Literal[
    "unchanged", "update", "create_in_crm", "create_in_erp", "conflict", "refused", "ignored"
]
RECORD: Final = "record"
"""The field of a conflict that is about the record as a whole: one side of it is gone."""
DECIDED: Final = "decided"
"""What stands in the agreed state of `record` once a person has decided on one that is gone."""


@frozen(kw_only=True)
class Side:
    """One record as one system has it, in the words of the policy.

    Attributes:
        system: the configured name of the system.
        id: of the record there.
        values: by field; a field that the system does not have is not among them, an empty one is
            an empty text.
        kind: an account's, where the system keeps one.
        changed_at: when the record was last changed there, as far as the system tells.
        changed_by: who did that, as far as the system tells.
        version: what optimistic locking compares there.
        longest: by field, the characters that the system itself takes, where that is known.
    """

    system: str
    id: str
    values: Mapping[str, str]
    longest: Mapping[str, int] = field(factory=dict)
    kind: str = ""
    changed_at: datetime | None = None
    changed_by: str = ""
    version: str = ""


@frozen(kw_only=True)
class Agreed:
    """What two records were when they last agreed, each as its own system had it.

    Attributes:
        crm: the CRM's values, by field.
        erp: the ERP's values, by field.
        crm_version: the CRM's record's version then.
        erp_version: the ERP's record's version then.
    """

    crm: Mapping[str, str] = field(factory=dict)
    erp: Mapping[str, str] = field(factory=dict)
    crm_version: str = ""
    erp_version: str = ""


@frozen(kw_only=True)
class Settlement:
    """A person's word on a conflict.

    Attributes:
        take: `crm`, `erp`, or `value` for a third one.
        value: that third one.
        crm: the CRM's value that the person saw; the word counts for these two alone.
        erp: the ERP's value that the person saw.
        by: who decided.
    """

    take: Literal["crm", "erp", "value"]
    crm: str
    erp: str
    value: str = ""
    by: str = ""


@frozen(kw_only=True)
class Decision:
    """What becomes of one field, and why.

    Attributes:
        field: its name.
        outcome: `take_crm` writes the CRM's value to the ERP, and so on; `refused` is a value that
            the other side cannot take, so nothing is written.
        crm: the CRM's value; `None` where there is no record.
        erp: the ERP's value; `None` where there is no record.
        agreed_crm: what the CRM had when both last agreed; `None` where they never did.
        agreed_erp: what the ERP had then.
        to_crm: what is written to the CRM; `None` for nothing.
        to_erp: what is written to the ERP; `None` for nothing.
        reason: why, in words.
        notes: what was done to the value on its way.
    """

    field: str
    outcome: Outcome
    crm: str | None
    erp: str | None
    agreed_crm: str | None = None
    agreed_erp: str | None = None
    to_crm: str | None = None
    to_erp: str | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()


@frozen(kw_only=True)
class Plan:
    """What becomes of one pair of records.

    Attributes:
        entity: account, contact or item.
        outcome: of the pair as a whole; the gravest of its fields.
        decisions: by field, in the order of the policy.
        reason: why the pair as a whole is treated so, where no field says it.
    """

    entity: str
    outcome: Whole
    decisions: tuple[Decision, ...] = ()
    reason: str = ""

    @property
    def to_crm(self) -> dict[str, str]:
        """What is written to the CRM, by field."""
        return {each.field: each.to_crm for each in self.decisions if each.to_crm is not None}

    @property
    def to_erp(self) -> dict[str, str]:
        """What is written to the ERP, by field."""
        return {each.field: each.to_erp for each in self.decisions if each.to_erp is not None}

    @property
    def conflicts(self) -> tuple[Decision, ...]:
        """The fields that a person has to decide on."""
        return tuple(each for each in self.decisions if each.outcome == "conflict")

    @property
    def refused(self) -> tuple[Decision, ...]:
        """The fields whose value the other side cannot take."""
        return tuple(each for each in self.decisions if each.outcome == "refused")

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to values on their way."""
        return tuple(note for each in self.decisions for note in each.notes)

    def agreed(self, crm: Side, erp: Side, before: Agreed | None) -> Agreed:
        """Give what the two agree on once this plan was carried out.

        A field in conflict, or refused, stays agreed as it was before.

        Args:
            crm: the CRM's record as it is after the plan was carried out.
            erp: the ERP's.
            before: what they agreed on so far.
        """
        was = before or Agreed()
        of_crm, of_erp = dict(was.crm), dict(was.erp)
        of_crm.pop(RECORD, None)  # it may have been gone for a while
        for each in self.decisions:
            if each.outcome in ("conflict", "refused"):
                continue
            of_crm[each.field] = crm.values.get(each.field, "")
            of_erp[each.field] = erp.values.get(each.field, "")
        return Agreed(crm=of_crm, erp=of_erp, crm_version=crm.version, erp_version=erp.version)
