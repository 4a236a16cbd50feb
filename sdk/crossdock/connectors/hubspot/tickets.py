"""Service cases, from HubSpot's tickets.

How far a ticket has come is a stage of one of the portal's pipelines, and the stage says whether
tickets in it are open or closed (`ticketState`; developers.hubspot.com, "Pipelines").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final, TypeAlias

from attrs import frozen

from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot import values
from crossdock.connectors.hubspot.objects import Object
from crossdock.connectors.hubspot.records import Records
from crossdock.connectors.reading import Row, each, part, text
from crossdock.records import Case
from crossdock.records.party import CasePriority

_KIND: Final = "tickets"
_PROPERTIES: Final = (
    "subject", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority", "hubspot_owner_id",
    "createdate", "closed_date",
)  # fmt: skip
_PRIORITIES: Final[Mapping[str, CasePriority]] = {
    "LOW": "low", "MEDIUM": "normal", "HIGH": "high", "URGENT": "urgent",
}  # fmt: skip


@frozen
class _Stage:
    label: str
    closed: bool


_Stages: TypeAlias = Mapping[tuple[str, str], _Stage]  # by the ids of pipeline and stage


class Tickets:
    """Service cases of accounts; the method is that of `CrmPort`."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._portal = records.portal

    def cases(self, account_id: str) -> Sequence[Case]:
        """List the service cases of an account, newest first."""
        ids = self._portal.associated("companies", account_id, _KIND)
        if not ids:
            return ()
        stages = self._stages()
        tickets = self._portal.get_many(_KIND, ids, _PROPERTIES)
        people = self._portal.associated_many(_KIND, tickets, "contacts")
        found = [
            self._records.read(
                ticket,
                partial(_case, account_id=account_id, contacts=people.get(key, ()), stages=stages),
            )
            for key, ticket in tickets.items()
        ]
        beginning = datetime.min.replace(tzinfo=UTC)
        return tuple(
            sorted(found, key=lambda case: (case.opened_at or beginning, case.id), reverse=True)
        )

    def _stages(self) -> _Stages:
        answer = self._portal.call(use.LIST_PIPELINES, {"objectType": _KIND})
        pipelines = self._records.remote.read(answer, lambda body: each(body, "results", _pipeline))
        return {(pipeline, key): stage for pipeline, of in pipelines for key, stage in of}


def _pipeline(row: Row) -> tuple[str, tuple[tuple[str, _Stage], ...]]:
    return text(row, "id"), each(row, "stages", _stage)


def _stage(row: Row) -> tuple[str, _Stage]:
    state = part(row, "metadata", lambda metadata: values.text(metadata, "ticketState"))
    return text(row, "id"), _Stage(text(row, "label"), state.upper() == "CLOSED")


def _case(ticket: Object, account_id: str, contacts: Sequence[str], stages: _Stages) -> Case:
    """Read a ticket; one in a stage that is gone is closed if it says when it was."""
    row = ticket.properties
    key = values.text(row, "hs_pipeline_stage")
    closed_at = values.instant_or_none(row, "closed_date")
    stage = stages.get(
        (values.text(row, "hs_pipeline"), key), _Stage(key, closed=closed_at is not None)
    )
    return Case(
        id=ticket.id,
        account_id=account_id,
        subject=values.text(row, "subject"),
        status="closed" if stage.closed else "open",
        state=stage.label,
        priority=_PRIORITIES.get(values.text(row, "hs_ticket_priority"), ""),
        contact_id=next(iter(contacts), None),
        owner_id=values.text_or_none(row, "hubspot_owner_id"),
        opened_at=values.instant_or_none(row, "createdate") or ticket.created_at,
        closed_at=closed_at if stage.closed else None,
    )
