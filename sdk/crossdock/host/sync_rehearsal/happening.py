"""What a policy would do to one record, and where two policies would do different things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from attrs import frozen

from crossdock.rules.ownership import Plan

OUTCOMES: Final = {
    "create_in_crm": "created in the CRM",
    "create_in_erp": "created in the ERP",
    "update": "changed",
    "unchanged": "unchanged",
    "conflict": "in conflict",
    "refused": "refused",
    "review": "to be reviewed",
    "ignored": "left alone",
}


@frozen(kw_only=True)
class Step:
    """What would become of one field.

    Attributes:
        outcome: `unchanged`, `take_crm`, `take_erp`, `set_both`, `conflict` or `refused`.
        crm, erp: what both sides have.
        to_crm, to_erp: what would be written there; `None` where nothing.
        reason: why, in words.
    """

    field: str
    outcome: str
    crm: str | None
    erp: str | None
    to_crm: str | None
    to_erp: str | None
    reason: str

    @property
    def acts(self) -> bool:
        """Whether anything would be written, or anybody be asked."""
        return self.outcome != "unchanged"

    @property
    def says(self) -> str:
        """What would be done, in words."""
        written = [
            f"{value or 'nothing'!r} to the {side}"
            for side, value in (("CRM", self.to_crm), ("ERP", self.to_erp))
            if value is not None
        ]
        match self.outcome:
            case "conflict":
                return "a person decides"
            case "refused":
                return "refused"
            case "unchanged":
                return "nothing"
        return "writes " + " and ".join(written) if written else "nothing"


@frozen(kw_only=True)
class Happening:
    """What would become of one record.

    Attributes:
        key: the CRM's and the ERP's id, of which one may be missing.
        name: what it is called.
        at: when, for a recorded change; empty for what is so now.
        outcome: a key of `OUTCOMES`.
        steps: field by field.
        reason: why, for the record as a whole.
    """

    key: tuple[str, str]
    name: str
    outcome: str
    steps: tuple[Step, ...] = ()
    reason: str = ""
    at: str = ""

    @property
    def record(self) -> str:
        """The ids as a person reads them."""
        return " = ".join(each for each in self.key if each)


def happening_of(key: tuple[str, str], name: str, plan: Plan, at: str = "") -> Happening:
    """Put a plan into the form in which it is shown."""
    steps = tuple(
        Step(
            field=each.field,
            outcome=each.outcome,
            crm=each.crm,
            erp=each.erp,
            to_crm=each.to_crm,
            to_erp=each.to_erp,
            reason=each.reason,
        )
        for each in plan.decisions
    )
    return Happening(
        key=key, name=name, outcome=plan.outcome, steps=steps, reason=plan.reason, at=at
    )


def counted(happenings: Iterable[Happening]) -> Counter[str]:
    """Count them by outcome."""
    return Counter(each.outcome for each in happenings)


@frozen(kw_only=True)
class Difference:
    """Where two policies would not do the same.

    Attributes:
        field: which field; empty for the record as a whole.
        first, second: what each would do.
        why_first, why_second: and why.
    """

    record: str
    name: str
    field: str
    first: str
    second: str
    why_first: str
    why_second: str
    at: str = ""


def differences(first: Sequence[Happening], second: Sequence[Happening]) -> Iterator[Difference]:
    """Compare what two policies would do to the same records, in the same order.

    Raises:
        ValueError: they are not of the same records.
    """
    for one, other in zip(first, second, strict=True):
        if (one.key, one.at) != (other.key, other.at):
            raise ValueError(f"{one.record} and {other.record} are two records")
        told = {"record": one.record, "name": one.name, "at": one.at}
        if one.outcome != other.outcome and "create" in one.outcome + other.outcome:
            yield Difference(
                **told,
                field="",
                first=OUTCOMES.get(one.outcome, one.outcome),
                second=OUTCOMES.get(other.outcome, other.outcome),
                why_first=one.reason,
                why_second=other.reason,
            )
            continue
        steps = {each.field: each for each in other.steps}
        for mine in one.steps:
            theirs = steps.pop(mine.field, None)
            if theirs is None or _does(mine) != _does(theirs):
                yield _difference(told, mine.field, mine, theirs)
        for field, theirs in steps.items():
            if theirs.acts:
                yield _difference(told, field, None, theirs)


def _does(step: Step) -> tuple[Any, ...]:
    return (step.outcome, step.to_crm, step.to_erp)


def _difference(
    told: dict[str, str], field: str, mine: Step | None, theirs: Step | None
) -> Difference:
    nothing = "nothing: it is not in the policy"
    return Difference(
        **told,
        field=field,
        first=mine.says if mine else nothing,
        second=theirs.says if theirs else nothing,
        why_first=mine.reason if mine else "",
        why_second=theirs.reason if theirs else "",
    )
