"""One pair of records brought in line: read, merged by the policy, written, kept.

What is written depends on nothing but what both systems have now and what they last agreed on, so
doing it twice, late or in another order comes to the same, and what this program wrote itself is
no change to it: that is how loops end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from attrs import evolve, frozen

from crossdock.errors import (
    Conflict,
    NotFound,
    NotSupported,
    RemoteRefused,
    RemoteRejectedData,
)
from crossdock.records import SyncConflict, SyncPair
from crossdock.rules.ownership import (
    DECIDED,
    RECORD,
    Agreed,
    Decision,
    EntityPolicy,
    Plan,
    Settlement,
    Side,
    plan,
    with_values,
)
from crossdock.rules.ownership.planned import Whole
from crossdock.synchronising.keeping import there
from crossdock.synchronising.port import SyncPort

_Crm = TypeVar("_Crm")
_Erp = TypeVar("_Erp")
_Record = TypeVar("_Record")
_ATTEMPTS: Final = 4
REFUSALS: Final = (NotSupported, RemoteRefused, RemoteRejectedData)
"""How a system says that it does not take a value, so that a person has to look at it."""


@frozen(kw_only=True)
class End(Generic[_Record]):
    """One system's end of a kind of record.

    Attributes:
        read: gives the record of an id; raises `NotFound` where there is none.
        save: writes one and gives it as it is stored.
        side: gives it in the words of a policy.
    """

    read: Callable[[str], _Record]
    save: Callable[[_Record], _Record]
    side: Callable[[_Record], Side]


@frozen(kw_only=True)
class Settled(Generic[_Crm, _Erp]):
    """What came of a pair.

    Attributes:
        outcome: `created`, `updated`, `unchanged`, `conflict`, `refused`, `ignored`, or `review`
            where a person is asked whether it is there already.
        plan: what was to be done.
        crm, erp: the records as they are now; `None` for one that is not there.
        done: what was written where, a sentence each.
        text: why nothing was done, where nothing was.
    """

    outcome: str
    plan: Plan
    crm: _Crm | None = None
    erp: _Erp | None = None
    done: tuple[str, ...] = ()
    text: str = ""


class Settling(Generic[_Crm, _Erp]):
    """Brings pairs of one kind of record in line."""

    def __init__(
        self, policy: EntityPolicy, sync: SyncPort, crm: End[_Crm], erp: End[_Erp]
    ) -> None:
        """Make it.

        Args:
            policy: of this kind of record.
            sync: what was agreed on, and where it is kept.
            crm: the CRM's end.
            erp: the ERP's end.
        """
        self.policy: Final = policy
        self._sync = sync
        self._crm = crm
        self._erp = erp

    def settle(
        self, pair: SyncPair, crm: _Crm | None = None, erp: _Erp | None = None
    ) -> Settled[_Crm, _Erp]:
        """Bring one pair in line.

        Args:
            pair: which, and what it agreed on.
            crm: the CRM's record as it was just read; it is read where it is left out.
            erp: the ERP's record as it was just read; it is read where it is left out.

        Raises:
            Conflict: somebody changes it faster than it can be read.
            RemoteError: a system did not answer; nothing that it did answer is lost.
        """
        for attempt in range(_ATTEMPTS):
            crm_now = crm if crm is not None else there(self._crm.read, pair.crm_id)
            erp_now = erp if erp is not None else there(self._erp.read, pair.erp_id)
            try:
                return self._once(pair, crm_now, erp_now)
            except Conflict:  # it was changed since it was read: what to do is decided anew
                if attempt == _ATTEMPTS - 1:
                    raise
                crm = erp = None
                pair = self._read_again(pair)
        raise AssertionError("the loop returns or raises")

    def _read_again(self, pair: SyncPair) -> SyncPair:
        found = self._sync.pairs(pair.entity, pair.erp_system, pair.erp_id)
        return next((each for each in found if each.id == pair.id), pair)

    def _once(self, pair: SyncPair, crm: _Crm | None, erp: _Erp | None) -> Settled[_Crm, _Erp]:
        crm_side = None if crm is None else self._crm.side(crm)
        erp_side = None if erp is None else self._erp.side(erp)
        before = agreed_of(pair)
        gone = crm is None or erp is None
        made = plan(
            self.policy,
            crm_side,
            erp_side,
            before or (Agreed() if gone else None),
            words_of(pair),
            pair.contested,
        )
        contested = {each.field for each in made.conflicts}
        if not contested <= set(pair.contested) and (made.to_crm or made.to_erp):
            # First: what is written below makes its record the newer one.
            pair = self._sync.keep(
                evolve(pair, contested=tuple(sorted(contested))),
                conflicts=conflicts_of(self.policy, made, pair, crm_side, erp_side),
                close=False,
            )
        refused: dict[str, str] = {}
        done: list[str] = []
        crm_before, erp_before = crm, erp
        erp = self._write(self._erp, erp, made.to_erp, erp_side, refused, done, made)
        crm = self._write(self._crm, crm, made.to_crm, crm_side, refused, done, made)
        made = with_refusals(made, refused)
        if crm is not None and crm is not crm_before:
            crm_side = self._crm.side(crm)
        if erp is not None and erp is not erp_before:
            erp_side = self._erp.side(erp)
        kept = pair
        if crm_side is not None and erp_side is not None:
            kept = _agreed(pair, made.agreed(crm_side, erp_side, before))
        elif RECORD in words_of(pair) and not made.conflicts:
            kept = evolve(pair, crm_values={**pair.crm_values, RECORD: DECIDED}, words=())
        conflicts = conflicts_of(self.policy, made, pair, crm_side, erp_side)
        if kept != pair or conflicts or done or pair.agreed_at is None:
            self._sync.keep(kept, conflicts=conflicts, done=(*done, *made.notes))
        outcome = made.outcome if made.outcome != "update" else "updated"
        return Settled(
            outcome=outcome, plan=made, crm=crm, erp=erp, done=tuple(done), text=made.reason
        )

    def _write(
        self,
        end: End[_Record],
        record: _Record | None,
        values: dict[str, str],
        side: Side | None,
        refused: dict[str, str],
        done: list[str],
        made: Plan,
    ) -> _Record | None:
        if record is None or side is None or not values:
            return record
        changing: Any = record
        try:
            saved = end.save(with_values(changing, values))
        except Conflict:
            raise
        except NotFound:
            raise Conflict(f"{side.id} went away meanwhile", system=side.system) from None
        except REFUSALS as refusal:
            # Which value it is about is not always told; none of them arrived.
            refused.update(dict.fromkeys(values, str(refusal)))
            return record
        why = {each.field: each.reason for each in made.decisions}
        done.extend(
            f"{side.system}: {name} of {side.id} is now {value!r}, was "
            f"{side.values.get(name, '')!r}: {why[name]}"
            for name, value in values.items()
        )
        return saved


def agreed_of(pair: SyncPair) -> Agreed | None:
    """Give what a pair agreed on as a merge takes it; `None` where it never did."""
    if pair.agreed_at is None:
        return None
    return Agreed(
        crm=pair.crm_values,
        erp=pair.erp_values,
        crm_version=pair.crm_version,
        erp_version=pair.erp_version,
    )


def words_of(pair: SyncPair) -> dict[str, Settlement]:
    """Give what people decided of a pair as a merge takes it."""
    return {
        each.field: Settlement(
            take=each.take, crm=each.crm, erp=each.erp, value=each.value, by=each.by
        )
        for each in pair.words
    }


def conflicts_of(
    policy: EntityPolicy, made: Plan, pair: SyncPair, crm: Side | None, erp: Side | None
) -> tuple[SyncConflict, ...]:
    """Give what of a plan is for a person, with what the person has to know."""
    values = {**(erp.values if erp else {}), **(crm.values if crm else {})}
    name = values.get("name") or " ".join(
        filter(None, (values.get("first_name"), values.get("last_name")))
    )
    return tuple(
        SyncConflict(
            entity=pair.entity,
            crm_system=pair.crm_system,
            crm_id=pair.crm_id,
            erp_system=pair.erp_system,
            erp_id=pair.erp_id,
            name=name or pair.erp_id or pair.crm_id,
            account_id=pair.crm_id if pair.entity == "account" else "",
            field=each.field,
            crm_value=each.crm,
            erp_value=each.erp,
            agreed_crm=each.agreed_crm,
            agreed_erp=each.agreed_erp,
            crm_by=crm.changed_by if crm else "",
            crm_at=crm.changed_at if crm else None,
            erp_by=erp.changed_by if erp else "",
            erp_at=erp.changed_at if erp else None,
            reason=each.reason,
            refused=each.outcome == "refused",
            roles=policy.fields[each.field].decides if each.field in policy.fields else (),
        )
        for each in made.decisions
        if each.outcome in ("conflict", "refused")
    )


def _agreed(pair: SyncPair, agreed: Agreed) -> SyncPair:
    return evolve(
        pair,
        crm_values=dict(agreed.crm),
        erp_values=dict(agreed.erp),
        crm_version=agreed.crm_version,
        erp_version=agreed.erp_version,
        words=(),
        contested=(),
    )


def with_refusals(made: Plan, refused: dict[str, str]) -> Plan:
    """Give a plan with what a system did not take."""
    if not refused:
        return made

    def judged(each: Decision) -> Decision:
        if each.field not in refused:
            return each
        return evolve(each, outcome="refused", to_crm=None, to_erp=None, reason=refused[each.field])

    outcome: Whole = "conflict" if made.outcome == "conflict" else "refused"
    return evolve(made, outcome=outcome, decisions=tuple(map(judged, made.decisions)))
