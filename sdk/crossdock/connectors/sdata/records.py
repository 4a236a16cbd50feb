"""What reading and writing of all kinds of records share: made once, compared before a write."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row
from crossdock.connectors.sdata import where
from crossdock.connectors.sdata.contract import Contract
from crossdock.connectors.sdata.sheets import Form, Sheet, differing, written
from crossdock.connectors.vendor_crm.records import VendorRecords
from crossdock.errors import Conflict, RemoteUnavailable, Stale

_LONGEST_KEY: Final = 255
_TRIES: Final = 3


class Records(VendorRecords):
    """Reads and writes records of a CRM that speaks SData.

    Args:
        contract: its feeds and entries.
        system: the configured name of the CRM.
        currency: of what names none.
        changes_by: the operation that a refused change is told of.
    """

    def __init__(
        self, contract: Contract, system: str, currency: str, changes_by: Operation
    ) -> None:
        super().__init__(contract.remote, system, currency, changes_by)
        self.contract = contract

    def by_mark(self, form: Form, mark: str) -> list[Row]:
        """Give the records that were made under a key of ours, oldest first."""
        return self.contract.rows(form, where=where.equal(form.mark, mark), order=form.id)

    def create_once(self, form: Form, mark: str, fields: Mapping[str, Any]) -> tuple[str, bool]:
        """Make a record under a key of ours; the same key again gives the one that is there.

        A CRM need not keep the key unique. So it is looked for before, and after: of two that were
        made at the same time the one with the lower key stays, and whoever made the other one
        takes it away again.

        Returns:
            Its key, and whether it was this call that made it.
        """
        there = self.by_mark(form, mark)
        if there:
            return Sheet(there[0], form).id, False
        body = {**fields, form.mark: mark}
        mine = ""
        for tried in range(1, _TRIES + 1):
            try:
                mine = Sheet(self.contract.create(form, body), form).id
                break
            except RemoteUnavailable as lost:
                # Whether it was made is seen by looking; only what was not made is sent again.
                if found := self.by_mark(form, mark):
                    mine = Sheet(found[0], form).id
                    break
                if tried == _TRIES or not lost.maybe_done:
                    raise
            except Conflict:
                if found := self.by_mark(form, mark):
                    return Sheet(found[0], form).id, False
                raise
        return self._settled(form, mark, mine)

    def _settled(self, form: Form, mark: str, mine: str) -> tuple[str, bool]:
        all_made = self.by_mark(form, mark)
        first = Sheet(all_made[0], form).id if all_made else mine
        if first == mine:
            return mine, True
        self.contract.delete(form, mine)
        return first, False

    def written(
        self, form: Form, given: Mapping[str, Any], now: Sheet | None = None
    ) -> dict[str, Any]:
        """Write values by our words; see `sheets.written`.

        Raises:
            RemoteRejectedData: the CRM's form cannot carry one of them; nothing was sent.
        """
        operation = form.uses.create if now is None else form.uses.change
        return self.remote.written(
            operation, lambda: written(form, self.contract.speech, given, now)
        )

    def change(self, form: Form, now: Row, fields: Mapping[str, Any]) -> bool:
        """Write what differs from what was just read; the same again changes nothing.

        After a lost answer it is read again: what was done is not sent again.
        """
        difference = differing(form, fields, now)
        if not difference:
            return False
        try:
            self.contract.change(form, now, difference)
        except RemoteUnavailable as lost:
            if not lost.maybe_done:
                raise
            after = self.contract.get(form, Sheet(now, form).id)
            left = differing(form, fields, after)
            if left:
                self.contract.change(form, after, left)
        return True

    def mark_as(self, form: Form, record_id: str, fields: Mapping[str, Any]) -> None:
        """Write what is true of a record whatever else is changed in it at the same time.

        Raises:
            Stale: it was changed by others each time between reading and writing.
        """
        for tried in range(1, _TRIES + 1):
            try:
                self.change(form, self.contract.get(form, record_id), fields)
                break
            except Stale:
                if tried == _TRIES:
                    raise

    def of(
        self, form: Form, word: str, record_id: str, *, also: str = "", include: str = ""
    ) -> Sequence[Row]:
        """Read the records that refer to one, newest first."""
        if not self.contract.is_key(record_id):
            return ()
        condition = where.equal(form.path(word), self.contract.literal_key(record_id))
        order = f"{form.created} desc,{form.id} desc"
        return self.contract.rows(
            form, where=where.every(condition, also), order=order, include=include
        )


def key_of(*parts: str) -> str:
    """Make a key of what it is about; one that is too long for its field becomes a digest."""
    key = "|".join(parts)
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{parts[0]}|{hashlib.sha256(key.encode()).hexdigest()}"
