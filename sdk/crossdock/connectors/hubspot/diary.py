"""Activities of accounts, and the timelines of orders, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from crossdock.connectors.hubspot import activities, orders, values
from crossdock.connectors.hubspot.objects import Object
from crossdock.connectors.hubspot.records import Records, newest_first
from crossdock.records import Activity, OrderEvent


class Diary:
    """What happened, and what is to be done; the methods are those of `CrmPort`."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._portal = records.portal

    def activities(self, account_id: str) -> Sequence[Activity]:
        """List the activities of an account, newest first.

        The timelines of its orders are theirs, and not here.
        """
        company = self._portal.get(
            "companies", account_id, (), associations=tuple(activities.FORMS)
        )
        found: list[Activity] = []
        for kind, form in activities.FORMS.items():
            ids = company.associated.get(kind, ())
            rows = self._portal.get_many(kind, ids, form.properties)
            own = {key: row for key, row in rows.items() if activities.is_of_account(row)}
            if not own:
                continue
            people = self._portal.associated_many(kind, own, "contacts")
            deals = self._portal.associated_many(kind, own, "deals")
            for key, row in own.items():
                contact_id, deal_id = (next(iter(m.get(key, ())), None) for m in (people, deals))
                found.append(self._activity(kind, row, account_id, contact_id, deal_id))
        return newest_first(found)

    def _activity(
        self, kind: str, row: Object, account_id: str, contact_id: str | None, deal_id: str | None
    ) -> Activity:
        return self._records.read(
            row, lambda each: activities.activity(kind, each, account_id, contact_id, deal_id)
        )

    def add_activity(self, activity: Activity, *, key: str) -> Activity:
        """Add an activity. The same `key` again gives the one that is there."""
        kind = activities.kind_of(activity)
        body = activities.activity_written(activity, values.as_instant(datetime.now(UTC)))
        to = {
            "companies": activity.account_id,
            "contacts": activity.contact_id,
            "deals": activity.opportunity_id,
        }
        found_id, _ = self._portal.create_once(kind, f"activity|{key}", body, to)
        row = self._portal.get(kind, found_id, activities.FORMS[kind].properties)
        return self._activity(
            kind, row, activity.account_id, activity.contact_id, activity.opportunity_id
        )

    def order_events(self, order_id: str) -> Sequence[OrderEvent]:
        """List an order's timeline, oldest first: the notes on it that carry a key of ours."""
        ids = self._portal.associated(orders.KIND, order_id, "notes")
        properties = activities.FORMS["notes"].properties
        notes = self._portal.get_many("notes", ids, properties).values()
        own = [note for note in notes if not activities.is_of_account(note)]
        # HubSpot numbers records as they are made: what happened at once stays as it was told.
        own.sort(key=lambda note: int(note.id))
        found = [self._records.read(note, orders.event) for note in own]
        return tuple(sorted(found, key=lambda event: event.at))

    def add_order_event(self, order_id: str, event: OrderEvent) -> None:
        """Add to an order's timeline. The same `event.key` again changes nothing."""
        self._portal.create_once(
            "notes",
            orders.event_key(order_id, event.key),
            orders.event_written(event),
            {orders.KIND: order_id},
        )
