"""Three-way merge of one record of two systems against what they last agreed on.

Each field is judged by itself. What a side had when both last agreed is kept for that side, as a
value may be cut or written another way on the way to the other one: a side changed where its value
is not the one that it had then, not where it differs from the other side's.

The first time that two records meet nothing was agreed on. Then a value that is there never gives
way to one that is not, whoever owns the field: nothing that somebody entered gets lost by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Literal

from attrs import frozen

from crossdock.rules.ownership.forming import Formed, formed, normal
from crossdock.rules.ownership.planned import (
    DECIDED,
    RECORD,
    Agreed,
    Decision,
    Outcome,
    Plan,
    Settlement,
    Side,
    Whole,
)
from crossdock.rules.ownership.policy import ACTIVE, EntityPolicy, FieldPolicy


def plan(
    policy: EntityPolicy,
    crm: Side | None,
    erp: Side | None,
    agreed: Agreed | None = None,
    settled: Mapping[str, Settlement] | None = None,
    contested: Collection[str] = (),
) -> Plan:
    """Say what is to become of a pair of records; nothing is read or written for it.

    Args:
        policy: what holds for such records.
        crm: the CRM's record; `None` where it has none.
        erp: the ERP's record; `None` where it has none.
        agreed: what both last agreed on; `None` where they never met.
        settled: what people decided, by field.
        contested: fields that wait for a person. Whatever else is changed of the records makes
            neither value of theirs the newer one.
    """
    words = settled or {}
    if crm is not None and erp is not None:
        return _both(policy, crm, erp, agreed, words, contested)
    there = crm or erp
    if there is None:
        return Plan(entity=policy.entity, outcome="ignored", reason="it is in neither system")
    here: Literal["crm", "erp"] = "crm" if crm is not None else "erp"
    if agreed is not None:
        return _gone(policy, there, here, agreed, words.get(RECORD))
    return _created(policy, there, here)


def _both(
    policy: EntityPolicy,
    crm: Side,
    erp: Side,
    agreed: Agreed | None,
    words: Mapping[str, Settlement],
    contested: Collection[str],
) -> Plan:
    decisions = tuple(
        _Field(each, policy, crm, erp, agreed, each.name in contested).judge(words.get(each.name))
        for each in policy.fields.values()
        if each.name in crm.values and each.name in erp.values
    )
    outcomes = {each.outcome for each in decisions}
    outcome: Whole = "unchanged"
    if any(each.to_crm is not None or each.to_erp is not None for each in decisions):
        outcome = "update"
    if "refused" in outcomes:
        outcome = "refused"
    if "conflict" in outcomes:
        outcome = "conflict"
    return Plan(entity=policy.entity, outcome=outcome, decisions=decisions)


@frozen
class _Field:
    """One field of two records that are both there."""

    policy: FieldPolicy
    entity: EntityPolicy
    crm_side: Side
    erp_side: Side
    agreed: Agreed | None
    contested: bool

    def judge(self, word: Settlement | None) -> Decision:
        name, base = self.policy.name, self.agreed
        crm, erp = self.crm_side.values[name], self.erp_side.values[name]
        if self._alike(crm, erp):
            return self._unchanged("both have it")
        if word is not None and (word.crm, word.erp) == (crm, erp):
            return self._settled(word)
        if base is None or name not in base.crm or name not in base.erp:
            return self._met(crm, erp)
        crm_changed = not self._same(crm, base.crm[name], self.crm_side)
        erp_changed = not self._same(erp, base.erp[name], self.erp_side)
        if not crm_changed and not erp_changed:
            return self._unchanged("neither changed since both agreed")
        if crm_changed and erp_changed:
            return self._contested("both changed it")
        changed: Literal["crm", "erp"] = "crm" if crm_changed else "erp"
        owner = self.policy.owner
        if owner in ("newest", "ask") or owner == changed:
            return self._take(changed, f"only the {changed.upper()} changed it")
        if self.policy.others == "ask":
            return self._conflict(
                f"the {owner.upper()} owns it, and it was changed in the {changed.upper()}"
            )
        return self._take(
            "erp" if owner == "erp" else "crm",
            f"the {owner.upper()} owns it, so the change in the {changed.upper()} is undone",
        )

    def _met(self, crm: str, erp: str) -> Decision:
        """Judge two values of records that never agreed on this field."""
        if not crm or not erp:
            return self._take("crm" if crm else "erp", "only one has it, and they meet first now")
        return self._contested("they meet first now with different values")

    def _contested(self, why: str) -> Decision:
        match self.policy.owner:
            case "crm":
                return self._take("crm", f"{why}, and the CRM owns it")
            case "erp":
                return self._take("erp", f"{why}, and the ERP owns it")
            case "newest" if self.contested:
                return self._conflict(f"{why}, and a person is asked already")
            case "newest":
                newer = self._newer()
                if newer is None:
                    return self._conflict(f"{why}, and which is newer cannot be told")
                return self._take(newer, f"{why}, and the {newer.upper()}'s change is newer")
            case "ask":
                return self._conflict(f"{why}, and nobody owns it")

    def _newer(self) -> Literal["crm", "erp"] | None:
        crm, erp = self.crm_side.changed_at, self.erp_side.changed_at
        if crm is None or erp is None:
            return None
        apart = (crm - erp).total_seconds()
        if abs(apart) <= self.entity.clock_tolerance_seconds:
            return None
        return "crm" if apart > 0 else "erp"

    def _settled(self, word: Settlement) -> Decision:
        if word.take == "value":
            return self._third(word)
        return self._take(word.take, f"{word.by or 'somebody'} decided for the {word.take.upper()}")

    def _third(self, word: Settlement) -> Decision:
        to_crm = self._formed(word.value, "crm")
        to_erp = self._formed(word.value, "erp")
        if refusal := to_crm.refusal or to_erp.refusal:
            return self._decision("refused", refusal)
        name = self.policy.name
        return self._decision(
            "set_both",
            f"{word.by or 'somebody'} decided for another value",
            to_crm=None if to_crm.value == self.crm_side.values[name] else to_crm.value,
            to_erp=None if to_erp.value == self.erp_side.values[name] else to_erp.value,
            notes=(*to_crm.notes, *to_erp.notes),
        )

    def _take(self, side: Literal["crm", "erp"], reason: str) -> Decision:
        name = self.policy.name
        if side == "crm":
            given = self._formed(self.crm_side.values[name], "erp")
            if given.refusal:
                return self._decision("refused", given.refusal)
            return self._decision("take_crm", reason, to_erp=given.value, notes=given.notes)
        given = self._formed(self.erp_side.values[name], "crm")
        if given.refusal:
            return self._decision("refused", given.refusal)
        return self._decision("take_erp", reason, to_crm=given.value, notes=given.notes)

    def _conflict(self, reason: str) -> Decision:
        return self._decision("conflict", reason)

    def _unchanged(self, reason: str) -> Decision:
        return self._decision("unchanged", reason)

    def _decision(
        self,
        outcome: Outcome,
        reason: str,
        *,
        to_crm: str | None = None,
        to_erp: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> Decision:
        name, base = self.policy.name, self.agreed
        return Decision(
            field=name,
            outcome=outcome,
            crm=self.crm_side.values[name],
            erp=self.erp_side.values[name],
            agreed_crm=base.crm.get(name) if base else None,
            agreed_erp=base.erp.get(name) if base else None,
            to_crm=to_crm,
            to_erp=to_erp,
            reason=reason,
            notes=notes,
        )

    def _formed(self, value: str, side: Literal["crm", "erp"]) -> Formed:
        source, target = self.erp_side, self.crm_side
        limit = self.policy.crm
        if side == "erp":
            source, target, limit = target, source, self.policy.erp
        limit = limit.within(target.longest.get(self.policy.name))
        return formed(self.policy, limit, value, _country(source), side.upper())

    def _alike(self, crm: str, erp: str) -> bool:
        """Whether the two say the same, be it that one was cut on its way to the other."""
        if self._normal(crm, self.crm_side) == self._normal(erp, self.erp_side):
            return True
        return erp == self._formed(crm, "erp").value or crm == self._formed(erp, "crm").value

    def _same(self, value: str, before: str, side: Side) -> bool:
        return value == before or self._normal(value, side) == self._normal(before, side)

    def _normal(self, value: str, side: Side) -> str:
        return normal(self.policy.form, value, _country(side))


def _country(side: Side) -> str:
    return side.values.get("address.country", "")


def _created(policy: EntityPolicy, there: Side, here: Literal["crm", "erp"]) -> Plan:
    """Judge a record that only one system has, and that never was in the other."""
    entity = policy.entity
    if policy.entered_in not in ("both", here):
        return Plan(
            entity=entity,
            outcome="ignored",
            reason=f"a new {entity} is not carried over from the {here.upper()}",
        )
    if here == "crm" and there.kind and policy.kinds and there.kind not in policy.kinds:
        return Plan(
            entity=entity,
            outcome="ignored",
            reason=f"it is a {there.kind}; {' and '.join(policy.kinds)} are carried over",
        )
    if there.values.get(ACTIVE) == "no":
        return Plan(entity=entity, outcome="ignored", reason="it is not in use any more")
    decisions = tuple(_first(policy, there, here))
    whole: Whole = "create_in_erp" if here == "crm" else "create_in_crm"
    return Plan(entity=entity, outcome=whole, decisions=decisions)


def _first(policy: EntityPolicy, there: Side, here: Literal["crm", "erp"]) -> Iterator[Decision]:
    for each in policy.fields.values():
        if each.name not in there.values:
            continue
        value = there.values[each.name]
        target = each.erp if here == "crm" else each.crm
        given = formed(each, target, value, _country(there), "ERP" if here == "crm" else "CRM")
        took: Outcome = "take_crm" if here == "crm" else "take_erp"
        yield Decision(
            field=each.name,
            outcome="refused" if given.refusal else took,
            crm=value if here == "crm" else None,
            erp=value if here == "erp" else None,
            to_crm=given.value if here == "erp" and not given.refusal else None,
            to_erp=given.value if here == "crm" and not given.refusal else None,
            reason=given.refusal or f"it is new in the {here.upper()}",
            notes=given.notes,
        )


def _gone(
    policy: EntityPolicy,
    there: Side,
    left: Literal["crm", "erp"],
    agreed: Agreed,
    word: Settlement | None,
) -> Plan:
    """Judge a record whose counterpart is not there any more."""
    meaning = policy.deleted_in_erp if left == "crm" else policy.deleted_in_crm
    reason = f"the {'ERP' if left == 'crm' else 'CRM'}'s is gone"
    if word is not None:
        # For the side that is left it is kept; for the side that is gone it goes out of use too.
        meaning = "keep" if word.take == left else "inactivate"
        reason += f", and {word.by or 'somebody'} decided"
    elif meaning == "ask" and agreed.crm.get(RECORD) == DECIDED:
        meaning = "keep"
        reason += ", and it was decided on before"
    name = there.values.get("name", there.id)
    about = Decision(
        field=RECORD,
        outcome="conflict" if meaning == "ask" else "unchanged",
        crm=name if left == "crm" else None,
        erp=name if left == "erp" else None,
        reason=reason,
    )
    decisions: tuple[Decision, ...] = (about,)
    outcome: Whole = "conflict" if meaning == "ask" else "ignored"
    in_use = there.values.get(ACTIVE)
    if meaning == "inactivate" and in_use == "yes":
        outcome = "update"
        decisions = (about, _put_out(left, f"{reason}, so it goes out of use"))
    elif meaning == "inactivate":
        reason += (
            "; it is out of use" if in_use == "no" else "; its system cannot put it out of use"
        )
    elif meaning == "keep":
        reason += "; it is kept"
    return Plan(entity=policy.entity, outcome=outcome, decisions=decisions, reason=reason)


def _put_out(left: Literal["crm", "erp"], reason: str) -> Decision:
    here = left == "crm"
    return Decision(
        field=ACTIVE,
        outcome="take_erp" if here else "take_crm",
        crm="yes" if here else None,
        erp=None if here else "yes",
        to_crm="no" if here else None,
        to_erp=None if here else "no",
        reason=reason,
    )
