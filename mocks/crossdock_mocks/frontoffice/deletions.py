"""What happens to the records around one that is deleted: they forbid it, go with it, or let go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from crossdock_mocks.frontoffice.campaigns import count_members
from crossdock_mocks.frontoffice.office import Office, Row
from crossdock_mocks.frontoffice.opportunities import sum_up
from crossdock_mocks.frontoffice.refusals import conflict
from crossdock_mocks.frontoffice.resources import RESOURCES, Resource

Link = tuple[str, str]


@attrs.frozen(kw_only=True)
class Policy:
    """Links (entity and field that names the deleted record) by what they mean for a deletion.

    Attributes:
        forbidden_by: While one exists, nothing is deleted.
        takes: These records are deleted too.
        clears: These records stay, their field becomes null.
    """

    forbidden_by: tuple[Link, ...] = ()
    takes: tuple[Link, ...] = ()
    clears: tuple[Link, ...] = ()


_POLICIES: Final[Mapping[str, Policy]] = {
    "account": Policy(
        forbidden_by=(
            ("order", "account_id"),
            ("quote", "account_id"),
            ("opportunity", "account_id"),
            ("account", "parent_id"),
            ("lead", "converted_account_id"),
        ),
        takes=(("activity", "account_id"), ("case", "account_id"), ("contact", "account_id")),
    ),
    "contact": Policy(
        forbidden_by=(("quote", "contact_id"), ("order", "contact_id")),
        takes=(("campaign_member", "contact_id"),),
        clears=(
            ("opportunity", "contact_id"),
            ("activity", "contact_id"),
            ("case", "contact_id"),
            ("lead", "converted_contact_id"),
        ),
    ),
    "lead": Policy(takes=(("campaign_member", "lead_id"),)),
    "campaign": Policy(
        forbidden_by=(("opportunity", "campaign_id"), ("lead", "campaign_id")),
        takes=(("campaign_member", "campaign_id"),),
    ),
    "stage": Policy(
        forbidden_by=(
            ("opportunity", "stage_id"),
            ("stage_history_entry", "stage_id"),
            ("stage_history_entry", "from_stage_id"),
            ("play_answer", "stage_id"),
        )
    ),
    "opportunity": Policy(
        forbidden_by=(("quote", "opportunity_id"), ("order", "opportunity_id")),
        clears=(("activity", "opportunity_id"), ("lead", "converted_opportunity_id")),
    ),
    "quote": Policy(clears=(("activity", "quote_id"),)),
}
_NOTHING: Final = Policy()


def delete(office: Office, resource: Resource, key: str, version: int | None = None) -> None:
    """Delete a record by its kind's policy.

    Raises:
        Problem: 404 `not_found`; 409 `stale_version`, `account_has_orders`, `record_in_use`,
            `lead_converted`, `quote_ordered`, `illegal_transition`.
    """
    row = office.read(resource, key)
    _refuse_by_state(resource, row)
    office.expect(resource, row, version)
    _delete(office, resource, row)


def _delete(office: Office, resource: Resource, row: Row) -> None:
    policy = _POLICIES.get(resource.entity, _NOTHING)
    _refuse_by_links(office, resource, row, policy)
    for entity, field in policy.takes:
        for other in office.table(RESOURCES[entity]).find({field: row["id"]}):
            _delete(office, RESOURCES[entity], other)
    for entity, field in policy.clears:
        for other in office.table(RESOURCES[entity]).find({field: row["id"]}):
            office.change(RESOURCES[entity], other, {field: None})
    office.remove(resource, row)
    if resource.entity == "campaign_member":
        count_members(office, row["campaign_id"])
    if resource.entity == "quote":
        sum_up(office, row["opportunity_id"])


def _refuse_by_links(office: Office, resource: Resource, row: Row, policy: Policy) -> None:
    for entity, field in policy.forbidden_by:
        count = office.table(RESOURCES[entity]).count({field: row["id"]})
        if count:
            name = entity.replace("_", " ")
            has_orders = (resource.entity, entity) == ("account", "order")
            raise conflict(
                "account_has_orders" if has_orders else "record_in_use",
                f"The {resource.entity} {row['id']} cannot be deleted: it is named as {field} by"
                f" {count} {name} record{'' if count == 1 else 's'}.",
            )


def _refuse_by_state(resource: Resource, row: Row) -> None:
    if resource.entity == "lead" and row["status"] == "converted":
        raise conflict("lead_converted", f"The lead {row['id']} was converted; it stays on record.")
    if resource.entity == "quote":
        if row["status"] == "ordered":
            raise conflict(
                "quote_ordered", f"The quote {row['id']} became the order {row['order_id']}."
            )
        if row["status"] != "draft":
            raise conflict(
                "illegal_transition",
                f"The quote {row['id']} is {row['status']}; only a draft can be deleted.",
            )
