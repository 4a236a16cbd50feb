"""What customers ask service for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from crossdock.connectors.sdata.records import Records
from crossdock.connectors.sdata.sheets import Form, Sheet
from crossdock.records import Case


@frozen(kw_only=True)
class CaseForm:
    """What a CRM calls service cases.

    Attributes:
        head: words `account`, `contact`, `owner`, `subject`, `status`, `state`, `priority`,
            `opened_at` and `closed_at`.
        closed: the words of `status` for one that is done with.
        priorities: our word by the CRM's, in small letters.
    """

    head: Form
    closed: frozenset[str]
    priorities: Mapping[str, str]


class Cases:
    """Service cases; the method is that of `CrmPort`."""

    def __init__(self, records: Records, form: CaseForm) -> None:
        self._records = records
        self._form = form

    def cases(self, account_id: str) -> Sequence[Case]:
        """List the service cases of an account, newest first."""
        rows = self._records.of(self._form.head, "account", account_id)
        read = self._records.contract.read
        return tuple(read(self._form.head, row, self._case) for row in rows)

    def _case(self, sheet: Sheet) -> Case:
        status = sheet.text("status")
        return Case(
            id=sheet.id,
            account_id=sheet.reference("account") or "",
            subject=sheet.text("subject"),
            status="closed" if status in self._form.closed else "open",
            state=sheet.text("state", status),
            priority=self._form.priorities.get(sheet.text("priority").lower(), ""),  # type: ignore[arg-type]
            contact_id=sheet.reference("contact"),
            owner_id=sheet.reference("owner"),
            opened_at=sheet.instant("opened_at") or sheet.created,
            closed_at=sheet.instant("closed_at"),
        )
