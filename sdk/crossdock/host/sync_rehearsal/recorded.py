"""A policy tried on changes that were recorded: last month's, one after the other.

A file of changes is JSON lines. Lines with `"pair"` say what both sides had at the beginning, lines
with `"system"` what was changed then:

    {"pair": ["A-1001", "C-10001"], "crm": {"name": "Acme"}, "erp": {"name": "Acme Ltd"}}
    {"at": "2026-10-21T09:30:00Z", "system": "crm", "id": "A-1001", "by": "kim",
     "values": {"name": "Acme Limited"}}

`crossdock sync record` writes such files. Its lines of what the host itself wrote then, `"own"`,
are not played, as another policy would have written something else; `"of"` names the record that
the changed one was linked with. Field names are the policy's. What the policy decides is carried
out on the recorded values, so each change meets what came of the ones before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from crossdock.errors import ConfigError
from crossdock.host.sync_rehearsal.happening import Happening, happening_of
from crossdock.rules.ownership import Agreed, EntityPolicy, OwnershipPolicy, Side, plan


@frozen(kw_only=True)
class RecordedChange:
    """One change of one record on one side."""

    at: datetime
    system: str
    id: str
    by: str
    values: Mapping[str, str]
    of: str = ""


@frozen(kw_only=True)
class RecordedPair:
    """What both sides of a pair had at the beginning."""

    crm_id: str
    erp_id: str
    crm: Mapping[str, str]
    erp: Mapping[str, str]


class RecordedChanges:
    """The changes of a file, and the pairs that they are made to."""

    def __init__(
        self, pairs: tuple[RecordedPair, ...], changes: tuple[RecordedChange, ...], crm_system: str
    ) -> None:
        self.pairs = pairs
        self.changes = tuple(sorted(changes, key=lambda each: each.at))
        self._crm = crm_system

    @classmethod
    def read(cls, file: Path, *, crm_system: str = "crm") -> RecordedChanges:
        """Read a file of changes.

        Raises:
            ConfigError: it cannot be read; the message names the line and what is expected there.
        """
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{file} cannot be read: {error}") from None
        pairs: list[RecordedPair] = []
        changes: list[RecordedChange] = []
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                read = _read(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ConfigError(
                    f"{file}, line {number}: expected a pair "
                    '({"pair": [crm id, erp id], "crm": {...}, "erp": {...}}) or a change '
                    '({"at": ..., "system": ..., "id": ..., "values": {...}}): '
                    f"{type(error).__name__}: {error}"
                ) from None
            if isinstance(read, RecordedPair):
                pairs.append(read)
            elif read is not None:
                changes.append(read)
        if not changes:
            raise ConfigError(f"{file} holds no changes: there is nothing to rehearse")
        return cls(tuple(pairs), tuple(changes), crm_system)

    def try_on(self, policy: OwnershipPolicy) -> Iterator[Happening]:
        """Say what a policy would do at each change, and carry it out on the recorded values.

        Raises:
            ConfigError: the policy says nothing of accounts.
        """
        accounts = policy.of("account")
        if accounts is None:
            raise ConfigError(f"the policy {policy.source} says nothing of accounts")
        played = _Played(self.pairs, self._crm)
        for change in self.changes:
            yield played.happens(accounts, change)


class _Played:
    """Both sides as they would be by now."""

    def __init__(self, pairs: tuple[RecordedPair, ...], crm_system: str) -> None:
        self._crm = crm_system
        self._sides: dict[tuple[bool, str], Side] = {}
        self._of: dict[tuple[bool, str], tuple[str, str]] = {}
        self._agreed: dict[tuple[str, str], Agreed] = {}
        for pair in pairs:
            key = (pair.crm_id, pair.erp_id)
            self._sides[True, pair.crm_id] = Side(
                system=crm_system, id=pair.crm_id, values=dict(pair.crm)
            )
            self._sides[False, pair.erp_id] = Side(
                system="erp", id=pair.erp_id, values=dict(pair.erp)
            )
            self._of[True, pair.crm_id] = self._of[False, pair.erp_id] = key
            self._agreed[key] = Agreed(crm=dict(pair.crm), erp=dict(pair.erp))

    def happens(self, policy: EntityPolicy, change: RecordedChange) -> Happening:
        """Play one change."""
        in_crm = change.system == self._crm
        before = self._sides.get((in_crm, change.id))
        values = {**(before.values if before else {}), **change.values}
        self._sides[in_crm, change.id] = Side(
            system=change.system,
            id=change.id,
            values=values,
            changed_at=change.at,
            changed_by=change.by,
        )
        key = self._of.get((in_crm, change.id)) or self._met(change, in_crm)
        crm, erp = self._sides.get((True, key[0])), self._sides.get((False, key[1]))
        planned = plan(policy, crm, erp, self._agreed.get(key))
        at = f"{change.at:%Y-%m-%d %H:%M} UTC"
        name = values.get("name", "") or change.id
        told = happening_of(key, name, planned, at)
        self._carry_out(key, crm, erp, planned)
        return told

    def _met(self, change: RecordedChange, in_crm: bool) -> tuple[str, str]:
        """Give the pair of a record that was not in one until now.

        Where the recording knows what it was linked with then, and the policy made a record of
        that as well, the two are one.
        """
        alone = (change.id, "") if in_crm else ("", change.id)
        if not change.of:
            return alone
        made = self._of.get((not in_crm, change.of))
        if made is None:
            return (change.id, change.of) if in_crm else (change.of, change.id)
        mine, theirs = made if in_crm else made[::-1]
        before = self._sides.get((in_crm, mine))
        now = self._sides[in_crm, change.id]
        if before is not None:
            now = evolve(now, values={**before.values, **now.values})
        self._sides[in_crm, change.id] = now
        met = (change.id, theirs) if in_crm else (theirs, change.id)
        self._of[in_crm, change.id] = self._of[not in_crm, change.of] = met
        if made in self._agreed:
            self._agreed[met] = self._agreed.pop(made)
        return met

    def _carry_out(
        self,
        key: tuple[str, str],
        crm: Side | None,
        erp: Side | None,
        planned: Any,
    ) -> None:
        """Do to the recorded values what would be done to the systems'."""
        if planned.outcome == "create_in_erp" and crm is not None:
            made = (key[0], f"new of {key[0]}")
            erp = Side(system="erp", id=made[1], values=dict(planned.to_erp))
        elif planned.outcome == "create_in_crm" and erp is not None:
            made = (f"new of {key[1]}", key[1])
            crm = Side(system=self._crm, id=made[0], values=dict(planned.to_crm))
        else:
            made = key
            if crm is not None and planned.to_crm:
                crm = _with(crm, planned.to_crm)
            if erp is not None and planned.to_erp:
                erp = _with(erp, planned.to_erp)
        if crm is None or erp is None:
            return
        self._sides[True, made[0]], self._sides[False, made[1]] = crm, erp
        self._of[True, made[0]] = self._of[False, made[1]] = made
        self._agreed[made] = planned.agreed(crm, erp, self._agreed.get(key))


def _with(side: Side, values: Mapping[str, str]) -> Side:
    return evolve(side, values={**side.values, **values})


def _read(line: Any) -> RecordedPair | RecordedChange | None:
    if "read_to" in line or line.get("own"):
        return None
    if "pair" in line:
        crm_id, erp_id = line["pair"]
        return RecordedPair(
            crm_id=str(crm_id), erp_id=str(erp_id), crm=_texts(line["crm"]), erp=_texts(line["erp"])
        )
    at = datetime.fromisoformat(line["at"])
    if at.tzinfo is None:
        raise ValueError(f"{line['at']} says no time zone, so nobody knows when that was")
    return RecordedChange(
        at=at.astimezone(UTC),
        system=str(line["system"]),
        id=str(line["id"]),
        by=str(line.get("by", "")),
        values=_texts(line["values"]),
        of=str(line.get("of", "")),
    )


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in values.items()}
