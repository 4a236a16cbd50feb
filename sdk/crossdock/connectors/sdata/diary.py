"""Activities of accounts, and the timelines of orders, which are done activities under a key.

A CRM may keep what is to be done apart from what was done; then each has a form of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from attrs import field, frozen

from crossdock.connectors.sdata import where
from crossdock.connectors.sdata.records import Records, key_of
from crossdock.connectors.sdata.sheets import Form, Sheet
from crossdock.connectors.sdata.values import Reference
from crossdock.records import Activity, OrderEvent

_OF_ORDER: Final = "order|"
_LONGEST_SUBJECT: Final = 64
_LONGEST_MARK: Final = 255


@frozen(kw_only=True)
class DiaryForm:
    """What a CRM calls activities.

    Attributes:
        to_do, done: words `account`, `contact`, `opportunity`, `owner`, `kind`, `subject`, `text`,
            `due_at`, `completed_at` where it has fields for them; the same form where it keeps both
            together.
        kinds: the CRM's words for our kind of an activity, by word.
        timed: whether what is to be done must have a time; it is now where none was given.
        kinds_to_do: those for one that is to be done, where they are others.
        ours: our kind by the CRM's own.
        finished: says of an entry whether it is done.
        state: gives the CRM's words for whether it is done.
    """

    to_do: Form
    done: Form
    kinds: Mapping[str, Mapping[str, Any]]
    ours: Mapping[str, str]
    finished: Callable[[Sheet], bool]
    state: Callable[[bool], Mapping[str, Any]]
    kinds_to_do: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    timed: bool = False

    def words(self, kind: str, *, done: bool) -> Mapping[str, Any]:
        """Give the CRM's words for a kind of an activity."""
        others = {} if done else self.kinds_to_do.get(kind, {})
        return others or self.kinds[kind]


class Diary:
    """Activities and timelines; the methods are those of `CrmPort`."""

    def __init__(self, records: Records, form: DiaryForm, account_of: Callable[[str], str]) -> None:
        """Make a diary.

        Args:
            records: reads and writes records.
            form: what the CRM calls activities.
            account_of: gives the account of an order.
        """
        self._records = records
        self._contract = records.contract
        self._form = form
        self._account_of = account_of

    def activities(self, account_id: str) -> Sequence[Activity]:
        """List the activities of an account, newest first.

        The timelines of its orders are theirs, and not here.
        """
        found: list[Activity] = []
        for form in self._forms():
            found += [
                self._contract.read(form, row, self._activity)
                for row in self._records.of(form, "account", account_id)
                if not Sheet(row, form).mark.startswith(_OF_ORDER)
            ]
        beginning = datetime.min.replace(tzinfo=UTC)
        found.sort(key=lambda each: (each.created_at or beginning, each.id), reverse=True)
        return tuple(found)

    def _forms(self) -> tuple[Form, ...]:
        to_do, done = self._form.to_do, self._form.done
        return (to_do,) if to_do is done else (to_do, done)

    def add_activity(self, activity: Activity, *, key: str) -> Activity:
        """Add an activity. The same `key` again gives the one that is there.

        One that was done meanwhile is found where it is then, as it keeps its key.
        """
        mark = key_of("activity", key)
        done = activity.completed_at is not None
        form = self._form.done if done else self._form.to_do
        for other in self._forms():
            if other is not form and (there := self._records.by_mark(other, mark)):
                return self._contract.read(other, there[0], self._activity)
        at = activity.due_at or (datetime.now(UTC) if self._form.timed else None)
        words = {
            "account": Reference(activity.account_id),
            "contact": Reference(activity.contact_id),
            "opportunity": Reference(activity.opportunity_id),
            "subject": activity.subject,
            "text": activity.text,
            "due_at": at,
            "completed_at": activity.completed_at,
            "our_kind": activity.kind,
            **({"owner": Reference(activity.owner_id)} if activity.owner_id else {}),
            **self._form.words(activity.kind, done=done),
            **self._form.state(done),
        }
        record_id, _ = self._records.create_once(form, mark, self._records.written(form, words))
        return self._contract.read(form, self._contract.get(form, record_id), self._activity)

    def _activity(self, sheet: Sheet) -> Activity:
        kind = sheet.text("our_kind") or self._form.ours.get(sheet.text("kind"), "task")
        done = self._form.finished(sheet)
        at = sheet.instant("due_at")
        return Activity(
            id=sheet.id,
            account_id=sheet.reference("account") or "",
            kind=kind,  # type: ignore[arg-type]
            subject=sheet.text("subject"),
            text=sheet.text("text"),
            contact_id=sheet.reference("contact"),
            opportunity_id=sheet.reference("opportunity"),
            owner_id=sheet.reference("owner"),
            due_at=at,
            completed_at=(sheet.instant("completed_at") or at or sheet.modified) if done else None,
            created_at=sheet.created,
        )

    def order_events(self, order_id: str) -> Sequence[OrderEvent]:
        """List an order's timeline, oldest first: what carries a key of ours."""
        form = self._form.done
        mark = _mark(order_id, "")
        rows = self._contract.rows(form, where=where.begins(form.mark, mark), order=form.id)
        found = [
            self._contract.read(form, row, lambda sheet: _event(sheet, mark))
            for row in rows
            if Sheet(row, form).mark.startswith(mark)
        ]
        # Stable: what happened at once stays as it was told, in the order of the keys.
        return tuple(sorted(found, key=lambda event: event.at))

    def add_order_event(self, order_id: str, event: OrderEvent) -> None:
        """Add to an order's timeline. The same `event.key` again changes nothing."""
        form = self._form.done
        mark = _mark(order_id, event.key)
        if self._records.by_mark(form, mark):
            return
        words = {
            "account": Reference(self._account_of(order_id)),
            "subject": event.title[:_LONGEST_SUBJECT],
            "title": event.title if len(event.title) > _LONGEST_SUBJECT else None,
            "text": event.text,
            "due_at": event.at,
            "completed_at": event.at,
            "at": event.at,
            "event_kind": event.kind,
            "event_key": None if mark.endswith(f"|{event.key}") else event.key,
            "document_id": event.document_id,
            "actor": event.actor,
            **self._form.kinds["note"],
            **self._form.state(True),
        }
        self._records.create_once(form, mark, self._records.written(form, words))


def _mark(order_id: str, key: str) -> str:
    """Make the unique key of a timeline's entry; all of one order begin alike."""
    mark = f"{_OF_ORDER}{order_id}|{key}"
    if len(mark) <= _LONGEST_MARK:
        return mark
    return f"{_OF_ORDER}{order_id}|{hashlib.sha256(key.encode()).hexdigest()}"


def _event(sheet: Sheet, mark: str) -> OrderEvent:
    created = sheet.created or datetime.min.replace(tzinfo=UTC)
    return OrderEvent(
        key=sheet.text("event_key") or sheet.mark.removeprefix(mark),
        at=sheet.instant("at") or created,
        kind=sheet.text("event_kind"),
        title=sheet.text("title") or sheet.text("subject"),
        text=sheet.text("text"),
        document_id=sheet.text("document_id"),
        actor=sheet.text("actor"),
    )
